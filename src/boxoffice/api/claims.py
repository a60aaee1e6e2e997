"""What this process itself has let each client claim of each date: the part of held_limit.py that needs no Redis. Pure.

The same rules as in availability/lua/claim.lua, which holds for all processes together.
"""

from typing import NamedTuple

from boxoffice.availability.moments import Clock
from boxoffice.availability.remembered import Remembered

CLAIMANTS_MAX = 100_000


class _Claim(NamedTuple):
    ends_at: float
    tickets: int
    sharers: int = 1


class Claims:
    """Claims by whoever has them. Each has a name, some tickets and an end, at which it lapses by itself.

    Who claims under a name that stands shares that claim, which then stands until the last of them drops it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._of: Remembered[str, dict[str, _Claim]] = Remembered(CLAIMANTS_MAX)

    def claim(self, claimant: str, name: str, tickets: int, tickets_max: int, seconds: float) -> float | None:
        """Claim tickets; return None when they are claimed, otherwise in how many seconds there may be room."""
        now = self._clock()
        standing = {each: claim for each, claim in (self._of.get(claimant) or {}).items() if claim.ends_at > now}
        if name in standing:
            shared = standing[name]
            self._of.put(claimant, {**standing, name: shared._replace(sharers=shared.sharers + 1)})
            return None
        free = tickets_max - sum(claim.tickets for claim in standing.values())
        if free >= tickets:
            self._of.put(claimant, {**standing, name: _Claim(now + seconds, tickets)})
            return None
        for claim in sorted(standing.values()):
            free += claim.tickets
            if free >= tickets:
                return claim.ends_at - now
        return seconds

    def rename(self, claimant: str, name: str, new_name: str, tickets: int, seconds: float) -> None:
        """Put a claim under another name, to stand for so long from now on."""
        claims = self._of.get(claimant) or {}
        kept = {each: claim for each, claim in claims.items() if each != name}
        self._of.put(claimant, {**kept, new_name: _Claim(self._clock() + seconds, tickets)})

    def drop(self, claimant: str, name: str) -> None:
        """Let a claim go, if there is one; one that others share stays theirs."""
        claims = self._of.get(claimant) or {}
        claim = claims.pop(name, None)
        if claim is not None and claim.sharers > 1:
            claims[name] = claim._replace(sharers=claim.sharers - 1)
        elif claim is not None and not claims:
            self._of.forget(claimant)
