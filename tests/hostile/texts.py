"""Texts that mean something to SQL, HTML, shells and formats, in every field that takes a text.

A text is refused, or kept and shown back as it is, everywhere where it is shown, and does nothing.
"""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

import httpx

from tests.api.shop import DATE, TIME, lines, new_event
from tests.hostile.bodies import Statuses
from tests.hostile.target import Target, assert_harmless

OF_SQL = (
    "'", '"', "\\", "';--", "' OR '1'='1", "'; DROP TABLE events; --", '"; DELETE FROM reservation; --', "$1", "$$",
    ":name", "%", "_", "a%b_c", "\\'; SELECT 1; --", "1); SELECT 1; --", "null", "true", "NaN", "\uff07 OR 1=1",
)  # fmt: skip
OF_PAGES = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "<!--", "]]>",
    "javascript:alert(1)", "&lt;b&gt;", "&#60;", "{{7*7}}", "${7*7}", "#{7*7}", "\u2028\u2029", "\u202e",
    "\u200b\ufeff",
)  # fmt: skip
OF_SYSTEMS = (
    "%s %d %n", "{0.__class__}", "../../etc/passwd", "$(reboot)", "`reboot`", "| cat /etc/passwd", "\U0001f600",
    "ÅÄÖ" * 30, "e\u0301", "\ud7ff\ue000", "a\tb", "a\rb", "a\nb", "a\x00b", "a\x1bb", "a\x7fb", "\x85", " ", "",
    "x" * 200, "x" * 201, "x" * 60_000,
)  # fmt: skip
TEXTS = (*OF_SQL, *OF_PAGES, *OF_SYSTEMS)
NOT_IN_A_HEADER = frozenset("\x00\r\n\x1b\x7f")
NAME = "name"


def send_texts(target: Target, texts: Sequence[str] = TEXTS) -> Statuses:
    """Send every text to every field; return what was answered, by field and status."""
    answered: Statuses = Counter()
    with target.client() as client:
        before = len(client.get("/admin/ticket-types").json()["ticketTypes"])
        for text in texts:
            answered.update(_send_type(client, text))
            answered.update(_send_event(client, text))
            answered.update(_send_search(client, text))
            answered.update(_send_reservation(client, text))
        kept = len(client.get("/admin/ticket-types").json()["ticketTypes"])
        assert kept - before == 2 * answered["ticket type", 201]  # each once for itself, once for an event
    return answered


def _send_type(client: httpx.Client, text: str) -> Statuses:
    answer = client.post("/admin/ticket-types", json={NAME: text})
    assert_harmless(answer)
    if answer.status_code == 201:
        listed = client.get("/admin/ticket-types").json()["ticketTypes"]
        assert {"id": answer.json()["id"], NAME: text} in listed
    return Counter({("ticket type", answer.status_code): 1})


def _send_event(client: httpx.Client, text: str) -> Statuses:
    """In the name of an event and its type, in the time zone, and in the rule of a recurrence."""
    answered: Statuses = Counter()
    kind = client.post("/admin/ticket-types", json={NAME: text})
    type_id = kind.json()["id"] if kind.status_code == 201 else 1
    made = client.post("/admin/events", json=new_event(name=text, ticketTypes=[{"tickettypeId": type_id}]))
    answered["event", made.status_code] += 1
    assert_harmless(made)
    if made.status_code == 201:
        path = f"events/{made.json()['id']}"
        for shown in (made.json(), client.get(f"/admin/{path}").json(), client.get(f"/{path}").json()):
            assert shown[NAME] == text
        answer = client.get(f"/{path}")
        assert answer.headers["content-type"] == "application/json"
        assert [each[NAME] for each in answer.json()["dates"][0]["ticketTypes"]] == [kind.json()[NAME]]
        changed = client.patch(f"/admin/{path}", json={NAME: f"new {text}"[:200]})
        assert (changed.status_code, changed.json()[NAME]) == (200, f"new {text}"[:200])
    rule = {"rrule": text, "firstDate": DATE, "startTime": TIME}
    for field, body in (
        ("time zone", new_event(timeZone=text)),
        ("rule", new_event(dates=None, recurrence=rule)),
        ("start time", new_event(dates=[{"date": DATE, "startTime": text}])),
        ("date", new_event(dates=[{"date": text, "startTime": TIME}])),
    ):
        answer = client.post("/admin/events", json=body)
        assert_harmless(answer)
        assert answer.status_code == 422, (field, text, answer.text)
        answered[field, answer.status_code] += 1
    return answered


def _send_search(client: httpx.Client, text: str) -> Statuses:
    """In the query: what is found has the text in its name, whatever it means to SQL."""
    answered: Statuses = Counter()
    for name in ("q", "limit", "cursor", "from", "unknown"):
        path = "/events/1" if name == "from" else "/events"
        answer = client.get(path, params={name: text[:2_000]})
        assert_harmless(answer)
        answered[f"query {name}", answer.status_code] += 1
        if name == "q" and answer.status_code == 200:
            found = [event[NAME] for event in answer.json()["events"]]
            assert all(text.casefold() in each.casefold() for each in found), (text, found)
            link = answer.headers.get("link", "")
            assert link.isprintable()
            assert link.isascii()
    return answered


def _send_reservation(client: httpx.Client, text: str) -> Statuses:
    """In the payment's reference, the Idempotency-Key, and the path."""
    answered: Statuses = Counter()
    hold = client.post(f"/events/1/{DATE}/{TIME}", json=lines({1: 1}))
    path = f"/reservation/{hold.json()['reservationId']}"
    paid = client.post(path, json={"paymentReference": text})
    assert_harmless(paid)
    answered["payment reference", paid.status_code] += 1
    assert paid.status_code in {200, 422}
    if paid.status_code == 200:
        listed = client.get(f"/admin/events/1/{DATE}/{TIME}/reservations", params={"limit": 1}).json()["reservations"]
        for shown in (paid.json(), client.get(path).json(), listed[0]):
            assert shown["paymentReference"] == text
    for place in (
        f"/reservation/{quote(text, safe='')}",
        f"/events/{quote(text, safe='')}",
        f"/problems/{quote(text)}",
    ):
        answer = client.get(place[:5_000])
        assert_harmless(answer)
        assert answer.status_code in {404, 405}, (place, answer.text)  # %2F is a slash like any other
        assert answer.headers["content-type"] == "application/problem+json"
        answered["path", answer.status_code] += 1
    if not NOT_IN_A_HEADER & set(text):
        headers = {b"Idempotency-Key": text.strip().encode()[:2_000]}
        keyed = client.post(f"/events/1/{DATE}/{TIME}", json=lines({1: 1}), headers=headers)
        assert_harmless(keyed)
        answered["Idempotency-Key", keyed.status_code] += 1
    return answered
