"""Store truth: does the store still do, and still hold, what the manifests say? Both copies, every night.

First the doctor's probes, which try to break locks; then every object's lock, versions and
delete markers against the manifests; what was found is entered in the registers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from muniment.custody.doctor import DoctorReport
from muniment.custody.vault import Vault
from muniment.errors import CustodyError
from muniment.evidence.layout import register_key
from muniment.records.canonical import canonical_json
from muniment.records.names import AgencyId, VolumeId, format_instant, parse_instant
from muniment.workflows.check_store_reconcile import Reconciled, reconcile_unit
from muniment.workflows.check_store_units import weigh_units
from muniment.workflows.copy_vault import check_second, share_out
from muniment.workflows.doctor import examine_bucket, longest_lock
from muniment.workflows.excused import read_excused
from muniment.workflows.findings_register import open_findings
from muniment.workflows.wiring import Workplace, now, open_second, open_workplace

Json = dict[str, Any]

CHECK = "check_store"
REGISTER = "store-truth"
FORMAT = "muniment.store-truth/1"
# A snapshot may be in the making, and its copy on the way: what is younger is looked at tomorrow.
SETTLED = timedelta(days=1)


def probe_stores(agency_id: str) -> Json:
    """Try on both stores what their locks must refuse; a probe that fails is a finding.

    Raises:
        ObjectMissingError: the vault's bucket is not there.
        StoreUnavailableError: the vault's store did not answer.
    """
    place = open_workplace(agency_id)
    settings, reports = place.settings, [examine_bucket(place.agency, place.settings.store, place.settings)]
    if find_second(place) is not None and settings.second is not None:
        reports.append(examine_bucket(place.agency, settings.second, settings))
    findings = [finding for report in reports for finding in report.findings if finding.type.stops_seal]
    opened = open_findings(place, findings, check=CHECK)
    return {"stores": [_summarize(report) for report in reports], "opened": opened}


def plan_check_store(agency_id: str, *, settled: timedelta = SETTLED) -> list[Json]:
    """Cut both copies into shares.

    Raises:
        StoreUnavailableError: the vault's store did not answer.
    """
    place = open_workplace(agency_id)
    second = find_second(place)
    units = weigh_units(place.vault).keys() | (weigh_units(second).keys() if second is not None else set())
    before = format_instant(now() - settled)
    return [
        {"agency": agency_id, "units": share, "before": before, "second": second is not None}
        for share in share_out(sorted(units), whole=True)
    ]


def check_store_share(share: Json) -> Json:
    """Compare every object of *share* with the manifests, in both copies; enter what is found.

    Raises:
        StoreUnavailableError: a store did not answer.
    """
    place = open_workplace(share["agency"])
    second = open_second(AgencyId(share["agency"]), place.settings) if share["second"] else None
    before, total = parse_instant(share["before"]), Reconciled()
    for unit in share["units"]:
        total = total.plus(reconcile_unit(place.vault, second, unit, settled_before=before))
    if total.findings:  # what began to go meanwhile is known by now
        total = replace(total, findings=read_excused(place.vault).select(total.findings))
    opened = open_findings(place, total.findings, check=CHECK)
    return {
        "objects": total.objects,
        "copies": total.copies,
        "findings": dict(Counter(finding.code for finding in total.findings)),
        "opened": opened,
    }


def enter_check(agency_id: str, probes: Json, results: Iterable[Json]) -> Json:
    """Enter the night's result in the register, and return it.

    Raises:
        CustodyError: the vault did not keep it.
    """
    place, moment, results = open_workplace(agency_id), now(), list(results)
    codes: Counter[str] = Counter()
    for result in results:
        codes.update(result["findings"])
    event: Json = {
        "format": FORMAT,
        "at": format_instant(moment),
        "stores": probes["stores"],
        "second_copy": place.settings.second is not None,
        "objects": sum(result["objects"] for result in results),
        "copies": sum(result["copies"] for result in results),
        "findings": dict(codes),
    }
    key = register_key(REGISTER, VolumeId(f"{moment:%Y-%m}"), f"{moment:%Y%m%dt%H%M%S%f}z")
    until = longest_lock(place.agency, moment)
    place.vault.seal_bytes(key, canonical_json(event), lock_until=until, content_type="application/json")
    return event


def find_second(place: Workplace) -> Vault | None:
    """Return the second copy, or None where none is configured or it is lost, which is entered as a finding."""
    if place.settings.second is None:
        return None
    try:
        return check_second(place, make=False)
    except CustodyError:
        return None  # entered by the check


def _summarize(report: DoctorReport) -> Json:
    codes = sorted({finding.code for finding in report.findings if finding.type.stops_seal})
    return {"endpoint": report.endpoint, "bucket": report.bucket, "passed": report.passed, "findings": codes}
