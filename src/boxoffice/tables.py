"""The tables, as the seed names them; every key begins with event_id, so that they can be distributed by it.

Public names here are SQLAlchemy models for the catalogue. The booking side names the same tables in its `.sql` files.
The CHECKs are the last guard: the statements' own conditions refuse first (docs/concurrency.md).
"""

import datetime as dt
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    Time,
    Uuid,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAME_CHARACTERS_MAX = 200
UID_CHARACTERS_MAX = 500
SHARDS_MAX = 256
TICKETS_MAX = 1_000_000_000


class Base(DeclarativeBase):
    """All tables of Boxoffice."""


class Event(Base):
    """What is sold: the limits hold for each of its dates.

    next_date and next_starts_at remember the first date ahead, so that the list of events is one walk along an index.
    They count only while next_starts_at is ahead of now(); from then on (and at first: -infinity) the dates are looked
    at, until catalog/roll.py has moved them on. Without a date ahead next_starts_at is infinity.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint(f"char_length(name) BETWEEN 1 AND {NAME_CHARACTERS_MAX}", name="events_name_length"),
        CheckConstraint(f"max_tickets BETWEEN 0 AND {TICKETS_MAX}", name="events_max_tickets_range"),
        CheckConstraint(f"num_shards BETWEEN 1 AND {SHARDS_MAX}", name="events_num_shards_range"),
        CheckConstraint(
            "next_date IS NOT NULL OR next_starts_at IN ('-infinity', 'infinity')", name="events_next_date_known"
        ),
        Index("events_ahead", "next_date", "id"),
        Index("events_next_start", "next_starts_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    max_tickets: Mapped[int] = mapped_column(Integer)
    num_shards: Mapped[int] = mapped_column(Integer)
    time_zone: Mapped[str] = mapped_column(Text)
    next_date: Mapped[dt.date | None] = mapped_column(Date)
    next_starts_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=text("'-infinity'"))


class TicketType(Base):
    """A kind of ticket, shared by all events: normal, discount."""

    __tablename__ = "ticket_type"
    __table_args__ = (
        CheckConstraint(f"char_length(name) BETWEEN 1 AND {NAME_CHARACTERS_MAX}", name="ticket_type_name_length"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class EventTicketType(Base):
    """A type that an event offers; without max_per_tt it is limited by the event's total alone."""

    __tablename__ = "event_ticket_type"
    __table_args__ = (
        CheckConstraint(f"max_per_tt BETWEEN 0 AND {TICKETS_MAX}", name="event_ticket_type_max_range"),
        CheckConstraint(f"num_of_shards_per_tt BETWEEN 1 AND {SHARDS_MAX}", name="event_ticket_type_shards_range"),
    )

    event_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("events.id"), primary_key=True)
    ticket_type_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("ticket_type.id"), primary_key=True)
    max_per_tt: Mapped[int | None] = mapped_column(Integer)
    num_of_shards_per_tt: Mapped[int] = mapped_column(Integer)


class EventDate(Base):
    """One date of an event, local to the event's zone; starts_at is the same moment as an instant.

    version rises with every change of capacity or shards.
    """

    __tablename__ = "event_date"

    event_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("events.id"), primary_key=True)
    date: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    start_time: Mapped[dt.time] = mapped_column(Time, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    starts_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class Reservation(Base):
    """Tickets held for a buyer until expires_at, or sold to them when paid_at is set."""

    __tablename__ = "reservation"
    __table_args__ = (
        PrimaryKeyConstraint("event_id", "id"),
        ForeignKeyConstraint(
            ["event_id", "date", "start_time"],
            ["event_date.event_id", "event_date.date", "event_date.start_time"],
            name="reservation_event_date_fkey",
        ),
        CheckConstraint("(paid_at IS NULL) = (payment_ref IS NULL)", name="reservation_paid_with_reference"),
        CheckConstraint("paid_at < expires_at", name="reservation_paid_in_time"),
        CheckConstraint("created_at < expires_at", name="reservation_expires_after_creation"),
        Index(
            "reservation_idempotency_key",
            "event_id",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
        Index(
            "reservation_unpaid",
            "expires_at",
            "event_id",
            "date",
            "start_time",
            postgresql_where=text("paid_at IS NULL"),
        ),
    )

    event_id: Mapped[int] = mapped_column(BigInteger)
    id: Mapped[UUID] = mapped_column(Uuid)
    date: Mapped[dt.date] = mapped_column(Date)
    start_time: Mapped[dt.time] = mapped_column(Time)
    payment_ref: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    paid_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    idempotency_key: Mapped[str | None] = mapped_column(Text)


class Ticket(Base):
    """One ticket of a reservation; it remembers the two counter shards that it was taken from.

    The key leads with the reservation, so that one index serves both identity and the tickets of a reservation.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        PrimaryKeyConstraint("event_id", "reservation_id", "id"),
        ForeignKeyConstraint(
            ["event_id", "reservation_id"],
            ["reservation.event_id", "reservation.id"],
            name="tickets_reservation_fkey",
        ),
    )

    event_id: Mapped[int] = mapped_column(BigInteger)
    id: Mapped[UUID] = mapped_column(Uuid)
    date: Mapped[dt.date] = mapped_column(Date)
    start_time: Mapped[dt.time] = mapped_column(Time)
    ticket_type: Mapped[int] = mapped_column(BigInteger)
    reservation_id: Mapped[UUID] = mapped_column(Uuid)
    shard_id: Mapped[int] = mapped_column(Integer)
    tt_shard_id: Mapped[int] = mapped_column(Integer)


class Consumption(Base):
    """One shard of the counter of a date's total."""

    __tablename__ = "consumption"
    __table_args__ = (
        PrimaryKeyConstraint("event_id", "date", "start_time", "shard_id"),
        ForeignKeyConstraint(
            ["event_id", "date", "start_time"],
            ["event_date.event_id", "event_date.date", "event_date.start_time"],
            name="consumption_event_date_fkey",
        ),
        CheckConstraint("shard_id >= 0", name="consumption_shard_id_range"),
        CheckConstraint("shard_current >= 0 AND shard_current <= shard_max", name="consumption_within_limit"),
        {"postgresql_with": {"fillfactor": 50}},
    )

    event_id: Mapped[int] = mapped_column(BigInteger)
    date: Mapped[dt.date] = mapped_column(Date)
    start_time: Mapped[dt.time] = mapped_column(Time)
    shard_id: Mapped[int] = mapped_column(Integer)
    shard_current: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    shard_max: Mapped[int] = mapped_column(Integer)


class ConsumptionTicketType(Base):
    """One shard of the counter of one ticket type of a date; no shard_max, no limit of its own."""

    __tablename__ = "consumption_tt"
    __table_args__ = (
        PrimaryKeyConstraint("event_id", "date", "start_time", "ticket_type", "shard_id"),
        ForeignKeyConstraint(
            ["event_id", "date", "start_time"],
            ["event_date.event_id", "event_date.date", "event_date.start_time"],
            name="consumption_tt_event_date_fkey",
        ),
        ForeignKeyConstraint(
            ["event_id", "ticket_type"],
            ["event_ticket_type.event_id", "event_ticket_type.ticket_type_id"],
            name="consumption_tt_event_ticket_type_fkey",
        ),
        CheckConstraint("shard_id >= 0", name="consumption_tt_shard_id_range"),
        CheckConstraint(
            "shard_current >= 0 AND (shard_max IS NULL OR shard_current <= shard_max)",
            name="consumption_tt_within_limit",
        ),
        {"postgresql_with": {"fillfactor": 50}},
    )

    event_id: Mapped[int] = mapped_column(BigInteger)
    date: Mapped[dt.date] = mapped_column(Date)
    start_time: Mapped[dt.time] = mapped_column(Time)
    ticket_type: Mapped[int] = mapped_column(BigInteger)
    shard_id: Mapped[int] = mapped_column(Integer)
    shard_current: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    shard_max: Mapped[int | None] = mapped_column(Integer)


class EventImport(Base):
    """The iCalendar UID that an event was imported from, so that the same calendar imported again finds it."""

    __tablename__ = "event_import"
    __table_args__ = (
        PrimaryKeyConstraint("event_id", "uid"),
        CheckConstraint(f"char_length(uid) BETWEEN 1 AND {UID_CHARACTERS_MAX}", name="event_import_uid_length"),
        Index("event_import_by_uid", "uid"),
    )

    event_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("events.id"))
    uid: Mapped[str] = mapped_column(Text)
