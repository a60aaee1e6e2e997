"""POST /events/{id}/{date}/{start_time}, line by line of the contract."""

import datetime as dt

import pytest

from tests.api.shop import DATE, TIME, YEAR, Shop, assert_problem, lines

BIGINT_MAX = 2**63 - 1


async def test_a_hold_answers_what_is_held(shop: Shop) -> None:
    await shop.add_types("Adult", "Child")
    event_id = await shop.add_event(ticketTypes=[{"tickettypeId": 1}, {"tickettypeId": 2}])
    answer = await shop.hold(event_id, {1: 2, 2: 1})
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    assert "idempotent-replayed" not in answer.headers
    body = answer.json()
    assert set(body) == {"reservationId", "expiresAt", "tickets"}
    assert answer.headers["location"] == f"/reservation/{body['reservationId']}"
    assert body["expiresAt"].endswith("Z")
    left = dt.datetime.fromisoformat(body["expiresAt"]) - dt.datetime.now(tz=dt.UTC)
    assert dt.timedelta(seconds=50) < left <= dt.timedelta(seconds=61)
    assert sorted(ticket["tickettypeId"] for ticket in body["tickets"]) == [1, 1, 2]
    assert len({ticket["id"] for ticket in body["tickets"]}) == 3
    assert all(isinstance(ticket["id"], str) for ticket in body["tickets"])


@pytest.mark.parametrize("time", ["20:00", "20:00:00", "20%3A00", "20%3a00%3A00"])
async def test_the_start_time_has_two_forms(shop: Shop, time: str) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    assert (await shop.hold(event_id, {1: 1}, time=time)).status_code == 201


@pytest.mark.parametrize(
    "path",
    [
        f"/events/one/{DATE}/{TIME}",
        f"/events/0/{DATE}/{TIME}",
        f"/events/-1/{DATE}/{TIME}",
        f"/events/1.0/{DATE}/{TIME}",
        f"/events/%D9%A1/{DATE}/{TIME}",
        f"/events/1%00/{DATE}/{TIME}",
        f"/events/1%0A/{DATE}/{TIME}",
        f"/events/{BIGINT_MAX}/{DATE}/{TIME}",
        f"/events/{BIGINT_MAX + 1}/{DATE}/{TIME}",
        f"/events/{'9' * 500}/{DATE}/{TIME}",
        f"/events/1/{YEAR}-5-1/{TIME}",
        f"/events/1/{YEAR}-02-30/{TIME}",
        f"/events/1/0000-01-01/{TIME}",
        f"/events/1/{YEAR}0501/{TIME}",
        f"/events/1/{DATE}T00:00/{TIME}",
        f"/events/1/{DATE}/20",
        f"/events/1/{DATE}/2000",
        f"/events/1/{DATE}/20:0",
        f"/events/1/{DATE}/24:00",
        f"/events/1/{DATE}/20:00:60",
        f"/events/1/{DATE}/20:00:00.000",
        f"/events/1/{DATE}/20:00:00Z",
        f"/events/1/{DATE}/20:00%0A",
        f"/events/1/{DATE}/20:01",
        f"/events/1/{YEAR}-05-02/{TIME}",
        f"/events/2/{DATE}/{TIME}",
    ],
)
async def test_what_names_no_date_is_not_found(shop: Shop, path: str) -> None:
    await shop.add_types("Adult")
    await shop.add_event()
    assert_problem(await shop.post(path, lines({1: 1})), 404, "not-found")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"{",
        b"[]",
        b"{}",
        b"null",
        b'{"tickettypeId":1,"quantity":1}',
        b"[1]",
        b"[null]",
        b'[{"quantity":1}]',
        b'[{"tickettypeId":1}]',
        b'[{"tickettypeId":"1","quantity":1}]',
        b'[{"tickettypeId":true,"quantity":1}]',
        b'[{"tickettypeId":null,"quantity":1}]',
        b'[{"tickettypeId":1.0,"quantity":1}]',
        b'[{"tickettypeId":0,"quantity":1}]',
        b'[{"tickettypeId":-1,"quantity":1}]',
        b'[{"tickettypeId":2,"quantity":1}]',
        b'[{"tickettypeId":9223372036854775807,"quantity":1}]',
        b'[{"tickettypeId":9223372036854775808,"quantity":1}]',
        b'[{"tickettypeId":1,"quantity":0}]',
        b'[{"tickettypeId":1,"quantity":-1}]',
        b'[{"tickettypeId":1,"quantity":1.0}]',
        b'[{"tickettypeId":1,"quantity":1.5}]',
        b'[{"tickettypeId":1,"quantity":1e0}]',
        b'[{"tickettypeId":1,"quantity":true}]',
        b'[{"tickettypeId":1,"quantity":"1"}]',
        b'[{"tickettypeId":1,"quantity":null}]',
        b'[{"tickettypeId":1,"quantity":99999999999999999999999999}]',
        b'[{"tickettypeId":1,"quantity":51}]',
        b'[{"tickettypeId":1,"quantity":26},{"tickettypeId":1,"quantity":25}]',
        b'[{"tickettypeId":1,"quantity":1},{"tickettypeId":2,"quantity":1}]',
        b'[{"tickettypeId":1,"quantity":1}] x',
        b'[{"tickettypeId":1,"quantity":1,"note":' + b"[" * 30_000 + b"]" * 30_000 + b"}]",
        b'[{"tickettypeId":1,"quantity":1,"note":"\xff"',
    ],
)
async def test_a_body_that_cannot_be_acted_on_is_invalid(shop: Shop, body: bytes) -> None:
    await shop.add_types("Adult", "Of another event")
    event_id = await shop.add_event(maxTickets=100)
    answer = await shop.client.post(
        f"/events/{event_id}/{DATE}/{TIME}", content=body, headers={"Content-Type": "application/json"}
    )
    assert_problem(answer, 422, "invalid-request")


async def test_the_refusal_says_where_the_body_is_wrong(shop: Shop) -> None:
    answer = await shop.post(f"/events/1/{DATE}/{TIME}", [{"tickettypeId": 1, "quantity": 1}, {"tickettypeId": 1}])
    assert "$[1]" in answer.json()["detail"]
    assert "quantity" in answer.json()["detail"]


async def test_lines_of_one_type_are_added_up_and_unknown_fields_ignored(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event(maxTickets=100)
    body = [{"tickettypeId": 1, "quantity": 25, "seat": "A1"}, {"tickettypeId": 1, "quantity": 25}]
    answer = await shop.post(f"/events/{event_id}/{DATE}/{TIME}", body)
    assert answer.status_code == 201
    assert len(answer.json()["tickets"]) == 50


async def test_sold_out_tells_what_is_left_of_every_type(shop: Shop) -> None:
    await shop.add_types("Adult", "Child", "Elder")
    types = [{"tickettypeId": 1}, {"tickettypeId": 2, "max": 3}, {"tickettypeId": 3, "max": 9}]
    event_id = await shop.add_event(ticketTypes=types)
    await shop.held(event_id, {1: 3, 2: 1})
    refused = await shop.hold(event_id, {2: 3})
    assert_problem(refused, 409, "sold-out")
    assert refused.json()["left"] == {
        "available": 6,
        "ticketTypes": [
            {"tickettypeId": 1, "available": 6},
            {"tickettypeId": 2, "available": 2},
            {"tickettypeId": 3, "available": 6},
        ],
    }
    await shop.held(event_id, {1: 6})
    refused = await shop.hold(event_id, {1: 1})
    assert_problem(refused, 409, "sold-out")
    assert refused.json()["left"]["available"] == 0
    assert {left["available"] for left in refused.json()["left"]["ticketTypes"]} == {0}


async def test_a_date_that_has_begun_is_past(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event(dates=[{"date": "2020-02-29", "startTime": "08:30"}])
    assert_problem(await shop.hold(event_id, {1: 1}, date="2020-02-29", time="08:30"), 409, "date-past")


async def test_a_repeat_with_the_same_key_answers_the_same(shop: Shop) -> None:
    await shop.add_types("Adult", "Child")
    event_id = await shop.add_event(ticketTypes=[{"tickettypeId": 1}, {"tickettypeId": 2}])
    first = await shop.hold(event_id, {1: 2, 2: 1}, Idempotency_Key="a-key")
    path = f"/events/{event_id}/{DATE}/20:00"
    again = await shop.post(path, lines({2: 1}) + lines({1: 1}) + lines({1: 1}), Idempotency_Key="a-key")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"


async def test_a_key_of_other_tickets_is_reused(shop: Shop) -> None:
    await shop.add_types("Adult", "Child")
    dates = [{"date": DATE, "startTime": TIME}, {"date": DATE, "startTime": "23:00"}]
    event_id = await shop.add_event(ticketTypes=[{"tickettypeId": 1}, {"tickettypeId": 2}], dates=dates)
    assert (await shop.hold(event_id, {1: 2}, Idempotency_Key="a-key")).status_code == 201
    for quantities, time in (({1: 1}, TIME), ({2: 2}, TIME), ({1: 2, 2: 1}, TIME), ({1: 2}, "23:00")):
        answer = await shop.hold(event_id, quantities, time=time, Idempotency_Key="a-key")
        assert_problem(answer, 422, "idempotency-key-reused")


async def test_a_key_belongs_to_its_event_and_is_free_after_the_release(shop: Shop) -> None:
    await shop.add_types("Adult")
    first_event, other_event = await shop.add_event(), await shop.add_event()
    first = (await shop.hold(first_event, {1: 1}, Idempotency_Key="k")).json()["reservationId"]
    other = (await shop.hold(other_event, {1: 3}, Idempotency_Key="k")).json()["reservationId"]
    assert (await shop.client.delete(f"/reservation/{first}")).status_code == 204
    again = await shop.hold(first_event, {1: 2}, Idempotency_Key="k")
    assert again.status_code == 201
    assert "idempotent-replayed" not in again.headers
    assert len({first, other, again.json()["reservationId"]}) == 3


@pytest.mark.parametrize("key", [b"!", b"~" * 255, b'"quoted"'])
async def test_visible_ascii_is_a_key(shop: Shop, key: bytes) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    path, headers = f"/events/{event_id}/{DATE}/{TIME}", {b"Idempotency-Key": key}
    first = await shop.client.post(path, json=lines({1: 1}), headers=headers)
    again = await shop.client.post(path, json=lines({1: 1}), headers=headers)
    assert (first.status_code, again.headers.get("idempotent-replayed")) == (201, "true")


@pytest.mark.parametrize("key", [b"", b"a b", b"~" * 256, b"\xc3\xa4", b"a\tb"])
async def test_anything_else_is_no_key(shop: Shop, key: bytes) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    path, headers = f"/events/{event_id}/{DATE}/{TIME}", {b"Idempotency-Key": key}
    answer = await shop.client.post(path, json=lines({1: 1}), headers=headers)
    assert_problem(answer, 422, "invalid-request")


async def test_two_keys_are_no_key(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    path, headers = f"/events/{event_id}/{DATE}/{TIME}", [("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    assert_problem(await shop.client.post(path, json=lines({1: 1}), headers=headers), 422, "invalid-request")
