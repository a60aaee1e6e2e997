"""How many tickets of one date one client may hold without having paid them, so that nobody takes a date off sale.

Modes: off (the limit is 0), counting in Redis for all processes together and here besides, counting here alone while
Redis is away: a client then has at most the limit at each process.

A hold first claims its tickets, and books only what it has claimed. The claim stands until the hold is paid or let go
by the same client, and lapses with the hold in any case. So what a client holds unpaid is never more than its claims.
Repeats of a hold that is under way share its claim. That takes the same key and the same tickets: were the key enough,
whoever has claimed one ticket could book many by it.
"""

import secrets
from math import ceil
from typing import NamedTuple
from uuid import UUID

from boxoffice.api.claims import Claims
from boxoffice.availability import keys
from boxoffice.availability.moments import Clock, monotonic
from boxoffice.availability.scripts import LIMIT_SCRIPTS, LimitScripts
from boxoffice.availability.shared import Shared
from boxoffice.booking.values import Held, Wanted
from boxoffice.errors import InvalidRequest, Overloaded, Problem, RateLimited
from boxoffice.selling import Selling
from boxoffice.settings import Settings
from boxoffice.values import DateKey

WAS_NOT_MADE = 0


class _Claimed(NamedTuple):
    claimant: str
    name: str


class HeldLimit:
    """Holds for clients within their limit, when `counts`."""

    def __init__(
        self,
        shared: Shared,
        settings: Settings,
        clock: Clock = monotonic,
        scripts: LimitScripts = LIMIT_SCRIPTS,
    ) -> None:
        self._shared = shared
        self._scripts = scripts
        self._claims = Claims(clock)
        self._max = settings.unpaid_tickets_per_client_max
        self._hold_seconds = settings.hold_seconds
        # A hold waits for its flight and flies before its own time begins.
        self._claim_seconds = settings.hold_seconds + ceil(
            (settings.flight_wait_ms_max + settings.statement_ms_max) / 1000
        )
        self.counts = self._max > 0

    async def hold(self, selling: Selling, wanted: Wanted, client: str) -> Held:
        """Hold as `selling` does, for a client that has the room. Raises RateLimited, and all that `selling` raises.

        Whoever repeats a hold that stands, by its Idempotency-Key, is answered again whatever else it holds.
        """
        if wanted.total > self._max:
            raise InvalidRequest(f"One client may hold at most {self._max} unpaid tickets of a date.")
        claimed = await self._claim(wanted, client)
        if isinstance(claimed, RateLimited):
            # Never by `hold`: were the hold let go between a look at it and the booking, that would book anew.
            held = await selling.held_already(wanted) if wanted.idempotency_key else None
            if held is None:
                raise claimed
            return held
        try:
            held = await selling.hold(wanted)
        except Problem as problem:
            # Where the outcome is not known the tickets may be held: then the claim stands until it lapses.
            if not (isinstance(problem, Overloaded) and problem.outcome_unknown):
                self._drop(claimed.claimant, claimed.name)
            raise
        if held.replayed:
            self._drop(claimed.claimant, claimed.name)
        else:
            self._keep(claimed, held.reservation.id, wanted.total)
        return held

    def paid_or_released(self, date_key: DateKey, reservation_id: UUID, client: str) -> None:
        """Let the claim behind a reservation go, where this client made it."""
        self._drop(keys.claims_of(date_key, client), reservation_id.hex)

    async def _claim(self, wanted: Wanted, client: str) -> _Claimed | RateLimited:
        """Claim what is wanted. One that repeats another which is still under way shares its claim."""
        key = wanted.idempotency_key
        name = f"key {key} {wanted.lines}" if key else secrets.token_hex(8)
        claimed = _Claimed(keys.claims_of(wanted.date_key, client), name)
        seconds = self._claims.claim(claimed.claimant, claimed.name, wanted.total, self._max, self._claim_seconds)
        if seconds is None:
            arguments: list[str | int] = [claimed.name, wanted.total, self._max, self._claim_seconds * 1000]
            told = await self._shared.ask(self._scripts.claim, [claimed.claimant], arguments)
            if told is None or told[0] != WAS_NOT_MADE:
                return claimed
            seconds = int(told[1]) / 1000
            self._claims.drop(claimed.claimant, claimed.name)
        return RateLimited(
            f"One client may hold at most {self._max} unpaid tickets of a date.",
            retry_after_seconds=max(1, ceil(seconds)),
        )

    def _keep(self, claimed: _Claimed, reservation_id: UUID, tickets: int) -> None:
        name, ms = reservation_id.hex, self._hold_seconds * 1000
        self._claims.rename(claimed.claimant, claimed.name, name, tickets, self._hold_seconds)
        self._shared.tell(self._scripts.change_claim, [claimed.claimant], [claimed.name, name, tickets, ms])

    def _drop(self, claimant: str, name: str) -> None:
        self._claims.drop(claimant, name)
        self._shared.tell(self._scripts.change_claim, [claimant], [name, "", 0, 0])
