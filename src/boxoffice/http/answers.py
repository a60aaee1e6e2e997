"""Answers as the bytes that are sent."""

from collections.abc import Sequence
from http import HTTPStatus

from boxoffice.http.request import Header

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_WITHOUT_BODY = {204, 304}
_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}


def answer_bytes(
    status: int, headers: Sequence[Header], body: bytes, date: str, *, to_head: bool = False, closes: bool = False
) -> bytes:
    """Return a whole answer: with its length where the status has one, without its body where the method is HEAD."""
    lines = [_STATUS_LINES[status], *[f"{name}: {value}\r\n" for name, value in headers], f"date: {date}\r\n"]
    has_body = status not in _WITHOUT_BODY
    if has_body:
        lines.append(f"content-length: {len(body)}\r\n")
    lines.append("connection: close\r\n\r\n" if closes else "\r\n")
    head = "".join(lines).encode("latin-1")
    return head + body if has_body and not to_head else head


def refusal_bytes(status: HTTPStatus, headers: Sequence[Header], date: str) -> bytes:
    """Return the answer to what is no request; the connection ends behind it."""
    body = b'{"type":"about:blank","title":"%b","status":%d}' % (status.phrase.encode(), status)
    return answer_bytes(status, (("content-type", "application/problem+json"), *headers), body, date, closes=True)
