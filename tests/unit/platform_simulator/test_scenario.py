"""A scenario at fault is refused, with every fault named by its place."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_simulator.errors import ScenarioError
from platform_simulator.reading import parse_scenario, read_scenario
from platform_simulator.times import parse_instant, parse_offset

HEAD = """
scenario: 1
name: x
seed: x
people: {ana: {name: Ana}, new: {name: New, joined: -10h}}
accounts:
  b: {platform: bluesky, handle: c.example, name: C, description: d, created: -90d}
  m: {platform: mastodon, handle: c, name: C, description: d, created: -90d}
"""


def faults_of(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(HEAD + text, "x.yaml")
    return caught.value.faults


POST = "id: a, at: -1d, text: x"
ORDER = "expected a time not before what it follows, found one before"


@pytest.mark.parametrize(
    ("post", "fault"),
    [
        ("id: a, at: 12, text: x", ".at: expected an offset from the start such as -12d3h, +45m or 0s, found '12'"),
        ("id: a, at: -1d", ".text: expected a value, found none"),
        (f"{POST}, tetx: y", ".tetx: expected no field of this name, found one"),
        (f"{POST}, on: [q]", ".on: expected accounts out of b, m, found 'q'"),
        ("id: a, at: -99d, text: x, on: [b]", ".at: expected a time after account b was created, found one before"),
        (f"{POST}, deleted: -2d", f".deleted: {ORDER}"),
        (f"{POST}, edits: [{{at: -1d, text: y}}]", ".edits[0].at: expected a time after the version before"),
        (f"{POST}, media: [{{medium: sun}}]", ".media[0].medium: expected one of the scenario's media, found 'sun'"),
        (f"id: a, at: -1d, on: [b], text: {'x' * 301}", ".text: expected at most 300 characters on bluesky, found 301"),
    ],
)
def test_a_fault_of_a_post_is_named_by_its_place(post: str, fault: str) -> None:
    (found,) = faults_of(f"posts: [{{{post}}}]")
    assert found.startswith(f"x.yaml: posts[0]{fault}")


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        ("by: bob, after: 1h", ".by: expected one of the scenario's people, found 'bob'"),
        ("by: ana", ": expected one of at and after, found neither"),
        ("by: ana, at: 0s, after: 1h", ": expected one of at and after, found both"),
        ("by: ana, at: -2d", f".at: {ORDER}"),
        ("by: new, after: 1h", ": expected a time after new joined, found one before"),
        ("by: ana, at: 0s, hidden: -1h", f".hidden: {ORDER}"),
        ("by: ana, at: 0s, unhidden: +1h", f".unhidden: {ORDER}"),
    ],
)
def test_a_fault_of_a_reply_is_named_by_its_place(reply: str, fault: str) -> None:
    (found,) = faults_of(f"posts: [{{{POST}, replies: [{{text: y, {reply}}}]}}]")
    assert found == f"x.yaml: posts[0].replies[0]{fault}"


def test_a_kind_of_fault_that_is_none_is_refused() -> None:
    (found,) = faults_of("faults: [{route: x, kind: gremlins}]")
    assert found.startswith("x.yaml: faults[0].kind: input should be 'rate-limit'")
    assert found.endswith("found 'gremlins'")


def test_all_faults_are_told_at_once() -> None:
    assert len(faults_of("posts: [{id: a, at: -1d, text: x, on: [q]}, {id: a, at: -1d, text: y, deleted: -3d}]")) == 3


def test_a_key_said_twice_is_refused() -> None:
    (fault,) = faults_of("posts: []\nposts: []\n")
    assert "key 'posts' twice" in fault
    assert "line 10" in fault


def test_an_address_that_somebody_could_own_is_refused() -> None:
    one = "subscribers: [{name: A, address: a@b.com, since: -1d}]"
    text = f"{HEAD}  n: {{platform: newsletter, file: w, name: W, created: -9d, {one}}}"
    with pytest.raises(ScenarioError, match=r"subscribers\[0\].address: .* found 'a@b.com'"):
        parse_scenario(text, "x.yaml")


def test_a_block_on_mastodon_is_refused() -> None:
    text = HEAD.replace("handle: c, ", "handle: c, blocks: [{who: ana, since: 0s}], ")
    with pytest.raises(ScenarioError, match=r"accounts.m.blocks\[0\]: expected on Bluesky only, found on mastodon"):
        parse_scenario(text, "x.yaml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScenarioError, match=r"s\.yaml: expected a readable UTF-8 file, found UnicodeDecodeError"):
        read_scenario(file)
    with pytest.raises(ScenarioError, match="found FileNotFoundError"):
        read_scenario(tmp_path / "none.yaml")


def test_on_and_no_are_words() -> None:
    scenario = parse_scenario(HEAD + "posts: [{id: a, at: -1d, text: no, on: [m]}]", "x.yaml")
    assert (scenario.posts[0].text, scenario.posts[0].on) == ("no", ["m"])


@given(st.sampled_from("+-"), *[st.integers(0, 99) for _ in range(4)])
def test_an_offset_is_the_sum_of_its_parts(sign: str, days: int, hours: int, minutes: int, seconds: int) -> None:
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    assert parse_offset(f"{sign}{days}d {hours}h{minutes}m {seconds}s") == (-length if sign == "-" else length)


@pytest.mark.parametrize("text", ["", "-", "3", "1h1d", "1.5h", "-1d later", "١d"])
def test_what_is_no_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected an offset"):
        parse_offset(text)


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an instant with an offset"):
        parse_instant("2026-11-21T19:00:00")
