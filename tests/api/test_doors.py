"""The doors: who gets into the admin routes, who is kept out for guessing, and by what a token is compared."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest
import redis

from boxoffice.api.door import WINDOW_SECONDS, Door
from boxoffice.api.operations import OPERATIONS
from boxoffice.api.windows import Windows
from boxoffice.availability.counters import Counters
from boxoffice.availability.shared import Shared
from boxoffice.embedded.valkey import EmbeddedValkey
from boxoffice.errors import RateLimited, Unauthorized
from boxoffice.settings import Settings
from tests.api.conformance import DOCUMENT
from tests.api.scrape import until_shared
from tests.api.shop import BEARER, DATE, TIME, Shop, assert_problem, open_shop
from tests.availability.processes import HandClock
from tests.clients import client_to
from tests.conftest import PATIENT_MS, StartServices
from tests.waiting import until

ADMIN = [(operation.method, operation.path) for operation in OPERATIONS if operation.path.startswith("/admin")]
WRONG = {"Authorization": "Bearer wrong-wrong-wrong-wrong"}
TYPES = "/admin/ticket-types"
FAILURES_MAX = 3


def real(template: str) -> str:
    return template.format(event_id=1, date=DATE, start_time=TIME)


@asynccontextmanager
async def client_at(url: str | httpx.URL, address: str) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client that comes from this address of the loopback network."""
    async with client_to(url, address=address) as client:
        yield client


def test_every_path_of_admins_is_behind_the_door_and_told_so() -> None:
    told = {
        (method.upper(), path)
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if method != "parameters" and operation.get("security") == [{"adminToken": []}]
    }
    assert told == set(ADMIN) == {(each.method, each.path) for each in OPERATIONS if each.admin}
    assert len(ADMIN) > 10


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_no_method_on_an_admin_path_gets_past_the_door(shop: Shop, method: str) -> None:
    """Whatever the body: it is not looked at before the token is."""
    for path in sorted({path for _, path in ADMIN}):
        for content in (b"", b"{}", b"\xff{{{", b"x" * 70_000):
            answer = await shop.client.request(method, real(path), content=content)
            known = (method, path) in ADMIN or (method == "HEAD" and ("GET", path) in ADMIN)
            assert answer.status_code == (401 if known else 405)
            assert ("www-authenticate" in answer.headers) == known


@pytest.fixture
def strict(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, admin_failures_per_minute_max=FAILURES_MAX)


async def test_a_client_that_guesses_is_locked_out_and_no_other(strict: Settings) -> None:
    async with open_shop(strict) as shop:
        for _ in range(FAILURES_MAX):
            assert_problem(await shop.client.get(TYPES, headers=WRONG), 401, "unauthorized")
        for method, path in ADMIN:
            for headers in (WRONG, BEARER):
                answer = await shop.client.request(method, real(path), json={}, headers=headers)
                assert_problem(answer, 429, "rate-limited")
                assert 1 <= int(answer.headers["retry-after"]) <= WINDOW_SECONDS
        assert (await shop.get("/events")).status_code == 200, "only the admin routes are closed"
        async with client_at(shop.client.base_url, "127.0.0.2") as other:
            assert (await other.get(TYPES, headers=BEARER)).status_code == 200
            assert_problem(await other.get(TYPES, headers=WRONG), 401, "unauthorized")


async def test_a_request_without_a_token_is_no_guess(settings: Settings) -> None:
    async with open_shop(msgspec.structs.replace(settings, admin_failures_per_minute_max=1)) as shop:
        for _ in range(5):
            assert_problem(await shop.client.get(TYPES), 401, "unauthorized")
        assert (await shop.admin("GET", "/ticket-types")).status_code == 200


async def test_the_right_token_is_never_counted_nor_limited(settings: Settings) -> None:
    async with open_shop(msgspec.structs.replace(settings, admin_failures_per_minute_max=1)) as shop:
        for _ in range(20):
            assert (await shop.admin("GET", "/ticket-types")).status_code == 200


async def test_a_limit_of_0_is_none(settings: Settings) -> None:
    async with open_shop(msgspec.structs.replace(settings, admin_failures_per_minute_max=0)) as shop:
        for _ in range(20):
            assert_problem(await shop.client.get(TYPES, headers=WRONG), 401, "unauthorized")
        with redis.Redis.from_url(settings.redis_url or "") as client:
            assert client.keys("boxoffice:admin-failures:*") == []


async def test_behind_a_trusted_proxy_each_of_its_clients_has_failures_of_its_own(settings: Settings) -> None:
    own = msgspec.structs.replace(settings, admin_failures_per_minute_max=1, trusted_proxies="127.0.0.1")
    async with open_shop(own) as shop:

        async def status(told: str, headers: dict[str, str]) -> int:
            return (await shop.client.get(TYPES, headers={**headers, "X-Forwarded-For": told})).status_code

        assert [await status("192.0.2.1", WRONG) for _ in range(2)] == [401, 429]
        assert await status("192.0.2.2", BEARER) == 200
        assert await status("192.0.2.2, 192.0.2.1", BEARER) == 429, "what a client writes itself is not believed"
        async with client_at(shop.client.base_url, "127.0.0.2") as stranger:
            assert (await stranger.get(TYPES, headers={**WRONG, "X-Forwarded-For": "192.0.2.9"})).status_code == 401
            spoofed = await stranger.get(TYPES, headers={**WRONG, "X-Forwarded-For": "192.0.2.10"})
            assert spoofed.status_code == 429, "nobody but a trusted proxy is asked"


async def test_two_processes_count_together(services: StartServices) -> None:
    first, second = await services(count=2, redis_ms_max=PATIENT_MS, admin_failures_per_minute_max=FAILURES_MAX)
    async with client_at(first.url, "127.0.0.3") as one, client_at(second.url, "127.0.0.3") as other:
        await until_shared(one, other)
        statuses = [(await each.get(TYPES, headers=WRONG)).status_code for each in (one, other, one)]
        assert statuses == [401] * FAILURES_MAX
        for each in (one, other):
            assert_problem(await each.get(TYPES, headers=BEARER), 429, "rate-limited")
    async with client_at(second.url, "127.0.0.4") as admin:
        assert (await admin.get(TYPES, headers=BEARER)).status_code == 200


async def test_without_redis_a_process_counts_for_itself(settings: Settings, tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    server.start()
    own = msgspec.structs.replace(settings, redis_url=server.url, admin_failures_per_minute_max=FAILURES_MAX)
    try:
        async with open_shop(own) as shop, open_shop(own) as beside:
            assert_problem(await shop.client.get(TYPES, headers=WRONG), 401, "unauthorized")
            server.stop()
            for each, more in ((shop, FAILURES_MAX - 1), (beside, FAILURES_MAX)):
                statuses = [(await each.client.get(TYPES, headers=WRONG)).status_code for _ in range(more + 1)]
                assert statuses == [401] * more + [429]
    finally:
        server.stop()


async def shared_of(settings: Settings) -> Shared:
    """A way to Redis of its own, as a process has it."""
    shared = Shared(settings, Counters())
    await shared.start()
    await until(lambda: shared.present)
    return shared


async def test_a_window_ends_and_is_not_made_longer(settings: Settings) -> None:
    clock = HandClock()
    windows = Windows(Shared(msgspec.structs.replace(settings, redis_url=None), Counters()), "tries", 60, clock)
    for second in (0, 30):
        clock.advance(second * 1000)
        counted = await windows.add("192.0.2.1")
    assert counted.number == 2
    assert 29 < counted.seconds_left <= 30
    assert (await windows.look("192.0.2.2")).number == 0
    clock.advance(30_001)
    assert (await windows.look("192.0.2.1")).number == 0
    assert (await windows.add("192.0.2.1")).number == 1


async def test_the_window_in_redis_ends_and_is_not_made_longer(strict: Settings) -> None:
    shared, others = await shared_of(strict), await shared_of(strict)
    try:
        windows = [Windows(each, "tries", 60) for each in (shared, others)]
        assert [(await each.add("192.0.2.1")).number for each in windows] == [1, 2]
        with redis.Redis.from_url(strict.redis_url or "") as client:
            client.pexpire("boxoffice:tries:192.0.2.1", 30_000)
            assert 0 < (await windows[0].add("192.0.2.1")).seconds_left <= 30
            client.delete("boxoffice:tries:192.0.2.1")
        assert (await windows[0].look("192.0.2.1")).number == 2, "what it has counted itself holds without Redis"
        assert (await windows[1].look("192.0.2.1")).number == 1
    finally:
        await shared.close()
        await others.close()


class Watched(bytes):
    """Bytes that must not be compared by anything that ends at the first difference."""

    def __eq__(self, _: object) -> bool:
        raise AssertionError("compared by ==")

    __hash__ = bytes.__hash__


class WatchedText(str):
    """The same as text, which stays watched when it is encoded."""

    __slots__ = ()

    def __eq__(self, _: object) -> bool:
        raise AssertionError("compared by ==")

    __hash__ = str.__hash__

    def encode(self, *_: object) -> bytes:
        return Watched(str.encode(self))


@pytest.mark.parametrize("wrong", ["", "x", "the-right-tokem", "the-right-token!", "Xhe-right-token", "ä" * 15])
async def test_a_token_is_compared_in_constant_time(settings: Settings, wrong: str) -> None:
    door = Door(
        Shared(msgspec.structs.replace(settings, redis_url=None), Counters()), WatchedText("the-right-token"), 0
    )
    with pytest.raises(Unauthorized):
        await door.admit([f"Bearer {wrong}"], "192.0.2.1")
    await door.admit(["Bearer the-right-token"], "192.0.2.1")


async def test_however_many_guess_at_once_few_are_looked_at(strict: Settings) -> None:
    shared = await shared_of(strict)
    try:
        door = Door(shared, "the-right-token", FAILURES_MAX)
        guesses = [door.admit([f"Bearer {number}"], "192.0.2.1") for number in range(50)]
        heard = [type(error) for error in await gathered(guesses)]
        assert heard.count(RateLimited) + heard.count(Unauthorized) == 50
        assert heard.count(Unauthorized) == FAILURES_MAX
    finally:
        await shared.close()


async def gathered(guesses: Sequence[Coroutine[None, None, None]]) -> Sequence[object]:
    return await asyncio.gather(*guesses, return_exceptions=True)
