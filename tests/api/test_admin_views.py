"""/admin, to look at: an event, shards and reservations of a date, and the preview of a recurrence."""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack

import msgspec
import pytest

from boxoffice.api.cursors import AfterDate, write_cursor
from boxoffice.catalog.check import DATES_PER_CALL_MAX
from boxoffice.database import CHANGE_CONNECTIONS_MAX
from boxoffice.settings import Settings
from tests.api.shop import DATE, TIME, YEAR, Shop, assert_problem, open_shop
from tests.waiting import until

SHARDS = f"/events/1/{DATE}/{TIME}/shards"
RESERVATIONS = f"/events/1/{DATE}/{TIME}/reservations"
OTHERS = ["0000000000000000", "ffffffffffffffff"]


async def two_types(shop: Shop) -> None:
    """An event of 10 tickets in 3 shards; type 1 has a limit of 7 in 2 shards, type 2 none, in 1 shard."""
    await shop.add_types("Adult", "Child")
    types = [{"tickettypeId": 1, "max": 7, "numShards": 2}, {"tickettypeId": 2, "numShards": 1}]
    await shop.add_event(numShards=3, ticketTypes=types, timeZone="Europe/Vienna")


def column(rows: Sequence[Mapping[str, object]], name: str) -> list[object]:
    return [row[name] for row in rows]


async def test_an_event_is_described_as_a_change_describes_it(shop: Shop) -> None:
    await two_types(shop)
    changed = await shop.admin("PATCH", "/events/1", {"maxTickets": 12})
    shown = await shop.admin("GET", "/events/1")
    assert (shown.status_code, shown.json()) == (200, changed.json())
    assert shown.json()["maxTickets"] == 12
    assert shown.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/events/1", SHARDS, RESERVATIONS, "/ticket-types"])
async def test_views_go_on_while_changes_have_all_their_connections(settings: Settings, path: str) -> None:
    async with open_shop(msgspec.structs.replace(settings, flight_wait_ms_max=200)) as shop, AsyncExitStack() as held:
        await two_types(shop)
        for _ in range(CHANGE_CONNECTIONS_MAX):
            await held.enter_async_context(shop.office.engine.connect())
        assert_problem(await shop.admin("POST", "/ticket-types", {"name": "Senior"}), 503, "overloaded")
        assert (await shop.admin("GET", path)).status_code == 200


@pytest.mark.parametrize("path", ["", f"/{DATE}/{TIME}/shards", f"/{DATE}/{TIME}/reservations", "/audit"])
@pytest.mark.parametrize("event_id", ["2", "0", "x", str(2**63)])
async def test_an_unknown_event_is_not_found(shop: Shop, event_id: str, path: str) -> None:
    await shop.add_types("Adult")
    await shop.add_event()
    assert_problem(await shop.admin("GET", f"/events/{event_id}{path}"), 404, "not-found")
    assert (await shop.admin("GET", f"/events/1{path}")).status_code == 200


@pytest.mark.parametrize("date", [f"{DATE}/21:00", f"{YEAR}-05-02/{TIME}", f"x/{TIME}", f"{DATE}/x", f"dates/{TIME}"])
async def test_an_unknown_date_is_not_found(shop: Shop, date: str) -> None:
    await shop.add_types("Adult")
    await shop.add_event()
    for path in ("shards", "reservations"):
        assert_problem(await shop.admin("GET", f"/events/1/{date}/{path}"), 404, "not-found")


async def test_shards_are_shown_as_the_database_holds_them(shop: Shop) -> None:
    await two_types(shop)
    await shop.held(1, {1: 4, 2: 2})
    shown = (await shop.admin("GET", SHARDS)).json()
    assert {name: value for name, value in shown.items() if name not in ("total", "ticketTypes", "processes")} == {
        "eventId": 1,
        "name": "The Magic Flute",
        "timeZone": "Europe/Vienna",
        "date": DATE,
        "startTime": TIME,
        "capacity": 10,
        "available": 4,
    }
    assert column(shown["total"], "shard") == [0, 1, 2]
    assert column(shown["total"], "max") == [4, 3, 3]
    assert sum(shard["current"] for shard in shown["total"]) == 6
    adult, child = shown["ticketTypes"]
    assert (adult["tickettypeId"], adult["name"], adult["capacity"], adult["available"]) == (1, "Adult", 7, 3)
    assert column(adult["shards"], "max") == [4, 3]
    assert sum(shard["current"] for shard in adult["shards"]) == 4
    assert (child["tickettypeId"], child["name"], child["capacity"], child["available"]) == (2, "Child", None, 4)
    assert [(shard["current"], shard["max"]) for shard in child["shards"]] == [(2, None)]


async def test_shards_tell_which_process_prefers_them(shop: Shop) -> None:
    await two_types(shop)
    own = shop.office.guess.process
    alone = (await shop.admin("GET", SHARDS)).json()
    assert alone["processes"] == [own]
    assert set(column(alone["total"], "process")) == {own}
    shop.office.guess.learn_processes(OTHERS)
    shared = (await shop.admin("GET", SHARDS)).json()
    assert shared["processes"] == sorted([own, *OTHERS])
    assert sorted(map(str, column(shared["total"], "process"))) == shared["processes"]
    dealt = shop.office.guess.own_shards(None, 3)
    assert {row["shard"]: row["process"] for row in shared["total"]} == {
        shard: process for process, shards in dealt.items() for shard in shards
    }
    # One shard and three processes, which share it: one of them is named, always the same.
    assert column(shared["ticketTypes"][1]["shards"], "process") == [min(shared["processes"])]


async def test_a_shard_is_exhausted_when_it_is_marked_as_refusing_a_single_ticket(settings: Settings) -> None:
    lasting = msgspec.structs.replace(settings, exhausted_ms_max=60_000, redis_ms_max=5_000)
    async with open_shop(lasting) as shop:
        await two_types(shop)
        await shop.held(1, {1: 7})
        full = (await shop.admin("GET", SHARDS)).json()
        assert not any(column(full["total"] + full["ticketTypes"][0]["shards"], "exhausted")), "nobody was refused yet"
        assert_problem(await shop.hold(1, {1: 1}), 409, "sold-out")

        async def marked() -> bool:
            shown = (await shop.admin("GET", SHARDS)).json()
            return all(column(shown["ticketTypes"][0]["shards"], "exhausted"))

        await until(marked)
        shown = (await shop.admin("GET", SHARDS)).json()
        # All are marked with what they refuse; only those that refuse a single ticket are exhausted.
        assert column(shown["total"], "exhausted") == [shard["current"] == shard["max"] for shard in shown["total"]]
        assert column(shown["ticketTypes"][1]["shards"], "exhausted") == [False]


async def test_reservations_are_listed_with_their_tickets_the_latest_first(shop: Shop) -> None:
    await two_types(shop)
    first, second = await shop.held(1, {1: 2, 2: 1}), await shop.held(1, {2: 1})
    paid = (await shop.post(f"/reservation/{first}", {"paymentReference": "ä-7"})).json()
    listed = await shop.admin("GET", RESERVATIONS)
    assert (listed.status_code, listed.headers["cache-control"]) == (200, "no-store")
    assert listed.json()["next"] is None
    assert "link" not in listed.headers
    held, bought = sorted(listed.json()["reservations"], key=lambda one: str(one["state"]))
    assert (held["reservationId"], held["state"], held["paidAt"], held["paymentReference"]) == (
        second,
        "held",
        None,
        None,
    )
    assert bought == {
        "reservationId": first,
        "state": "paid",
        "createdAt": paid["createdAt"],
        "expiresAt": paid["expiresAt"],
        "paidAt": paid["paidAt"],
        "paymentReference": "ä-7",
        "tickets": [{"tickettypeId": 1, "quantity": 2}, {"tickettypeId": 2, "quantity": 1}],
    }


async def test_reservations_are_chosen_by_state(shop: Shop) -> None:
    await two_types(shop)
    first, second = await shop.held(1, {1: 1}), await shop.held(1, {2: 1})
    await shop.post(f"/reservation/{first}", {"paymentReference": 7})
    for state, name in (("paid", first), ("held", second)):
        listed = await shop.admin("GET", f"{RESERVATIONS}?state={state}")
        assert column(listed.json()["reservations"], "reservationId") == [name]
    for wrong in ("state=x", "state=", "state=Held", "state=held&state=paid", "limit=0", "limit=101", "cursor=x"):
        assert_problem(await shop.admin("GET", f"{RESERVATIONS}?{wrong}"), 422, "invalid-request")
    other_list = write_cursor(AfterDate(dt.date(2030, 5, 1), dt.time(20)))
    assert_problem(await shop.admin("GET", f"{RESERVATIONS}?cursor={other_list}"), 422, "invalid-request")


async def test_pages_of_reservations_follow_one_another(shop: Shop) -> None:
    await shop.add_types("Adult")
    await shop.add_event(dates=[{"date": DATE, "startTime": TIME}, {"date": DATE, "startTime": "23:00"}])
    held = [await shop.held(1, {1: 1}) for _ in range(5)]
    await shop.hold(1, {1: 1}, time="23:00")
    seen: list[object] = []
    path = f"{RESERVATIONS}?limit=2"
    for length in (2, 2, 1):
        page = await shop.admin("GET", path)
        assert len(page.json()["reservations"]) == length
        seen += column(page.json()["reservations"], "reservationId")
        if page.json()["next"] is not None:
            path = page.headers["link"].removeprefix("</admin").partition(">")[0]
            assert f"cursor={page.json()['next']}" in path
            await shop.held(1, {1: 1})  # what is made meanwhile belongs before the first page
    assert page.json()["next"] is None
    assert seen == sorted(held, reverse=True)


async def test_the_preview_of_a_recurrence_is_what_it_makes(shop: Shop) -> None:
    rule = {"rrule": "FREQ=WEEKLY;BYDAY=TU,SA;COUNT=5", "firstDate": DATE, "startTime": "19:30"}
    shown = await shop.admin("POST", "/recurrence", {**rule, "timeZone": "Europe/Vienna"})
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert len(shown.json()["dates"]) == 5
    await shop.add_types("Adult")
    event_id = await shop.add_event(dates=None, recurrence=rule, timeZone="Europe/Vienna")
    made = (await shop.get(f"/events/{event_id}")).json()["dates"]
    assert [{"date": one["date"], "startTime": one["startTime"]} for one in made] == shown.json()["dates"]


async def test_the_time_zone_of_a_preview_tells_where_until_falls(shop: Shop) -> None:
    rule = {"rrule": f"FREQ=DAILY;UNTIL={YEAR}0502T190000Z", "firstDate": DATE, "startTime": "20:00"}
    lengths = [
        len((await shop.admin("POST", "/recurrence", {**rule, **zone})).json()["dates"])
        for zone in ({}, {"timeZone": "Europe/Vienna"})
    ]
    assert lengths == [1, 2], "19:00 UTC is 21:00 in Vienna; without a zone it is UTC"


@pytest.mark.parametrize(
    "wrong",
    [
        {"rrule": "FREQ=NEVER"},
        {"rrule": ""},
        {"rrule": None},
        {"rrule": f"FREQ=DAILY;COUNT={DATES_PER_CALL_MAX + 1}"},
        {"firstDate": f"{YEAR}-02-30"},
        {"startTime": "24:00"},
        {"startTime": "20:00\n"},
        {"timeZone": "No/Where"},
        {"timeZone": ""},
    ],
)
async def test_the_preview_refuses_what_making_would_refuse(shop: Shop, wrong: dict[str, object]) -> None:
    body = {"rrule": f"FREQ=DAILY;COUNT={DATES_PER_CALL_MAX}", "firstDate": DATE, "startTime": TIME}
    assert len((await shop.admin("POST", "/recurrence", body)).json()["dates"]) == DATES_PER_CALL_MAX
    assert_problem(await shop.admin("POST", "/recurrence", {**body, **wrong}), 422, "invalid-request")
