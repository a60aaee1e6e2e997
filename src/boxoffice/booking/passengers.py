"""Those who wait for a flight, and the gate through which they go on when they are answered."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Generic, TypeAlias, TypeVar

Key = TypeVar("Key", bound=Hashable)
Request = TypeVar("Request")
Answer = TypeVar("Answer")

LET_OUT_AT_ONCE = 16


class Gate:
    """Lets those who are answered go on, a few in each turn of the event loop.

    A large flight answers hundreds at once. Were they all to go on in one turn, whoever else needs the loop, the buyers
    of a quiet date among them, would wait for all of that work several times over on the way to an answer of their own.
    Each flight has a gate of its own, so that nobody is held back behind those of another one.
    """

    __slots__ = ("_at_once", "_held_back", "_let_out")

    def __init__(self, at_once: int = LET_OUT_AT_ONCE) -> None:
        self._at_once = at_once
        self._let_out = 0
        self._held_back: deque[Callable[[], None]] = deque()

    def let_out(self, go_on: Callable[[], None]) -> None:
        """Call this now or in one of the next turns, after those who came before."""
        if self._let_out >= self._at_once:
            self._held_back.append(go_on)
            return
        if not self._let_out:
            asyncio.get_running_loop().call_soon(self._turn)
        self._let_out += 1
        go_on()

    def _turn(self) -> None:
        self._let_out = 0
        for _ in range(min(self._at_once, len(self._held_back))):
            self.let_out(self._held_back.popleft())


class Passenger(Generic[Request, Answer]):
    """A request on its way: settled once, by an answer or an error, and then let out through the gate."""

    __slots__ = ("_future", "_gate", "_settled", "arrived_at", "gone", "request")

    def __init__(self, request: Request, gone: Callable[[], bool] | None, gate: Gate) -> None:
        self.request = request
        self.gone = gone
        self.arrived_at = time.monotonic()
        self._settled = False
        self._gate = gate
        self._future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def board(self, gate: Gate) -> None:
        """Go out through the gate of the flight that it is aboard."""
        self._gate = gate

    @property
    def settled(self) -> bool:
        """Whether it has its answer, or nobody waits for one any more."""
        return self._settled or self._future.done()

    def settle(self, answer: Answer) -> None:
        """Answer it, if it still waits."""
        if not self.settled:
            self._settled = True
            self._gate.let_out(partial(self._go_on, answer))

    def refuse(self, error: Exception) -> None:
        """Fail it alone, if it still waits."""
        if not self.settled:
            self._settled = True
            self._gate.let_out(partial(self._fail, error))

    def _go_on(self, answer: Answer) -> None:
        if not self._future.done():
            self._future.set_result(answer)

    def _fail(self, error: Exception) -> None:
        if not self._future.done():
            self._future.set_exception(error)

    async def answer(self) -> Answer:
        """Wait for the answer. Raises the error that it was refused with."""
        return await self._future


Boarded: TypeAlias = Mapping[Key, Sequence[Passenger[Request, Answer]]]
