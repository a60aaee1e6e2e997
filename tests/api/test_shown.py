"""Answers that are sent again as they were: never when anything that they are made of has changed."""

from boxoffice.api.call import PLAIN, Answer, Call
from boxoffice.api.office import Office
from boxoffice.api.problems import problem_answer
from boxoffice.api.shown import PAGES_MAX, QUERY_CHARACTERS_MAX, Shown
from boxoffice.errors import SoldOut
from boxoffice.http.answers import header_lines
from boxoffice.http.request import Request
from boxoffice.values import Left
from tests.api.shop import Shop


def asked(target: str) -> Call:
    return Call(Office.__new__(Office), Request(Nowhere(), method="GET", target=target.encode()), ())


class Nowhere:
    """The way back of requests that nobody answers."""

    def send(self, *_: object) -> None:
        raise AssertionError("it is not answered")


def test_a_page_is_sent_again_for_the_same_path_and_query() -> None:
    shown: Shown[str, str] = Shown()
    kept = shown.keep(asked("/events/1?limit=2"), "asked", "made of", Answer(200, b"body"))
    assert shown.last(asked("/events/1?limit=2")) is kept
    first, same, older = [kept.again(asked("/events/1?limit=2"), ("age", age)) for age in ("1", "1", "2")]
    assert first is same
    assert [dict(answer.headers)["age"] for answer in (first, older)] == ["1", "2"]
    assert all(answer.header_lines == header_lines(answer.headers) + PLAIN for answer in (first, older))
    for other in ("/events/1", "/events/1?limit=3", "/events/2?limit=2", "/events/1?limit=2&x"):
        assert shown.last(asked(other)) is None


def test_few_pages_are_kept_and_none_of_a_long_query() -> None:
    shown: Shown[None, None] = Shown()
    for number in range(PAGES_MAX + 1):
        shown.keep(asked(f"/events/{number}"), None, None, Answer(200))
    assert shown.last(asked("/events/0")) is None
    assert shown.last(asked(f"/events/{PAGES_MAX}")) is not None
    for length, is_kept in ((QUERY_CHARACTERS_MAX, True), (QUERY_CHARACTERS_MAX + 1, False)):
        call = asked("/events/1?" + "x" * length)
        shown.keep(call, None, None, Answer(200))
        assert (shown.last(call) is not None) == is_kept


def test_a_refusal_says_what_its_own_full_pass_saw() -> None:
    first, second = Left(available=1, types={1: 1}), Left(available=0, types={1: 0})
    bodies = [problem_answer(SoldOut(left), path).body for left in (first, second) for path in ("/a", "/b")]
    assert len(set(bodies)) == 4
    assert b'"available":1' in bodies[0]
    assert b'"available":0' in bodies[2]
    assert problem_answer(SoldOut(second), "/b").body == bodies[3]


async def test_a_page_that_was_shown_shows_a_change_at_once(shop: Shop) -> None:
    await shop.add_types("Adult")
    event_id = await shop.add_event()
    name = await shop.held(event_id, {1: 3})
    for _ in range(2):
        before = await shop.get(f"/events/{event_id}")
        assert before.json()["dates"][0]["available"] == 7
    assert (await shop.client.delete(f"/reservation/{name}")).status_code == 204
    after = await shop.get(f"/events/{event_id}", If_None_Match=before.headers["etag"])
    assert (after.status_code, after.json()["dates"][0]["available"]) == (200, 10)
    assert (await shop.admin("PATCH", f"/events/{event_id}", {"name": "Fidelio"})).status_code == 200
    assert (await shop.get(f"/events/{event_id}")).json()["name"] == "Fidelio"
