"""The booking side as the API sees it: hold, pay, release, find; each request travels in a flight with its like.

Holds wait by date and are combined by event; everything else waits and is combined by event. All flights share the
runways, which are as many as the booking connections, so that no kind of request and no event can take them all for
long.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar
from uuid import UUID

import asyncpg

from boxoffice.booking.audit import audit_one
from boxoffice.booking.audit_report import AuditReport
from boxoffice.booking.expire import expire_event
from boxoffice.booking.find import find, find_by_keys
from boxoffice.booking.flights import Flights
from boxoffice.booking.passengers import Boarded, Passenger
from boxoffice.booking.pay import judge_payment, pay
from boxoffice.booking.release import judge_release, release
from boxoffice.booking.values import Held, Wanted
from boxoffice.counting import Traffic
from boxoffice.database import database_url, unreachable_as_overloaded
from boxoffice.errors import IdempotencyKeyReused, Problem, ReservationGone, SoldOut
from boxoffice.hold_flight import HoldFlights
from boxoffice.hold_plan import OTHER_TICKETS, same_request
from boxoffice.settings import Settings
from boxoffice.values import DateKey, GivenBack, Left, Reservation

DRAIN_SECONDS_MAX = 1.5
AUDIT_SECONDS_MAX = 30.0

OUTCOME_UNKNOWN = (
    "The database did not answer; the outcome is unknown. A repeat tells it: of a payment at any time, of a hold with"
    " the same Idempotency-Key. A hold that nobody pays lapses by itself."
)

Key = TypeVar("Key", bound=Hashable)
Request = TypeVar("Request")
Answer = TypeVar("Answer")


class Combined(Protocol):
    """What all flights have in common, whatever they carry."""

    waiting: int
    traffic: Traffic

    async def watch_forever(self) -> None:
        """Answer what waits too long. Runs until cancelled."""
        ...

    async def drain(self, seconds_max: float) -> None:
        """Take no more requests and answer those that are under way."""
        ...


class Selling:
    """Sells. Every verb answers, raises a Problem, or raises Overloaded within its bounds; none waits for ever.

    `on_given_back` hears of every unit that this process puts back on sale, after the commit and before the answer.
    One audit at a time is within `audits`.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        pool: asyncpg.Pool,
        hold_flights: HoldFlights,
        on_given_back: Callable[[Sequence[GivenBack]], None],
        audits: AbstractAsyncContextManager[None] | None = None,
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._hold_flights = hold_flights
        self._on_given_back = on_given_back
        self._audits = audits or asyncio.Lock()
        self._runways = asyncio.Semaphore(settings.database_connections_max)
        self.holds: Flights[DateKey, Wanted, Held] = self._flights(hold_flights.fly, lambda date_key: date_key.event_id)
        self.payments: Flights[int, tuple[UUID, str], Reservation] = self._flights_of_event(self._pay_flight)
        self.releases: Flights[int, UUID, None] = self._flights_of_event(self._release_flight)
        self.finds: Flights[int, UUID, Reservation] = self._flights_of_event(self._find_flight)

    def _flights(
        self, fly: Callable[[Boarded[Key, Request, Answer]], Awaitable[None]], event_of: Callable[[Key], int]
    ) -> Flights[Key, Request, Answer]:
        async def fly_or_be_overloaded(boarded: Boarded[Key, Request, Answer]) -> None:
            with unreachable_as_overloaded(OUTCOME_UNKNOWN):
                await fly(boarded)

        return Flights(
            fly_or_be_overloaded,
            group_of=event_of,
            runways=self._runways,
            requests_max=self._settings.flight_requests_max,
            queue_max=self._settings.queue_requests_max,
            wait_ms_max=self._settings.flight_wait_ms_max,
        )

    def _flights_of_event(
        self, fly: Callable[[int, Sequence[Passenger[Request, Answer]]], Awaitable[None]]
    ) -> Flights[int, Request, Answer]:
        """Make flights whose key is the event itself: each carries one."""

        async def fly_each(boarded: Boarded[int, Request, Answer]) -> None:
            for event_id, passengers in boarded.items():
                await fly(event_id, passengers)

        return self._flights(fly_each, lambda event_id: event_id)

    async def hold(self, wanted: Wanted) -> Held:
        """Hold tickets until they are paid or expire: all that was asked for, or nothing.

        Raises NotFound, InvalidRequest (a type that is not offered), DatePast, SoldOut, IdempotencyKeyReused,
        Overloaded (not booked, unless its text says that the outcome is unknown).
        """
        try:
            if not self._hold_flights.is_known_to_offer(wanted):
                await self._hold_flights.check_offered(wanted)
            left = self._hold_flights.refused_by_mark(wanted)
            if left is None:
                return await self.holds.join(wanted.date_key, wanted, wanted.gone)
        except Exception as error:
            self.holds.traffic.refused(error)
            raise
        raise SoldOut(left)

    def refuses_still(self, date_key: DateKey, left: Left) -> bool:
        """Tell whether a hold that was SoldOut with this `left`, without an Idempotency-Key, is so again."""
        return self._hold_flights.refuses_still(date_key, left)

    async def pay(self, event_id: int, reservation_id: UUID, reference: str) -> Reservation:
        """Pay a hold before its deadline; repeatable with the same reference.

        Raises ReservationGone, AlreadyPaid (with another reference), Overloaded (a repeat tells the outcome).
        """
        return await _counted("paid", self.payments, event_id, (reservation_id, reference))

    async def release(self, event_id: int, reservation_id: UUID) -> None:
        """Let a hold go; its tickets are on sale when this returns. Raises ReservationGone, AlreadyPaid, Overloaded."""
        await _counted("released", self.releases, event_id, reservation_id)

    async def find(self, event_id: int, reservation_id: UUID) -> Reservation:
        """Return a live reservation. Raises ReservationGone, Overloaded."""
        return await _counted("found", self.finds, event_id, reservation_id)

    async def held_already(self, wanted: Wanted) -> Held | None:
        """Answer a hold that stands once more, by its Idempotency-Key; None, and nothing is booked, when none does.

        Raises IdempotencyKeyReused, Overloaded.
        """
        key = wanted.idempotency_key or ""
        with unreachable_as_overloaded():
            found = await find_by_keys(self._pool, wanted.date_key.event_id, [key])
        if key not in found or not found[key].live:
            return None
        if not same_request(wanted, found[key].reservation):
            raise IdempotencyKeyReused(OTHER_TICKETS)
        self._hold_flights.counts.replayed += 1
        return Held(reservation=found[key].reservation, replayed=True)

    async def expire_overdue(self, event_id: int) -> None:
        """Give back all overdue holds of an event. Raises Overloaded."""
        with unreachable_as_overloaded():
            await expire_event(self._pool, event_id, self._settings.sweep_batch_rows_max, self._on_given_back)

    async def audit(self, event_id: int, seconds_max: float = AUDIT_SECONDS_MAX) -> AuditReport | None:
        """Recount one event and compare; None when there is no such event. One at a time, beside the bookings' pool.

        Raises Overloaded after `seconds_max`, the wait for others included, also when the database hangs.
        """
        with unreachable_as_overloaded("The audit was given up: the database did not answer in time."):
            async with asyncio.timeout(seconds_max), self._audits:
                return await audit_one(database_url(self._settings), event_id)

    async def _pay_flight(self, event_id: int, payers: Sequence[Passenger[tuple[UUID, str], Reservation]]) -> None:
        references: dict[UUID, str] = {}
        for payer in payers:
            references.setdefault(*payer.request)
        paid = await pay(self._pool, event_id, references)
        for payer in payers:
            reservation_id, reference = payer.request
            try:
                payer.settle(judge_payment(paid.get(reservation_id), reference))
            except Problem as problem:
                payer.refuse(problem)

    async def _release_flight(self, event_id: int, leavers: Sequence[Passenger[UUID, None]]) -> None:
        returned = await release(self._pool, event_id, list({leaver.request for leaver in leavers}))
        self._on_given_back(returned.given_back)
        done: set[UUID] = set()
        for leaver in leavers:
            try:
                judge_release(returned, leaver.request, repeated=leaver.request in done)
                leaver.settle(None)
            except Problem as problem:
                leaver.refuse(problem)
            done.add(leaver.request)

    async def _find_flight(self, event_id: int, seekers: Sequence[Passenger[UUID, Reservation]]) -> None:
        found = await find(self._pool, event_id, list({seeker.request for seeker in seekers}))
        for seeker in seekers:
            reservation = found.get(seeker.request)
            if reservation is None:
                seeker.refuse(ReservationGone("There is no live reservation of this id."))
            else:
                seeker.settle(reservation)

    async def watch_forever(self) -> None:
        """Answer what waits too long, in all queues. Runs until cancelled."""
        await asyncio.gather(*(flights.watch_forever() for flights in self.all_flights))

    async def drain(self) -> None:
        """Take no more requests; answer those that wait or fly, within DRAIN_SECONDS_MAX, and refuse the rest."""
        await asyncio.gather(*(flights.drain(DRAIN_SECONDS_MAX) for flights in self.all_flights))

    @property
    def all_flights(self) -> Sequence[Combined]:
        """The four queues, for whoever watches or drains them."""
        return self.holds, self.payments, self.releases, self.finds


async def _counted(outcome: str, flights: Flights[Key, Request, Answer], key: Key, request: Request) -> Answer:
    """Send a request with its kind's next flight, and count how it ends."""
    try:
        answer = await flights.join(key, request)
    except Exception as error:
        flights.traffic.refused(error)
        raise
    flights.traffic.ended(outcome)
    return answer
