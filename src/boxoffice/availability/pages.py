"""The pages that memory answers with."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from boxoffice.catalog.values import DateAndTime, DateFigures, EventCursor, EventDescription, EventSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEvent:
    """An event in the list; sold out when none of its dates ahead has anything left."""

    event: EventSummary
    sold_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsPage:
    """Events in order; `next` is the cursor behind the last one, None when there are no more."""

    events: tuple[ListedEvent, ...]
    next: EventCursor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatesPage:
    """Dates in order with what is left of them; `next` is the cursor behind the last one, None without more."""

    dates: tuple[DateFigures, ...]
    next: DateAndTime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaders:
    """Where memory reads what it does not remember: the verbs of the catalogue, bound to its engine."""

    describe_event: Callable[[int], Awaitable[EventDescription | None]]
    list_events: Callable[[int, EventCursor | None, str | None], Awaitable[Sequence[EventSummary]]]
    sold_out_events: Callable[[Sequence[int]], Awaitable[Collection[int]]]
    list_dates: Callable[[int, date | None, date | None, int, DateAndTime | None], Awaitable[Sequence[DateAndTime]]]
    read_figures: Callable[[int, Sequence[DateAndTime]], Awaitable[Sequence[DateFigures]]]
