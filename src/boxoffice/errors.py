"""Everything that Boxoffice raises on purpose.

BoxofficeError
├── Problem                    answers a request; carries its status and problem type (RFC 9457)
│   ├── NotFound               404  not-found
│   ├── MethodNotAllowed       405  method-not-allowed
│   ├── TooLarge               413  too-large
│   ├── UnsupportedMediaType   415  unsupported-media-type
│   ├── InvalidRequest         422  invalid-request
│   ├── IdempotencyKeyReused   422  idempotency-key-reused
│   ├── Unauthorized           401  unauthorized
│   ├── SoldOut                409  sold-out          with what is left
│   ├── DatePast               409  date-past
│   ├── AlreadyPaid            409  already-paid
│   ├── BelowSold              409  below-sold        with what is sold
│   ├── DateExists             409  date-exists
│   ├── ReservationGone        410  reservation-gone
│   ├── RateLimited            429  rate-limited      with Retry-After
│   └── Overloaded             503  overloaded        with Retry-After
├── CannotStart                ends a command: one clear line, exit status 1
└── UnreadableCalendar         a calendar file that cannot be imported, by line
"""

from collections.abc import Mapping
from typing import ClassVar, Literal, TypeAlias

from boxoffice.values import Left

OverloadReason: TypeAlias = Literal[
    "queue_full", "expected_wait", "waited_too_long", "client_left", "attempts_spent", "stopping", "database_away"
]
"""What the service was short of; metrics count by it."""


class BoxofficeError(Exception):
    """Anything that Boxoffice raises on purpose."""


class Problem(BoxofficeError):  # noqa: N818 - RFC 9457 calls it a problem, and so do the API and its documents
    """The answer to a request that could not be granted; `detail` is one sentence for a person."""

    status: ClassVar[int]
    slug: ClassVar[str]
    title: ClassVar[str]
    retry_after_seconds: int | None = None

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    def extensions(self) -> Mapping[str, object]:
        """Members beyond RFC 9457's own, ready for JSON."""
        return {}


class NotFound(Problem):
    """There is no such resource."""

    status, slug, title = 404, "not-found", "Not found"


class MethodNotAllowed(Problem):
    """The resource exists but does not know this method."""

    status, slug, title = 405, "method-not-allowed", "Method not allowed"


class TooLarge(Problem):
    """The body is larger than the service reads."""

    status, slug, title = 413, "too-large", "Request too large"


class UnsupportedMediaType(Problem):
    """The body is not declared as JSON."""

    status, slug, title = 415, "unsupported-media-type", "Unsupported media type"


class InvalidRequest(Problem):
    """Query, headers or body say something that the service cannot act on."""

    status, slug, title = 422, "invalid-request", "Invalid request"


class IdempotencyKeyReused(Problem):
    """The Idempotency-Key belongs to a hold of other tickets."""

    status, slug, title = 422, "idempotency-key-reused", "Idempotency-Key reused"


class Unauthorized(Problem):
    """The admin token is missing or wrong."""

    status, slug, title = 401, "unauthorized", "Unauthorized"


class SoldOut(Problem):
    """Fewer tickets are left than were asked for."""

    status, slug, title = 409, "sold-out", "Sold out"

    def __init__(self, left: Left) -> None:
        super().__init__("Fewer tickets are left than were asked for.")
        self.left = left

    def extensions(self) -> Mapping[str, object]:
        """What is left of the date and of each type that the event offers."""
        types = [{"tickettypeId": type_id, "available": count} for type_id, count in sorted(self.left.types.items())]
        return {"left": {"available": self.left.available, "ticketTypes": types}}


class DatePast(Problem):
    """The date has begun; its tickets are no longer sold."""

    status, slug, title = 409, "date-past", "Date past"


class AlreadyPaid(Problem):
    """The reservation is paid, with another reference or for good."""

    status, slug, title = 409, "already-paid", "Already paid"


class BelowSold(Problem):
    """The new limit is below what is held and paid on the fullest date."""

    status, slug, title = 409, "below-sold", "Below what is sold"

    def __init__(self, detail: str, *, sold: int) -> None:
        super().__init__(detail)
        self.sold = sold

    def extensions(self) -> Mapping[str, object]:
        """What is held and paid on the fullest date."""
        return {"sold": self.sold}


class DateExists(Problem):
    """The event already has one of these dates; nothing was added."""

    status, slug, title = 409, "date-exists", "Date exists"


class ReservationGone(Problem):
    """There is no live reservation behind this id: expired, let go, or never made."""

    status, slug, title = 410, "reservation-gone", "Reservation gone"


class RateLimited(Problem):
    """This client asks more often than it may."""

    status, slug, title = 429, "rate-limited", "Rate limited"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class Overloaded(Problem):
    """The service cannot answer this now. Nothing is booked, unless `detail` says that the outcome is unknown."""

    status, slug, title = 503, "overloaded", "Overloaded"
    retry_after_seconds = 1

    def __init__(self, detail: str, *, reason: OverloadReason = "database_away", outcome_unknown: bool = False) -> None:
        super().__init__(detail)
        self.reason = reason
        self.outcome_unknown = outcome_unknown


class CannotStart(BoxofficeError):  # noqa: N818 - it says what is wrong with a command, not with the code
    """A command cannot begin; the message is the one line that the person needs."""


class UnreadableCalendar(BoxofficeError):  # noqa: N818 - it names the file that is wrong, not the code
    """A calendar file cannot be read; the message names the line. Nothing of the file was kept."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
