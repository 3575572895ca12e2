"""What all tables share: one metadata, and names for every constraint, so that a migration can find them again."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import MetaData
from sqlmodel import Field, SQLModel

from storage.types import SealedBytes, UtcDateTime

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Row(SQLModel):
    """The base of every row. `table=True` validates nothing: what must hold is a constraint or a column type."""

    # Pydantic's validators are built when a row class is first used as one, and none is: they took a program a third of
    # the time of importing its tables.
    model_config = {"defer_build": True}
    metadata: ClassVar[MetaData] = METADATA


def instant(**options: Any) -> Any:  # noqa: ANN401 - what SQLModel's Field takes and gives
    """A column of an aware instant."""
    return Field(sa_type=UtcDateTime, **options)


def sealed(**options: Any) -> Any:  # noqa: ANN401 - what SQLModel's Field takes and gives
    """A column that takes sealed bytes only."""
    return Field(sa_type=SealedBytes, **options)
