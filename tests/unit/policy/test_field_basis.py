from __future__ import annotations

from dataclasses import replace

import pytest

from muniment.policy.bases import captured_pairs, find_lacking, needed_fields
from muniment.policy.check import Judgement, Outcome
from muniment.policy.checks.bases import judge_bases
from muniment.records.agency import Platform
from muniment.records.policy import Basis, TermsRule
from muniment.records.series import OFFICIAL_POSTS, POLICIES, PUBLIC_COMMENTS, REMOVED_CONTENT, SUBSCRIBER_LISTS
from tests.unit.policy.scenes import build_scene, claremont, policy_of, snapshot, with_policy

BASES = policy_of(claremont()).bases


def judge(bases: tuple[Basis, ...], **facts: object) -> Judgement:
    return judge_bases(build_scene(with_policy(claremont(), bases=bases), **facts))


def found(judgement: Judgement) -> list[tuple[str, str]]:
    return [(finding.code, finding.subject) for finding in judgement.findings]


def changed(**changes: object) -> tuple[Basis, ...]:
    """The demonstration city's bases with those of Mastodon's comments changed."""
    mine = (Platform.MASTODON, PUBLIC_COMMENTS)
    return tuple(replace(one, **changes) if (one.platform, one.series) == mine else one for one in BASES)


def test_a_captured_field_without_a_basis_is_found() -> None:
    fields = tuple(name for name in needed_fields(PUBLIC_COMMENTS) if name not in {"author_name", "raw"})
    judgement = judge(changed(fields=fields))

    assert found(judgement) == [("K080", "mastodon public-comments")]
    assert judgement.findings[0].detail == "expected a basis, found none for author_name, raw"
    assert judgement.findings[0].count == 2


@pytest.mark.parametrize("agency", ["claremont", "lathrop", "helena", "calcities"])
def test_every_captured_field_of_the_agencies_has_its_basis(agency: str) -> None:
    judgement = judge_bases(build_scene(claremont(agency)))
    assert (judgement.outcome, judgement.findings) == (Outcome.KEPT, ())


def test_terms_that_need_counsels_note_and_have_none_are_found() -> None:
    assert found(judge(changed(terms=TermsRule.NEEDS_NOTE))) == [("K081", "mastodon public-comments")]
    assert found(judge(changed(terms=TermsRule.NEEDS_NOTE, note="Opinion 2026-3"))) == []
    assert found(judge(changed(terms=TermsRule.REFRESH))) == []


def test_what_was_sealed_without_being_registered_needs_a_basis_too() -> None:
    kept = tuple(one for one in BASES if one.series != REMOVED_CONTENT)
    sealed = (snapshot(series=REMOVED_CONTENT),)

    assert found(judge(kept, snapshots=sealed)) == [("K080", "bluesky removed-content")]
    assert found(judge(BASES, snapshots=sealed)) == []


def test_an_agency_without_a_basis_register_is_found() -> None:
    judgement = judge_bases(build_scene(replace(claremont(), policy=None)))
    assert [(finding.code, finding.subject) for finding in judgement.findings] == [("K082", "claremont")]


def test_watched_pages_are_captured_too() -> None:
    assert (Platform.WEB_PAGE, POLICIES) in captured_pairs(claremont())
    assert (Platform.WEB_PAGE, POLICIES) not in captured_pairs(with_policy(claremont(), pages=()))


def test_where_the_page_number_of_a_row_lies_needs_no_basis_and_everything_shown_does() -> None:
    assert "page" not in needed_fields(OFFICIAL_POSTS)
    assert {"author_handle", "text", "raw", "like_count"} <= set(needed_fields(OFFICIAL_POSTS))
    assert {"address", "display_name", "raw"} <= set(needed_fields(SUBSCRIBER_LISTS))
    assert {"author_handle", "text"} <= set(needed_fields(REMOVED_CONTENT))


def test_what_is_lacking_says_platform_series_and_fields() -> None:
    (lacking,) = find_lacking((), Platform.WEBSITE, SUBSCRIBER_LISTS)

    assert str(lacking).startswith("website subscriber-lists: expected a basis, found none for subscriber_id, handle,")
