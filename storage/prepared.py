"""Statements compiled once. May only be given statements that are constants of a module.

SQLAlchemy finds a compiled statement again in its cache, but still spends 25 us a time on getting ready to run it; on
the path of every message that is a fifth of the work.

What stays as it was: the text SQLAlchemy made, our column types on the way in and out, and its handling of errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Select

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import BindParameter, Connection, Delete, Dialect, Insert, Update
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

    Statement: TypeAlias = "Select[*tuple[Any, ...]] | Insert | Update | Delete"


class Prepared:
    """One statement for one dialect and one set of parameter names."""

    __slots__ = ("_named", "_names", "_out", "_parts", "_sql")

    def __init__(self, statement: Statement, dialect: Dialect, names: tuple[str, ...]) -> None:
        keys = None if isinstance(statement, Select) else list(names)
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=keys)
        if compiled.post_compile_params or compiled.literal_execute_params:
            message = "a statement whose text depends on its values cannot be prepared"
            raise TypeError(message)
        self._sql = str(compiled)
        self._named = compiled.positiontup is None
        self._parts = tuple(
            _part(name, compiled.binds[name], dialect, given=name in names)
            for name in compiled.positiontup or compiled.binds
        )
        self._names = tuple(part[0] for part in self._parts)
        self._out = tuple(_out(column.type, dialect) for column in statement.exported_columns)

    def write(self, connection: Connection, *parameters: Mapping[str, Any]) -> int:
        """Run it once for each set of parameters; returns how many rows it changed."""
        bound = [self._bound(one) for one in parameters]
        return connection.exec_driver_sql(self._sql, bound[0] if len(bound) == 1 else bound).rowcount

    def read(self, connection: Connection, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it; the rows, through our column types."""
        rows = connection.exec_driver_sql(self._sql, self._bound(parameters)).all()
        out = self._out
        return [
            tuple([cell if turn is None else turn(cell) for turn, cell in zip(out, row, strict=True)]) for row in rows
        ]

    def _bound(self, given: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a dict or a tuple, as the driver names or counts
        """What the driver takes: every value through its column type, constants of the statement as they stand."""
        values = [
            constant if own else (given[name] if turn is None else turn(given[name]))
            for name, turn, own, constant in self._parts
        ]
        return dict(zip(self._names, values, strict=True)) if self._named else tuple(values)


def _part(
    name: str, bind: BindParameter[Any], dialect: Dialect, *, given: bool
) -> tuple[str, Callable[[Any], Any] | None, bool, Any]:
    """Name, the way into the database, and for a value that stands in the statement itself, that value."""
    turn = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if given:
        return name, turn, False, None
    if bind.required:
        message = f"no value for {name}"
        raise TypeError(message)
    return name, turn, True, bind.effective_value if turn is None else turn(bind.effective_value)


def _out(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
