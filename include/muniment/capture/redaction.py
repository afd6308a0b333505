"""Take secrets out of what is kept of a request, leaving a trace that tells two secrets apart."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from muniment.records.page import Headers

SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})
SECRET_PARAMETERS = frozenset(
    {"access_token", "token", "api_key", "apikey", "key", "client_secret", "password", "code"}
)


def redact(secret: str) -> str:
    """Return what stands in *secret*'s place: ``removed, sha256:`` and the first 8 hex digits of its hash."""
    return f"removed, sha256:{sha256(secret.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def redact_headers(headers: Headers) -> Headers:
    """Return *headers* in their order, the values of secret ones replaced."""
    return tuple((name, redact(value) if name.lower() in SECRET_HEADERS else value) for name, value in headers)


def redact_url(url: str) -> str:
    """Return *url* without user, password and secret parameters; untouched when it has none."""
    parts = urlsplit(url)
    fields = parse_qsl(parts.query, keep_blank_values=True)
    if "@" not in parts.netloc and not any(name.lower() in SECRET_PARAMETERS for name, _ in fields):
        return url
    kept = [(name, redact(value) if name.lower() in SECRET_PARAMETERS else value) for name, value in fields]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(kept, quote_via=quote), ""))
