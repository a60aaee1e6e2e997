"""What the buyers know of one date, and by it the judge of every answer that they get.

A ledger never asks the service or the database: it adds up what was asked, what was acknowledged and what was refused,
and writes down as a fault every answer that cannot be true.
"""

import datetime as dt
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias
from uuid import UUID

import msgspec

from tests.concurrency.rush_line import Answer

Lines: TypeAlias = Mapping[int, int]
Outcome: TypeAlias = Literal["held", "refused", "busy", "lost"]


LOOK_SECONDS_MAX = 0.25
"""A refusal may rest on a look at the date that is so much older than its request (`exhausted_ms_max`)."""
LET_GO_MAX = 1_000


class _Document(msgspec.Struct, rename="camel", kw_only=True):
    pass


class _Ticket(_Document):
    id: UUID
    tickettype_id: int


class HoldMade(_Document):
    """The answer to a hold that was made."""

    reservation_id: str
    expires_at: dt.datetime
    tickets: list[_Ticket]


class _TypeLeft(_Document):
    tickettype_id: int
    available: int


class _Left(_Document):
    available: int
    ticket_types: list[_TypeLeft]


class Refused(_Document):
    """A problem document; `left` of a sold-out one, `sold` of a below-sold one."""

    type: str
    detail: str
    left: _Left | None = None
    sold: int | None = None


class Ledger:
    """The buyers' sums of one date with a capacity and limits by type.

    `claimed` is what may be held at most: all that was asked for and neither refused nor let go. A refusal is a fault
    when even all of that, what was let go since the look that it may rest on, and the request itself would fit;
    refusals of requests sent before `judged_from` (monotonic) are let be, and `judged` counts the answers to later
    ones. `tickets` are those that each hold was told to have, with their types, whether or not it is still there. At
    `milestones`, numbers of tickets held, an action runs once, between two answers.
    """

    def __init__(
        self, capacity: int, limits: Lines, milestones: Sequence[tuple[int, Callable[[], object]]] = ()
    ) -> None:
        self.capacity = capacity
        self.limits = limits
        self.judged_from = float("-inf")
        self.claimed = Counter[int]()
        self.reservations: dict[str, Lines] = {}
        self.tickets: dict[str, Mapping[UUID, int]] = {}
        self.outcomes = Counter[Outcome]()
        self.judged = 0
        self.faults: list[str] = []
        self.lost_sent_at: list[float] = []
        self._deadlines: dict[str, dt.datetime] = {}
        self._milestones = list(milestones)
        self._let_go = deque[tuple[float, Lines]](maxlen=LET_GO_MAX)

    @property
    def held(self) -> int:
        """Tickets acknowledged and not let go."""
        return sum(sum(lines.values()) for lines in self.reservations.values())

    def held_of(self, kind: int) -> int:
        """Tickets of a type acknowledged and not let go."""
        return sum(lines.get(kind, 0) for lines in self.reservations.values())

    def asked(self, lines: Lines) -> None:
        """Write down a request that is about to be sent."""
        self.claimed.update(lines)

    def answered(self, lines: Lines, sent_at: float, answer: Answer) -> Outcome:
        """Judge the answer to a request for tickets and write down what came of it."""
        self.judged += sent_at >= self.judged_from
        match answer.status:
            case 201:
                outcome = self._hold_made(lines, answer)
            case 409:
                outcome = self._was_refused(lines, sent_at, answer)
            case 503:
                outcome = self._was_busy(lines, answer)
            case _:
                self.faults.append(f"{answer.status} {answer.body.decode()}")
                outcome = "lost"
        self.outcomes[outcome] += 1
        return outcome

    def lost(self, sent_at: float) -> Outcome:
        """Write down that no answer came: the tickets may be held or not."""
        self.outcomes["lost"] += 1
        self.lost_sent_at.append(sent_at)
        return "lost"

    @property
    def last_deadline(self) -> dt.datetime:
        """When the last one of all holds expires that were ever acknowledged."""
        return max(self._deadlines.values())

    def is_over(self, name: str) -> bool:
        """Tell whether a hold's time to pay is over."""
        return dt.datetime.now(tz=dt.UTC) >= self._deadlines[name]

    def let_go(self, name: str) -> None:
        """Write down that a hold is no more."""
        lines = self.reservations.pop(name)
        self.claimed.subtract(lines)
        self._let_go.append((now(), lines))

    def forget_lost(self) -> None:
        """Take in that nothing is held but what was acknowledged: the rest was never booked, or has expired."""
        self.claimed = Counter[int]()
        for lines in self.reservations.values():
            self.claimed.update(lines)

    def busy(self, answer: Answer) -> Refused:
        """Judge a 503: honest when it says what it is, when to come again, and that nothing was booked."""
        problem = answer.read(Refused)
        honest = problem.type == "/problems/overloaded" and int(answer.headers.get("retry-after", "0")) >= 1
        if not honest:
            self.faults.append(f"a dishonest 503: {answer}")
        return problem

    def _hold_made(self, lines: Lines, answer: Answer) -> Outcome:
        made = answer.read(HoldMade)
        got = Counter(ticket.tickettype_id for ticket in made.tickets)
        if got != Counter(lines) or len({ticket.id for ticket in made.tickets}) != got.total():
            self.faults.append(f"asked for {lines}, got {dict(got)}")
        if made.reservation_id in self.reservations:
            self.faults.append(f"{made.reservation_id} was made twice")
        self.reservations[made.reservation_id] = lines
        self.tickets[made.reservation_id] = {ticket.id: ticket.tickettype_id for ticket in made.tickets}
        self._deadlines[made.reservation_id] = made.expires_at
        while self._milestones and self.held >= self._milestones[0][0]:
            self._milestones.pop(0)[1]()
        return "held"

    def _was_refused(self, lines: Lines, sent_at: float, answer: Answer) -> Outcome:
        problem = answer.read(Refused)
        if problem.type != "/problems/sold-out" or problem.left is None:
            self.faults.append(f"409 {problem}")
        elif _fits(lines, problem.left):
            self.faults.append(f"refused {lines}, though {problem.left} are left")
        elif sent_at >= self.judged_from and not self._may_be_short(lines, sent_at):
            self.faults.append(f"refused {lines}, though of {self.capacity} at most {self.claimed} are held")
        self.claimed.subtract(lines)
        return "refused"

    def _may_be_short(self, lines: Lines, sent_at: float) -> bool:
        """Tell whether what others may have held and these lines, already claimed, are more than there is."""
        claimed = Counter(self.claimed)
        for let_go_at, units in self._let_go:
            if let_go_at >= sent_at - LOOK_SECONDS_MAX:
                claimed.update(units)
        return claimed.total() > self.capacity or any(claimed[kind] > self.limits[kind] for kind in lines)

    def _was_busy(self, lines: Lines, answer: Answer) -> Outcome:
        if "outcome is unknown" in self.busy(answer).detail:
            return "lost"
        self.claimed.subtract(lines)
        return "busy"


def _fits(lines: Lines, left: _Left) -> bool:
    of_type = {one.tickettype_id: one.available for one in left.ticket_types}
    return sum(lines.values()) <= left.available and all(units <= of_type[kind] for kind, units in lines.items())


def now() -> float:
    """Return the clock by which requests are judged."""
    return time.monotonic()
