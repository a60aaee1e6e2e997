"""What every route has in common: methods, media types, sizes, faults, pages for people."""

import re
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from boxoffice.api.call import Answer, Call
from boxoffice.api.metrics import Metrics
from boxoffice.api.office import Office
from boxoffice.api.operations import OPERATIONS
from boxoffice.api.problems import all_problems
from boxoffice.api.resource import Resource
from boxoffice.http.request import Request
from tests.api.scrape import Scrape, scrape
from tests.api.serving import serving
from tests.api.shop import BEARER, DATE, TIME, Shop, assert_problem, lines
from tests.clients import client_to

HOLD = f"/events/1/{DATE}/{TIME}"
PATHS = {operation.path for operation in OPERATIONS}


def real(path: str) -> str:
    """Return a path of the template that names something."""
    values = {"event_id": "1", "date": DATE, "start_time": TIME, "reservation_id": "x", "slug": "sold-out"}
    return path.format(**values, file="start.js")


@pytest.mark.parametrize("path", sorted(PATHS))
async def test_a_wrong_method_names_the_right_ones(shop: Shop, path: str) -> None:
    known = {operation.method for operation in OPERATIONS if operation.path == path}
    allowed = known | ({"HEAD"} if "GET" in known else set())
    for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PURGE"} - allowed:
        answer = await shop.client.request(method, real(path))
        assert answer.headers["allow"] == ", ".join(sorted(allowed))
        if method == "HEAD":
            assert (answer.status_code, answer.content) == (405, b"")
        else:
            assert_problem(answer, 405, "method-not-allowed")


@pytest.mark.parametrize(
    "path", ["/x", "/event", "/events/", "/events/1/", "/events/1/2", "/%00", "/admin", "/problems/", "/x//"]
)
async def test_a_path_that_is_no_route_is_not_found(shop: Shop, path: str) -> None:
    for method in ("GET", "POST", "PURGE"):
        assert_problem(await shop.client.request(method, path), 404, "not-found")
    assert (await shop.client.head(path)).content == b""


@pytest.mark.parametrize("path", sorted({operation.path for operation in OPERATIONS if operation.method == "GET"}))
async def test_head_answers_as_get_does_without_the_body(shop: Shop, path: str) -> None:
    await shop.add_types("Adult")
    await shop.add_event()
    get, head = [await shop.client.request(method, real(path), headers=BEARER) for method in ("GET", "HEAD")]
    assert head.status_code == get.status_code
    assert head.content == b""
    changing = {"date", "availability-age-ms"}
    changing |= {"content-length"} if path in ("/metrics", "/admin/live") else set()
    assert head.headers.keys() == get.headers.keys()
    assert {name: value for name, value in head.headers.items() if name not in changing} == {
        name: value for name, value in get.headers.items() if name not in changing
    }
    assert int(get.headers["content-length"]) == len(get.content) > 0


@pytest.mark.parametrize(
    "media_type", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "json", "*/*"]
)
async def test_a_body_that_is_not_declared_as_json_is_unsupported(shop: Shop, media_type: str | None) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    for method, path in (("POST", HOLD), ("POST", "/reservation/1-019abf2e8c5b7d3e9a417f0c2b6d8e51")):
        answer = await shop.client.request(method, path, content=b"[]", headers=headers)
        assert_problem(answer, 415, "unsupported-media-type")
    for method, path in (("POST", "/admin/ticket-types"), ("PATCH", "/admin/events/1"), ("POST", "/admin/events")):
        answer = await shop.client.request(method, path, content=b"{}", headers={**headers, **BEARER})
        assert_problem(answer, 415, "unsupported-media-type")


async def test_a_compressed_body_is_unsupported(shop: Shop) -> None:
    answer = await shop.post(HOLD, [], Content_Encoding="gzip")
    assert_problem(answer, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "media_type", ["Application/JSON", "application/json; charset=utf-8", "application/vnd.x+json"]
)
async def test_json_is_declared_in_many_ways(shop: Shop, media_type: str) -> None:
    await shop.add_types("Adult")
    await shop.add_event()
    answer = await shop.post(HOLD, lines({1: 1}), Content_Type=media_type)
    assert answer.status_code == 201


async def in_chunks(size: int) -> AsyncIterator[bytes]:
    whole, rest = divmod(size, 1000)
    for _ in range(whole):
        yield b" " * 1000
    yield b" " * rest


async def test_64_kib_are_read_and_no_byte_more(shop: Shop) -> None:
    await shop.add_types("Adult")
    await shop.add_event()
    body = b'[{"tickettypeId":1,"quantity":1}]'
    json = {"Content-Type": "application/json"}
    fits = await shop.client.post(HOLD, content=body.ljust(64 * 1024), headers=json)
    assert fits.status_code == 201
    assert_problem(await shop.client.post(HOLD, content=body.ljust(64 * 1024 + 1), headers=json), 413, "too-large")
    assert_problem(await shop.client.post(HOLD, content=in_chunks(64 * 1024 + 1), headers=json), 413, "too-large")
    assert_problem(await shop.client.post(HOLD, content=in_chunks(64 * 1024), headers=json), 422, "invalid-request")
    token = {**json, **BEARER}
    answer = await shop.client.post("/admin/events", content=in_chunks(70_000), headers=token)
    assert_problem(answer, 413, "too-large")


async def test_a_fault_of_our_own_tells_nothing_but_the_log_all() -> None:
    async def faulty(_: Call) -> Answer:
        raise ValueError("the secret reason")

    office = office_of_metrics()
    resource = Resource("/faulty", {"GET": faulty})

    async def answer_it(request: Request) -> None:
        await resource.answer(Call(office, request, ()))

    with capture_logs() as logs:
        async with serving(answer_it) as url, client_to(url) as client:
            answer = await client.get("/faulty")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "about:blank"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert [(log["event"], log["route"], log["exc_info"]) for log in logs] == [("unexpected_error", "/faulty", True)]
    counted = Scrape(office.metrics.exposition().decode())
    assert counted("boxoffice_http_requests_total", route="/faulty", method="GET", status="500") == 1


def office_of_metrics() -> Office:
    """Return as much of an office as an answer needs."""
    office = Office.__new__(Office)
    office.metrics = Metrics()
    return office


async def test_health(shop: Shop) -> None:
    assert (await shop.get("/health/live")).json() == {"status": "live"}
    ready = await shop.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_metrics_count_answers_by_route_and_status(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    await shop.hold(event_id, {1: 1})
    await shop.hold(event_id, {1: 11})
    await shop.get("/nowhere/1")
    await shop.client.request("PURGE", "/events")
    count = await scrape(shop.client)
    requests, path = "boxoffice_http_requests_total", "/events/{event_id}/{date}/{start_time}"
    assert count(requests, method="POST", route=path, status="201") == 1
    assert count(requests, method="POST", route=path, status="409") == 1
    assert count(requests, method="other", route="none", status="404") == 1
    assert count(requests, method="other", route="/events", status="405") == 1
    assert count("process_open_fds") > 0


@pytest.mark.parametrize("slug", [problem.slug for problem in all_problems()])
async def test_the_page_behind_each_problem_type_explains_it(shop: Shop, slug: str) -> None:
    answer = await shop.get(f"/problems/{slug}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<strong>What to do:</strong>" in answer.text
    problem = next(problem for problem in all_problems() if problem.slug == slug)
    assert f"<h1>{problem.title}</h1>" in answer.text
    assert (await shop.get(f"/problems/{slug}", If_None_Match=answer.headers["etag"])).status_code == 304


@pytest.mark.parametrize("slug", ["x", "%2e%2e", "not-found.md", "%2e%2e%2ferrors", "%00"])
async def test_other_problem_types_are_not_found(shop: Shop, slug: str) -> None:
    assert_problem(await shop.get(f"/problems/{slug}"), 404, "not-found")


async def test_the_documentation_asks_no_other_host(shop: Shop) -> None:
    page = await shop.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "*" not in policy
    used = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(used) == 4
    for path in used:
        file = await shop.get(path)
        assert file.status_code == 200
        assert len(file.content) > 100
        assert (await shop.get(path, If_None_Match=file.headers["etag"])).status_code == 304
    start = (await shop.get("/docs/start.js")).text
    assert '"/openapi.json"' in start
    assert "validatorUrl: null" in start
    assert "http" not in start
    bundle = (await shop.get("/docs/swagger-ui-bundle.js")).text
    assert re.search(r'"?version"?:"5\.\d+\.\d+"|5\.\d+\.\d+', bundle)


@pytest.mark.parametrize("file", ["x.js", "%2e%2e", "swagger-ui-bundle.js.map", "%2e%2e%2f__init__.py", "%00"])
async def test_other_files_of_the_documentation_are_not_found(shop: Shop, file: str) -> None:
    assert_problem(await shop.get(f"/docs/{file}"), 404, "not-found")
