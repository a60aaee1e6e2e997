"""Run by Alembic: joins the migrations to the connection that `boxoffice.schema` hands over, and to the models."""

from alembic import context

from boxoffice.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
