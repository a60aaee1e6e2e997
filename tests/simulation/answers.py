"""Reading answers: what each says, and whether it can be right at all, whatever else happened."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from tests.concurrency.rush_ledger import HoldMade, Refused
from tests.concurrency.rush_line import Answer
from tests.simulation.event_model import Counted, Offer
from tests.simulation.operations import Change, Hold, Lines, Look, Operation, Pay, Release, Repeat
from tests.simulation.story import ChangeTold, HoldTold, Tickets, Untrue, UseTold, Verb

VERBS: dict[type[Operation], Verb] = {Pay: "pay", Release: "release", Look: "look"}


class _Document(msgspec.Struct, rename="camel", kw_only=True):
    pass


class _Ticket(_Document):
    id: str
    tickettype_id: int


class _Reservation(_Document):
    reservation_id: str
    state: str
    created_at: dt.datetime
    expires_at: dt.datetime
    paid_at: dt.datetime | None
    payment_reference: str | None
    tickets: list[_Ticket]


class _Type(_Document):
    tickettype_id: int
    max: int | None
    num_shards: int


class _Event(_Document):
    max_tickets: int
    num_shards: int
    ticket_types: list[_Type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request that was sent, and its answer; None where there is none."""

    at: float
    answer: Answer | None
    answered_at: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads answers about one event, whose types have these ids. All of it raises Untrue."""

    event_id: int
    types: Sequence[int]

    def hold(self, asked: Hold | Repeat, of: Hold, lines: Lines, sent: Sent) -> HoldTold:
        """Read the answer to a hold."""
        told = HoldTold(operation=asked, sent_at=sent.at, date=of.date, lines=lines, key=of.key, outcome="unknown")
        answer = sent.answer
        if answer is None:
            return told
        known = replace(told, answered_at=sent.answered_at)
        if answer.status == 201:
            return self._held(known, answer)
        problem = _problem(answer)
        match answer.status, problem.type:
            case 409, "/problems/sold-out" if problem.left is not None:
                self._check_refusal(lines, problem)
                return replace(known, outcome="refused")
            case 422, "/problems/idempotency-key-reused" if of.key:
                return replace(known, outcome="other tickets")
        return replace(known, outcome="busy") if _nothing_happened(answer, problem) else told

    def use(self, asked: Operation, name: str, reference: str | None, sent: Sent) -> UseTold:
        """Read the answer to a payment, a release or a look."""
        verb = VERBS[type(asked)]
        told = UseTold(operation=asked, sent_at=sent.at, verb=verb, name=name, reference=reference, outcome="unknown")
        answer = sent.answer
        if answer is None:
            return told
        known = replace(told, answered_at=sent.answered_at)
        match verb, answer.status:
            case "release", 204:
                return replace(known, outcome="done")
            case "pay" | "look", 200:
                return self._seen(known, answer.read(_Reservation))
        problem = _problem(answer)
        match answer.status, problem.type:
            case 410, "/problems/reservation-gone":
                return replace(known, outcome="gone")
            case 409, "/problems/already-paid" if verb != "look":
                return replace(known, outcome="paid otherwise")
        return replace(known, outcome="busy") if _nothing_happened(answer, problem) else told

    def change(self, asked: Change, sent: Sent) -> ChangeTold:
        """Read the answer to a change."""
        told = ChangeTold(operation=asked, sent_at=sent.at, outcome="unknown")
        answer = sent.answer
        if answer is None:
            return told
        known = replace(told, answered_at=sent.answered_at)
        if answer.status == 200:
            return replace(known, outcome="done", offer=self._offer(answer.read(_Event)))
        problem = _problem(answer)
        if (answer.status, problem.type) == (409, "/problems/below-sold") and problem.sold is not None:
            return replace(known, outcome="below sold", sold=problem.sold)
        if _nothing_happened(answer, problem):
            return replace(known, outcome="busy")
        return told

    def name_of(self, public: str) -> str:
        """Return the part of a public id that names the reservation, after a look at the one that names the event."""
        event, _, name = public.rpartition("-")
        if not event or int(event, 36) != self.event_id:
            raise Untrue(f"{public} is no reservation of event {self.event_id}")
        return name

    def tickets(self, shown: Sequence[tuple[str, int]]) -> Tickets:
        """Return tickets as the story tells of them."""
        found = frozenset((each.replace("-", ""), self.types.index(kind)) for each, kind in shown)
        if len({each for each, _ in found}) != len(shown):
            raise Untrue(f"a ticket is there twice: {shown}")
        return found

    def _held(self, told: HoldTold, answer: Answer) -> HoldTold:
        made = answer.read(HoldMade)
        tickets = self.tickets([(ticket.id.hex, ticket.tickettype_id) for ticket in made.tickets])
        if Counter(kind for _, kind in tickets) != Counter(dict(told.lines)):
            raise Untrue(f"asked for {told.lines}, got {sorted(kind for _, kind in tickets)}")
        replayed = answer.headers.get("idempotent-replayed")
        if replayed not in ((None, "true") if told.key else (None,)):
            raise Untrue(f"a hold with key {told.key} is told to be replayed: {replayed}")
        if answer.headers["location"] != f"/reservation/{made.reservation_id}":
            raise Untrue(f"{made.reservation_id} is at {answer.headers['location']}")
        return replace(
            told,
            outcome="held" if replayed is None else "replayed",
            name=self.name_of(made.reservation_id),
            expires_at=made.expires_at.timestamp(),
            tickets=tickets,
        )

    def _check_refusal(self, lines: Lines, problem: Refused) -> None:
        """Refuse a refusal that says itself that there is room, or that there is less than nothing."""
        if problem.left is None:
            raise Untrue("a refusal does not tell what is left")
        left = {self.types.index(one.tickettype_id): one.available for one in problem.left.ticket_types}
        whole = problem.left.available
        if min(whole, *left.values()) < 0 or max(left.values()) > whole or len(left) != len(self.types):
            raise Untrue(f"left cannot be {whole} and of the types {left}")
        if sum(units for _, units in lines) <= whole and all(units <= left[kind] for kind, units in lines):
            raise Untrue(f"refused {lines}, though {whole} are left, of the types {left}")

    def _seen(self, told: UseTold, seen: _Reservation) -> UseTold:
        if self.name_of(seen.reservation_id) != told.name:
            raise Untrue(f"asked for {told.name}, got {seen.reservation_id}")
        if (seen.paid_at is None, seen.payment_reference is None) != ((seen.state == "held",) * 2):
            raise Untrue(f"{seen.reservation_id} is {seen.state}, {seen.paid_at}, {seen.payment_reference}")
        if seen.paid_at is not None and not seen.created_at <= seen.paid_at < seen.expires_at:
            raise Untrue(f"{seen.reservation_id} was paid at {seen.paid_at}, but expired at {seen.expires_at}")
        if told.verb == "pay" and seen.payment_reference != told.reference:
            raise Untrue(f"paid with {told.reference}, got {seen.payment_reference}")
        tickets = self.tickets([(ticket.id, ticket.tickettype_id) for ticket in seen.tickets])
        return replace(told, outcome="done", reference=seen.payment_reference, tickets=tickets)

    def _offer(self, event: _Event) -> Offer:
        shown = {one.tickettype_id: Counted(one.max, one.num_shards) for one in event.ticket_types}
        if set(shown) != set(self.types):
            raise Untrue(f"the event offers {sorted(shown)}, not {self.types}")
        return Offer(Counted(event.max_tickets, event.num_shards), tuple(shown[kind] for kind in self.types))


def _problem(answer: Answer) -> Refused:
    if answer.status < 400 or answer.headers.get("content-type") != "application/problem+json":
        raise Untrue(f"unexpected: {answer.status} {answer.body!r}")
    return answer.read(Refused)


def _nothing_happened(answer: Answer, problem: Refused) -> bool:
    """Tell of an honest 503 whether it says that nothing happened, or that nobody knows. Raises for anything else."""
    if (answer.status, problem.type) != (503, "/problems/overloaded") or int(answer.headers["retry-after"]) < 1:
        raise Untrue(f"unexpected: {answer.status} {answer.body!r}")
    return "nothing" in problem.detail
