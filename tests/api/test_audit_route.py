"""/admin/events/{id}/audit: the verdict of `boxoffice audit` on one event, while it is being sold."""

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext

import asyncpg
import msgspec
import pytest

from boxoffice.booking.audit import APPLICATION_NAME, audit_one
from boxoffice.errors import Overloaded
from boxoffice.settings import Settings
from tests.api.shop import Shop, assert_problem, open_shop
from tests.booking.conftest import open_office
from tests.freezing import way_to
from tests.waiting import until
from tests.world import put_event

AUDITORS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1"
WAITING_AUDITORS = f"{AUDITORS} AND wait_event_type = 'Lock'"
LOOKS = 50
AUDITS = 4
HANGS_SECONDS = 20
"""Of what is given up within 2, even on a busy machine; nothing else ends it sooner than AUDIT_SECONDS_MAX."""


async def test_what_is_right_is_clean(shop: Shop) -> None:
    await shop.add_types("Adult")
    await shop.add_event()
    await shop.held(1, {1: 3})
    answer = await shop.admin("GET", "/events/1/audit")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.json() == {
        "clean": True,
        "findings": [],
        "notes": [],
        "checked": {"dates": 1, "reservations": 1, "tickets": 3},
    }


async def test_what_is_wrong_is_named_and_only_with_its_own_event(shop: Shop, pool: asyncpg.Pool) -> None:
    await shop.add_types("Adult")
    for _ in range(2):
        await shop.add_event()
    await shop.held(2, {1: 3})
    await pool.execute("UPDATE consumption SET shard_current = 5 WHERE event_id = 2 AND shard_current = 3")
    verdict = (await shop.admin("GET", "/events/2/audit")).json()
    assert verdict["clean"] is False
    (finding,) = verdict["findings"]
    assert finding["check"] == 1
    assert finding["text"].endswith(": the counter is not the number of tickets that remember it; expected 3, found 5.")
    assert ", shard " in finding["text"]
    assert (await shop.admin("GET", "/events/1/audit")).json()["clean"] is True


@pytest.mark.parametrize(("audits", "auditors"), [(None, 1), (nullcontext(), AUDITS)], ids=["guard", "control"])
async def test_audits_wait_for_one_another(
    settings: Settings, pool: asyncpg.Pool, audits: AbstractAsyncContextManager[None] | None, auditors: int
) -> None:
    date_key = await put_event(pool, max_tickets=10)

    async def as_many_wait() -> bool:
        return bool(await pool.fetchval(WAITING_AUDITORS, APPLICATION_NAME) == auditors)

    async with AsyncExitStack() as at_end:
        selling = (await open_office(settings, at_end, audits=audits)).selling
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE")
            asked = [asyncio.create_task(selling.audit(date_key.event_id)) for _ in range(AUDITS)]
            await until(as_many_wait)
            seen = {await pool.fetchval(AUDITORS, APPLICATION_NAME) for _ in range(LOOKS)}
        assert seen == {auditors}
        reports = await asyncio.gather(*asked)
    assert [report is not None and report.clean for report in reports] == [True] * AUDITS


async def test_an_audit_that_takes_too_long_is_given_up(pool: asyncpg.Pool, database_url: str) -> None:
    date_key = await put_event(pool, max_tickets=10)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(asyncpg.QueryCanceledError):
            await audit_one(database_url, date_key.event_id, statement_ms_max=50)
    report = await audit_one(database_url, date_key.event_id, statement_ms_max=5_000)
    assert report is not None
    assert report.clean

    async def nobody_is_left() -> bool:
        return bool(await pool.fetchval(AUDITORS, APPLICATION_NAME) == 0)

    await until(nobody_is_left)


async def test_an_audit_of_a_database_that_hangs_is_given_up_in_time(settings: Settings, pool: asyncpg.Pool) -> None:
    async with (
        way_to(settings.database_url or "") as way,
        open_shop(msgspec.structs.replace(settings, database_url=way.url)) as shop,
    ):
        await shop.add_types("Adult")
        await shop.add_event()
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE")
            asked = asyncio.create_task(shop.office.selling.audit(1, seconds_max=2))

            async def it_waits() -> bool:
                return bool(await pool.fetchval(WAITING_AUDITORS, APPLICATION_NAME))

            await until(it_waits)
            way.freeze()
            with pytest.raises(Overloaded, match="audit"):
                async with asyncio.timeout(HANGS_SECONDS):
                    await asked
        way.thaw()
        assert (await shop.admin("GET", "/events/1/audit")).json()["clean"] is True


async def test_a_database_that_gave_up_is_overloaded(shop: Shop, pool: asyncpg.Pool) -> None:
    await shop.add_types("Adult")
    await shop.add_event()
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE")
        asked = asyncio.create_task(shop.admin("GET", "/events/1/audit"))

        async def it_waits() -> bool:
            return bool(await pool.fetchval(WAITING_AUDITORS, APPLICATION_NAME))

        await until(it_waits)
        await connection.execute(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = $1", APPLICATION_NAME
        )
        answer = await asked
    assert_problem(answer, 503, "overloaded")
    assert "audit" in answer.json()["detail"]
