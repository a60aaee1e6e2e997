"""The clients: they do what a scenario says, many at once, and write down what they are told."""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from tests.concurrency.rush_line import Answer, Line, Lost, closing
from tests.conftest import ADMIN_TOKEN
from tests.simulation.answers import Reader, Sent
from tests.simulation.event_model import Counters
from tests.simulation.operations import Change, Hold, Lines, Operation, Pay, Release, Repeat, Scenario, Use
from tests.simulation.shop import Shown
from tests.simulation.story import HoldTold, Story, Told, Untrue
from tests.waiting import until_moment

WRONG = (Untrue, msgspec.ValidationError, msgspec.DecodeError, KeyError, ValueError)
"""What reading raises for an answer that cannot be right."""


class Player:
    """Does operations on one event, and keeps its story. Operations of one client never overlap."""

    def __init__(self, scenario: Scenario, shown: Shown, urls: Sequence[str]) -> None:
        self._operations = scenario.operations
        self._shown = shown
        self._reader = Reader(event_id=shown.event_id, types=shown.types)
        self._lines = {
            (client, service): Line(url) for client in range(scenario.clients) for service, url in enumerate(urls)
        }
        self._holds: dict[int, Hold] = {}
        self._told: dict[int, asyncio.Future[HoldTold | None]] = {}
        self.story = Story()

    @property
    def lines(self) -> Sequence[Line]:
        """All connections, for whoever closes them."""
        return list(self._lines.values())

    async def play(self) -> Story:
        """Let all clients do all that the scenario says; return their story."""
        of_clients: dict[int, list[Operation]] = {}
        for operation in self._operations:
            self._expect(operation)
            of_clients.setdefault(operation.client, []).append(operation)
        async with closing(self.lines), asyncio.TaskGroup() as clients:
            for operations in of_clients.values():
                clients.create_task(self._do_all(operations))
        return self.story

    async def do(self, operation: Operation) -> Told | None:
        """Do one more operation, and return what was told; None where nothing was, or nothing that can be right."""
        self._expect(operation)
        return await self._do(operation)

    def _expect(self, operation: Operation) -> None:
        if isinstance(operation, (Hold, Repeat)):
            self._told[operation.number] = asyncio.get_running_loop().create_future()
        if isinstance(operation, Hold):
            self._holds[operation.number] = operation

    async def _do_all(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            await self._do(operation)

    async def _do(self, operation: Operation) -> Told | None:
        told: Told | None = None
        try:
            told = await self._asked(operation)
        except WRONG as error:
            self.story.faults.append(f"{operation}: {error!r}")
        else:
            if told is None:
                self.story.skipped += 1
            else:
                self.story.told.append(told)
        if operation.number in self._told:
            self._told[operation.number].set_result(told if isinstance(told, HoldTold) else None)
        return told

    async def _asked(self, operation: Operation) -> Told | None:
        match operation:
            case Hold():
                return await self._hold(operation, operation, operation.lines)
            case Repeat() if operation.of in self._holds:
                if not operation.at_once:
                    await self._told[operation.of]
                of = self._holds[operation.of]
                return await self._hold(operation, of, operation.other_lines or of.lines)
            case Use():
                return await self._use(operation)
            case Change():
                return await self._change(operation)
        return None

    async def _hold(self, asked: Hold | Repeat, of: Hold, lines: Lines) -> HoldTold:
        body = [{"tickettypeId": self._shown.types[place], "quantity": units} for place, units in lines]
        headers = {"idempotency_key": key_text(of.key)} if of.key else {}
        sent = await self._send(asked, "POST", self._shown.path(of.date), body, **headers)
        return self._reader.hold(asked, of, lines, sent)

    async def _use(self, asked: Use) -> Told | None:
        hold = await self._hold_of(asked.of)
        if hold is None:
            return None
        if asked.after_deadline_ms is not None:
            await until_moment(hold.expires_at + asked.after_deadline_ms / 1000)
        path = f"/reservation/{self._public(hold.name)}"
        match asked:
            case Pay(reference=reference):
                sent = await self._send(asked, "POST", path, {"paymentReference": reference})
                return self._reader.use(asked, hold.name, reference, sent)
            case Release():
                return self._reader.use(asked, hold.name, None, await self._send(asked, "DELETE", path))
        return self._reader.use(asked, hold.name, None, await self._send(asked, "GET", path))

    async def _hold_of(self, number: int) -> HoldTold | None:
        """Wait for an answer to a hold; return the last one up to there that is held."""
        if number in self._told:
            await self._told[number]
        done = (self._told[each] for each in sorted(self._told, reverse=True) if each <= number)
        holds = (each.result() for each in done if each.done())
        return next((hold for hold in holds if hold is not None and hold.name), None)

    async def _change(self, asked: Change) -> Told:
        path = f"/admin/events/{self._shown.event_id}"
        content = self._content(asked.changes)
        sent = await self._send(asked, "PATCH", path, content, authorization=f"Bearer {ADMIN_TOKEN}")
        return self._reader.change(asked, sent)

    def _content(self, changes: Sequence[Counters]) -> dict[str, object]:
        content: dict[str, object] = {}
        types = []
        for one in changes:
            limit = {} if one.limit == "as it is" else {"maxTickets" if one.place < 0 else "max": one.limit}
            counters = {**limit, **({"numShards": one.shards} if one.shards else {})}
            if one.place < 0:
                content |= counters
            else:
                types.append({"tickettypeId": self._shown.types[one.place], **counters})
        return {**content, "ticketTypes": types} if types else content

    async def _send(self, asked: Operation, method: str, path: str, content: object = None, **headers: str) -> Sent:
        line = self._lines[asked.client, asked.service]
        at = time.time()
        answer: Answer | None = None
        try:
            if asked.cut_after_ms is None:
                answer = await line.ask(method, path, content, **headers)
            else:
                await line.send(method, path, content, **headers)
                await until_moment(at + asked.cut_after_ms / 1000)
                line.cut()
        except (Lost, OSError):
            line.cut()
        return Sent(at=at, answer=answer, answered_at=time.time())

    def _public(self, name: str) -> str:
        digits, rest = "", self._shown.event_id
        while rest:
            rest, digit = divmod(rest, 36)
            digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        return f"{digits}-{name}"


def key_text(key: int) -> str:
    """Return an Idempotency-Key as it is sent."""
    return f"key-{key}"
