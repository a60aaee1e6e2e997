"""Answers as the bytes that are sent."""

from collections.abc import Sequence
from http import HTTPStatus

from boxoffice.http.request import Header, Headers

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

SECURITY: Sequence[Header] = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
)
"""Headers that every answer has, whoever sends it; a policy on its content comes besides."""
NOTHING_ALLOWED: Header = ("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
"""The policy of every answer that is no page: what a browser is made to take for one can do nothing."""

_WITHOUT_BODY = {204, 304}
_STATUS_LINES = {status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}


def header_lines(headers: Sequence[Header]) -> bytes:
    """Return headers as they are sent. Given in their place, they are not encoded again."""
    return "".join([f"{name}: {value}\r\n" for name, value in headers]).encode("latin-1")


def answer_bytes(
    status: int, headers: Headers, body: bytes, date: bytes, *, to_head: bool = False, closes: bool = False
) -> bytes:
    """Return a whole answer: with its length where the status has one, without its body where the method is HEAD."""
    lines = headers if isinstance(headers, bytes) else header_lines(headers)
    has_body = status not in _WITHOUT_BODY
    length = b"content-length: %d\r\n" % len(body) if has_body else b""
    end = b"connection: close\r\n\r\n" if closes else b"\r\n"
    sent = body if has_body and not to_head else b""
    return b"%b%bdate: %b\r\n%b%b%b" % (_STATUS_LINES[status], lines, date, length, end, sent)


def refusal_bytes(status: HTTPStatus, headers: Sequence[Header], date: bytes) -> bytes:
    """Return the answer to what is no request; the connection ends behind it."""
    headers = (("content-type", "application/problem+json"), *SECURITY, NOTHING_ALLOWED, *headers)
    body = b'{"type":"about:blank","title":"%b","status":%d}' % (status.phrase.encode(), status)
    return answer_bytes(status, headers, body, date, closes=True)
