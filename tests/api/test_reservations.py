"""/reservation/{reservationId}: look, pay, let go."""

import asyncio

import asyncpg
import msgspec
import pytest

from boxoffice.identifiers import new_ids, reservation_name
from boxoffice.settings import Settings
from tests.api.shop import DATE, Shop, assert_problem, open_shop
from tests.waiting import until
from tests.world import make_overdue

JSON = {"Content-Type": "application/json"}
NEVER_MADE = reservation_name(7, new_ids(1)[0])


async def pay(shop: Shop, name: str, reference: object) -> int:
    return (await shop.post(f"/reservation/{name}", {"paymentReference": reference})).status_code


async def test_a_reservation_is_shown_held_and_then_paid(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    hold = await shop.hold(event_id, {1: 2})
    name = hold.json()["reservationId"]
    held = (await shop.get(f"/reservation/{name}")).json()
    created_at = held.pop("createdAt")
    assert held == {
        "reservationId": name,
        "eventId": event_id,
        "date": DATE,
        "startTime": "20:00:00",
        "state": "held",
        "expiresAt": hold.json()["expiresAt"],
        "paidAt": None,
        "paymentReference": None,
        "tickets": hold.json()["tickets"],
    }
    answer = await shop.post(f"/reservation/{name}", {"paymentReference": 124351234})
    assert answer.status_code == 200
    paid = answer.json()
    assert paid == {
        **held,
        "createdAt": created_at,
        "state": "paid",
        "paymentReference": "124351234",
        "paidAt": paid["paidAt"],
    }
    assert all(instant.endswith("Z") for instant in (created_at, paid["paidAt"], paid["expiresAt"]))
    assert created_at < paid["paidAt"] < paid["expiresAt"]
    assert (await shop.get(f"/reservation/{name}")).json() == paid


async def test_paying_again_answers_the_same_and_another_reference_is_refused(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    name = await shop.held(event_id, {1: 1})
    first = await shop.post(f"/reservation/{name}", {"paymentReference": 124351234})
    again = await shop.post(f"/reservation/{name}", {"paymentReference": "124351234"})
    assert (again.status_code, again.json()) == (200, first.json())
    other = await shop.post(f"/reservation/{name}", {"paymentReference": 124351235})
    assert_problem(other, 409, "already-paid")
    another = await shop.held(event_id, {1: 1})
    assert await pay(shop, another, 124351234) == 200


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"0", "0"),
        (b"-7", "-7"),
        (b"900719925474099312345678901234567890", "900719925474099312345678901234567890"),
        (b"9" * 1_000, "9" * 1_000),
        (b'"x"', "x"),
        (b'"0007"', "0007"),
        (b'" "', " "),
        (b'"\\u00e4\\ud83d\\ude00"', "ä😀"),
        ('"' + "😀" * 200 + '"', "😀" * 200),
    ],
)
async def test_references_are_kept_exactly(shop: Shop, sent: bytes | str, kept: str) -> None:
    await shop.add_types("Adult")
    name = await shop.held(await shop.add_event(), {1: 1})
    raw = sent.encode() if isinstance(sent, str) else sent
    body = b'{"other":[1,{}],"paymentReference": ' + raw + b' , "more":null}'
    answer = await shop.client.post(f"/reservation/{name}", content=body, headers=JSON)
    assert answer.status_code == 200, answer.text
    assert (await shop.get(f"/reservation/{name}")).json()["paymentReference"] == kept


@pytest.mark.parametrize(
    "reference",
    [
        b"null", b"true", b"1.5", b"1.0", b"1e3", b"1E3", b"-", b"01", b"+1", b'""', b"[1]", b"{}", b"NaN",
        b'"a\\u0000b"', b'"\\ud800"', b'"\\udc00x"', b'"\xff"', b'"' + b"a" * 201 + b'"', b"",
    ],
)  # fmt: skip
async def test_anything_else_is_no_reference(shop: Shop, reference: bytes) -> None:
    await shop.add_types("Adult")
    name = await shop.held(await shop.add_event(), {1: 1})
    body = b'{"paymentReference":' + reference + b"}"
    answer = await shop.client.post(f"/reservation/{name}", content=body, headers=JSON)
    assert_problem(answer, 422, "invalid-request")
    assert (await shop.get(f"/reservation/{name}")).json()["state"] == "held"


@pytest.mark.parametrize("body", [b"{}", b"[]", b"7", b'"7"', b'{"paymentreference":7}', b"", b'{"paymentReference":7'])
async def test_a_payment_without_reference_is_invalid(shop: Shop, body: bytes) -> None:
    answer = await shop.client.post(f"/reservation/{NEVER_MADE}", content=body, headers=JSON)
    assert_problem(answer, 422, "invalid-request")


async def test_letting_go_puts_the_tickets_back_at_once(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    name = await shop.held(event_id, {1: 10})
    assert_problem(await shop.hold(event_id, {1: 1}), 409, "sold-out")
    released = await shop.client.delete(f"/reservation/{name}")
    assert (released.status_code, released.content) == (204, b"")
    assert "content-type" not in released.headers
    assert (await shop.get(f"/events/{event_id}")).json()["dates"][0]["available"] == 10
    await shop.held(event_id, {1: 10})


async def test_what_was_let_go_is_gone_for_every_verb(shop: Shop) -> None:
    await shop.add_types("Adult")
    name = await shop.held(await shop.add_event(), {1: 1})
    await shop.client.delete(f"/reservation/{name}")
    await assert_gone(shop, name)


async def test_what_was_never_made_is_gone_for_every_verb(shop: Shop) -> None:
    await assert_gone(shop, NEVER_MADE)


async def test_what_expired_is_gone_before_any_sweeper_came(settings: Settings, pool: asyncpg.Pool) -> None:
    lazy = msgspec.structs.replace(settings, sweep_interval_ms=1_000)
    async with open_shop(lazy) as shop:
        await shop.add_types("Adult")
        event_id = await shop.add_event()
        name = await shop.held(event_id, {1: 1})
        await make_overdue(pool, event_id)
        await assert_gone(shop, name)


async def assert_gone(shop: Shop, name: str) -> None:
    for answer in (
        await shop.get(f"/reservation/{name}"),
        await shop.post(f"/reservation/{name}", {"paymentReference": 1}),
        await shop.client.delete(f"/reservation/{name}"),
    ):
        assert_problem(answer, 410, "reservation-gone")


async def test_a_hold_expires_by_itself_and_can_be_sold_again(settings: Settings) -> None:
    async with open_shop(msgspec.structs.replace(settings, hold_seconds=1)) as shop:
        await shop.add_types("Adult")
        event_id = await shop.add_event()
        await shop.held(event_id, {1: 10})

        async def sold_again() -> bool:
            return (await shop.hold(event_id, {1: 10})).status_code == 201

        await until(sold_again)


async def test_a_sale_is_not_let_go(shop: Shop) -> None:
    await shop.add_types("Adult")
    name = await shop.held(await shop.add_event(), {1: 1})
    assert await pay(shop, name, "x") == 200
    assert_problem(await shop.client.delete(f"/reservation/{name}"), 409, "already-paid")
    assert (await shop.get(f"/reservation/{name}")).json()["state"] == "paid"


@pytest.mark.parametrize(
    "name", ["1", "x", "1-", "0-019abf2e8c5b7d3e9a417f0c2b6d8e51", "%00", "7-019ABF2E8C5B7D3E9A417F0C2B6D8E51"]
)
async def test_a_string_that_is_no_reservation_id_is_not_found(shop: Shop, name: str) -> None:
    for method in ("GET", "DELETE", "POST"):
        body = {"paymentReference": 1} if method == "POST" else None
        assert_problem(await shop.client.request(method, f"/reservation/{name}", json=body), 404, "not-found")


async def test_of_payments_at_once_with_two_references_one_wins(shop: Shop) -> None:
    await shop.add_types("Adult")
    name = await shop.held(await shop.add_event(), {1: 1})
    statuses = await asyncio.gather(*(pay(shop, name, number % 2) for number in range(20)))
    assert sorted(statuses) == [200] * 10 + [409] * 10
