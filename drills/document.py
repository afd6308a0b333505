"""docs/drills.md, written from the outcomes of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from drills.drill import Outcome
from drills.report import (
    FIGURE_HEADERS,
    KIND_HEADERS,
    SEED_HEADERS,
    render_markdown,
    rows_by_kind,
    rows_by_seed,
    rows_of_figures,
)

_TEXT = """\
# Drills

Written by `python -m drills --publish` from one run; do not edit. `make drill` does the same on your machine,
without keys and without a network.

![What was found of what could be seen, and what was missed of what was soon gone](img/drill.png)

## What was found

Over {months} months, seeds {seeds}:

{kinds}

{figures}

## What a drill is

A **seed** is a whole number. It gives a month of a city's accounts on Bluesky and Mastodon: posts, replies, edits,
deletions, replies hidden by thread gate and shown again, takedowns, authors who leave, close their account and come
back, or are blocked, followers who come and go, and a hundred and twenty comments that are gone again after five
minutes to half a day. It also gives what goes wrong: an expired token, an outage, rate limits, truncated, broken
and empty answers, threads that fail in a capture that goes on, a repeated page, an expired cursor, fields that no
schema knows. And it gives when the captures are made, and which of them are killed (`SIGKILL`): before or after one of
their writes to the store, or at some moment of their life. A killed capture is tried again at once, or found by the
next run, by turns.

The platform simulator plays the month on loopback. The product captures it as it captures any platform: its own
planning, connectors, client, parsers, checks and seal, into a real store with Object Lock. Only its clock is the
simulator's: the workplace is given a clock and a way to wait, so that a month passes in a minute. The clock also moves
while a capture runs, a second an exchange, so that things happen between two pages of one capture. Comments are
taken at every run, once or twice a day and less at weekends, posts and followers every third day that has runs, and
every third day it is asked for what is missing. What a process has read of what is sealed it does not read again.

## How it is scored

- **What could be seen** is worked out from the simulator's world and from the moments at which captures asked, by
  code that knows nothing of how the product compares (`drills.oracle`). An edit, a hide or an unhide could be seen
  when one accepted capture without gaps read the old state, and a later one the new. What vanished could be seen
  when one listed it, a later one did not, and it was asked for after that with a token that was good. What happened
  while a capture was reading counts by the captures around it.
- **Found** means told of the right item, as the right kind, with a window that holds the true moment. On Mastodon a
  deleted account, a closed one and a status that the server took down all answer 404: there any of these words is
  right.
- **False alarms** are edits, hides and vanishings told of what did no such thing; a **false `gone`** is one that was
  confirmed. **Duplicates** are two snapshots of one order or two rows of one item in a snapshot.
- **Short-lived items**: the product states the stretches within which something could have come and gone unseen,
  from the beginning of one capture to the end of the next. Stated of an item of the drill is that it was born, for
  as long as it lived, where that could be. Each item that no accepted capture lists must be among those stated, and
  must have lived shorter than the exposure stated for its days. So no more are missed than stated, in every month
  and without any allowance for chance. Beside it stands the share that the product states for births spread evenly
  over the time, the mean of the bounds for the lifetimes of the items: those of one month may lie otherwise.
- **Exit code**: 0 when all of it holds for every seed; 1 otherwise, with the seed, the simulator's id of each item
  and how to repeat the month alone; 2 when a drill could not be done.

## Your own seeds and months

    python -m drills --seed 4711 --seed 4712        these months
    python -m drills --seeds 100 --first 1000       a hundred others
    python -m drills --scenario my-month.yaml --start 2025-03-01T00:00:00+00:00

A scenario is a file of the simulator's form (`include/platform_simulator/scenarios` has one); its accounts must be
`bluesky-city` and `mastodon-city` with the handles `city.drill.example` and `cityhall`. `--json` prints the
outcomes, `--keep` leaves the folders with the archive. Every drill keeps its outcomes and their chart in
`drills/results/`.

## Seed by seed

{months_one_by_one}
"""


def write_document(outcomes: Sequence[Outcome], path: Path) -> None:
    """Write the document of *outcomes*."""
    text = _TEXT.format(
        months=len(outcomes),
        seeds=", ".join(str(one.seed) for one in outcomes),
        kinds=render_markdown(KIND_HEADERS, rows_by_kind(outcomes)),
        figures=render_markdown(FIGURE_HEADERS, rows_of_figures(outcomes)),
        months_one_by_one=render_markdown(SEED_HEADERS, rows_by_seed(outcomes)),
    )
    path.write_text(text, "utf-8")
