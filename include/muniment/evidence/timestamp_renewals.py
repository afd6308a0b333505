"""Renewals: a later stamp over earlier ones, made before those age out (RFC 4998 section 5.2).

What a renewal covers is a list in the form that ``sha256sum`` writes and checks: a line for
each object, its SHA-256, two spaces, its key; sorted by key; every line ends in a newline.
The renewal's stamp is over the list's exact bytes.

A stamp is covered by a renewal whose list has all of the stamp's own objects: the response,
its certificates, and what it is over (a checkpoint, or an earlier renewal's list). Such a
renewal carries it past its own end if it was made before that. So stamps hold on to one
another, the newest lasts longest, and what the first said stays proved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from muniment.errors import ObjectKeyError, TimestampError
from muniment.evidence.layout import TIMESTAMPS, TimestampAddress, log_checkpoint_key, parse_timestamp_key
from muniment.evidence.timestamp import Stamp

MAX_STAMPS = 10_000  # one renewal's list stays under five megabytes
MAX_LIST_BYTES = 10_000_000

_UNREADABLE = "T001"
_LINE = re.compile(rb"([0-9a-f]{64})  (log/(?:checkpoints|timestamps)/[0-9A-Za-z./-]{1,120})")


def message_key(address: TimestampAddress) -> str:
    """Return the key of the bytes that the stamp at *address* is over."""
    return log_checkpoint_key(address.seq) if address.number == 0 else address.key("sums")


def needed_keys(address: TimestampAddress) -> frozenset[str]:
    """Return the keys of everything that the stamp at *address* consists of."""
    return frozenset((address.key("tsr"), address.key("chain.pem"), message_key(address)))


def write_list(digests: Mapping[str, str]) -> bytes:
    """Spell what a renewal covers: the SHA-256 (hex) of each object, by key."""
    return "".join(f"{digest}  {key}\n" for key, digest in sorted(digests.items())).encode("ascii")


def read_list(body: bytes) -> dict[str, str]:
    """Read what a renewal covers.

    Raises:
        TimestampError: T001, it is not of the form that `write_list` gives.
    """
    lines = body.split(b"\n")
    matches = [_LINE.fullmatch(line) for line in lines[:-1]]
    found = {match[2].decode("ascii"): match[1].decode("ascii") for match in matches if match}
    if len(body) > MAX_LIST_BYTES or not found or write_list(found) != body:
        raise TimestampError(_UNREADABLE, "renewal: expected a sorted list of digests and keys, found other bytes")
    return found


def covered_by(covers: Mapping[str, str], renewal: TimestampAddress) -> Iterable[TimestampAddress]:
    """Yield the stamps that a list covers whole; never the renewal itself."""
    for key in covers:
        if not key.startswith(TIMESTAMPS):
            continue
        try:
            address, part = parse_timestamp_key(key)
        except ObjectKeyError:
            continue
        if part == "tsr" and address != renewal and needed_keys(address) <= covers.keys():
            yield address


def find_ends(
    stamps: Mapping[TimestampAddress, Stamp], covers: Mapping[TimestampAddress, Iterable[TimestampAddress]]
) -> dict[TimestampAddress, datetime]:
    """Find until when each of *stamps* holds, with the renewals that cover it: *covers* says which cover what."""
    renewed_by: dict[TimestampAddress, list[TimestampAddress]] = {}
    for renewal, covered in covers.items():
        for address in covered:
            renewed_by.setdefault(address, []).append(renewal)
    ends: dict[TimestampAddress, datetime] = {}
    # The latest first: a renewal is later than what it covers, or does not count.
    for address, stamp in sorted(stamps.items(), key=lambda item: (item[1].time, item[0]), reverse=True):
        own = [ends[item] for item in renewed_by.get(address, ()) if item in ends and _in_time(stamps[item], stamp)]
        ends[address] = max([stamp.ages_out_at, *own])
    return ends


def _in_time(renewal: Stamp, stamp: Stamp) -> bool:
    return stamp.time <= renewal.time < stamp.ages_out_at
