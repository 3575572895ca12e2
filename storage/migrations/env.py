"""How Alembic runs here: on the connection it is handed, in that connection's transaction. Knows no address of its
own.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from storage.tables import METADATA
from storage.types import BigId, SealedBytes, UtcDateTime


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:  # noqa: ANN401 - Alembic's own
    """Write our own column types by name in a new migration."""
    if kind == "type" and isinstance(item, (BigId, SealedBytes, UtcDateTime)):
        autogen.imports.add("from storage import types")
        return f"types.{type(item).__name__}()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
