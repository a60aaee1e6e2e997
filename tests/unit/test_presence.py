"""Noticing that a client has left: asked of the server only when the answer takes its time."""

import asyncio

import pytest

from boxoffice.api.presence import Lookout
from tests.waiting import until


class Client:
    """A client whom the test lets leave."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.asked = 0
        self.watched = 0

    async def leaves(self) -> None:
        self.asked += 1
        self.watched += 1
        try:
            await self.left.wait()
        finally:
            self.watched -= 1


class Count:
    """How many clients were found to have left."""

    def __init__(self) -> None:
        self.gone = 0

    def __call__(self) -> None:
        self.gone += 1


async def test_an_answer_that_comes_at_once_asks_the_server_nothing() -> None:
    count, quick, slow = Count(), Client(), Client()
    lookout = Lookout(count)
    answered, waits = lookout.expect(quick.leaves), lookout.expect(slow.leaves)
    answered.close()
    await until(lambda: slow.asked == 1)
    waits.close()
    await until(lambda: slow.watched == 0)
    assert (quick.asked, slow.asked, answered.gone(), waits.gone(), count.gone) == (0, 1, False, False, 0)


async def test_clients_that_come_while_others_wait_are_looked_after_too() -> None:
    lookout = Lookout(Count())
    first, second = Client(), Client()
    presences = [lookout.expect(first.leaves)]
    await until(lambda: first.asked == 1)
    presences.append(lookout.expect(second.leaves))
    await until(lambda: second.asked == 1)
    assert first.asked == 1
    for presence in presences:
        presence.close()


async def test_a_client_that_leaves_is_noticed() -> None:
    count, client = Count(), Client()
    presence = Lookout(count).expect(client.leaves)
    await until(lambda: client.asked == 1)
    assert not presence.gone()
    client.left.set()
    await until(presence.gone)
    presence.close()
    presence.close()
    assert count.gone == 1


@pytest.mark.parametrize("error", [RuntimeError, ConnectionResetError])
async def test_a_way_that_is_broken_counts_as_a_client_that_left(error: type[Exception]) -> None:
    async def broken() -> None:
        raise error

    presence = Lookout(Count()).expect(broken)
    await until(presence.gone)
    presence.close()


async def test_after_the_end_nobody_is_missed() -> None:
    count, client = Count(), Client()
    presence = Lookout(count).expect(client.leaves)
    await until(lambda: client.watched == 1)
    client.left.set()
    presence.close()
    await until(lambda: client.watched == 0)
    assert (presence.gone(), count.gone) == (False, 0)
