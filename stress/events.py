"""The events of a run, as the preparation wrote them for the generator and for us."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from boxoffice.values import DateKey
from stress.errors import Unreadable


class EventDate(msgspec.Struct, frozen=True, kw_only=True):
    """One date of an event."""

    date: dt.date
    start_time: str


class OfferedType(msgspec.Struct, frozen=True, kw_only=True):
    """A type that an event offers; without a limit of its own `max` is null."""

    id: int
    name: str
    max: int | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the run."""

    event_id: int
    dates: list[EventDate]
    ticket_types: list[OfferedType]
    max_tickets: int
    shards: int | None

    @property
    def keys(self) -> Sequence[DateKey]:
        """Its dates, as they are sold."""
        return [DateKey(self.event_id, each.date, dt.time.fromisoformat(each.start_time)) for each in self.dates]


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """The hot event, many others, and the one that sells out."""

    hot: Event
    many: list[Event]
    sold_out: Event

    def __iter__(self) -> Iterator[Event]:
        """Go through all of them."""
        yield self.hot
        yield from self.many
        yield self.sold_out


def read_events(file: Path) -> Events:
    """Read what the preparation wrote. Raises Unreadable."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Events)
    except (OSError, msgspec.MsgspecError) as error:
        raise Unreadable(f"the events of the run cannot be read from {file.name}: {error}") from error
