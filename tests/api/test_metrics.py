"""/metrics says exactly what happened, once, for whoever reads it as Prometheus does."""

import asyncio
import re

import asyncpg
import msgspec
import redis

from boxoffice.api.metric_families import FAMILIES
from boxoffice.counting import FIND_OUTCOMES, HOLD_OUTCOMES, PAYMENT_OUTCOMES, RELEASE_OUTCOMES
from boxoffice.settings import Settings
from tests.api.scrape import Scrape, scrape
from tests.api.shop import Shop, open_shop
from tests.house import pages
from tests.house.tree import page
from tests.waiting import until

GONE = "1-019abf2e8c5b7d3e9a417f0c2b6d8e51"
FREE_LABELS = {"process", "le", "route", "method", "status", "outcome", "reason"}
"""Labels whose values docs/metrics.md does not list, or lists in sections of their own, which the house holds to."""


async def test_each_request_counts_once_by_how_it_ended(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    name = await shop.held(event_id, {1: 4})
    let_go = await shop.held(event_id, {1: 2})
    for quantity in (3, 3, 2):  # held, answered again, and a key that belongs to others
        await shop.hold(event_id, {1: quantity}, idempotency_key="K")
    for quantity in (2, 2):  # 1 is left: a full pass says so, then its mark
        assert (await shop.hold(event_id, {1: quantity})).status_code == 409
    assert (await shop.hold(event_id, {7: 1})).status_code == 422
    assert (await shop.hold(99, {1: 1})).status_code == 404
    for reference in ("A", "A", "B"):
        await shop.post(f"/reservation/{name}", {"paymentReference": reference})
    await shop.post(f"/reservation/{GONE}", {"paymentReference": "A"})
    for each in (let_go, let_go, name):
        await shop.client.delete(f"/reservation/{each}")
    for each in (name, let_go):
        await shop.get(f"/reservation/{each}")
    count = await scrape(shop.client)
    assert count.by("boxoffice_holds_total", "outcome") == {
        "held": 3,
        "replayed": 1,
        "idempotency_key_reused": 1,
        "sold_out_by_pass": 1,
        "sold_out_by_mark": 1,
        "invalid_request": 1,
        "not_found": 1,
    }
    assert count.by("boxoffice_payments_total", "outcome") == {"paid": 2, "already_paid": 1, "reservation_gone": 1}
    assert count.by("boxoffice_releases_total", "outcome") == {"released": 1, "reservation_gone": 1, "already_paid": 1}
    assert count.by("boxoffice_finds_total", "outcome") == {"found": 1, "reservation_gone": 1}
    assert count.by("boxoffice_overloads_total", "kind") == {}
    flights = count.by("boxoffice_flight_requests_count", "kind")
    assert flights == count.by("boxoffice_flight_seconds_count", "kind")
    assert flights == count.by("boxoffice_flight_wait_seconds_count", "kind")
    # Two holds never flew: their date is not known, or a mark of the date refused them; nor did the wrong type.
    assert flights == {"hold": 6, "pay": 4, "release": 3, "find": 2}
    assert count("boxoffice_flight_requests_sum", kind="hold") == 6


async def test_every_outcome_is_there_from_the_start(shop: Shop) -> None:
    count = await scrape(shop.client)
    for name, outcomes in (
        ("boxoffice_holds_total", HOLD_OUTCOMES),
        ("boxoffice_payments_total", PAYMENT_OUTCOMES),
        ("boxoffice_releases_total", RELEASE_OUTCOMES),
        ("boxoffice_finds_total", FIND_OUTCOMES),
    ):
        assert {sample.labels["outcome"] for sample in count.samples(name)} == set(outcomes)
        assert count(name) == 0


async def test_what_expires_is_counted_and_how_late(settings: Settings, pool: asyncpg.Pool) -> None:
    async with open_shop(msgspec.structs.replace(settings, sweep_interval_ms=1_000)) as shop:
        await shop.add_types("Adult")
        event_id = await shop.add_event()
        for _ in range(3):
            await shop.held(event_id, {1: 1})
        assert (await scrape(shop.client))("boxoffice_sweeper_overdue_seconds") == 0
        await pool.execute(
            "UPDATE reservation SET created_at = now() - interval '70 s', expires_at = now() - interval '10 s'"
        )
        late: set[float] = set()

        async def swept() -> bool:
            count = await scrape(shop.client)
            late.add(count("boxoffice_sweeper_overdue_seconds"))
            return count("boxoffice_sweeper_expired_total") == 3 and late >= {0.0} and len(late) > 1

        await until(swept)
        count = await scrape(shop.client)
        assert 10 <= max(late) < 20
        assert count("boxoffice_sweeper_runs_total") >= 1
        assert count("boxoffice_sweeper_failures_total") == 0


async def test_what_waits_and_flies_is_seen_and_then_how_it_flew(settings: Settings, pool: asyncpg.Pool) -> None:
    patient = msgspec.structs.replace(settings, flight_wait_ms_max=30_000)
    async with open_shop(patient) as shop:
        await shop.add_types("Adult")
        event_id = await shop.add_event()

        async def waiting(number: int) -> bool:
            return (await scrape(shop.client)).by("boxoffice_requests_waiting", "kind") == ({"hold": number})

        async def flying() -> bool:
            return (await scrape(shop.client)).by("boxoffice_flights_in_air", "kind") == {"hold": 1}

        async with asyncio.TaskGroup() as tasks, pool.acquire() as connection, connection.transaction():
            await connection.execute("LOCK TABLE consumption")
            tasks.create_task(shop.hold(event_id, {1: 1}))
            await until(flying)
            for _ in range(5):
                tasks.create_task(shop.hold(event_id, {1: 1}))
            await until(lambda: waiting(5))
            count = await scrape(shop.client)
            assert count("boxoffice_database_connections", pool="booking", state="in_use") >= 1
        count = await scrape(shop.client)
        assert count.by("boxoffice_requests_waiting", "kind") == {}
        assert count.by("boxoffice_flights_in_air", "kind") == {}
        sizes = {
            bound: count("boxoffice_flight_requests_bucket", kind="hold", le=bound) for bound in ("1.0", "4.0", "8.0")
        }
        assert sizes == {"1.0": 1, "4.0": 1, "8.0": 2}
        assert count("boxoffice_flight_requests_sum", kind="hold") == 6


async def test_shards_are_counted_by_what_is_left_in_them(shop: Shop) -> None:
    await shop.add_types("Adult", "Child")
    types = [{"tickettypeId": 1, "max": 2000, "numShards": 1}, {"tickettypeId": 2}]
    event_id = await shop.add_event(maxTickets=20, ticketTypes=types)
    await shop.held(event_id, {1: 10})
    count = await scrape(shop.client)
    assert count("boxoffice_dates_remembered") == 1
    assert count("boxoffice_dates_exhausted") == 0
    assert count.by("boxoffice_shards", "left", limit="total") == {"0": 1, "10-99": 1}
    assert count.by("boxoffice_shards", "left", limit="type") == {"1000+": 1}
    await shop.held(event_id, {2: 10})
    count = await scrape(shop.client)
    assert count("boxoffice_dates_exhausted") == 1
    assert count.by("boxoffice_shards", "left", limit="total") == {"0": 2}


async def test_each_layer_counts_what_it_answered(settings: Settings) -> None:
    lasting = msgspec.structs.replace(settings, availability_ms_max=60_000, catalog_ms_max=60_000, redis_ms_max=5_000)
    async with open_shop(lasting) as one, open_shop(lasting) as other:
        await until(lambda: counted(other, "boxoffice_messages_gaps_total"))  # it listens
        await one.add_types("Adult")
        event_id = await one.add_event()
        await until(
            lambda: counted(other, "boxoffice_messages_heard_total")
        )  # what was read before the change was heard of would not be believed
        for _ in range(3):
            await one.get("/events")
        with redis.Redis.from_url(settings.redis_url or "") as client:
            await until(lambda: bool(client.keys("{boxoffice:events}:events:*")))
        await other.get("/events")
        await other.hold(event_id, {1: 1})
        await other.hold(event_id, {1: 1})
        assert await layers(one, "events") == {"loaded": 1, "L1": 2}
        assert await layers(other, "events") == {"L2": 1}
        assert await layers(other, "description") == {"loaded": 1, "L1": 1}
        count = await scrape(other.client)
        assert count("boxoffice_redis_present") == 1
        assert count("boxoffice_redis_losses_total") == 0


async def counted(shop: Shop, name: str) -> bool:
    return (await scrape(shop.client))(name) >= 1


async def layers(shop: Shop, memory: str) -> dict[str, float]:
    return (await scrape(shop.client)).by("boxoffice_memory_answers_total", "layer", memory=memory)


async def test_every_declared_metric_is_there_and_no_other(shop: Shop) -> None:
    await shop.get("/events")
    count = await scrape(shop.client)
    shown = {family.name: family for family in count.families if not family.name.startswith("process_")}
    assert pages.disagreements(FAMILIES, shown) == []
    for name, family in shown.items():
        labels = {label for sample in family.samples for label in sample.labels} - {"process", "le"}
        assert (family.type, labels) == (FAMILIES[name].kind, set(FAMILIES[name].labels)), name
        assert family.documentation == FAMILIES[name].help


async def test_every_value_of_a_label_is_documented(shop: Shop) -> None:
    await shop.get("/events/1")
    await shop.add_types("Adult")
    await shop.held(await shop.add_event(), {1: 1})
    await shop.get("/events")
    section = pages.section(page("docs/metrics.md"), "Labels")
    told = {(label, value) for label in pages.rows(section) for value in values_of(label, section)}
    seen = {
        label_and_value
        for family in (await scrape(shop.client)).families
        for sample in family.samples
        for label_and_value in sample.labels.items()
        if label_and_value[0] not in FREE_LABELS
    }
    assert seen == told


def values_of(label: str, section: str) -> list[str]:
    """The values that the table of labels lists for one of them; what stands in brackets explains."""
    row = re.search(rf"^\| `{label}` \|(.*)\|$", section, re.M)
    assert row is not None
    return re.findall(r"`([^`]+)`", re.sub(r"\(.*?\)", "", row[1]))


def test_control_a_scrape_that_prometheus_could_not_read_fails() -> None:
    for text in ("boxoffice_holds_total{outcome=held} 1\n", "boxoffice_holds_total one\n"):
        try:
            Scrape(text)
        except ValueError:
            continue
        raise AssertionError(f"read all the same: {text}")
