"""The door of the admin routes: who has the token comes in, who tries too many wrong ones waits outside.

Modes of a client: welcome, locked out (it sent `failures_max` wrong tokens within a window; until that ends, no
token of it is looked at, the right one neither). A request without any token is refused and not counted: it guesses
nothing, and any page that an admin's browser shows could make it send such ones.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from math import ceil

from boxoffice.api.windows import Windows
from boxoffice.availability.shared import Shared
from boxoffice.errors import RateLimited, Unauthorized

WINDOW_SECONDS = 60


class Door:
    """Lets admins in. Each client has failures of its own: nobody is locked out by another's."""

    def __init__(self, shared: Shared, token: str, failures_max: int) -> None:
        self._token = token
        self._max = failures_max
        self._failures = Windows(shared, "admin-failures", WINDOW_SECONDS)

    async def admit(self, sent: Sequence[str], client: str) -> None:
        """Return when the one Authorization that was sent is the admin's; `sent` are all of them.

        Raises Unauthorized, or RateLimited for a client that is locked out.
        """
        if sent and self._max:
            await self._refuse_locked_out(client)
        if len(sent) == 1 and self._is_right(sent[0]):
            return
        if sent and self._max:
            await self._failures.add(client)
        raise Unauthorized("The admin routes need Authorization: Bearer with the admin token.")

    def _is_right(self, sent: str) -> bool:
        """Compare in the same time however wrong a token is, also in its length."""
        scheme, _, token = sent.partition(" ")
        given, expected = (sha256(each.encode()).digest() for each in (token.strip(), self._token))
        return hmac.compare_digest(given, expected) and scheme.lower() == "bearer"

    async def _refuse_locked_out(self, client: str) -> None:
        failed = self._failures.here(client)
        if failed.number < self._max:
            failed = await self._failures.look(client)
        if failed.number >= self._max:
            raise RateLimited(
                f"This address has sent {self._max} wrong admin tokens in {WINDOW_SECONDS} seconds.",
                retry_after_seconds=max(1, ceil(failed.seconds_left)),
            )
