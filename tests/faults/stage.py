"""Where a verb is made to fail: a box office behind the proxy, and a look at the database past it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx
import msgspec

from boxoffice.app import open_parts
from boxoffice.booking.audit import audit
from boxoffice.settings import Settings
from boxoffice.values import DateKey
from tests.api.shop import Shop, client_of
from tests.emptying import EMPTY_KEEPING_IDS, restarted
from tests.faults.proxy import PostgresProxy, proxy_to
from tests.waiting import until
from tests.world import Type, put_date, put_event

SECONDS_MAX = 30.0
OF_OVERDUE = 5
"""The audit's check of what is overdue: nobody need have swept it yet."""
CAPACITY = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The box office's client, the proxy between it and Postgres, and connections that lead past the proxy.

    In this box office nothing runs by itself, so that what reaches the proxy is the verb's own. `booking` are its
    booking connections, `settings` name the proxy, `direct` the database itself.
    """

    shop: Shop
    booking: asyncpg.Pool
    proxy: PostgresProxy
    pool: asyncpg.Pool
    settings: Settings
    direct: Settings

    async def empty(self) -> None:
        """Empty all tables; ids go on, so that nothing that is remembered of earlier ones is mistaken for the new."""
        await self.pool.execute(EMPTY_KEEPING_IDS)
        # Types that a test puts into the table itself have the first ids.
        await self.pool.execute(f"SELECT {restarted('ticket_type', 'id', 100)}")

    async def put_event(self, dates: int = 1) -> DateKey:
        """Make an event of twelve tickets over three shards, with one type that is limited and one that is not."""
        date_key = await put_event(
            self.pool, max_tickets=CAPACITY, shards=3, types=[Type(limit=9, shards=2), Type(limit=None)]
        )
        for days in range(1, dates):
            await put_date(self.pool, date_key, days=days)
        return date_key

    async def settled(self) -> None:
        """Return when no transaction of the box office is open any more: Postgres has noticed what was cut."""

        async def nobody() -> bool:
            return not await self.pool.fetchval(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name LIKE 'boxoffice%' AND state <> 'idle' AND pid <> pg_backend_pid()"
            )

        await until(nobody, seconds_max=SECONDS_MAX)

    async def assert_clean(self) -> None:
        """Assert that the audit finds nothing wrong but what is overdue."""
        report = await audit(self.direct.database_url or "")
        assert [one for one in report.differences if one.check != OF_OVERDUE] == []

    async def assert_sells_out(self) -> None:
        """Assert that all that is left of each date can be sold, to the last unit, and not one more."""
        dates = await self.pool.fetch(
            "SELECT d.event_id, d.date, d.start_time, e.max_tickets"
            " FROM event_date d JOIN events e ON e.id = d.event_id WHERE d.starts_at > now() ORDER BY 1, 2, 3"
        )
        for event_id, date, start_time, max_tickets in dates:
            await self._sell_out(DateKey(event_id, date, start_time), max_tickets)

    async def _sell_out(self, date_key: DateKey, max_tickets: int) -> None:
        types = await self.pool.fetch(
            "SELECT ticket_type_id, max_per_tt FROM event_ticket_type WHERE event_id = $1"
            " ORDER BY max_per_tt NULLS LAST, ticket_type_id",
            date_key.event_id,
        )
        for ticket_type, limit in types:
            left = max_tickets - await self._live(date_key)
            if limit is not None:
                left = min(left, limit - await self._live(date_key, ticket_type))
            if left:
                await self._sell(date_key, ticket_type, left)
        assert await self._live(date_key) == max_tickets
        refused = await self.hold(date_key, {types[-1]["ticket_type_id"]: 1})
        assert refused.status_code == 409, refused.text
        assert refused.json()["left"]["available"] == 0

    async def _sell(self, date_key: DateKey, ticket_type: int, quantity: int) -> None:
        """Hold so many; a mark from before what nobody heard of may refuse them for as long as a mark lives."""

        async def held() -> bool:
            answer = await self.hold(date_key, {ticket_type: quantity})
            assert answer.status_code in {201, 409}, answer.text
            return answer.status_code == 201

        await until(held, seconds_max=SECONDS_MAX)

    async def hold(self, date_key: DateKey, quantities: dict[int, int], **headers: str) -> httpx.Response:
        """Ask for tickets of a date, by type."""
        event_id, date, start_time = date_key
        return await self.shop.hold(event_id, quantities, date=date.isoformat(), time=start_time.isoformat(), **headers)

    async def _live(self, date_key: DateKey, ticket_type: int | None = None) -> int:
        found: int = await self.pool.fetchval(
            "SELECT count(*) FROM tickets t JOIN reservation r ON r.event_id = t.event_id AND r.id = t.reservation_id"
            " WHERE (t.event_id, t.date, t.start_time) = ($1, $2::date, $3::time)"
            " AND t.ticket_type = coalesce($4, t.ticket_type)"
            " AND (r.paid_at IS NOT NULL OR r.expires_at > clock_timestamp())",
            *date_key,
            ticket_type,
        )
        return found


@asynccontextmanager
async def open_stage(settings: Settings, pool: asyncpg.Pool) -> AsyncIterator[Stage]:
    """Open a box office behind a proxy; it has one connection for bookings, one for the sweeper, and much patience."""
    async with proxy_to(settings.database_url or "") as proxy:
        behind = msgspec.structs.replace(
            settings,
            database_url=proxy.url,
            database_connections_max=1,
            sweep_batch_rows_max=2,
            statement_ms_max=30_000,
            flight_wait_ms_max=60_000,
        )
        async with open_parts(behind) as parts, client_of(parts.office) as client:
            shop = Shop(client=client, office=parts.office)
            yield Stage(shop=shop, booking=parts.pool, proxy=proxy, pool=pool, settings=behind, direct=settings)
