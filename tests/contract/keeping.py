"""An installation with two stores and a small sealed vault, for the checks of what is kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect
from muniment.custody.vault import Vault
from muniment.embedded.seaweed import REGION, SeaweedFS
from muniment.evidence.manifest import Manifest
from muniment.records.names import parse_instant
from muniment.settings import Settings, StoreSettings, read_settings
from muniment.workflows import copy_vault
from muniment.workflows.wiring import Workplace, open_second, open_workplace
from tests.end_to_end.city import Done, settings_in_force
from tests.unit.evidence.vault_folder import UNTIL, SoundVault

AGENCY = "claremont"
LOCK = {"lock_until": parse_instant(UNTIL), "content_type": "application/octet-stream"}


@dataclass(frozen=True)
class Keeping:
    """One installation: two stores, a sealed vault of a few snapshots."""

    settings: Settings
    folder: SoundVault

    @property
    def place(self) -> Workplace:
        return open_workplace(AGENCY, self.settings)

    @property
    def vault(self) -> Vault:
        return self.place.vault

    @property
    def second(self) -> Vault:
        found = open_second(AGENCY, self.settings)
        assert found is not None
        return found

    def do(self, act: Callable[..., object], *arguments: object, **named: object) -> object:
        with settings_in_force(self.settings):
            return act(*arguments, **named)

    def run(self, *words: str) -> Done:
        return run_command(self.settings, *words)

    def add_snapshot(self, number: int, *, media: bytes | None = None) -> Manifest:
        """Seal one more snapshot as a capture does: manifest last."""
        manifest = self.folder.add_snapshot(number, media=media)
        vault = self.vault
        for path in sorted(self.folder.root.rglob("*"), key=lambda path: path.name == "manifest.json"):
            if path.is_file():
                vault.seal_file(path.relative_to(self.folder.root).as_posix(), path, **LOCK)
        return manifest

    def copy(self, *, whole: bool = True) -> list[dict[str, object]]:
        """Copy as a run does: plan, then every share."""
        with settings_in_force(self.settings):
            return [copy_vault.copy_share(share) for share in copy_vault.plan_copy(AGENCY, whole=whole)]

    def sealed(self, vault: Vault | None = None) -> list[str]:
        """Return the sealed keys, what checks themselves enter left out."""
        return list((vault or self.vault).list_keys("records/"))

    def hidden_writer(self, which: str = "store") -> object:
        """Return a client with the administrator's key of one of the two stores."""
        store: StoreSettings | None = getattr(self.settings, which)
        assert store is not None
        key = store.administrator_or_none()
        assert key is not None
        return connect(store.endpoint, REGION, *key, attempts=2)


def run_command(settings: Settings, *words: str) -> Done:
    import io
    from contextlib import redirect_stderr, redirect_stdout

    from muniment.cli.main import main

    said, complained = io.StringIO(), io.StringIO()
    with settings_in_force(settings), redirect_stdout(said), redirect_stderr(complained):
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
    return Done(code, said.getvalue(), complained.getvalue())


def store_settings(store: SeaweedFS, prefix: str, endpoint: str | None = None) -> StoreSettings:
    return StoreSettings(
        endpoint=endpoint or store.endpoint,
        region=REGION,
        credentials_file=store.credentials_file("operator"),
        administrator_file=store.credentials_file("administrator"),
        shredder_file=store.credentials_file("shredder"),
        bucket_prefix=prefix,
    )


def open_keeping(
    home: Path, store: SeaweedFS, second: SeaweedFS, *, endpoint: str | None = None, second_endpoint: str | None = None
) -> Keeping:
    """Make an installation whose vault holds two snapshots; an endpoint may be a stand-in's before the store."""
    name = uuid.uuid4().hex[:8]
    settings = replace(
        read_settings({"MUNIMENT_HOME": str(home)}),
        store=store_settings(store, f"keep-{name}-", endpoint),
        second=store_settings(second, f"copy-{name}-", second_endpoint),
    )
    create_bucket(connect(store.endpoint, REGION, *store.credentials("administrator")), settings.store.bucket(AGENCY))
    keeping = Keeping(settings, SoundVault(home / "sound"))
    keeping.add_snapshot(1, media=b"a picture")
    keeping.add_snapshot(2)
    return keeping
