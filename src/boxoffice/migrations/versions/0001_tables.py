"""The tables of the seed, with what the design adds; tests hold this file and tables.py together.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; each key begins with event_id."""
    _create_events()
    _create_ticket_type()
    _create_event_ticket_type()
    _create_event_date()
    _create_reservation()
    _create_tickets()
    _create_consumption()
    _create_consumption_tt()


def downgrade() -> None:
    """Drop the tables and all that is in them, those that refer to others first."""
    for table in (
        "consumption_tt",
        "consumption",
        "tickets",
        "reservation",
        "event_date",
        "event_ticket_type",
        "ticket_type",
        "events",
    ):
        op.drop_table(table)


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("max_tickets", sa.Integer(), nullable=False),
        sa.Column("num_shards", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("next_date", sa.Date()),
        sa.Column("next_starts_at", sa.DateTime(timezone=True), server_default=sa.text("'-infinity'"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="events_pkey"),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 200", name="events_name_length"),
        sa.CheckConstraint("max_tickets BETWEEN 0 AND 1000000000", name="events_max_tickets_range"),
        sa.CheckConstraint("num_shards BETWEEN 1 AND 256", name="events_num_shards_range"),
        sa.CheckConstraint(
            "next_date IS NOT NULL OR next_starts_at IN ('-infinity', 'infinity')", name="events_next_date_known"
        ),
    )
    op.create_index("events_ahead", "events", ["next_date", "id"])
    op.create_index("events_next_start", "events", ["next_starts_at"])


def _create_ticket_type() -> None:
    op.create_table(
        "ticket_type",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="ticket_type_pkey"),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 200", name="ticket_type_name_length"),
    )


def _create_event_ticket_type() -> None:
    op.create_table(
        "event_ticket_type",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_type_id", sa.BigInteger(), nullable=False),
        sa.Column("max_per_tt", sa.Integer()),
        sa.Column("num_of_shards_per_tt", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "ticket_type_id", name="event_ticket_type_pkey"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="event_ticket_type_event_id_fkey"),
        sa.ForeignKeyConstraint(["ticket_type_id"], ["ticket_type.id"], name="event_ticket_type_ticket_type_id_fkey"),
        sa.CheckConstraint("max_per_tt BETWEEN 0 AND 1000000000", name="event_ticket_type_max_range"),
        sa.CheckConstraint("num_of_shards_per_tt BETWEEN 1 AND 256", name="event_ticket_type_shards_range"),
    )


def _create_event_date() -> None:
    op.create_table(
        "event_date",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "date", "start_time", name="event_date_pkey"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="event_date_event_id_fkey"),
    )


def _create_reservation() -> None:
    op.create_table(
        "reservation",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("payment_ref", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True)),
        sa.Column("idempotency_key", sa.Text()),
        sa.PrimaryKeyConstraint("event_id", "id", name="reservation_pkey"),
        _of_event_date("reservation"),
        sa.CheckConstraint("(paid_at IS NULL) = (payment_ref IS NULL)", name="reservation_paid_with_reference"),
        sa.CheckConstraint("paid_at < expires_at", name="reservation_paid_in_time"),
        sa.CheckConstraint("created_at < expires_at", name="reservation_expires_after_creation"),
    )
    op.create_index(
        "reservation_idempotency_key",
        "reservation",
        ["event_id", "idempotency_key"],
        unique=True,
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )
    op.create_index(
        "reservation_unpaid",
        "reservation",
        ["expires_at", "event_id", "date", "start_time"],
        postgresql_where=sa.text("paid_at IS NULL"),
    )


def _create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("ticket_type", sa.BigInteger(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("shard_id", sa.Integer(), nullable=False),
        sa.Column("tt_shard_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "reservation_id", "id", name="tickets_pkey"),
        sa.ForeignKeyConstraint(
            ["event_id", "reservation_id"], ["reservation.event_id", "reservation.id"], name="tickets_reservation_fkey"
        ),
    )


def _create_consumption() -> None:
    op.create_table(
        "consumption",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("shard_id", sa.Integer(), nullable=False),
        sa.Column("shard_current", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("shard_max", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "date", "start_time", "shard_id", name="consumption_pkey"),
        _of_event_date("consumption"),
        sa.CheckConstraint("shard_id >= 0", name="consumption_shard_id_range"),
        sa.CheckConstraint("shard_current >= 0 AND shard_current <= shard_max", name="consumption_within_limit"),
        # Half of each page stays free, so that a counter that moves all the time finds room beside itself (HOT).
        postgresql_with={"fillfactor": 50},
    )


def _create_consumption_tt() -> None:
    op.create_table(
        "consumption_tt",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("ticket_type", sa.BigInteger(), nullable=False),
        sa.Column("shard_id", sa.Integer(), nullable=False),
        sa.Column("shard_current", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("shard_max", sa.Integer()),
        sa.PrimaryKeyConstraint(
            "event_id", "date", "start_time", "ticket_type", "shard_id", name="consumption_tt_pkey"
        ),
        _of_event_date("consumption_tt"),
        sa.ForeignKeyConstraint(
            ["event_id", "ticket_type"],
            ["event_ticket_type.event_id", "event_ticket_type.ticket_type_id"],
            name="consumption_tt_event_ticket_type_fkey",
        ),
        sa.CheckConstraint("shard_id >= 0", name="consumption_tt_shard_id_range"),
        sa.CheckConstraint(
            "shard_current >= 0 AND (shard_max IS NULL OR shard_current <= shard_max)",
            name="consumption_tt_within_limit",
        ),
        postgresql_with={"fillfactor": 50},
    )


def _of_event_date(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["event_id", "date", "start_time"],
        ["event_date.event_id", "event_date.date", "event_date.start_time"],
        name=f"{table}_event_date_fkey",
    )
