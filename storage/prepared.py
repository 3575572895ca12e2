"""Statements compiled once. May only be given statements that are constants of a module.

SQLAlchemy finds a compiled statement again in its cache, but still spends 25 us a time on getting ready to run it; on
the path of every message that is a fifth of the work.

What stays as it was: the text SQLAlchemy made, our column types on the way in and out, and its classes of errors. The
statement itself goes to the driver: of sixteen statements a message, running each through SQLAlchemy's `Connection` took
four times as long as SQLite did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Select

from storage import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import BindParameter, Connection, Delete, Dialect, Insert, Update
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

    Statement: TypeAlias = "Select[*tuple[Any, ...]] | Insert | Update | Delete"


class Prepared:
    """One statement for one dialect and one set of parameter names."""

    __slots__ = ("_named", "_names", "_parts", "_sql", "_turns")

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
        turns = (_out(column.type, dialect) for column in statement.exported_columns)
        self._turns = tuple((at, turn) for at, turn in enumerate(turns) if turn is not None)

    def write(self, connection: Connection, driver: Any, *parameters: Mapping[str, Any]) -> int:  # noqa: ANN401
        """Run it once for each set of parameters; returns how many rows it changed."""
        if len(parameters) == 1:
            return int(self._run(connection, driver, self._bound(parameters[0])).rowcount)
        return int(self._run(connection, driver, [self._bound(one) for one in parameters], many=True).rowcount)

    def read(self, connection: Connection, driver: Any, parameters: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:  # noqa: ANN401
        """Run it; the rows, through our column types."""
        rows: Sequence[tuple[Any, ...]] = self._run(connection, driver, self._bound(parameters)).fetchall()
        turns = self._turns
        if not turns or not rows:
            return rows
        return [_turned(row, turns) for row in rows]

    def _run(self, connection: Connection, driver: Any, bound: Any, *, many: bool = False) -> Any:  # noqa: ANN401 - the driver's own
        cursor = driver.cursor()
        try:
            if many:
                cursor.executemany(self._sql, bound)
            else:
                cursor.execute(self._sql, bound)
        except connection.dialect.loaded_dbapi.Error as error:
            raise errors.wrapped(connection, self._sql, error) from error
        return cursor

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


def _turned(row: tuple[Any, ...], turns: tuple[tuple[int, Callable[[Any], Any]], ...]) -> tuple[Any, ...]:
    cells = list(row)
    for at, turn in turns:
        cells[at] = turn(cells[at])
    return tuple(cells)
