"""Controls: whatever could go wrong with an answer or a row is put in by hand, and each time it is named."""

import datetime as dt
from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest

from boxoffice.app import Application
from boxoffice.http.server import Server
from boxoffice.settings import Settings
from tests.concurrency.buyers import body_of, path_of
from tests.concurrency.rush_line import Answer, closing
from tests.torture.afterwards import pay_everything, sell_the_rest, settle
from tests.torture.load import customers
from tests.torture.office import differences
from tests.torture.orders import OnSale, Order, Orders
from tests.torture.verdict import read_books, unsold, untruths
from tests.waiting import until
from tests.world import Type, put_event

CONNECTIONS_MAX = 100
STOP_SECONDS_MAX = 5.0
CAPACITY = 20
LIMIT = 12
LIMITS = {1: LIMIT, 2: LIMIT}


class Sale:
    """A small date, somebody who buys of it, and the database behind."""

    def __init__(self, url: str, on_sale: OnSale, pool: asyncpg.Pool) -> None:
        self.url = url
        self.on_sale = on_sale
        self.pool = pool
        self.orders = Orders([on_sale])
        (self.customer,) = customers(url, self.orders, 1)

    async def untruths(self) -> list[str]:
        async with self.pool.acquire() as connection:
            return untruths(await read_books(connection), self.orders)

    async def reservations(self) -> int:
        found: int = await self.pool.fetchval("SELECT count(*) FROM reservation")
        return found

    async def unsold(self) -> list[str]:
        async with self.pool.acquire() as connection:
            return unsold(await read_books(connection), self.orders)

    async def held(self, units: int = 2) -> Order:
        order = await self.customer.hold(self.on_sale, {1: 1, 2: units - 1} if units > 1 else {1: 1})
        assert order.state == "held"
        return order

    async def paid(self) -> Order:
        order = await self.held()
        await self.customer.pay(order)
        assert order.paid == "yes"
        return order


@pytest.fixture
async def sale(settings: Settings, pool: asyncpg.Pool) -> AsyncIterator[Sale]:
    """A sale in which one hold is held, one paid and one let go: nothing of it is untrue."""
    date_key = await put_event(pool, max_tickets=CAPACITY, shards=2, types=[Type(limit=LIMIT)] * 2)
    application = Application(settings)
    await application.open()
    server = Server(application, CONNECTIONS_MAX)
    try:
        url = f"http://127.0.0.1:{await server.listen('127.0.0.1', 0)}"
        made = Sale(url, OnSale(date_key=date_key, capacity=CAPACITY, limits=LIMITS), pool)
        async with closing([made.customer.line]):
            await made.held()
            await made.paid()
            await made.customer.let_go(await made.held())
            assert await made.untruths() == []
            yield made
    finally:
        await server.stop(STOP_SECONDS_MAX)
        await application.close()


OF_HELD = "DELETE FROM tickets WHERE reservation_id IN (SELECT id FROM reservation WHERE paid_at IS NULL)"
OF_PAID = "DELETE FROM tickets WHERE reservation_id IN (SELECT id FROM reservation WHERE paid_at IS NOT NULL)"
CHANGES = {
    "a ticket deleted": (["DELETE FROM tickets WHERE id IN (SELECT id FROM tickets LIMIT 1)"], "other tickets"),
    "a ticket of another type": (["UPDATE tickets SET ticket_type = 3 - ticket_type"], "other tickets"),
    "a hold deleted": (
        [OF_HELD, "DELETE FROM reservation WHERE paid_at IS NULL"],
        "was acknowledged as held, and is not there",
    ),
    "a sale deleted": (
        [OF_PAID, "DELETE FROM reservation WHERE paid_at IS NOT NULL"],
        "was acknowledged as paid, and is not there",
    ),
    "a payment undone": (
        ["UPDATE reservation SET payment_ref = NULL, paid_at = NULL"],
        "was acknowledged as paid with paid-",
    ),
    "another's payment": (["UPDATE reservation SET payment_ref = 'x' WHERE paid_at IS NOT NULL"], "and has x"),
    "a payment of nobody's": (
        ["UPDATE reservation SET payment_ref = 'x', paid_at = created_at WHERE paid_at IS NULL"],
        "is paid, and its buyer was told that it is not",
    ),
    "a hold of nobody's": (
        [
            "INSERT INTO reservation (event_id, id, date, start_time, created_at, expires_at)"
            " SELECT event_id, gen_random_uuid(), date, start_time, created_at, expires_at FROM reservation LIMIT 1"
        ],
        "is there, and no buyer asked for it",
    ),
    "more than there is": (
        [
            "INSERT INTO tickets SELECT t.event_id, gen_random_uuid(), t.date, t.start_time, t.ticket_type,"
            " t.reservation_id, t.shard_id, t.tt_shard_id FROM tickets t, generate_series(1, 5)"
        ],
        f"of {CAPACITY} are sold",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_control_a_row_behind_the_back_is_found(sale: Sale, change: str) -> None:
    statements, named = CHANGES[change]
    for statement in statements:
        await sale.pool.execute(statement)
    assert [untruth for untruth in await sale.untruths() if named in untruth]


async def test_control_a_counter_that_is_wrong_by_one_is_found(sale: Sale, database_url: str) -> None:
    await sale.pool.execute("UPDATE consumption SET shard_current = shard_current + 1 WHERE shard_id = 0")
    (untruth,) = await differences(database_url)
    assert untruth.startswith("audit: ")


async def test_control_an_audit_of_nothing_is_none(database_url: str) -> None:
    assert "audit: there was nothing to look at" in await differences(database_url)


async def test_control_an_acknowledged_hold_that_never_was_is_found(sale: Sale) -> None:
    forged = {
        "reservationId": "1-" + "0" * 12 + "7" + "0" * 3 + "8" + "0" * 15,
        "expiresAt": dt.datetime.now(tz=dt.UTC) + dt.timedelta(minutes=1),
        "tickets": [{"id": "00000000-0000-7000-8000-000000000000", "tickettypeId": 1}],
    }
    order = sale.orders.asks(sale.on_sale.date_key, {1: 1}, "forged")
    sale.orders.answered(order, Answer(status=201, headers={}, body=msgspec.json.encode(forged)))
    (untruth,) = await sale.untruths()
    assert "was acknowledged as held, and is not there" in untruth


async def test_control_a_payment_that_never_was_is_found(sale: Sale) -> None:
    (held,) = sale.orders.live()
    held.reference, held.paid = "forged", "yes"
    (untruth,) = await sale.untruths()
    assert "was acknowledged as paid with forged, and has None" in untruth


async def test_control_a_hold_whose_buyer_was_told_that_there_is_none_is_found(sale: Sale) -> None:
    order = await sale.held()
    order.state = "busy"
    (untruth,) = await sale.untruths()
    assert "its buyer was told busy" in untruth


async def test_control_a_hold_let_go_that_is_still_there_is_found(sale: Sale) -> None:
    (held,) = sale.orders.live()
    held.gone = "yes"
    (untruth,) = await sale.untruths()
    assert "was let go or gone, and is there" in untruth


async def test_control_a_hold_gone_before_its_deadline_is_found(sale: Sale) -> None:
    await sale.pool.execute("DELETE FROM tickets")
    await sale.pool.execute("DELETE FROM reservation WHERE paid_at IS NULL")
    (held,) = sale.orders.live()
    await sale.customer.pay(held)
    assert [untruth for untruth in await sale.untruths() if "and 410 before" in untruth]


async def test_control_one_ticket_for_two_buyers_is_found(sale: Sale) -> None:
    first, second = await sale.held(), await sale.held()
    second.tickets = first.tickets
    assert [untruth for untruth in await sale.untruths() if "was given to two buyers" in untruth]


async def test_control_more_held_at_one_moment_than_there_is_is_found(sale: Sale) -> None:
    (held,) = sale.orders.live()
    held.tickets, held.lines = {}, {1: CAPACITY}
    assert [untruth for untruth in await sale.untruths() if "at one moment" in untruth]


async def test_what_has_no_answer_may_be_there_or_not_until_it_is_settled(sale: Sale) -> None:
    held = await sale.held()
    unsettled = [await _forgotten(sale, with_key=True), await _forgotten(sale, with_key=False)]
    assert await sale.untruths() == []
    sale.orders.all += [Order(date_key=held.date_key, lines={1: 1}, key=None, sent_at=0.0)]
    assert await sale.untruths() == []
    assert await settle(sale.url, sale.orders) == 1
    assert [order.state for order in unsettled] == ["held", "lost"]
    assert await sale.untruths() == []


async def _forgotten(sale: Sale, *, with_key: bool) -> Order:
    """Make a hold whose buyer goes before the answer comes."""
    order = sale.orders.asks(sale.on_sale.date_key, {1: 1}, "forgotten" if with_key else None)
    headers = {"idempotency_key": order.key} if order.key else {}
    before = await sale.reservations()
    await sale.customer.line.send("POST", path_of(order.date_key), body_of(order.lines), **headers)

    async def is_there() -> bool:
        return await sale.reservations() > before

    await until(is_there)
    sale.customer.line.cut()
    return order


async def test_everything_is_sold_to_the_last_ticket(sale: Sale) -> None:
    assert len(await sale.unsold()) == 1
    await pay_everything(sale.url, sale.orders)
    await sell_the_rest(sale.url, sale.orders)
    assert await sale.untruths() == []
    assert await sale.unsold() == []
    await sale.pool.execute("DELETE FROM tickets WHERE id IN (SELECT id FROM tickets LIMIT 1)")
    (untruth,) = await sale.unsold()
    assert untruth == f"{CAPACITY - 1} of {CAPACITY} could be sold, though there was nobody else"
