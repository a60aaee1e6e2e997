"""Bodies that no client means, for every operation that takes one: broken, nested, doubled, huge, in other words."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

import httpx

from tests.api.shop import DATE, TIME, new_event
from tests.hostile.target import Target, assert_harmless

Statuses: TypeAlias = Counter[tuple[str, int]]
BODY_BYTES_MAX = 64 * 1024
JSON = {"Content-Type": "application/json"}
REFUSED = {404, 409, 410, 413, 415, 422}
NOBODY = "1-019abf2e8c5b7d3e9a417f0c2b6d8e51"


class Place(NamedTuple):
    """An operation that takes a body, and one that it would take."""

    method: str
    path: str
    body: object


PLACES = (
    Place("POST", f"/events/1/{DATE}/{TIME}", [{"tickettypeId": 1, "quantity": 1}]),
    Place("POST", f"/reservation/{NOBODY}", {"paymentReference": 124351234}),
    Place("POST", "/admin/ticket-types", {"name": "Adult"}),
    Place("POST", "/admin/events", new_event()),
    Place("POST", "/admin/events/1/dates", {"dates": [{"date": DATE, "startTime": "03:00"}]}),
    Place("PATCH", "/admin/events/1", {"name": "Changed"}),
    Place("POST", "/admin/recurrence", {"rrule": "FREQ=DAILY;COUNT=2", "firstDate": DATE, "startTime": TIME}),
)
VALUES: tuple[str, ...] = (
    "null", "true", "0", "-1", "1.5", "1e3", "1e999", "-0", "NaN", "Infinity", "1" * 5_000, "0x1", "01", '""',
    '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"' + "x" * 60_000 + '"', "[]", "{}", "[[]]",
    "[null]", '{"":null}', '{"__proto__":{"x":1}}', '{"$ref":"#"}',
)  # fmt: skip
NUMBERS = ("9223372036854775807", "9223372036854775808", "-9223372036854775808", "1" + "0" * 400, "1.0", "1e0", "1E400")


def send_bodies(target: Target, *, every: int = 1) -> Statuses:
    """Send all of them to every place, or every so many; each is refused or taken, and nothing else happens."""
    answered: Statuses = Counter()
    with target.client() as client:
        for place in PLACES:
            for body, headers in [*_broken(place), *_in_other_words(place)][::every]:
                answer = client.request(place.method, place.path, content=body, headers={**JSON, **headers})
                assert_harmless(answer)
                assert answer.status_code in REFUSED, (place, body[:200], headers, answer.text)
                answered[f"{place.method} {place.path}", answer.status_code] += 1
            answered.update(_send_values(client, place, every))
    return answered


def _broken(place: Place) -> Iterator[tuple[bytes, Mapping[str, str]]]:
    whole = json.dumps(place.body).encode()
    for length in range(len(whole)):
        yield whole[:length], {}
    yield from ((each, {}) for each in _DEEP)
    yield from ((whole.replace(b'"', quote), {}) for quote in (b"'", b"\x93", b'\\"'))
    yield whole + b"]", {}
    yield whole + whole, {}
    yield b"//\n" + whole, {}
    yield b"\xef\xbb\xbf" + whole, {}
    yield b"\x00" + whole, {}
    for coding in ("utf-16", "utf-32", "utf-7"):
        yield json.dumps(place.body, ensure_ascii=False).encode(coding).replace(b"{", b"\xff{"), {}
    for position in range(0, len(whole), 5):
        yield whole[:position] + b"\xff" + whole[position:], {}
        yield whole[:position] + b"\xed\xa0\x80\x00" + whole[position:], {}
    yield whole.ljust(BODY_BYTES_MAX + 1), {}
    yield b" " * 900_000, {}


def _in_other_words(place: Place) -> Iterator[tuple[bytes, Mapping[str, str]]]:
    whole = json.dumps(place.body).encode()
    for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""):
        yield whole, {"Content-Type": kind}
    for coding in ("gzip", "br", "deflate", "identity, gzip", "x"):
        yield whole, {"Content-Encoding": coding}
    yield b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', {}
    yield b"!!python/object/apply:os.system ['true']", {}


_DEEP = tuple(
    opening * (60_000 // len(opening)) + closing
    for opening, closing in ((b"[", b""), (b"[", b"]" * 5_000), (b'{"a":', b""), (b'[{"tickettypeId":', b""))
)


def _send_values(client: httpx.Client, place: Place, every: int) -> Statuses:
    """Put every value in the place of every field, double every field, and leave each out."""
    answered: Statuses = Counter()
    fields = place.body[0] if isinstance(place.body, list) else place.body
    assert isinstance(fields, dict)
    for name in fields:
        for value in (*VALUES, *NUMBERS)[::every]:
            for text in (_with(fields, name, value), _doubled(fields, name, value)):
                body = f"[{text}]" if isinstance(place.body, list) else text
                answer = client.request(place.method, place.path, content=body.encode(), headers=JSON)
                assert_harmless(answer)
                answered[f"{place.method} {place.path}", answer.status_code] += 1
    return answered


def _with(fields: Mapping[str, object], name: str, value: str) -> str:
    kept = [f"{json.dumps(each)}:{value if each == name else json.dumps(fields[each])}" for each in fields]
    return "{" + ",".join(kept) + "}"


def _doubled(fields: Mapping[str, object], name: str, value: str) -> str:
    return _with(fields, "", "").removesuffix("}") + f",{json.dumps(name)}:{value}" + "}"
