"""Guess, book, learn: the file that joins the truth (booking/) and the guess (availability/).

One flight carries holds of one event: a plan from the guess → one booking statement → what it returned corrects the
guess. Where a plan for several dates together does not hold, each date is booked by itself.

Nobody is refused by the guess. A refusal rests on a full pass over the date, at most `exhausted_ms_max` old, and a
request with an Idempotency-Key is refused only after a full pass of its own and a look for its key in Postgres.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

import asyncpg

from boxoffice.availability.marks import Marks
from boxoffice.availability.values import DateRoom, left_of
from boxoffice.booking.allocation import Rooms
from boxoffice.booking.expire import expire_date
from boxoffice.booking.find import Keyed, find_by_keys
from boxoffice.booking.full_pass import read_whole_date
from boxoffice.booking.give_back import give_back
from boxoffice.booking.hold import PlanDoesNotHold, PlannedHold, book
from boxoffice.booking.passengers import Boarded
from boxoffice.booking.values import Claim, FullPass, Held, Moved, Wanted
from boxoffice.catalog.values import EventDescription
from boxoffice.errors import DatePast, IdempotencyKeyReused, InvalidRequest, NotFound, Overloaded, Problem, SoldOut
from boxoffice.guess import Guess
from boxoffice.hold_plan import OTHER_TICKETS, Buyer, Plan, plan_holds, reservation_of, same_request
from boxoffice.settings import Settings
from boxoffice.values import DateKey, GivenBack, Left

REFUSED_AS_A_WHOLE = (asyncpg.IntegrityConstraintViolationError, asyncpg.DeadlockDetectedError)
ReadWholeDate = Callable[[asyncpg.Pool, DateKey], Awaitable[FullPass | None]]


class Book(Protocol):
    """Books a plan of one event, whole or not at all: in one statement, or where that cannot be, in one transaction."""

    async def __call__(
        self, connection: asyncpg.Pool, event_id: int, plan: Sequence[PlannedHold], hold_seconds: int, /
    ) -> tuple[Claim, Mapping[DateKey, Moved]]:
        """Return what was made and what is left. Raises PlanDoesNotHold."""
        ...


class Descriptions(Protocol):
    """Where events are described: from memory, or read anew when memory may be too old to refuse by."""

    async def event_description(self, event_id: int) -> EventDescription | None:
        """Return what an event offers, at most `catalog_ms_max` old."""
        ...

    async def event_description_anew(self, event_id: int) -> EventDescription | None:
        """Return what an event offers now."""
        ...


class Counts:
    """What this process did, for the metrics: plain counts since its start."""

    __slots__ = ("flights", "held", "passes", "plans_failed", "replayed", "sold_out_by_mark", "sold_out_by_pass")

    def __init__(self) -> None:
        self.flights = self.held = self.replayed = 0
        self.passes = self.plans_failed = self.sold_out_by_mark = self.sold_out_by_pass = 0


class HoldFlights:
    """Books flights of holds. `on_given_back` hears of overdue holds that it gave back, after the commit."""

    def __init__(
        self,
        *,
        settings: Settings,
        pool: asyncpg.Pool,
        descriptions: Descriptions,
        marks: Marks,
        guess: Guess,
        on_given_back: Callable[[Sequence[GivenBack]], None],
        full_pass: ReadWholeDate = read_whole_date,
        book: Book = book,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._descriptions = descriptions
        self._marks = marks
        self._guess = guess
        self._on_given_back = on_given_back
        self._full_pass = full_pass
        self._book = book
        self.counts = Counts()

    async def fly(self, boarded: Boarded[DateKey, Wanted, Held]) -> None:
        """Settle every buyer: all dates in one statement where that goes, then who is left, date by date."""
        self.counts.flights += 1
        give_up_at = time.monotonic() + self._settings.statement_ms_max / 1000
        if len(boarded) > 1:
            await self._book_together(boarded)
        for date_key, buyers in boarded.items():
            waiting = [buyer for buyer in buyers if not buyer.settled]
            if waiting:
                await self._book_date(date_key, waiting, give_up_at)

    async def _book_together(self, boarded: Boarded[DateKey, Wanted, Held]) -> None:
        """Book what fits of several dates at once and settle it; when anything is wrong with it, nobody.

        A date whose guess has just been corrected by a full pass stays out until a plan of its own has held: one date
        of which others sell the last tickets would ground the flights of all.
        """
        await asyncio.gather(*(self._assume(date_key) for date_key in boarded if not self._guess.rooms_of(date_key)))
        self._guess.turn()
        plans: list[Plan] = []
        for date_key, buyers in boarded.items():
            self._refuse_by_marks(buyers)
            rooms = self._guess.rooms_of(date_key) or await self._assume(date_key)
            if not rooms.doubted:
                plans.append(plan_holds(date_key, rooms, [buyer for buyer in buyers if not buyer.settled]))
        try:
            await self._book_plans([plan for plan in plans if plan.aboard])
        except (PlanDoesNotHold, *REFUSED_AS_A_WHOLE):
            self.counts.plans_failed += 1
            for plan in plans:
                plan.give_up_all()

    async def _book_date(self, date_key: DateKey, buyers: Sequence[Buyer], give_up_at: float) -> None:
        """Settle every buyer of one date. What the database refuses as a whole is sent once more, one by one."""
        try:
            await self._book_all(date_key, buyers, give_up_at)
        except REFUSED_AS_A_WHOLE as error:
            for buyer in buyers:
                if len(buyers) == 1:
                    raise
                if not buyer.settled:
                    await self._book_alone(date_key, buyer, error, give_up_at)

    async def _book_alone(self, date_key: DateKey, buyer: Buyer, cause: Exception, give_up_at: float) -> None:
        try:
            await self._book_all(date_key, [buyer], give_up_at)
        except REFUSED_AS_A_WHOLE as error:
            error.__cause__ = cause
            buyer.refuse(error)

    async def _book_all(self, date_key: DateKey, buyers: Sequence[Buyer], give_up_at: float) -> None:
        """Guess, book, learn, until everyone is settled; each plan that fails makes the next one half as large."""
        waiting, failures = list(buyers), 0
        for _ in range(self._settings.flight_attempts_max):
            if time.monotonic() > give_up_at:
                break
            self._refuse_by_marks(waiting)
            waiting = [buyer for buyer in waiting if not buyer.settled]
            if not waiting:
                return
            to_judge = aboard = waiting[: max(1, len(waiting) >> failures)]
            try:
                await self._book_what_fits(date_key, aboard)
            except PlanDoesNotHold:
                failures += 1
                self.counts.plans_failed += 1
                to_judge = waiting
            unsettled = [buyer for buyer in to_judge if not buyer.settled]
            if unsettled:
                await self._judge(date_key, unsettled)
        for buyer in waiting:
            buyer.refuse(
                Overloaded("Too many buyers want the last tickets at once; nothing is booked.", reason="attempts_spent")
            )

    def is_known_to_offer(self, wanted: Wanted) -> bool:
        """Tell whether what is remembered of the date has all types: an event never takes back one that it offered."""
        rooms = self._guess.rooms_of(wanted.date_key)
        return rooms is not None and {ticket_type for ticket_type, _ in wanted.lines} <= rooms.types.keys()

    async def check_offered(self, wanted: Wanted) -> None:
        """Return when the event offers what is wanted. Raises NotFound or InvalidRequest, never from old memory."""
        event_id = wanted.date_key.event_id
        event = await self._descriptions.event_description(event_id)
        if event is None or not _offers(event, wanted):
            event = await self._descriptions.event_description_anew(event_id)
        if event is None:
            raise NotFound("There is no such event.")
        if not _offers(event, wanted):
            raise InvalidRequest("The event does not offer one of these ticket types.")

    def refused_by_mark(self, wanted: Wanted) -> Left | None:
        """Return what is left when a full pass, recent enough, has no room; never for one with an Idempotency-Key."""
        if wanted.idempotency_key is not None:
            return None
        left = self._marks.refuses(wanted.date_key, wanted.total, wanted.lines)
        if left is not None:
            self.counts.sold_out_by_mark += 1
        return left

    def refuses_still(self, date_key: DateKey, left: Left) -> bool:
        """Tell whether the mark that refused a request without an Idempotency-Key refuses the same one again."""
        refuses = self._marks.refuses_still(date_key, left)
        self.counts.sold_out_by_mark += refuses
        return refuses

    def _refuse_by_marks(self, buyers: Sequence[Buyer]) -> None:
        for buyer in buyers:
            left = None if buyer.settled else self.refused_by_mark(buyer.request)
            if left is not None:
                buyer.refuse(SoldOut(left))

    async def _book_what_fits(self, date_key: DateKey, buyers: Sequence[Buyer]) -> None:
        """Book those for whom the guess finds room and settle them; the others keep waiting."""
        rooms = self._guess.rooms_of(date_key) or await self._assume(date_key)
        self._guess.turn()
        plan = plan_holds(date_key, rooms, buyers)
        if plan.aboard:
            await self._book_plans([plan])

    async def _book_plans(self, plans: Sequence[Plan]) -> None:
        """Book plans of different dates in one statement; settle those who were booked, and learn."""
        holds = [hold for plan in plans for _, hold in plan.aboard]
        if not holds:
            return
        event_id = plans[0].date_key.event_id
        claim, moved = await self._book(self._pool, event_id, holds, self._settings.hold_seconds)
        for plan in plans:
            for buyer, hold in plan.aboard:
                if hold.reservation_id in claim.ids:
                    self.counts.held += 1
                    buyer.settle(Held(reservation=reservation_of(hold, claim)))
                else:
                    plan.give_up(hold)
            self._guess.learn_moved(plan.date_key, moved[plan.date_key])

    async def _assume(self, date_key: DateKey) -> Rooms:
        event = await self._descriptions.event_description(date_key.event_id)
        if event is None:
            raise NotFound("There is no such event.")
        rooms = self._guess.assume(date_key, event)
        self._guess.learn_exhausted(date_key, *await self._marks.exhausted_shards(date_key))
        return rooms

    async def _judge(self, date_key: DateKey, buyers: Sequence[Buyer]) -> None:
        """Read the date's whole room and the buyers' keys; refuse those who cannot be served, learn for the rest."""
        await self._ask_marks(date_key, buyers)
        buyers = [buyer for buyer in buyers if not buyer.settled]
        if not buyers:
            return
        epoch, passed_at = await self._marks.epoch(date_key), time.monotonic()
        self.counts.passes += 1
        whole = await self._full_pass(self._pool, date_key)
        await self._replay(date_key, buyers)
        if whole is None or whole.past:
            problem: Problem = DatePast("The date has begun.") if whole else NotFound("There is no such date.")
            self._guess.forget([date_key])
            for buyer in buyers:
                buyer.refuse(problem)
            return
        rooms = self._guess.learn_pass(date_key, whole)
        misfits = [buyer for buyer in buyers if not (buyer.settled or rooms.fits(buyer.request.lines))]
        if misfits and whole.overdue:
            self._on_given_back(await expire_date(self._pool, date_key, self._settings.sweep_batch_rows_max))
        elif misfits and time.monotonic() - passed_at < self._settings.exhausted_ms_max / 1000:
            # A pass that grew too old while keys were looked for refuses nobody; the next one will be younger.
            room = DateRoom(total=whole.total, types=whole.types)
            left = left_of(room)
            self.counts.sold_out_by_pass += len(misfits)
            self._marks.learn(date_key, epoch, passed_at, room)
            for buyer in misfits:
                buyer.refuse(SoldOut(left))

    async def _ask_marks(self, date_key: DateKey, buyers: Sequence[Buyer]) -> None:
        """Ask the shared memory first: another process may have made the pass a moment ago."""
        unkeyed = [buyer for buyer in buyers if buyer.request.idempotency_key is None]
        if unkeyed and await self._marks.ask(date_key, unkeyed[0].request.total, unkeyed[0].request.lines):
            self._refuse_by_marks(unkeyed)

    async def _replay(self, date_key: DateKey, buyers: Sequence[Buyer]) -> None:
        """Answer those whose Idempotency-Key is held: replayed, or refused when it belongs to other tickets."""
        keyed = {buyer.request.idempotency_key: buyer for buyer in buyers if buyer.request.idempotency_key}
        if not keyed:
            return
        found = await find_by_keys(self._pool, date_key.event_id, [key for key in keyed if key])
        overdue = [held.reservation.id for held in found.values() if not held.live]
        if overdue:
            self._on_given_back((await give_back(self._pool, date_key.event_id, overdue, "overdue")).given_back)
        for buyer in buyers:
            held = found.get(buyer.request.idempotency_key or "")
            if held and held.live:
                self._answer_again(buyer, held)

    def _answer_again(self, buyer: Buyer, held: Keyed) -> None:
        if same_request(buyer.request, held.reservation):
            self.counts.replayed += 1
            buyer.settle(Held(reservation=held.reservation, replayed=True))
        else:
            buyer.refuse(IdempotencyKeyReused(OTHER_TICKETS))


def _offers(event: EventDescription, wanted: Wanted) -> bool:
    offered = {offered.ticket_type_id for offered in event.ticket_types}
    return all(ticket_type in offered for ticket_type, _ in wanted.lines)
