"""A store with faults on request: a proxy before a real one, which it lies about.

The proxy signs every request anew with the administrator's key, so that it may change
them; each fault is named by one of `FAULTS`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

FAULTS = {
    "deletes locked versions": "a DELETE of a locked version succeeds",
    "deletes for the administrator": "as above, with one key only",
    "deletes with bypass": "a DELETE with bypass of a locked version succeeds",
    "deletes in bulk": "a bulk delete of locked versions succeeds",
    "accepts downgrades": "COMPLIANCE becomes GOVERNANCE",
    "accepts shorter dates": "COMPLIANCE until an earlier date",
    "clears locks": "an empty retention takes the lock away",
    "overwrites in place": "a second PUT changes the first version's bytes",
    "suspends versioning": "and says so",
    "drops lock headers": "a PUT stores no lock",
    "wraps dates": "seconds since 1970 are kept modulo 2^32",
    "keeps another date": "a lock is shown an hour short",
    "refuses extensions": "a lock cannot be changed at all",
    "ignores holds": "a legal hold is accepted and forgotten",
    "refuses holds": "a legal hold is answered 403",
    "ignores checksums": "neither checked nor stated",
    "vouches blindly": "checksums are stated as sent, never checked",
    "corrupts bytes": "the first byte is changed on its way in",
    "reads for strangers": "no credentials needed",
    "expires objects": "a lifecycle rule is there",
    "says there is no lock": "the bucket shows no Object Lock",
    "ignores If-None-Match": "a second writer is let in",
    "loses one answer": "a PUT is carried out and its answer lost, once",
    "serves other bytes": "the first byte of an object is changed on its way out",
    "refuses writes": "a PUT of an object is answered 403",
    "is down": "every request is answered 503",
}
_LOCK = "x-amz-object-lock-"
_XML = {"Content-Type": "application/xml"}
_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "expect", "authorization", "date"}


@dataclass
class Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Asked:
    method: str
    target: str
    headers: dict[str, str]  # lower-case names
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        found = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        return {name: values[0] for name, values in found.items()}

    @property
    def version(self) -> tuple[str, str]:
        return self.path, self.query.get("versionId", "")

    @property
    def is_object_write(self) -> bool:
        return self.method == "PUT" and not self.query and self.path.count("/") > 1

    @property
    def is_object_read(self) -> bool:
        return self.method == "GET" and self.query.keys() <= {"versionId"} and self.path.count("/") > 1

    def without(self, *prefixes: str) -> None:
        self.headers = {name: value for name, value in self.headers.items() if not name.startswith(prefixes)}


class FaultyStore:
    """The proxy: its faults, and what it remembers of its lies."""

    def __init__(self, backend: str, administrator_key: tuple[str, str]) -> None:
        self.faults: set[str] = set()
        self._backend = urlsplit(backend).netloc
        self._key = administrator_key
        self._gone: set[tuple[str, str]] = set()
        self._locks: dict[tuple[str, str], tuple[str, str] | None] = {}
        self._checksums: dict[str, str] = {}
        self._bodies: dict[str, bytes] = {}
        self._overwritten: dict[str, bytes] = {}
        self._suspended: set[str] = set()

    def answer(self, asked: Asked) -> Answer | None:
        """Return what the faulty store answers; None closes the connection without an answer."""
        if "is down" in self.faults:
            return _error(503, "ServiceUnavailable")
        if "refuses writes" in self.faults and asked.is_object_write:
            return _error(403, "AccessDenied")
        lie = self._lie_before(asked)
        if lie is not None:
            return lie
        self._spoil(asked)
        answer = self._forward(asked)
        if "loses one answer" in self.faults and asked.is_object_write and answer.status == 200:
            self.faults.remove("loses one answer")
            return None
        return self._lie_after(asked, answer)

    def _lie_before(self, asked: Asked) -> Answer | None:
        if asked.method in {"GET", "HEAD"} and asked.version in self._gone:
            return _error(404, "NoSuchVersion")
        for names, lie in (
            ({"retention"}, self._retention),
            ({"versioning"}, self._versioning),
            ({"lifecycle"}, self._lifecycle),
            ({"legal-hold"}, self._legal_hold),
            ({"object-lock"}, self._object_lock),
        ):
            if names <= asked.query.keys():
                return lie(asked)
        return None

    def _retention(self, asked: Asked) -> Answer | None:
        if asked.method == "GET":
            return None
        if "refuses extensions" in self.faults:
            return _error(403, "AccessDenied")
        text = asked.body.decode()
        mode, until = re.search("<Mode>(.*?)</Mode>", text), re.search("<RetainUntilDate>(.*?)</", text)
        asked_for = mode[1] if mode else "none"
        obeys = {"GOVERNANCE": "accepts downgrades", "COMPLIANCE": "accepts shorter dates", "none": "clears locks"}
        if obeys[asked_for] not in self.faults:
            return None
        self._locks[asked.version] = (mode[1], until[1]) if mode and until else None
        return Answer(200)

    def _versioning(self, asked: Asked) -> Answer | None:
        if "suspends versioning" not in self.faults:
            return None
        if asked.method == "PUT":
            (self._suspended.add if b"Suspended" in asked.body else self._suspended.discard)(asked.path)
            return Answer(200)
        status = "Suspended" if asked.path in self._suspended else "Enabled"
        return Answer(
            200, _XML, f"<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>".encode()
        )

    def _lifecycle(self, asked: Asked) -> Answer | None:
        rule = (
            "<Rule><ID>tidy</ID><Status>Enabled</Status><Filter/><NoncurrentVersionExpiration>"
            "<NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration></Rule>"
        )
        body = f"<LifecycleConfiguration>{rule}</LifecycleConfiguration>".encode()
        return Answer(200, _XML, body) if "expires objects" in self.faults else None

    def _legal_hold(self, asked: Asked) -> Answer | None:
        if asked.method == "PUT" and "refuses holds" in self.faults:
            return _error(403, "AccessDenied")
        return Answer(200) if "ignores holds" in self.faults and asked.method == "PUT" else None

    def _object_lock(self, asked: Asked) -> Answer | None:
        if "says there is no lock" in self.faults:
            return _error(404, "ObjectLockConfigurationNotFoundError")
        return None

    def _spoil(self, asked: Asked) -> None:
        if not asked.is_object_write:
            return
        if asked.path in self._bodies and "overwrites in place" in self.faults:
            self._overwritten[asked.path] = asked.body
        self._bodies[asked.path] = asked.body
        if "drops lock headers" in self.faults:
            asked.without(_LOCK)
        if "ignores If-None-Match" in self.faults:
            asked.without("if-none-match")
        if self.faults & {"ignores checksums", "vouches blindly", "corrupts bytes"}:
            self._checksums[asked.path] = asked.headers.get("x-amz-checksum-sha256", "")
            asked.without("x-amz-checksum-", "x-amz-sdk-checksum", "content-md5")
        if "corrupts bytes" in self.faults and asked.body:
            asked.body = bytes([asked.body[0] ^ 1]) + asked.body[1:]

    def _lie_after(self, asked: Asked, answer: Answer) -> Answer:
        if asked.method == "DELETE" and asked.query.get("versionId") and answer.status == 403 and self._lets_go(asked):
            self._gone.add(asked.version)
            return Answer(204)
        if asked.method == "POST" and "delete" in asked.query and "deletes in bulk" in self.faults:
            return self._delete_in_bulk(asked)
        if asked.method == "GET" and asked.query.keys() <= {"versionId"} and asked.path in self._overwritten:
            return Answer(200, {}, self._overwritten[asked.path])
        if "serves other bytes" in self.faults and asked.is_object_read and answer.body:
            answer.body = bytes([answer.body[0] ^ 1]) + answer.body[1:]
        if self._checksums.get(asked.path) and "vouches blindly" in self.faults and answer.status == 200:
            answer.headers["x-amz-checksum-sha256"] = self._checksums[asked.path]
        return self._show_lock(asked, answer)

    def _lets_go(self, asked: Asked) -> bool:
        bypass = asked.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
        administrator = f"Credential={self._key[0]}/" in asked.headers.get("authorization", "")
        return (
            ("deletes locked versions" in self.faults and not bypass)
            or ("deletes with bypass" in self.faults and bypass)
            or ("deletes for the administrator" in self.faults and administrator and not bypass)
        )

    def _delete_in_bulk(self, asked: Asked) -> Answer:
        text = asked.body.decode()
        for key, version in re.findall("<Key>(.*?)</Key><VersionId>(.*?)</VersionId>", text):
            self._gone.add((f"{asked.path.rstrip('/')}/{key}", version))
        return Answer(200, _XML, b"<DeleteResult></DeleteResult>")

    def _show_lock(self, asked: Asked, answer: Answer) -> Answer:
        names = {name.lower(): name for name in answer.headers}
        if asked.version in self._locks:
            return self._show_remembered(asked, answer, self._locks[asked.version])
        for pattern in ("wraps dates", "keeps another date"):
            if pattern not in self.faults:
                continue
            if (name := names.get(_LOCK + "retain-until-date")) is not None:
                answer.headers[name] = _bend(answer.headers[name], pattern)
            if "retention" in asked.query and asked.method == "GET":
                answer.body = re.sub(
                    rb"(<RetainUntilDate>)(.*?)(</)",
                    lambda found: found[1] + _bend(found[2].decode(), pattern).encode() + found[3],  # noqa: B023
                    answer.body,
                )
        return answer

    def _show_remembered(self, asked: Asked, answer: Answer, lock: tuple[str, str] | None) -> Answer:
        if "retention" in asked.query:
            if lock is None:
                return _error(404, "NoSuchObjectLockConfiguration")
            body = f"<Retention><Mode>{lock[0]}</Mode><RetainUntilDate>{lock[1]}</RetainUntilDate></Retention>"
            return Answer(200, _XML, body.encode())
        kept = {name: value for name, value in answer.headers.items() if not name.lower().startswith(_LOCK)}
        answer.headers = kept | ({_LOCK + "mode": lock[0], _LOCK + "retain-until-date": lock[1]} if lock else {})
        return answer

    def _forward(self, asked: Asked) -> Answer:
        headers = {name: value for name, value in asked.headers.items() if name not in _HOP_BY_HOP | {"host"}}
        signed = "authorization" in asked.headers or "reads for strangers" in self.faults
        if signed:
            for name in ("x-amz-date", "x-amz-content-sha256"):
                headers.pop(name, None)
            request = AWSRequest(asked.method, f"http://{self._backend}{asked.target}", headers, asked.body)
            request.context["client_config"] = None
            S3SigV4Auth(Credentials(*self._key), "s3", "us-east-1").add_auth(request)
            headers = dict(request.headers.items())
        connection = HTTPConnection(self._backend, timeout=30)
        try:
            connection.request(asked.method, asked.target, asked.body, headers)
            reply = connection.getresponse()
            body = reply.read()
            kept = {name: value for name, value in reply.getheaders() if name.lower() not in _HOP_BY_HOP - {"date"}}
            if asked.method == "HEAD":
                kept["Content-Length"] = reply.getheader("Content-Length", "0")
            return Answer(reply.status, kept, body)
        finally:
            connection.close()


def _bend(text: str, fault: str) -> str:
    moment = datetime.fromisoformat(text)
    seconds = int(moment.timestamp())
    seconds = seconds % 2**32 if fault == "wraps dates" else seconds - 3600
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _error(status: int, code: str) -> Answer:
    return Answer(status, dict(_XML), f"<Error><Code>{escape(code)}</Code><Message>no</Message></Error>".encode())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body in one packet: two would wait for the client's delayed acknowledgement.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    store: FaultyStore

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.store.answer(Asked(self.command, self.path, headers, body))
        if answer is None:
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any  # noqa: N815

    def handle_expect_100(self) -> bool:
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def serve_faulty_store(backend: str, administrator_key: tuple[str, str]) -> Iterator[tuple[FaultyStore, str]]:
    """Serve a faulty store on a free port of the loopback interface; give it and its address."""
    store = FaultyStore(backend, administrator_key)
    handler = type("Handler", (_Handler,), {"store": store})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield store, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
