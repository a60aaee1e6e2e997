"""What processes tell one another through Redis, always after the commit that it is about."""

import datetime as dt
from typing import Protocol, TypeAlias

import msgspec

from boxoffice.availability.values import ShardFigure
from boxoffice.values import DateKey


class DateOpened(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """So many units of a date went back on sale, in these shards; None: in any."""

    origin: str
    event_id: int
    date: dt.date
    start_time: dt.time
    shards: tuple[ShardFigure, ...] | None


class EventOpened(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """Units of any date of an event may have gone on sale."""

    origin: str
    event_id: int


class ShardsExhausted(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """A full pass found these shards exhausted from this quantity on: the smallest that each refuses."""

    origin: str
    event_id: int
    date: dt.date
    start_time: dt.time
    shards: tuple[ShardFigure, ...]


class CatalogChanged(msgspec.Struct, frozen=True, tag=True, array_like=True):
    """An event was added, or its description or dates were changed."""

    origin: str
    event_id: int


Message: TypeAlias = DateOpened | EventOpened | ShardsExhausted | CatalogChanged

encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def decode(raw: bytes) -> Message | None:
    """Return the message, or None when it is not one of ours."""
    try:
        return _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def date_key_of(message: DateOpened | ShardsExhausted) -> DateKey:
    """Return the date that the message is about."""
    return DateKey(message.event_id, message.date, message.start_time)


class Hearer(Protocol):
    """Somebody who listens to the messages of other processes. Neither call waits nor raises."""

    def heard(self, message: Message) -> None:
        """Take in a message of another process."""

    def missed(self) -> None:
        """Take in that messages may have been lost up to now."""
