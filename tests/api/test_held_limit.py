"""One client cannot hold a whole date: it has so many unpaid tickets of it, at all processes together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from boxoffice.api.claims import Claims
from boxoffice.availability.scripts import LIMIT_SCRIPTS
from boxoffice.embedded.valkey import EmbeddedValkey
from boxoffice.settings import Settings
from tests.api.scrape import counted, until_shared
from tests.api.shop import BEARER, DATE, TIME, Shop, assert_problem, lines, new_event, open_shop
from tests.api.test_doors import client_at, shared_of
from tests.availability.processes import HandClock
from tests.conftest import PATIENT_MS, StartServices
from tests.waiting import until

TICKETS_MAX = 4


@pytest.fixture
def limited(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, unpaid_tickets_per_client_max=TICKETS_MAX)


async def opened(shop: Shop, **given: object) -> int:
    await shop.add_types("Adult", "Child")
    return await shop.add_event(maxTickets=100, ticketTypes=[{"tickettypeId": 1}, {"tickettypeId": 2}], **given)


def claims_left(settings: Settings) -> Sequence[bytes]:
    with redis.Redis.from_url(settings.redis_url or "") as client:
        keys: Sequence[bytes] = client.keys("*:client:*")
        return keys


async def test_a_client_holds_so_many_unpaid_tickets_of_a_date(limited: Settings) -> None:
    dates = [{"date": DATE, "startTime": TIME}, {"date": DATE, "startTime": "10:00"}]
    async with open_shop(limited) as shop:
        event_id = await opened(shop, dates=dates)
        await shop.held(event_id, {1: 1, 2: 2})
        assert_problem(await shop.hold(event_id, {2: 2}), 429, "rate-limited")
        await shop.held(event_id, {1: 1})
        refused = await shop.hold(event_id, {1: 1})
        assert_problem(refused, 429, "rate-limited")
        assert 50 <= int(refused.headers["retry-after"]) <= limited.hold_seconds
        assert (await shop.hold(event_id, {1: TICKETS_MAX}, time="10:00")).status_code == 201, "each date by itself"
        async with client_at(shop.client.base_url, "127.0.0.2") as other:
            body = lines({1: TICKETS_MAX})
            assert (await other.post(f"/events/{event_id}/{DATE}/{TIME}", json=body)).status_code == 201


async def test_more_than_a_client_may_ever_hold_is_invalid(limited: Settings) -> None:
    async with open_shop(limited) as shop:
        event_id = await opened(shop)
        assert_problem(await shop.hold(event_id, {1: TICKETS_MAX + 1}), 422, "invalid-request")
        assert claims_left(limited) == []


@pytest.mark.parametrize("how", ["paid", "released"])
async def test_what_is_paid_or_let_go_does_not_count_any_more(limited: Settings, how: str) -> None:
    never_lapsing = msgspec.structs.replace(limited, hold_seconds=3_600)
    async with open_shop(never_lapsing) as shop:
        await until_shared(shop.client)
        event_id = await opened(shop)
        for _ in range(3):
            path = f"/reservation/{await shop.held(event_id, {1: TICKETS_MAX})}"
            assert_problem(await shop.hold(event_id, {1: 1}), 429, "rate-limited")
            ended = await (shop.post(path, {"paymentReference": 1}) if how == "paid" else shop.client.delete(path))
            assert ended.is_success
            await until(lambda: claims_left(limited) == [])


async def test_what_was_refused_is_not_claimed(limited: Settings) -> None:
    async with open_shop(limited) as shop:
        event_id = await opened(shop)
        await shop.admin("PATCH", f"/events/{event_id}", {"maxTickets": 3})
        for _ in range(5):
            assert_problem(await shop.hold(event_id, {1: TICKETS_MAX}), 409, "sold-out")
            assert_problem(await shop.hold(event_id, {1: 1}, time="03:00"), 404, "not-found")
            assert_problem(await shop.hold(event_id, {7: 1}), 422, "invalid-request")
        await shop.held(event_id, {1: 3})


async def test_a_hold_is_repeated_by_its_key_whatever_else_is_held(limited: Settings) -> None:
    async with open_shop(limited) as shop, open_shop(limited) as beside:
        await until_shared(shop.client, beside.client)
        event_id = await opened(shop)
        first = await shop.hold(event_id, {1: TICKETS_MAX}, Idempotency_Key="once")
        assert first.status_code == 201
        for each in (shop, beside, shop):
            again = await each.hold(event_id, {1: TICKETS_MAX}, Idempotency_Key="once")
            assert (again.status_code, again.json()) == (201, first.json())
        assert_problem(await shop.hold(event_id, {1: 1}, Idempotency_Key="another"), 429, "rate-limited")
        answers = await asyncio.gather(
            *(each.hold(event_id, {1: 1}, time=TIME, Idempotency_Key="third") for each in (shop, beside) * 3)
        )
        assert {answer.status_code for answer in answers} == {429}


async def test_repeats_that_are_under_way_share_one_claim(limited: Settings) -> None:
    async with open_shop(limited) as shop:
        event_id = await opened(shop)
        answers = await asyncio.gather(
            *(shop.hold(event_id, {1: TICKETS_MAX}, Idempotency_Key="once") for _ in range(5))
        )
        assert [answer.status_code for answer in answers] == [201] * 5
        assert len({answer.text for answer in answers}) == 1


@asynccontextmanager
async def nothing_booked(pool: asyncpg.Pool) -> AsyncIterator[None]:
    """Within, every hold that was let in waits for its booking."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE consumption")
        yield


async def test_other_tickets_under_the_same_key_are_claimed_besides(limited: Settings, pool: asyncpg.Pool) -> None:
    async with open_shop(limited) as shop, open_shop(limited) as beside:
        await until_shared(shop.client, beside.client)
        event_id = await opened(shop)
        async with nothing_booked(pool):
            first = asyncio.create_task(shop.hold(event_id, {1: 1}, Idempotency_Key="once"))
            await until(lambda: claims_left(limited) != [])
            for each in (shop, beside):
                more = await each.hold(event_id, {1: TICKETS_MAX}, Idempotency_Key="once")
                assert_problem(more, 429, "rate-limited")
        assert (await first).status_code == 201


async def test_what_may_be_held_though_nobody_heard_of_it_stays_claimed(limited: Settings, pool: asyncpg.Pool) -> None:
    async def cut() -> bool:
        return bool(await pool.fetch("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted"))

    async with open_shop(limited) as shop:
        event_id = await opened(shop)
        async with nothing_booked(pool):
            perhaps = asyncio.create_task(shop.hold(event_id, {1: TICKETS_MAX}))
            await until(cut)
            assert "unknown" in (await perhaps).json()["detail"]
        assert_problem(await shop.hold(event_id, {1: 1}), 429, "rate-limited")


async def test_who_may_hold_no_more_is_told_of_a_key_that_other_tickets_have_and_books_nothing(
    limited: Settings, pool: asyncpg.Pool
) -> None:
    async with open_shop(limited) as shop:
        event_id = await opened(shop, dates=[{"date": DATE, "startTime": each} for each in (TIME, "10:00")])
        assert (await shop.hold(event_id, {1: 1}, time="10:00", Idempotency_Key="elsewhere")).status_code == 201
        assert (await shop.hold(event_id, {1: TICKETS_MAX}, Idempotency_Key="once")).status_code == 201
        for key in ("elsewhere", "once"):
            reused = await shop.hold(event_id, {1: 1}, Idempotency_Key=key)
            assert_problem(reused, 422, "idempotency-key-reused")
        assert await pool.fetchval("SELECT count(*) FROM tickets") == TICKETS_MAX + 1


async def test_a_claim_lapses_with_its_hold(settings: Settings) -> None:
    brief = msgspec.structs.replace(settings, unpaid_tickets_per_client_max=TICKETS_MAX, hold_seconds=1)
    async with open_shop(brief) as shop:
        event_id = await opened(shop)
        await shop.held(event_id, {1: TICKETS_MAX})

        async def held_again() -> bool:
            return (await shop.hold(event_id, {1: TICKETS_MAX})).status_code == 201

        await until(held_again)


async def test_each_claim_in_redis_lapses_by_itself(limited: Settings) -> None:
    shared = await shared_of(limited)
    try:

        async def claimed(name: str, tickets: int, ms: int) -> bool:
            told = await shared.ask(LIMIT_SCRIPTS.claim, ["claims"], [name, tickets, TICKETS_MAX, ms])
            return told is not None and told[0] == 1

        assert await claimed("brief", 3, 50)
        assert await claimed("long", 1, 600_000)
        await until(lambda: claimed("next", 3, 600_000))
        assert not await claimed("another", 1, 600_000)
    finally:
        await shared.close()


async def test_a_claim_in_redis_stands_until_the_last_that_shares_it_lets_go(limited: Settings) -> None:
    shared = await shared_of(limited)
    try:

        async def claimed(name: str) -> int:
            told = await shared.ask(LIMIT_SCRIPTS.claim, ["claims"], [name, TICKETS_MAX, TICKETS_MAX, 600_000])
            return int(told[0]) if told is not None else -1

        async def drop() -> None:
            assert await shared.ask(LIMIT_SCRIPTS.change_claim, ["claims"], ["shared", "", 0, 0]) is not None

        with redis.Redis.from_url(limited.redis_url or "") as client:
            client.hset("claims", "of an older process", f"{2**42} {TICKETS_MAX}")
            assert [await claimed(name) for name in ("of an older process", "other")] == [2, 0]
            client.delete("claims")
        assert [await claimed(name) for name in ("shared", "shared", "other")] == [1, 2, 0]
        await drop()
        assert await claimed("other") == 0
        await drop()
        assert await claimed("other") == 1
    finally:
        await shared.close()


async def test_two_processes_count_together_and_each_alone_without_redis(
    services: StartServices, tmp_path: Path
) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    server.start()
    try:
        one, other = await services(
            count=2, redis_url=server.url, redis_ms_max=PATIENT_MS, unpaid_tickets_per_client_max=TICKETS_MAX
        )
        async with client_at(one.url, "127.0.0.1") as first, client_at(other.url, "127.0.0.1") as second:
            await until_shared(first, second)
            types = [await first.post("/admin/ticket-types", json={"name": "Adult"}, headers=BEARER)]
            made = await first.post("/admin/events", json=new_event(maxTickets=100), headers=BEARER)
            assert [answer.status_code for answer in (*types, made)] == [201, 201]
            path = f"/events/1/{DATE}/{TIME}"

            async def held(client: httpx.AsyncClient) -> int:
                return (await client.post(path, json=lines({1: 2}))).status_code

            assert [await held(each) for each in (first, second, first, second)] == [201, 201, 429, 429]
            server.stop()
            await until(lambda: is_without_redis(first))
            await until(lambda: is_without_redis(second))
            assert [await held(each) for each in (first, first, second, second)] == [201, 429, 201, 429]

            async def all_told() -> bool:
                shown = (await first.get("/events/1")).json()["dates"][0]["available"]
                return bool(shown == 100 - 2 * TICKETS_MAX)

            await until(all_told)
    finally:
        server.stop()


async def is_without_redis(client: httpx.AsyncClient) -> bool:
    await client.get("/events/1")
    return await counted(client, "boxoffice_redis_present") == 0


async def test_a_limit_of_0_asks_redis_nothing(shop: Shop, settings: Settings) -> None:
    event_id = await opened(shop)
    for _ in range(10):
        await shop.held(event_id, {1: 5})
    assert claims_left(settings) == []


steps = st.lists(
    st.tuples(st.sampled_from(["claim", "rename", "drop", "wait"]), st.integers(0, 4), st.integers(1, 4)), max_size=30
)


@given(steps)
def test_what_is_claimed_here_is_never_more_than_may_be(taken: list[tuple[str, int, int]]) -> None:
    clock = HandClock()
    claims, standing = Claims(clock), dict[str, tuple[float, int, int]]()
    for what, number, tickets in taken:
        name = str(number)
        standing = {each: claim for each, claim in standing.items() if claim[0] > clock.seconds}
        if what == "wait":
            clock.advance(tickets * 1_000)
        elif what == "drop":
            claims.drop("client", name)
            ends_at, count, sharers = standing.pop(name, (0.0, 0, 0))
            if sharers > 1:
                standing[name] = (ends_at, count, sharers - 1)
        elif what == "rename" and name in standing:
            count = standing.pop(name)[1]
            claims.rename("client", name, f"new {name}", count, 5)
            standing[f"new {name}"] = (clock.seconds + 5, count, 1)
        elif what == "claim":
            free = TICKETS_MAX - sum(count for _, count, _ in standing.values())
            wait = claims.claim("client", name, tickets, TICKETS_MAX, 5)
            assert (wait is None) == (name in standing or tickets <= free)
            assert wait is None or 0 < wait <= 5
            if wait is None:
                ends_at, count, sharers = standing.get(name, (clock.seconds + 5, tickets, 0))
                standing[name] = (ends_at, count, sharers + 1)
