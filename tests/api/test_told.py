"""What answers tell besides their content: headers for browsers, and nothing about ids that were never given out."""

import httpx
import pytest

from boxoffice.api.operations import OPERATIONS
from boxoffice.api.web import ADDRESSES
from boxoffice.identifiers import new_ids, reservation_name
from boxoffice.settings import Settings
from tests.api.shop import BEARER, DATE, TIME, Shop, assert_problem, open_shop

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
NAME = "1-019abf2e8c5b7d3e9a417f0c2b6d8e51"


def real(template: str) -> str:
    values = {"event_id": "1", "date": DATE, "start_time": TIME, "reservation_id": NAME, "slug": "sold-out"}
    return template.format(**values, file="start.js")


def assert_closed(answer: httpx.Response) -> None:
    """Assert that a browser is told to do with this answer no more than it must."""
    for name, value in EVERYWHERE.items():
        assert answer.headers.get_list(name) == [value], (answer.request.url, name)
    (policy,) = answer.headers.get_list("content-security-policy")
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    if answer.status_code != 304:
        assert (policy == NO_PAGE) != is_page, (answer.request.url, policy)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["frame-ancestors"] == "'none'"
    assert rules.get("script-src", "'self'") == "'self'", "no script but the page's own files"
    assert "*" not in policy
    if is_page:
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert rules["base-uri"] == rules["form-action"] == "'none'"
    assert "server" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("headers", [BEARER, {}], ids=["admin", "stranger"])
async def test_every_answer_of_every_operation_is_closed(shop: Shop, headers: dict[str, str]) -> None:
    await shop.add_types("Adult")
    await shop.add_event()
    paths = {operation.path for operation in OPERATIONS} | set(ADDRESSES) | {"/assets/x.js", "/nowhere"}
    seen = set()
    for path in sorted(paths):
        for method in ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PURGE"):
            for content in (b"{}", b"x" * 70_000):
                sent = {**headers, "Content-Type": "application/json", "Origin": "https://evil.example"}
                answer = await shop.client.request(method, real(path), content=content, headers=sent)
                assert_closed(answer)
                seen.add(answer.status_code)
    assert seen >= {200, 404, 405, 410, 413, 422} | (set() if headers else {401})


async def test_what_is_unchanged_keeps_the_policy_of_its_page(shop: Shop) -> None:
    for path in ("/", "/docs", "/problems/sold-out", "/openapi.json", "/docs/start.js"):
        first = await shop.get(path)
        again = await shop.get(path, If_None_Match=first.headers["etag"])
        assert again.status_code == 304
        assert_closed(again)
        assert again.headers["content-security-policy"] == first.headers["content-security-policy"]


def body_of(answer: httpx.Response, name: str) -> str:
    """Return all that an answer tells, but for the id that was asked for and the moment."""
    headers = sorted((key, value) for key, value in answer.headers.items() if key != "date")
    return f"{answer.status_code} {headers} {answer.text}".replace(name, "ID")


async def test_an_id_that_was_never_given_out_is_answered_like_one_that_is_gone(settings: Settings) -> None:
    async with open_shop(settings) as shop:
        await shop.add_types("Adult")
        event_id = await shop.add_event()
        gone = await shop.held(event_id, {1: 1})
        live = await shop.held(event_id, {1: 1})
        assert (await shop.client.delete(f"/reservation/{gone}")).status_code == 204
        never = [reservation_name(each, new_ids(1)[0]) for each in (event_id, event_id + 1, 2**62)]
        never += [f"{live[:-1]}{'0' if live[-1] != '0' else '1'}", f"{event_id}-{new_ids(1)[0].hex}"]
        for method, content in (("GET", None), ("POST", {"paymentReference": 1}), ("DELETE", None)):
            answers = {
                body_of(await shop.client.request(method, f"/reservation/{name}", json=content), name)
                for name in (gone, *(each for each in never if len(each) == len(gone)))
            }
            assert len(answers) == 1, answers
            for name in never:
                answer = await shop.client.request(method, f"/reservation/{name}", json=content)
                assert_problem(answer, 410, "reservation-gone")
        assert (await shop.get(f"/reservation/{live}")).json()["state"] == "held"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_what_is_no_id_is_answered_alike_whatever_it_is(shop: Shop, method: str) -> None:
    names = [
        "x" * 34,
        NAME.upper(),
        f"{NAME[:-1]}g",
        f"0{NAME[1:]}",
        NAME.replace("7d3e", "4d3e"),
        f"{NAME[:-2]}51"[::-1],
    ]
    answers = set()
    for name in names:
        assert len(name) == len(NAME)
        answer = await shop.client.request(method, f"/reservation/{name}", json={"paymentReference": 1})
        assert_problem(answer, 404, "not-found")
        answers.add(body_of(answer, name))
    assert len(answers) == 1
