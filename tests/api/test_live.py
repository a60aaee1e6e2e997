"""/admin/live: what all processes behind the port counted, summed up."""

import asyncio
import datetime as dt

import httpx
import msgspec

from boxoffice.api.live_counts import live_counts
from boxoffice.settings import Settings
from tests.api.shop import BEARER, DATE, TIME, Shop, lines, new_event, open_shop
from tests.clients import client_to
from tests.conftest import Service, StartServices
from tests.waiting import until

AT = dt.datetime(2030, 5, 1, tzinfo=dt.UTC)
HOLDS = 30


async def counts_of(shop: Shop) -> dict[str, object]:
    answer = await shop.admin("GET", "/live")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    counted: dict[str, object] = answer.json()
    return counted


async def test_it_counts_by_outcome(shop: Shop) -> None:
    await shop.add_types("Adult")
    await shop.add_event()
    before = await counts_of(shop)
    assert before["holds"] == dict.fromkeys(("held", "replayed", "soldOut", "overloaded", "failed", "other"), 0)
    first = (await shop.hold(1, {1: 4}, Idempotency_Key="a")).json()["reservationId"]
    await shop.hold(1, {1: 4}, Idempotency_Key="a")
    second = await shop.held(1, {1: 6})
    await shop.hold(1, {1: 1})
    await shop.hold(1, {2: 1})
    await shop.post(f"/reservation/{first}", {"paymentReference": 7})
    await shop.client.delete(f"/reservation/{second}")
    after = await counts_of(shop)
    assert after["holds"] == {"held": 2, "replayed": 1, "soldOut": 1, "overloaded": 0, "failed": 0, "other": 1}
    assert (after["processes"], after["silent"]) == (1, 0)
    assert (after["paid"], after["released"], after["expired"]) == (1, 1, 0)
    moments = [dt.datetime.fromisoformat(str(counts["at"])) for counts in (before, after)]
    assert moments[0] < moments[1] <= dt.datetime.now(tz=dt.UTC)


async def test_it_counts_flights_by_their_size(shop: Shop) -> None:
    await shop.add_types("Adult")
    await shop.add_event(maxTickets=100)
    await shop.held(1, {1: 1})
    await asyncio.gather(*(shop.held(1, {1: 1}) for _ in range(12)))
    counts = await counts_of(shop)
    sizes = counts["flightSizes"]
    assert isinstance(sizes, list)
    assert [size["atMost"] for size in sizes] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, None]
    assert sum(size["flights"] for size in sizes) == counts["flights"]
    assert sizes[0]["flights"] >= 1
    assert sum(size["flights"] for size in sizes[1:]) >= 1, "twelve at once share flights"


async def test_it_counts_what_expired(settings: Settings) -> None:
    async with open_shop(msgspec.structs.replace(settings, hold_seconds=1)) as shop:
        await shop.add_types("Adult")
        await shop.add_event()
        await shop.held(1, {1: 2})

        async def expired() -> bool:
            return (await counts_of(shop))["expired"] == 1

        await until(expired)


async def ask_anew(service: Service, method: str, path: str, body: object = None) -> httpx.Response:
    """Ask through a connection of its own: the kernel chooses the process."""
    async with client_to(service.url, headers=BEARER) as client:
        return await client.request(method, path, json=body)


async def counts_of_both(service: Service) -> dict[str, object]:
    """Ask until both processes answer: one that this machine lets stand still is silent meanwhile."""
    counts: dict[str, object] = {}

    async def both_answer() -> bool:
        counts.update((await ask_anew(service, "GET", "/admin/live")).json())
        return (counts["processes"], counts["silent"]) == (2, 0)

    await until(both_answer)
    return counts


async def test_whoever_is_asked_tells_the_counts_of_all(services: StartServices) -> None:
    (service,) = await services(workers=2)
    assert (await ask_anew(service, "POST", "/admin/ticket-types", {"name": "Adult"})).status_code == 201
    assert (await ask_anew(service, "POST", "/admin/events", new_event(maxTickets=1_000))).status_code == 201

    await counts_of_both(service)
    path = f"/events/1/{DATE}/{TIME}"
    held = await asyncio.gather(*(ask_anew(service, "POST", path, lines({1: 1})) for _ in range(HOLDS)))
    assert [answer.status_code for answer in held] == [201] * HOLDS
    for _ in range(8):
        counts = await counts_of_both(service)
        assert isinstance(counts["holds"], dict)
        assert counts["holds"]["held"] == HOLDS


def exposition(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def test_samples_of_several_processes_are_summed() -> None:
    counts = live_counts(
        exposition(
            "# HELP boxoffice_holds_total Requests to hold tickets, by how they ended.",
            'boxoffice_holds_total{outcome="held",process="0"} 3.0',
            'boxoffice_holds_total{outcome="held",process="1"} 1.2e+06',
            'boxoffice_holds_total{outcome="sold_out_by_mark",process="0"} 4.0',
            'boxoffice_holds_total{outcome="sold_out_by_pass",process="1"} 5.0',
            'boxoffice_holds_total{outcome="date_past",process="1"} 6.0',
            'boxoffice_holds_total{outcome="client_left",process="1"} 7.0',
            'boxoffice_payments_total{outcome="already_paid",process="1"} 9.0',
            'boxoffice_sweeper_expired_total{process="0"} 10.0',
            'boxoffice_sweeper_expired_total{process="1"} 11.0',
            'boxoffice_scrape_processes{state="answered"} 2.0',
            'boxoffice_scrape_processes{state="silent"} 1.0',
        ),
        AT,
    )
    assert (counts.at, counts.processes, counts.silent) == (AT, 2, 1)
    assert (counts.holds.held, counts.holds.sold_out, counts.holds.other) == (1_200_003, 9, 13)
    assert (counts.paid, counts.expired) == (0, 21)


def test_buckets_are_told_apart() -> None:
    buckets = [("1.0", 3), ("2.0", 5), ("1024.0", 9), ("+Inf", 11)]
    up_to = dict(buckets)
    last = 0
    told = []
    for bound in ("1.0", "2.0", "4.0", "8.0", "16.0", "32.0", "64.0", "128.0", "256.0", "512.0", "1024.0", "+Inf"):
        last = up_to.get(bound, last)
        told.append(f'boxoffice_flight_requests_bucket{{kind="hold",le="{bound}",process="0"}} {float(last)}')
        told.append(f'boxoffice_flight_requests_bucket{{kind="pay",le="{bound}",process="0"}} 100.0')
    counts = live_counts(exposition(*told, 'boxoffice_flight_requests_count{kind="hold",process="0"} 11.0'), AT)
    assert counts.flights == 11
    assert {size.at_most: size.flights for size in counts.flight_sizes if size.flights} == {
        1: 3,
        2: 2,
        1024: 4,
        None: 2,
    }
