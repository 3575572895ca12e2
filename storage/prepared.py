"""Statements compiled once. May only be given statements that are constants of a module.

SQLAlchemy finds a compiled statement again in its cache, but still spends 25 us a time on getting ready to run it; on
the path of every message that is a fifth of the work.

What stays as it was: the text SQLAlchemy made, our column types on the way in and out, and its classes of errors. The
statement itself goes to the driver: of sixteen statements a message, running each through SQLAlchemy's `Connection` took
four times as long as SQLite did.
"""

from __future__ import annotations

from operator import itemgetter
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

    __slots__ = ("_into", "_named", "_names", "_own", "_pick", "_sql", "_turns")

    def __init__(self, statement: Statement, dialect: Dialect, names: tuple[str, ...]) -> None:
        keys = None if isinstance(statement, Select) else list(names)
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=keys)
        if compiled.post_compile_params or compiled.literal_execute_params:
            message = "a statement whose text depends on its values cannot be prepared"
            raise TypeError(message)
        self._sql = str(compiled)
        self._named = compiled.positiontup is None
        self._names = tuple(compiled.positiontup or compiled.binds)
        own = {name: compiled.binds[name] for name in self._names if name not in names}
        self._own = {name: _constant(name, bind, dialect) for name, bind in own.items()}
        into = ((at, name, _in(compiled.binds[name].type, dialect)) for at, name in enumerate(self._names))
        self._into = tuple((at, turn) for at, name, turn in into if turn is not None and name not in own)
        self._pick = itemgetter(*self._names) if len(self._names) > 1 else None
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
        if self._own:
            given = {**given, **self._own}
        values = [given[name] for name in self._names] if self._pick is None else list(self._pick(given))
        for at, turn in self._into:
            values[at] = turn(values[at])
        return dict(zip(self._names, values, strict=True)) if self._named else values


def _constant(name: str, bind: BindParameter[Any], dialect: Dialect) -> Any:  # noqa: ANN401 - what the driver takes
    """A value that stands in the statement itself."""
    if bind.required:
        message = f"no value for {name}"
        raise TypeError(message)
    turn = _in(bind.type, dialect)
    return bind.effective_value if turn is None else turn(bind.effective_value)


def _in(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _out(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _turned(row: tuple[Any, ...], turns: tuple[tuple[int, Callable[[Any], Any]], ...]) -> tuple[Any, ...]:
    cells = list(row)
    for at, turn in turns:
        cells[at] = turn(cells[at])
    return tuple(cells)
