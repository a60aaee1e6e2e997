"""Payment, release and expiry: exactly one of them wins, and what goes back goes back where it came from."""

import asyncio
import datetime as dt

import asyncpg
import pytest

from boxoffice.booking.expire import expire_batch, expire_date, expire_event
from boxoffice.booking.find import find, find_by_keys
from boxoffice.booking.full_pass import read_whole_date
from boxoffice.booking.give_back import LabelsMoved, give_back, give_back_once
from boxoffice.booking.hold import PlannedHold
from boxoffice.booking.pay import judge_payment, pay
from boxoffice.booking.release import judge_release, release
from boxoffice.booking.sweeper import Sweeper
from boxoffice.errors import AlreadyPaid, ReservationGone
from boxoffice.values import DateKey, GivenBack
from tests.waiting import until
from tests.world import Type, book, make_overdue, plan_of, put_event, sums_of


async def held(pool: asyncpg.Pool, date_key: DateKey, count: int = 1) -> list[PlannedHold]:
    plans = [plan_of(date_key, [(1, 2), (2, 1)], total_shards=[0, 1, 1], type_shards=[0, 1, 0]) for _ in range(count)]
    await book(pool, date_key.event_id, plans, 60)
    return plans


async def two_shards(pool: asyncpg.Pool) -> DateKey:
    return await put_event(pool, max_tickets=4000, shards=2, types=[Type(limit=4000, shards=2), Type(limit=None)])


async def test_a_release_gives_back_exactly_where_it_took(pool: asyncpg.Pool) -> None:
    date_key = await two_shards(pool)
    first, second = await held(pool, date_key, 2)
    returned = await release(pool, date_key.event_id, [first.reservation_id])
    judge_release(returned, first.reservation_id, repeated=False)
    assert returned.given_back == [
        GivenBack(date_key=date_key, total={0: 1, 1: 2}, types={(1, 0): 1, (1, 1): 1, (2, 0): 1})
    ]
    sums = await sums_of(pool, date_key.event_id)
    assert (sums.total, sums.tickets, sums.reservations) == ({0: 1, 1: 2}, 3, 1)
    again = await release(pool, date_key.event_id, [first.reservation_id, second.reservation_id])
    with pytest.raises(ReservationGone):
        judge_release(again, first.reservation_id, repeated=False)
    judge_release(again, second.reservation_id, repeated=False)
    with pytest.raises(ReservationGone):
        judge_release(again, second.reservation_id, repeated=True)
    assert (await sums_of(pool, date_key.event_id)).tickets == 0


async def test_a_payment_is_repeatable_and_final(pool: asyncpg.Pool) -> None:
    date_key = await two_shards(pool)
    (plan,) = await held(pool, date_key)
    paid = await pay(pool, date_key.event_id, {plan.reservation_id: "124351234"})
    reservation = judge_payment(paid[plan.reservation_id], "124351234")
    assert reservation.paid_at is not None
    assert [ticket.id for ticket in reservation.tickets] == list(plan.ticket_ids)
    again = await pay(pool, date_key.event_id, {plan.reservation_id: "124351234"})
    assert again[plan.reservation_id] == reservation
    other = await pay(pool, date_key.event_id, {plan.reservation_id: "other"})
    with pytest.raises(AlreadyPaid):
        judge_payment(other[plan.reservation_id], "other")
    with pytest.raises(AlreadyPaid):
        judge_release(
            await release(pool, date_key.event_id, [plan.reservation_id]), plan.reservation_id, repeated=False
        )
    assert (await find(pool, date_key.event_id, [plan.reservation_id]))[plan.reservation_id] == reservation
    await expire_event(pool, date_key.event_id, 10, lambda given_back: None)
    assert (await sums_of(pool, date_key.event_id)).tickets == 3


async def test_from_the_deadline_on_a_hold_is_gone_without_any_sweeper(pool: asyncpg.Pool) -> None:
    date_key = await two_shards(pool)
    (plan,) = await held(pool, date_key)
    await make_overdue(pool, date_key.event_id)
    assert await find(pool, date_key.event_id, [plan.reservation_id]) == {}
    assert await pay(pool, date_key.event_id, {plan.reservation_id: "late"}) == {}
    returned = await release(pool, date_key.event_id, [plan.reservation_id])
    with pytest.raises(ReservationGone):
        judge_release(returned, plan.reservation_id, repeated=False)
    assert (await sums_of(pool, date_key.event_id)).tickets == 3
    whole = await read_whole_date(pool, date_key)
    assert whole is not None
    assert whole.overdue
    given = await expire_date(pool, date_key, 10)
    assert [back.total for back in given] == [{0: 1, 1: 2}]
    assert (await sums_of(pool, date_key.event_id)).reservations == 0


async def test_a_full_pass_reads_every_shard(pool: asyncpg.Pool) -> None:
    date_key = await two_shards(pool)
    await held(pool, date_key)
    whole = await read_whole_date(pool, date_key)
    assert whole is not None
    assert (whole.past, whole.version, whole.overdue) == (False, 1, False)
    assert (list(whole.total), dict(whole.types)) == ([1999, 1998], {1: [1999, 1999], 2: [None]})
    assert await read_whole_date(pool, date_key._replace(start_time=dt.time(1))) is None


async def test_a_key_is_found_with_its_state(pool: asyncpg.Pool) -> None:
    date_key = await two_shards(pool)
    plan = plan_of(date_key, [(1, 1)], key="mine")
    await book(pool, date_key.event_id, [plan], 60)
    found = await find_by_keys(pool, date_key.event_id, ["mine", "nobody's"])
    assert {key: (keyed.reservation.id, keyed.live) for key, keyed in found.items()} == {
        "mine": (plan.reservation_id, True)
    }
    await make_overdue(pool, date_key.event_id)
    assert not (await find_by_keys(pool, date_key.event_id, ["mine"]))["mine"].live


async def test_sweepers_side_by_side_expire_everything_once_in_bounded_batches(pool: asyncpg.Pool) -> None:
    date_key, other = await two_shards(pool), await two_shards(pool)
    await held(pool, date_key, 120)
    (paid, *_) = await held(pool, other, 30)
    await pay(pool, other.event_id, {paid.reservation_id: "paid"})
    await make_overdue(pool, date_key.event_id)
    await make_overdue(pool, other.event_id)
    heard: list[GivenBack] = []
    sweepers = [Sweeper(pool, interval_ms=250, batch_rows_max=16, on_given_back=heard.extend) for _ in range(4)]
    sweeps = await asyncio.gather(*(sweeper.run_once() for sweeper in sweepers))
    sweeps.append(await sweepers[0].run_once())
    assert sum(sweep.expired for sweep in sweeps) == 149
    assert sum(sum(back.total.values()) for back in heard) == 149 * 3
    assert max(sum(back.total.values()) for back in heard) <= 16 * 3
    assert (await sums_of(pool, date_key.event_id)).tickets == 0
    assert (await sums_of(pool, other.event_id)).tickets == 3


async def test_a_batch_leaves_alone_what_another_sweeper_has_in_hand(pool: asyncpg.Pool) -> None:
    date_key = await two_shards(pool)
    plans = await held(pool, date_key, 3)
    await make_overdue(pool, date_key.event_id)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT FROM reservation WHERE event_id = $1 AND id = $2 FOR NO KEY UPDATE",
            date_key.event_id,
            plans[0].reservation_id,
        )
        assert (await expire_batch(pool, date_key.event_id, 10, None)).found == 2
    assert (await expire_batch(pool, date_key.event_id, 10, None)).found == 1


@pytest.mark.one_node
async def test_a_release_that_waited_for_a_reshard_lets_go_all_the_same(pool: asyncpg.Pool) -> None:
    date_key = await two_shards(pool)
    (plan,) = await held(pool, date_key)
    async with pool.acquire() as resharding, resharding.transaction():
        await resharding.execute("SELECT FROM consumption WHERE event_id = $1 FOR NO KEY UPDATE", date_key.event_id)
        waiting = asyncio.create_task(release(pool, date_key.event_id, [plan.reservation_id]))
        await blocked(pool)
        await merge_shards(resharding, date_key.event_id)
    assert (await waiting).gone == {plan.reservation_id}
    assert (await sums_of(pool, date_key.event_id)).total == {0: 0}


@pytest.mark.one_node
async def test_labels_that_moved_meanwhile_undo_the_whole_statement(pool: asyncpg.Pool) -> None:
    date_key = await two_shards(pool)
    (plan,) = await held(pool, date_key)
    async with pool.acquire() as resharding:
        async with resharding.transaction():
            await resharding.execute("SELECT FROM consumption WHERE event_id = $1 FOR NO KEY UPDATE", date_key.event_id)
            waiting = asyncio.create_task(give_back_once(pool, date_key.event_id, [plan.reservation_id], "held"))
            await blocked(pool)
            await merge_shards(resharding, date_key.event_id)
        with pytest.raises(LabelsMoved):
            await waiting
    assert (await sums_of(pool, date_key.event_id)).tickets == 3
    assert (await give_back(pool, date_key.event_id, [plan.reservation_id], "held")).gone
    assert (await sums_of(pool, date_key.event_id)).total == {0: 0}


async def blocked(pool: asyncpg.Pool) -> None:
    """Return when a statement of this database waits for a lock."""

    async def one_waits() -> bool:
        return bool(await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

    await until(one_waits)


async def merge_shards(connection: asyncpg.pool.PoolConnectionProxy, event_id: int) -> None:
    """Reshard the total from 2 to 1, as a change does."""
    await connection.execute("UPDATE tickets SET shard_id = 0 WHERE event_id = $1", event_id)
    await connection.execute("DELETE FROM consumption WHERE event_id = $1 AND shard_id = 1", event_id)
    await connection.execute(
        "UPDATE consumption SET shard_max = 4000, shard_current = (SELECT count(*) FROM tickets WHERE event_id = $1)"
        " WHERE event_id = $1",
        event_id,
    )


async def test_an_event_that_cannot_be_swept_keeps_no_other_waiting(pool: asyncpg.Pool) -> None:
    broken, sound = await two_shards(pool), await two_shards(pool)
    for date_key in (broken, sound):
        await held(pool, date_key)
        await make_overdue(pool, date_key.event_id)
    await pool.execute("UPDATE consumption SET shard_current = 0 WHERE event_id = $1", broken.event_id)
    sweeper = Sweeper(pool, interval_ms=250, batch_rows_max=1, on_given_back=lambda given_back: None)
    sweep = await sweeper.run_once()
    assert (sweep.events, sweep.expired, sweep.failed) == (2, 1, 1)
    assert (await sums_of(pool, sound.event_id)).tickets == 0
    assert await pool.fetchval("SELECT count(*) FROM tickets WHERE event_id = $1", broken.event_id) == 3
    await pool.execute("UPDATE consumption SET shard_current = 3 WHERE event_id = $1", broken.event_id)
    assert (await sweeper.run_once()).expired == 1


@pytest.mark.parametrize(("late", "rests"), [(dt.timedelta(0), 2), (dt.timedelta(days=1), 0)], ids=["easy", "late"])
async def test_a_sweep_gives_way_to_buyers_until_it_is_late(pool: asyncpg.Pool, late: dt.timedelta, rests: int) -> None:
    date_key = await two_shards(pool)
    await held(pool, date_key, 5)
    await pool.execute(
        "UPDATE reservation SET created_at = now() - interval '2 days', expires_at = now() - $1::interval", late
    )
    rested: list[float] = []

    async def rest(seconds: float) -> None:
        rested.append(seconds)

    # It gives way for twenty minutes: neither case depends on how fast this machine is.
    sweeper = Sweeper(
        pool,
        interval_ms=250,
        batch_rows_max=2,
        on_given_back=lambda given_back: None,
        rest=rest,
        late_seconds_max=3_600,
    )
    assert (await sweeper.run_once()).expired == 5
    assert len(rested) == rests
    assert all(seconds > 0 for seconds in rested)
    assert (await sums_of(pool, date_key.event_id)).tickets == 0


@pytest.mark.one_node
@pytest.mark.parametrize(("late", "left"), [(dt.timedelta(0), 3), (dt.timedelta(days=1), 0)], ids=["easy", "late"])
async def test_a_sweep_that_is_late_takes_two_events_at_a_time(
    pool: asyncpg.Pool, late: dt.timedelta, left: int
) -> None:
    first, second, third = await two_shards(pool), await two_shards(pool), await two_shards(pool)
    for date_key in (first, second, third):
        await held(pool, date_key)
    await pool.execute(
        "UPDATE reservation SET created_at = now() - interval '2 days', expires_at = now() - $1::interval", late
    )
    sweeper = Sweeper(
        pool, interval_ms=250, batch_rows_max=9, on_given_back=lambda given_back: None, late_seconds_max=3_600
    )
    async with pool.acquire() as another, another.transaction():
        await another.execute("SELECT FROM consumption WHERE event_id = $1 FOR NO KEY UPDATE", first.event_id)
        sweeping = asyncio.create_task(sweeper.run_once())
        await until(lambda: somebody_waits(pool))
        if left:  # the time of a sweep of one event passes, and of another, while the first one waits
            await expire_event(pool, third.event_id, 9, lambda given_back: None)
            await expire_event(pool, third.event_id, 9, lambda given_back: None)
        else:
            await until(lambda: has_tickets(pool, second, 0))
        assert await has_tickets(pool, second, left)
    await sweeping
    await sweeper.run_once()  # a wait that was given up, on a slow machine, is made good
    assert (await sums_of(pool, first.event_id)).tickets == (await sums_of(pool, second.event_id)).tickets == 0


async def somebody_waits(pool: asyncpg.Pool) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return bool(await pool.fetchval(query))


async def has_tickets(pool: asyncpg.Pool, date_key: DateKey, count: int) -> bool:
    return (await sums_of(pool, date_key.event_id)).tickets == count
