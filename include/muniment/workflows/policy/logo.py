"""A person attests that a profile shows the logo, where the platform gives out another file than the agency's own."""

from __future__ import annotations

from muniment.errors import ConfigurationError
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.checks.profile import ATTESTED, LOGO
from muniment.policy.scene import Scene
from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant
from muniment.records.series import OFFICIAL_POSTS
from muniment.workflows.policy.items import read_profiles
from muniment.workflows.policy.reviewing import Opinion, latest_accepted
from muniment.workflows.registers import enter
from muniment.workflows.wiring import Workplace

REGISTER = "attestations"


def attest_logo(place: Workplace, scene: Scene, account: str, *, picture: str | None, opinion: Opinion) -> str:
    """Enter that a picture of the captured profile of *account* is the logo; return the event's key.

    It holds while the profile shows that very file. *picture* is the beginning of its SHA-256, and may be
    left out where the profile has one picture only.

    Raises:
        ConfigurationError: no accepted capture has a profile of *account* with such a picture, or it has several.
        CustodyError: the vault did not keep the event.
    """
    latest = latest_accepted(scene.snapshots)
    facts = [fact for fact in latest if fact.account == account and fact.series == OFFICIAL_POSTS]
    profile = next(iter(read_profiles(place, facts).values()), None)
    shown = profile.pictures if profile is not None else ()
    found = sorted({one for one in shown if one.startswith(picture or "")})
    if len(found) != 1:
        told = ", ".join(one[:16] for one in shown) or "none"
        raise ConfigurationError(f"account {account}: expected one picture of its captured profile, found {told}")
    return enter(place.vault, place.agency, _event(place, account, found[0], opinion))


def _event(place: Workplace, account: str, picture: str, opinion: Opinion) -> RegisterEvent:
    now = place.clock()
    told: dict[str, JsonValue] = {"element": LOGO, "pictures": [picture], "reason": opinion.reason.strip()}
    return RegisterEvent(
        register=REGISTER,
        id=f"{ATTESTED}-{account}-{now:%Y%m%dt%H%M%S%f}z",
        event=ATTESTED,
        subject=account,
        at=format_instant(now),
        by=opinion.by.strip(),
        facts=told,
    )
