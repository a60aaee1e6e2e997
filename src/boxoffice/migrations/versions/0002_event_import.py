"""Remembers which calendar UID an event was imported from.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; its key begins with event_id, the look-up by uid has an index of its own."""
    op.create_table(
        "event_import",
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "uid", name="event_import_pkey"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="event_import_event_id_fkey"),
        sa.CheckConstraint("char_length(uid) BETWEEN 1 AND 500", name="event_import_uid_length"),
    )
    op.create_index("event_import_by_uid", "event_import", ["uid"])


def downgrade() -> None:
    """Drop the table; events stay, but importing their calendar again would add them anew."""
    op.drop_table("event_import")
