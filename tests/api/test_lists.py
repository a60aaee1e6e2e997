"""GET /events and GET /events/{id}: pages, cursors, figures, conditional requests."""

import math
import time
from itertools import pairwise

import asyncpg
import msgspec
import pytest

from boxoffice.settings import Settings
from tests.api.shop import DATE, TIME, YEAR, Shop, assert_problem, open_shop
from tests.waiting import until


def dates(*days: int) -> list[dict[str, str]]:
    return [{"date": f"{YEAR}-05-{day:02}", "startTime": TIME} for day in days]


async def test_an_event_is_listed_with_its_first_and_last_date_ahead(shop: Shop) -> None:
    await shop.add_types("Adult")
    given = [{"date": "2020-01-01", "startTime": "20:00"}, *dates(3, 1, 2)]
    event_id = await shop.add_event(name="Carmen", timeZone="Europe/Vienna", dates=given)
    await shop.add_event(dates=[{"date": "2020-01-01", "startTime": "20:00"}])
    await shop.add_event(dates=[])
    answer = await shop.get("/events")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-cache"
    assert "link" not in answer.headers
    event = {"id": event_id, "name": "Carmen", "timeZone": "Europe/Vienna", "soldOut": False}
    event |= {"firstDate": f"{YEAR}-05-01", "lastDate": f"{YEAR}-05-03"}
    assert answer.json() == {"events": [event], "next": None}


async def test_events_come_page_by_page_by_first_date_and_id(shop: Shop) -> None:
    await shop.add_types("Adult")
    days = [5, 1, 5, 3, 1]
    ids = [await shop.add_event(name="100% Opera", dates=dates(day)) for day in days]
    expected = [id_ for _, id_ in sorted(zip(days, ids, strict=True))]
    seen: list[int] = []
    path = "/events?q=%25%20op&unknown=a%20b&limit=2"
    pages = 0
    while path:
        answer = await shop.get(path)
        assert answer.status_code == 200
        seen += [event["id"] for event in answer.json()["events"]]
        pages += 1
        path = ""
        if answer.json()["next"] is not None:
            target, _, relation = answer.headers["link"].partition(">; ")
            assert relation == 'rel="next"'
            path = target.removeprefix("<")
            assert path.startswith("/events?q=%25+op&unknown=a+b&limit=2&cursor=")
            assert path.endswith(f"cursor={answer.json()['next']}")
        else:
            assert "link" not in answer.headers
        if pages == 1:
            await shop.add_event(name="100% Opera, earlier", dates=dates(1))  # behind id 5, so on a later page
    assert pages == 3
    assert [id_ for id_ in seen if id_ in ids] == expected
    assert len(seen) == len(set(seen)) == 6


async def test_a_page_has_20_entries_unless_told(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event(dates=dates(*range(1, 31)))
    assert len((await shop.get(f"/events/{event_id}")).json()["dates"]) == 20
    assert len((await shop.get(f"/events/{event_id}?limit=100")).json()["dates"]) == 30
    assert len((await shop.get(f"/events/{event_id}?limit=1")).json()["dates"]) == 1


async def test_q_is_looked_for_in_any_case_and_literally(shop: Shop) -> None:
    await shop.add_types("Adult")
    for name in ("Opera", "100% Pop_Rock", "Ärger & Öl"):
        await shop.add_event(name=name)

    async def found(search: str) -> list[str]:
        answer = await shop.client.get("/events", params={"q": search})
        return [event["name"] for event in answer.json()["events"]]

    assert await found("OPER") == ["Opera"]
    assert await found("%") == ["100% Pop_Rock"]
    assert await found("p_r") == ["100% Pop_Rock"]
    assert await found("pera") == ["Opera"]
    assert await found("\\") == []
    assert await found("ärger & ö") == ["Ärger & Öl"]
    assert len(await found("")) == 3


def ms_since(moment: float) -> int:
    """Return how many milliseconds have passed, rounded up as ages are."""
    return math.ceil((time.monotonic() - moment) * 1000)


async def test_figures_are_those_of_the_date_and_of_each_type(shop: Shop) -> None:
    await shop.add_types("Adult", "Child")
    types = [{"tickettypeId": 1, "max": 9}, {"tickettypeId": 2}]
    event_id = await shop.add_event(ticketTypes=types, timeZone="Europe/Vienna", dates=dates(1, 2))
    paid = await shop.held(event_id, {1: 2})
    await shop.post(f"/reservation/{paid}", {"paymentReference": 1})
    last_asked = time.monotonic()
    await shop.held(event_id, {1: 1, 2: 4})
    answer = await shop.get(f"/events/{event_id}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"
    assert 0 <= int(answer.headers["availability-age-ms"]) <= ms_since(last_asked), "they show what was held last"
    body = answer.json()
    sold, unsold = body.pop("dates")
    assert body == {"id": event_id, "name": "The Magic Flute", "timeZone": "Europe/Vienna", "next": None}
    adult, child = {"tickettypeId": 1, "name": "Adult"}, {"tickettypeId": 2, "name": "Child"}
    assert sold == {
        "date": f"{YEAR}-05-01",
        "startTime": TIME,
        "capacity": 10,
        "available": 3,
        "ticketTypes": [{**adult, "capacity": 9, "available": 3}, {**child, "capacity": None, "available": 3}],
    }
    assert unsold["available"] == 10
    assert [kind["available"] for kind in unsold["ticketTypes"]] == [9, 10]


async def test_sold_out_is_said_once_nothing_is_left_on_any_date_ahead(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event(dates=[{"date": "2020-01-01", "startTime": "20:00"}, *dates(1, 2)])

    async def sold_out() -> bool:
        events = (await shop.get("/events")).json()["events"]
        return bool(events[0]["soldOut"])

    assert (await shop.hold(event_id, {1: 10})).status_code == 201
    assert not await sold_out()
    assert (await shop.hold(event_id, {1: 10}, date=f"{YEAR}-05-02")).status_code == 201
    await until(sold_out)


async def test_a_range_is_inclusive_and_reaches_past_dates(shop: Shop) -> None:
    await shop.add_types("Adult")
    past = [{"date": "2020-01-01", "startTime": "20:00"}, {"date": "2020-01-02", "startTime": "08:00"}]
    event_id = await shop.add_event(dates=[*past, *dates(1, 2, 3)])

    async def days(query: str) -> list[str]:
        return [date["date"] for date in (await shop.get(f"/events/{event_id}{query}")).json()["dates"]]

    ahead = [f"{YEAR}-05-0{day}" for day in (1, 2, 3)]
    assert await days("") == ahead
    assert await days(f"?to={YEAR}-05-02") == ahead[:2]
    assert await days("?to=2020-01-02") == []
    assert await days(f"?from={YEAR}-05-02&to={YEAR}-05-02") == ahead[1:2]
    assert await days("?from=2020-01-02") == ["2020-01-02", *ahead]
    assert await days("?from=2020-01-01&to=2020-01-01") == ["2020-01-01"]


async def test_dates_come_page_by_page_by_date_and_start_time(shop: Shop) -> None:
    await shop.add_types("Adult")
    times = ["23:59:59", "08:30", "08:29:59"]
    given = [{"date": f"{YEAR}-05-0{day}", "startTime": time} for day in (2, 1) for time in times]
    event_id = await shop.add_event(dates=given)
    seen = []
    path = f"/events/{event_id}?from={YEAR}-01-01&limit=4"
    answer = await shop.get(path)
    seen += answer.json()["dates"]
    assert len(seen) == 4
    target = answer.headers["link"].removeprefix("<").partition(">")[0]
    assert target == f"/events/{event_id}?from={YEAR}-01-01&limit=4&cursor={answer.json()['next']}"
    seen += (await shop.get(target)).json()["dates"]
    order = [(date["date"], date["startTime"]) for date in seen]
    assert order == sorted(order)
    assert len(order) == 6
    assert order[0] == (f"{YEAR}-05-01", "08:29:59")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=-1", "limit=1.0", "limit=ten", "limit=", "limit=+5", "limit=%D9%A1",
        "limit=1%00", "limit=99999999999999999999", "limit=1&limit=1", "cursor=", "cursor=x", "cursor=%00",
        "cursor=%ff", "cursor=W10", "cursor=W10%3D", "cursor=" + "A" * 5_000, "cursor=%C3%A4",
        "cursor=a&cursor=b",
    ],
)  # fmt: skip
async def test_a_query_that_cannot_be_acted_on_is_invalid(shop: Shop, query: str) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    assert_problem(await shop.get(f"/events?{query}"), 422, "invalid-request")
    assert_problem(await shop.get(f"/events/{event_id}?{query}"), 422, "invalid-request")


@pytest.mark.parametrize("query", ["q=%00", "q=a%00b", "q=%ff", "q=%ed%a0%80", "q=" + "a" * 201, "q=a&q=a"])
async def test_a_search_that_no_name_can_match_is_invalid(shop: Shop, query: str) -> None:
    assert_problem(await shop.get(f"/events?{query}"), 422, "invalid-request")


@pytest.mark.parametrize(
    "query",
    [
        f"from={YEAR}-05-02&to={YEAR}-05-01", "from=", "to=x", "from=2026-02-30", "to=2026-1-1", "from=20260101",
        "to=0000-01-01", "from=10000-01-01", "from=2026-01-01&from=2026-01-01", "to=2026-01-01%00",
    ],
)  # fmt: skip
async def test_a_range_that_is_none_is_invalid(shop: Shop, query: str) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    assert_problem(await shop.get(f"/events/{event_id}?{query}"), 422, "invalid-request")


async def test_the_whole_calendar_is_a_range(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    answer = await shop.get(f"/events/{event_id}?from=0001-01-01&to=9999-12-31")
    assert len(answer.json()["dates"]) == 1


async def test_unknown_parameters_are_ignored_whatever_they_hold(shop: Shop) -> None:
    answer = await shop.get("/events?page=7&x=%00&y=%ff&from=x&limit=5&&=&x=1")
    assert answer.status_code == 200


async def test_a_cursor_of_the_other_list_is_invalid(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event(dates=dates(1, 2))
    await shop.add_event()
    of_events = (await shop.get("/events?limit=1")).json()["next"]
    of_dates = (await shop.get(f"/events/{event_id}?limit=1")).json()["next"]
    assert of_events and of_dates
    assert_problem(await shop.get(f"/events?cursor={of_dates}"), 422, "invalid-request")
    assert_problem(await shop.get(f"/events/{event_id}?cursor={of_events}"), 422, "invalid-request")


@pytest.mark.parametrize(
    "event_id", ["x", "0", "-1", "1.0", "2", str(2**63), "9" * 400, "%00", "1%0A", "1e0", "%D9%A1"]
)
async def test_an_unknown_event_is_not_found(shop: Shop, event_id: str) -> None:
    await shop.add_types("Adult")
    await shop.add_event()
    assert_problem(await shop.get(f"/events/{event_id}"), 404, "not-found")


async def test_a_client_that_has_the_body_gets_304(settings: Settings, pool: asyncpg.Pool) -> None:
    async with open_shop(msgspec.structs.replace(settings, availability_ms_max=60_000)) as shop:
        await shop.add_types("Adult")
        event_id = await shop.add_event(dates=dates(1, 2))
        for path in (f"/events/{event_id}?limit=1", "/events"):
            first = await shop.get(path)
            tag = first.headers["etag"]
            for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
                again = await shop.get(path, If_None_Match=known)
                assert (again.status_code, again.content) == (304, b"")
                assert again.headers["etag"] == tag
                assert again.headers["cache-control"] == "no-cache"
                assert again.headers.get("link") == first.headers.get("link")
                assert "content-type" not in again.headers
            for unknown in ('"x"', tag.strip('"'), "", "W/"):
                assert (await shop.get(path, If_None_Match=unknown)).status_code == 200
        tag = (await shop.get(f"/events/{event_id}")).headers["etag"]
        name = await shop.held(event_id, {1: 1})
        await shop.client.delete(f"/reservation/{name}")
        assert (await shop.get(f"/events/{event_id}", If_None_Match=tag)).status_code == 304
        await shop.held(event_id, {1: 1})
        other = await shop.held(event_id, {1: 1})
        await shop.client.delete(f"/reservation/{other}")
        assert (await shop.get(f"/events/{event_id}", If_None_Match=tag)).status_code == 200


async def test_the_age_grows_while_figures_come_from_memory(settings: Settings) -> None:
    async with open_shop(msgspec.structs.replace(settings, availability_ms_max=60_000)) as shop:
        await shop.add_types("Adult")
        event_id = await shop.add_event()
        first = await shop.get(f"/events/{event_id}")

        async def older() -> bool:
            again = await shop.get(f"/events/{event_id}")
            assert again.headers["etag"] == first.headers["etag"]
            return int(again.headers["availability-age-ms"]) > int(first.headers["availability-age-ms"]) + 20

        await until(older)


async def test_figures_are_never_older_than_the_setting(settings: Settings, pool: asyncpg.Pool) -> None:
    async with open_shop(msgspec.structs.replace(settings, availability_ms_max=100)) as shop:
        await shop.add_types("Adult")
        event_id = await shop.add_event()
        ages: list[int] = []

        async def renewed() -> bool:
            asked = time.monotonic()
            ages.append(int((await shop.get(f"/events/{event_id}")).headers["availability-age-ms"]))
            assert ages[-1] <= 100 + ms_since(asked), "no older than they may be when they were asked for"
            return sum(after < before for before, after in pairwise(ages)) == 3

        await until(renewed)
        held = await shop.hold(event_id, {1: 4}, date=DATE)
        assert held.status_code == 201

        async def shown() -> bool:
            return bool((await shop.get(f"/events/{event_id}")).json()["dates"][0]["available"] == 6)

        await until(shown)
