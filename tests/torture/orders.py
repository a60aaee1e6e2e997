"""What the buyers of a load know: every order with its answers, and from them what must be true.

A hold is one of: held (201), refused (409), busy (503, nothing booked), unsent (no connection came about), or lost (no
answer, or a 503 that says so: the outcome is unknown). What becomes of one that is held, a payment or a release, may be
unknown for the same reasons.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from uuid import UUID

from boxoffice.values import DateKey
from tests.concurrency.rush_ledger import HoldMade, Ledger, Lines, Refused, now
from tests.concurrency.rush_line import Answer

Fact: TypeAlias = Literal["no", "yes", "unknown"]
State: TypeAlias = Literal["held", "refused", "busy", "unsent", "lost"]

NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)
PAYS_LATE_SECONDS = 1.0
"""So much before its deadline an answer 410 is not judged: clocks of two programs are read one after the other."""


@dataclass(slots=True, kw_only=True, eq=False)
class Order:
    """One hold that somebody asked for, and what became of it."""

    date_key: DateKey
    lines: Lines
    key: str | None
    sent_at: float
    state: State = "lost"
    answered_at: float = math.inf
    name: str = ""
    expires_at: dt.datetime = NEVER
    tickets: Mapping[UUID, int] = field(default_factory=dict)
    reference: str = ""
    paid: Fact = "no"
    gone: Fact = "no"
    left_at: float = math.inf
    """When it was asked to be let go, or found to be gone."""
    left: int | None = None
    """How many were left of what was refused: what would have fit of its first type."""

    @property
    def units(self) -> int:
        """Tickets asked for."""
        return sum(self.lines.values())

    @property
    def is_live(self) -> bool:
        """Whether its buyer may take it for held and not yet paid."""
        return self.state == "held" and self.paid == "no" and self.gone == "no"

    @property
    def is_unknown(self) -> bool:
        """Whether its outcome is unknown and a repeat tells it."""
        return (self.state == "lost" and self.key is not None) or "unknown" in (self.paid, self.gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSale:
    """A date on sale: how many there are, and the limits of its types."""

    date_key: DateKey
    capacity: int
    limits: Lines


class Orders:
    """All orders of a load on some dates. `faults` are answers that cannot be true, in words."""

    def __init__(self, on_sale: Sequence[OnSale]) -> None:
        self.on_sale = {date.date_key: date for date in on_sale}
        self.all: list[Order] = []
        self.held_at: list[float] = []
        self.busy_later = 0
        """Answers 503 about what was held before: to payments, to releases, to repeats."""
        self._ledgers = {date.date_key: Ledger(date.capacity, date.limits) for date in on_sale}
        self._faults: list[str] = []

    @property
    def faults(self) -> list[str]:
        """Answers that cannot be true."""
        return [*self._faults, *(fault for ledger in self._ledgers.values() for fault in ledger.faults)]

    def asks(self, date_key: DateKey, lines: Lines, key: str | None) -> Order:
        """Write down a hold that is about to be asked for."""
        order = Order(date_key=date_key, lines=lines, key=key, sent_at=now())
        self._ledgers[date_key].asked(lines)
        self.all.append(order)
        return order

    def answered(self, order: Order, answer: Answer) -> None:
        """Write down and judge the answer to a hold."""
        order.answered_at = now()
        ledger = self._ledgers[order.date_key]
        order.state = ledger.answered(order.lines, order.sent_at, answer)
        if order.state == "held":
            made = answer.read(HoldMade)
            order.name, order.expires_at = made.reservation_id, made.expires_at
            order.tickets = ledger.tickets[made.reservation_id]
            self.held_at.append(order.answered_at)
        elif order.state == "refused" and (refused := answer.read(Refused)).left is not None:
            of_types = {each.tickettype_id: each.available for each in refused.left.ticket_types}
            order.left = of_types[next(iter(order.lines))]

    def answered_again(self, order: Order, answer: Answer) -> None:
        """Write down the answer to a hold whose outcome was unknown: a 503 leaves it so."""
        if answer.status == 503:
            self.busy(order, answer)
        else:
            self.answered(order, answer)

    def unsent(self, order: Order) -> None:
        """Write down that nothing was asked after all."""
        order.state = "unsent"
        self._ledgers[order.date_key].claimed.subtract(order.lines)

    def busy(self, order: Order, answer: Answer) -> bool:
        """Judge a 503 to anything about an order; return whether it says that the outcome is unknown."""
        self.busy_later += 1
        return "outcome is unknown" in self._ledgers[order.date_key].busy(answer).detail

    def let_go(self, order: Order) -> None:
        """Write down that a hold was let go."""
        order.gone = "yes"
        self._ledgers[order.date_key].let_go(order.name)

    def found_gone(self, order: Order) -> None:
        """Judge a 410: before its deadline a hold may not be gone, unless it was let go."""
        order.left_at = min(order.left_at, now())
        early = order.expires_at - dt.timedelta(seconds=PAYS_LATE_SECONDS)
        if order.gone == "no" and dt.datetime.now(tz=dt.UTC) < early:
            self._faults.append(f"{order.name} was acknowledged until {order.expires_at}, and 410 before")
        order.gone, order.paid = "yes", "no"

    def fault(self, what: str) -> None:
        """Write down an answer that cannot be true."""
        self._faults.append(what)

    def live(self) -> list[Order]:
        """Return what was acknowledged as held and is neither paid nor let go, as far as its buyers know."""
        return [order for order in self.all if order.is_live]

    def most_held(self, date_key: DateKey) -> int:
        """Return the most units that were certainly held or paid at one moment, going by the answers alone."""
        moves: list[tuple[float, int]] = []
        for order in self.all:
            if order.date_key == date_key and order.state == "held":
                moves += [(order.answered_at, order.units), (_end_of(order), -order.units)]
        most = held = 0
        for _, units in sorted(moves):
            held += units
            most = max(most, held)
        return most


def _end_of(order: Order) -> float:
    """Return until when, on the monotonic clock, an acknowledged order certainly keeps its tickets."""
    if order.paid == "yes":
        return math.inf
    lapses_in = (order.expires_at - dt.datetime.now(tz=dt.UTC)).total_seconds()
    return min(order.left_at, now() + lapses_in)
