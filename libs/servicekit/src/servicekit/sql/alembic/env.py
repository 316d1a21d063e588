"""Alembic's environment, the same for every service; `servicekit.sql.migrations` hands it an open transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,
)
context.run_migrations()
