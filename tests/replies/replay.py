"""Record a capture's HTTP exchanges as WARC, and replay them through the real client.

The replay answers only what was recorded: a request that was not is an error of the test.
"""

from __future__ import annotations

import io
from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

Key = tuple[str, str, tuple[tuple[str, str], ...]]


def key_of(url: str) -> Key:
    """Return what tells one request from another: host and port, path, query in any order."""
    parts = urlsplit(url)
    return parts.netloc, parts.path, tuple(sorted(parse_qsl(parts.query, keep_blank_values=True)))


def recorded_answers(warc: Path) -> Iterator[tuple[str, int, list[tuple[str, str]], bytes]]:
    """Yield the address, status, headers and body of each answer in *warc*, in the order they came."""
    with warc.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == "response":
                headers = [pair for pair in record.http_headers.headers if pair[0].lower() != "transfer-encoding"]
                status = int(record.http_headers.get_statuscode())
                yield record.rec_headers.get_header("WARC-Target-URI"), status, headers, record.raw_stream.read()


class ReplayTransport(httpx.BaseTransport):
    """Answers as a WARC recorded; the same request twice gets the recorded answers in turn, then the last again."""

    def __init__(self, warc: Path) -> None:
        self.asked: list[str] = []
        self._answers: dict[Key, deque[httpx.Response]] = defaultdict(deque)
        for url, status, headers, body in recorded_answers(warc):
            answer = httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))
            self._answers[key_of(url)].append(answer)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the recorded answer."""
        self.asked.append(str(request.url))
        answers = self._answers.get(key_of(str(request.url)))
        if not answers:
            raise AssertionError(f"this request was not recorded: {request.url}")
        return answers.popleft() if len(answers) > 1 else answers[0]


class RecordingTransport(httpx.BaseTransport):
    """Passes requests to *inner* and writes every exchange to *warc*."""

    def __init__(self, inner: httpx.BaseTransport, warc: Path) -> None:
        self._inner = inner
        self._file = warc.open("wb")
        self._writer = WARCWriter(self._file, gzip=True)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer that *inner* gives, once written down."""
        response = self._inner.handle_request(request)
        body = b"".join(_raw(response))
        response.close()
        url = str(request.url)
        self._writer.write_record(
            self._writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(body),
                http_headers=StatusAndHeaders(
                    f"{response.status_code} {response.reason_phrase}",
                    [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw],
                    protocol="HTTP/1.1",
                ),
            )
        )
        return httpx.Response(response.status_code, headers=response.headers.raw, stream=httpx.ByteStream(body))

    def close(self) -> None:
        """Finish the file."""
        self._inner.close()
        self._file.close()


def _raw(response: httpx.Response) -> Iterator[bytes]:
    return response.iter_raw()
