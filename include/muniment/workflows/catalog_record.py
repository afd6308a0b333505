"""Keep the catalog up with what is sealed. A catalog that is down costs no snapshot: the next run catches up."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from muniment.errors import MunimentError
from muniment.evidence.destruction_certificate import Certificate
from muniment.evidence.layout import parse_record_key
from muniment.records.names import AccountId, SeriesId
from muniment.settings import Settings, read_settings
from muniment.workflows.catalog_walk import walk_entries, walk_latest
from muniment.workflows.wiring import open_catalog, open_vault

_log = logging.getLogger(__name__)
_NEXT = "what was sealed is safe, and enters the catalog with the next run or `muniment catalog rebuild`"


def record_sealed(agency_id: str, sealed: Iterable[Mapping[str, Any]]) -> None:
    """File what a run sealed (its summaries), and what earlier runs could not, and log what came of it.

    Raises nothing of ours: an index holds up no record.
    """
    settings = read_settings()
    if not settings.catalog_file.is_file():
        _log.info("catalog: none is configured")
        return
    pairs = {(AccountId(item["account"]), SeriesId(item["series"])) for item in sealed}
    try:
        filed = catch_up(agency_id, pairs, settings)
    except MunimentError as error:
        _log.warning("%s: %s; %s", type(error).__name__, error, _NEXT)
    else:
        _log.info("catalog of %s: filed %d snapshots and entries", agency_id, filed)


def forget_destroyed(agency_id: str, certificate: Certificate) -> None:
    """Take out of the catalog what *certificate* says is gone, and log what came of it.

    Raises nothing of ours: an index holds up no disposition, and a rebuild leaves out what is not there.
    """
    settings = read_settings()
    if not settings.catalog_file.is_file():
        return
    try:
        with open_catalog(settings).open_shelf(agency_id) as shelf:
            for volume in certificate.volumes:
                addresses = (parse_record_key(manifest.key) for manifest in volume.manifests)
                shelf.forget(volume.address, [snapshot for _, snapshot, _ in addresses if snapshot is not None])
    except MunimentError as error:
        _log.warning(
            "%s: %s; what was destroyed leaves the catalog with `muniment catalog rebuild`", _name(error), error
        )


def _name(error: MunimentError) -> str:
    return type(error).__name__


def catch_up(agency_id: str, pairs: Iterable[tuple[AccountId, SeriesId]], settings: Settings | None = None) -> int:
    """File what the two latest volumes of *pairs*, the registers and the log hold beyond the catalog; return how much.

    Raises:
        ConfigurationError: no catalog is configured.
        CatalogError: it was not built for the agency, is of another version, or did not answer in time.
        CustodyError: the store did not answer.
    """
    settings = settings or read_settings()
    vault, filed = open_vault(agency_id, settings), 0
    with open_catalog(settings).open_shelf(agency_id) as shelf:
        for batch in walk_latest(vault, agency_id, sorted(pairs), filed=shelf.list_snapshots):
            shelf.add(batch)
            filed += len(batch)
        for batch in walk_entries(vault, agency_id, entries=shelf.list_entries):
            shelf.add(batch)
            filed += len(batch)
    return filed
