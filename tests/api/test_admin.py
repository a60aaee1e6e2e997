"""/admin: what is for sale."""

import msgspec
import pytest

from boxoffice.settings import Settings
from tests.api.shop import BEARER, DATE, TIME, YEAR, Shop, assert_problem, new_event, open_shop

TWICE = {"rrule": "FREQ=DAILY;COUNT=2", "firstDate": DATE, "startTime": TIME}
ROUTES = [
    ("GET", "/admin/ticket-types"),
    ("POST", "/admin/ticket-types"),
    ("POST", "/admin/events"),
    ("PATCH", "/admin/events/1"),
    ("POST", "/admin/events/1/dates"),
    ("POST", "/admin/events/x/dates"),
    ("GET", "/admin/events/1"),
    ("GET", f"/admin/events/1/{DATE}/{TIME}/shards"),
    ("GET", f"/admin/events/1/{DATE}/{TIME}/reservations"),
    ("GET", "/admin/events/1/audit"),
    ("GET", "/admin/live"),
    ("POST", "/admin/recurrence"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {b"Authorization": b"Bearer wrong"},
        {b"Authorization": b"Bearer"},
        {b"Authorization": b"Basic dGVzdDp0ZXN0"},
        {b"Authorization": BEARER["Authorization"].encode() + b"x"},
        {b"Authorization": BEARER["Authorization"].encode()[:-1]},
        {b"Authorization": BEARER["Authorization"].removeprefix("Bearer ").encode()},
        {b"Authorization": "Bearer ä\udcff".encode("utf-8", "surrogateescape")},
    ],
)
async def test_admin_routes_need_the_token(shop: Shop, method: str, path: str, headers: dict[bytes, bytes]) -> None:
    answer = await shop.client.request(method, path, json={"name": "x"}, headers=headers)
    assert_problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert (await shop.admin("GET", "/ticket-types")).json() == {"ticketTypes": []}


async def test_two_authorizations_are_none(shop: Shop) -> None:
    pair = ("Authorization", BEARER["Authorization"])
    assert_problem(await shop.client.get("/admin/ticket-types", headers=[pair, pair]), 401, "unauthorized")


async def test_the_scheme_is_read_in_any_case(shop: Shop) -> None:
    token = BEARER["Authorization"].removeprefix("Bearer ")
    assert (await shop.get("/admin/ticket-types", Authorization=f"bearer {token}")).status_code == 200


async def test_ticket_types_are_made_and_listed(shop: Shop) -> None:
    made = await shop.admin("POST", "/ticket-types", {"name": "Adult ä😀"})
    assert (made.status_code, made.json()) == (201, {"id": 1, "name": "Adult ä😀"})
    await shop.add_types("Child")
    listed = await shop.admin("GET", "/ticket-types")
    assert listed.json() == {"ticketTypes": [{"id": 1, "name": "Adult ä😀"}, {"id": 2, "name": "Child"}]}


@pytest.mark.parametrize("name", [None, "", 1, True, ["x"], "a\0b", "x" * 201, "\n"])
async def test_a_name_that_is_none_is_invalid(shop: Shop, name: object) -> None:
    await shop.add_types("Adult")
    assert_problem(await shop.admin("POST", "/ticket-types", {"name": name}), 422, "invalid-request")
    assert_problem(await shop.admin("POST", "/events", {**new_event(), "name": name}), 422, "invalid-request")
    event_id = await shop.add_event()
    assert_problem(await shop.admin("PATCH", f"/events/{event_id}", {"name": name}), 422, "invalid-request")


async def test_an_event_is_made_as_it_is_described(shop: Shop) -> None:
    await shop.add_types("Adult", "Child")
    types = [{"tickettypeId": 2, "max": 2_000, "numShards": 3}, {"tickettypeId": 1, "max": None, "color": "red"}]
    made = await shop.admin("POST", "/events", new_event(maxTickets=1_000, numShards=7, ticketTypes=types))
    assert made.status_code == 201
    assert made.json() == {
        "id": 1,
        "name": "The Magic Flute",
        "timeZone": "UTC",
        "maxTickets": 1_000,
        "numShards": 7,
        "ticketTypes": [
            {"tickettypeId": 1, "name": "Adult", "max": None, "numShards": 7},
            {"tickettypeId": 2, "name": "Child", "max": 2_000, "numShards": 3},
        ],
    }
    assert (await shop.get("/events/1")).json()["dates"][0]["available"] == 1_000


async def test_a_recurrence_takes_the_place_of_dates(shop: Shop) -> None:
    await shop.add_types("Adult")
    rule = {"rrule": "FREQ=WEEKLY;COUNT=3", "firstDate": DATE, "startTime": "19:30"}
    event_id = await shop.add_event(dates=None, recurrence=rule, timeZone="Europe/Vienna")
    shown = (await shop.get(f"/events/{event_id}")).json()["dates"]
    assert [(date["date"], date["startTime"]) for date in shown] == [
        (f"{YEAR}-05-01", "19:30:00"),
        (f"{YEAR}-05-08", "19:30:00"),
        (f"{YEAR}-05-15", "19:30:00"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"maxTickets": None},
        {"maxTickets": -1},
        {"maxTickets": 1.0},
        {"maxTickets": True},
        {"maxTickets": 10**30},
        {"numShards": None},
        {"numShards": 0},
        {"numShards": 257},
        {"numShards": "2"},
        {"timeZone": "Europe/Nowhere"},
        {"timeZone": "../../etc/passwd"},
        {"timeZone": ""},
        {"timeZone": "UTC\0"},
        {"timeZone": 7},
        {"ticketTypes": None},
        {"ticketTypes": []},
        {"ticketTypes": [{}]},
        {"ticketTypes": [{"tickettypeId": 99}]},
        {"ticketTypes": [{"tickettypeId": 1}, {"tickettypeId": 1}]},
        {"ticketTypes": [{"tickettypeId": 1, "max": -1}]},
        {"ticketTypes": [{"tickettypeId": 1, "numShards": 0}]},
        {"ticketTypes": [{"tickettypeId": 1, "numShards": 257}]},
        {"dates": [{"date": DATE}]},
        {"dates": [{"date": DATE, "startTime": "24:00"}]},
        {"dates": [{"date": DATE, "startTime": "20:00:00Z"}]},
        {"dates": [{"date": DATE, "startTime": "20:00\n"}]},
        {"dates": [{"date": f"{YEAR}-02-30", "startTime": TIME}]},
        {"dates": [{"date": f"{YEAR}-5-1", "startTime": TIME}]},
        {"dates": [{"date": DATE, "startTime": "20:00"}, {"date": DATE, "startTime": TIME}]},
        {"dates": {}},
        {"recurrence": {"rrule": "FREQ=WEEKLY", "firstDate": DATE, "startTime": TIME}},
        {"dates": None, "recurrence": {"rrule": "FREQ=NEVER", "firstDate": DATE, "startTime": TIME}},
        {"dates": None, "recurrence": {"rrule": "", "firstDate": DATE, "startTime": TIME}},
        {"dates": None, "recurrence": {"rrule": "FREQ=SECONDLY", "firstDate": DATE, "startTime": TIME}},
        {"dates": None, "recurrence": {"rrule": "FREQ=DAILY;COUNT=2", "firstDate": DATE}},
        {"dates": None, "timeZone": "No/Where", "recurrence": TWICE},
    ],
)  # fmt: skip
async def test_an_event_that_cannot_be_is_invalid_and_nothing_is_made(shop: Shop, wrong: dict[str, object]) -> None:
    await shop.add_types("Adult")
    assert_problem(await shop.admin("POST", "/events", new_event(**wrong)), 422, "invalid-request")
    assert (await shop.get("/events")).json()["events"] == []
    assert_problem(await shop.get("/events/1"), 404, "not-found")


async def test_dates_are_added_and_sold_at_once(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    assert_problem(await shop.hold(event_id, {1: 1}, date=f"{YEAR}-06-01"), 404, "not-found")
    assert len((await shop.get(f"/events/{event_id}")).json()["dates"]) == 1
    body = {"dates": [{"date": f"{YEAR}-06-0{day}", "startTime": "20:00"} for day in (1, 2)]}
    added = await shop.admin("POST", f"/events/{event_id}/dates", body)
    assert (added.status_code, added.json()) == (201, {"added": 2})
    assert len((await shop.get(f"/events/{event_id}")).json()["dates"]) == 3
    assert (await shop.hold(event_id, {1: 1}, date=f"{YEAR}-06-01")).status_code == 201
    rule = {"rrule": "FREQ=DAILY;COUNT=4", "firstDate": f"{YEAR}-07-01", "startTime": "20:00"}
    added = await shop.admin("POST", f"/events/{event_id}/dates", {"recurrence": rule})
    assert (added.status_code, added.json()) == (201, {"added": 4})


async def test_a_date_that_exists_adds_nothing(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    body = {"dates": [{"date": f"{YEAR}-06-01", "startTime": "20:00"}, {"date": DATE, "startTime": "20:00"}]}
    assert_problem(await shop.admin("POST", f"/events/{event_id}/dates", body), 409, "date-exists")
    assert len((await shop.get(f"/events/{event_id}")).json()["dates"]) == 1


@pytest.mark.parametrize("body", [{}, {"dates": []}, {"dates": None}, {"dates": [1]}, [], {"recurrence": None}])
async def test_dates_must_be_named(shop: Shop, body: object) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    assert_problem(await shop.admin("POST", f"/events/{event_id}/dates", body), 422, "invalid-request")


@pytest.mark.parametrize("event_id", ["99", "0", "x", "-1", str(2**63), "1%00"])
async def test_an_unknown_event_is_not_found(shop: Shop, event_id: str) -> None:
    body = {"dates": [{"date": DATE, "startTime": TIME}]}
    assert_problem(await shop.admin("POST", f"/events/{event_id}/dates", body), 404, "not-found")
    assert_problem(await shop.admin("PATCH", f"/events/{event_id}", {"maxTickets": 5}), 404, "not-found")


async def test_a_change_holds_for_every_date_and_at_once(shop: Shop) -> None:
    await shop.add_types("Adult", "Child", "Elder")
    dates = [{"date": DATE, "startTime": TIME}, {"date": DATE, "startTime": "23:00"}]
    event_id = await shop.add_event(dates=dates, ticketTypes=[{"tickettypeId": 1, "max": 5}, {"tickettypeId": 2}])
    await shop.held(event_id, {1: 5, 2: 5})
    assert_problem(await shop.hold(event_id, {2: 1}), 409, "sold-out")
    change = {
        "name": "Carmen",
        "maxTickets": 12,
        "numShards": 5,
        "ticketTypes": [{"tickettypeId": 1, "max": 7}, {"tickettypeId": 3, "max": 1, "numShards": 1}],
    }
    changed = await shop.admin("PATCH", f"/events/{event_id}", change)
    assert changed.status_code == 200
    assert changed.json() == {
        "id": event_id,
        "name": "Carmen",
        "timeZone": "UTC",
        "maxTickets": 12,
        "numShards": 5,
        "ticketTypes": [
            {"tickettypeId": 1, "name": "Adult", "max": 7, "numShards": 2},
            {"tickettypeId": 2, "name": "Child", "max": None, "numShards": 2},
            {"tickettypeId": 3, "name": "Elder", "max": 1, "numShards": 1},
        ],
    }
    shown = (await shop.get(f"/events/{event_id}")).json()
    assert shown["name"] == "Carmen"
    assert [date["available"] for date in shown["dates"]] == [2, 12]
    assert (await shop.hold(event_id, {1: 1, 3: 1})).status_code == 201


async def test_max_null_takes_a_limit_away_and_an_empty_change_changes_nothing(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event(ticketTypes=[{"tickettypeId": 1, "max": 1}])
    before = (await shop.admin("PATCH", f"/events/{event_id}", {"ticketTypes": [{"tickettypeId": 1}]})).json()
    assert before["ticketTypes"] == [{"tickettypeId": 1, "name": "Adult", "max": 1, "numShards": 2}]
    assert (await shop.admin("PATCH", f"/events/{event_id}", {"unknown": 1})).json() == before
    lifted = await shop.admin("PATCH", f"/events/{event_id}", {"ticketTypes": [{"tickettypeId": 1, "max": None}]})
    assert lifted.json()["ticketTypes"][0]["max"] is None
    assert (await shop.hold(event_id, {1: 10})).status_code == 201


async def test_a_limit_below_what_is_sold_changes_nothing(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    await shop.held(event_id, {1: 6})
    refused = await shop.admin("PATCH", f"/events/{event_id}", {"maxTickets": 5, "name": "Carmen"})
    assert_problem(refused, 409, "below-sold")
    assert refused.json()["sold"] == 6
    types = [{"tickettypeId": 1, "max": 5}]
    refused = await shop.admin("PATCH", f"/events/{event_id}", {"ticketTypes": types})
    assert_problem(refused, 409, "below-sold")
    assert refused.json()["sold"] == 6
    assert (await shop.get(f"/events/{event_id}")).json()["name"] == "The Magic Flute"
    assert (await shop.admin("PATCH", f"/events/{event_id}", {"maxTickets": 6})).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"maxTickets": None},
        {"maxTickets": -1},
        {"numShards": 0},
        {"numShards": 257},
        {"numShards": None},
        {"ticketTypes": None},
        {"ticketTypes": [{"tickettypeId": 99}]},
        {"ticketTypes": [{"tickettypeId": 1}, {"tickettypeId": 1}]},
        {"ticketTypes": [{"tickettypeId": 1, "numShards": None}]},
        [],
        "x",
    ],
)
async def test_a_change_that_cannot_be_is_invalid(shop: Shop, change: object) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    assert_problem(await shop.admin("PATCH", f"/events/{event_id}", change), 422, "invalid-request")


async def test_without_a_token_in_the_environment_the_kept_one_counts(settings: Settings) -> None:
    async with open_shop(msgspec.structs.replace(settings, admin_token=None)) as shop:
        kept = (settings.data_path / "admin-token").read_text().strip()
        assert len(kept) >= 32
        assert (await shop.get("/admin/ticket-types", Authorization=f"Bearer {kept}")).status_code == 200
        assert_problem(await shop.admin("GET", "/ticket-types"), 401, "unauthorized")
