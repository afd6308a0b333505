"""Make the City of X on an empty AT Protocol network, in two acts, and write down what was made.

    python seed_city.py NETWORK.json RECORD.json [COMMAND]

COMMAND runs between the acts. RECORD.json tells accounts, follows, posts and replies by name,
with their URIs and CIDs; RECORD-t1.json is the same between the acts.
"""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]
Ref = dict[str, str]  # a record's uri and cid

NAMED = ("cityofx", "cityofx-police", "alice", "bob", "carol", "troll", "goneuser", "dropout", "blocked")
CROWD = tuple(f"resident{number:03d}" for number in range(30))
PROFILE = "Official account of the City of X. Comments are public records. Terms: https://cityofx.gov/social"
NEW_PROFILE = "Official account of the City of X. New comment policy of 2026."
INDEXED_WITHIN_S = 2


class Person:
    """One account on the network's PDS, signed in."""

    def __init__(self, pds: str, name: str) -> None:
        self._client = httpx.Client(base_url=f"{pds}/xrpc/", timeout=60)
        self.name, self.handle, self.password = name, f"{name}.test", f"pw-{name}"
        made = self.ask(
            "com.atproto.server.createAccount",
            {"handle": self.handle, "email": f"{name}@example.com", "password": self.password},
        )
        self.did = str(made["did"])
        self._client.headers["Authorization"] = f"Bearer {made['accessJwt']}"

    def ask(self, method: str, body: Json) -> Json:
        answer = self._client.post(method, json=body).raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def get(self, method: str, **query: str) -> Json:
        return dict(self._client.get(method, params=query).raise_for_status().json())

    def upload(self, picture: bytes) -> Json:
        headers = {"Content-Type": "image/png"}
        answer = self._client.post("com.atproto.repo.uploadBlob", content=picture, headers=headers)
        return dict(answer.raise_for_status().json()["blob"])

    def create(self, collection: str, record: Json, key: str | None = None) -> Ref:
        moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        body: Json = {"repo": self.did, "collection": collection, "record": {"createdAt": moment} | record}
        made = self.ask("com.atproto.repo.createRecord", body | ({"rkey": key} if key else {}))
        return {"uri": made["uri"], "cid": made["cid"]}

    def say(self, text: str, *, root: Ref | None = None, parent: Ref | None = None, **more: Any) -> Ref:
        reply = {"reply": {"root": root, "parent": parent or root}} if root else {}
        return self.create("app.bsky.feed.post", {"text": text, "langs": ["en"], **reply, **more})

    def delete(self, uri: str) -> None:
        collection, key = uri.split("/")[-2:]
        self.ask("com.atproto.repo.deleteRecord", {"repo": self.did, "collection": collection, "rkey": key})

    def rewrite(self, collection: str, key: str, **changes: str) -> Ref:
        found = self.get("com.atproto.repo.getRecord", repo=self.did, collection=collection, rkey=key)
        body = {"repo": self.did, "collection": collection, "rkey": key, "record": found["value"] | changes}
        made = self.ask("com.atproto.repo.putRecord", body)
        return {"uri": made["uri"], "cid": made["cid"]}


def draw(red: int, width: int, height: int) -> bytes:
    """Return a picture of one colour as PNG (RFC 2083)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = (b"\x00" + bytes((red, 90, 150)) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def images(*shown: tuple[Json, str]) -> Json:
    return {"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": alt} for blob, alt in shown]}


def make_posts(city: Person, police: Person) -> dict[str, Ref]:
    posts = {"snow": city.say("Snow emergency declared from 8 pm tonight. Move cars off odd-numbered sides.")}
    poster, map_of_wards = city.upload(draw(30, 640, 360)), city.upload(draw(120, 640, 480))
    embed = images((poster, "Poster: budget hearing, Tuesday 6 pm, Council Chamber"), (map_of_wards, "Ward map"))
    posts["budget"] = city.say("Budget hearing Tuesday, 6 pm, City Hall. Agenda in the picture.", embed=embed)
    card = {"uri": "https://cityofx.gov/zoning", "title": "Draft zoning plan", "description": "PDF, 212 pages"}
    card["thumb"] = city.upload(draw(60, 640, 320))  # type: ignore[assignment]
    external = {"$type": "app.bsky.embed.external", "external": card}
    posts["link"] = city.say("Read the draft zoning plan.", embed=external)
    first = posts["thread1"] = city.say("Water main break on 5th Ave (1/3)")
    second = posts["thread2"] = city.say("Crews on site, detours up (2/3)", root=first)
    posts["thread3"] = city.say("Service restored 4:10 pm (3/3)", root=first, parent=second)
    posts["deleted"] = city.say("Posted in error: wrong date for the parade")
    posts["edited"] = city.say("Polls open 7 am to 8 pm on Nov 3.")
    quote = {"$type": "app.bsky.embed.record", "record": posts["snow"]}
    posts["quote"] = police.say("Please follow the snow parking rules.", embed=quote)
    for number in range(60):
        posts[f"daily{number:02d}"] = city.say(f"Daily notice no. {number}: street sweeping in ward {number % 8 + 1}.")
    return posts


def make_replies(people: dict[str, Person], snow: Ref) -> dict[str, Ref]:
    def say(name: str, text: str, parent: Ref | None = None, **more: Any) -> Ref:
        return people[name].say(text, root=snow, parent=parent, **more)

    replies = {"alice": say("alice", "Does this include Maple St?")}
    replies["city_answer"] = say("cityofx", "Yes, Maple St is included.", replies["alice"])
    replies["bob"] = say("bob", "The city never plows ward 6!", replies["city_answer"])
    replies["troll_hidden"] = say("troll", "You are all idiots and crooks")
    replies["spam"] = say("troll", "BUY CHEAP PILLS http://spam.example")
    replies["author_deleted"] = say("carol", "I regret this comment")
    replies["goneuser"] = say("goneuser", "My account will be deleted later")
    replies["dropout"] = say("dropout", "My account will be deactivated")
    replies["address"] = say("troll", "Doxxing: home address of an officer ...")
    replies["blocked_author"] = say("blocked", "Comment of an account that the city later blocks")
    pile = images((people["alice"].upload(draw(200, 320, 240)), "snow pile"))
    replies["img"] = say("alice", "Photo of the unplowed street", embed=pile)
    return replies


def first_act(people: dict[str, Person]) -> Json:
    city = people["cityofx"]
    profile = {"displayName": "City of X", "description": PROFILE}
    pictures = {"avatar": city.upload(draw(10, 256, 256)), "banner": city.upload(draw(20, 1500, 500))}
    city.create("app.bsky.actor.profile", profile | pictures, "self")
    made: Json = {
        "accounts": {one.name: {"did": one.did, "handle": one.handle} for one in people.values()},
        "follows": {
            one.name: one.create("app.bsky.graph.follow", {"subject": city.did})["uri"]
            for one in people.values()
            if one is not city
        },
        "posts": make_posts(city, people["cityofx-police"]),
    }
    snow, budget = made["posts"]["snow"], made["posts"]["budget"]
    made["replies"] = make_replies(people, snow)
    for name in CROWD[:20]:
        people[name].say(f"Comment by {name}", root=budget)
    gate = {"post": snow["uri"], "allow": [], "hiddenReplies": [made["replies"]["troll_hidden"]["uri"]]}
    city.create("app.bsky.feed.threadgate", gate, snow["uri"].rsplit("/", 1)[1])
    city.create("app.bsky.graph.block", {"subject": people["blocked"].did})
    made["t1_rev"] = city.get("com.atproto.sync.getLatestCommit", did=city.did)
    return made


def second_act(people: dict[str, Person], made: Json, pds: str, admin: tuple[str, str]) -> None:
    city = people["cityofx"]
    city.delete(made["posts"]["deleted"]["uri"])
    people["carol"].delete(made["replies"]["author_deleted"]["uri"])
    people[CROWD[0]].delete(made["follows"][CROWD[0]])
    key = made["posts"]["edited"]["uri"].rsplit("/", 1)[1]
    correction = "CORRECTION: Polls open 6 am to 8 pm on Nov 3."
    made["edited_new"] = city.rewrite("app.bsky.feed.post", key, text=correction)
    city.rewrite("app.bsky.actor.profile", "self", description=NEW_PROFILE)
    people["dropout"].ask("com.atproto.server.deactivateAccount", {})
    address = f"{pds}/xrpc/com.atproto.admin.deleteAccount"
    httpx.post(address, json={"did": people["goneuser"].did}, auth=admin).raise_for_status()


def main(network_file: Path, record: Path, command: str | None) -> None:
    network = json.loads(network_file.read_text("utf-8"))
    pds = network["pds"].replace("//localhost:", "//127.0.0.1:")
    user, _, password = network["pds_admin"].partition(":")
    people = {name: Person(pds, name) for name in (*NAMED, *CROWD)}
    made = first_act(people)
    time.sleep(INDEXED_WITHIN_S)
    record.with_name(f"{record.stem}-t1.json").write_text(json.dumps(made, indent=1), "utf-8")
    if command:
        subprocess.run(command, shell=True, check=True)
    second_act(people, made, pds, (user, password))
    record.write_text(json.dumps(made, indent=1), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
