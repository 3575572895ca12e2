from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, insert, select, update

from flows.model import Service
from storage import contacts, tables
from storage.codes import Subject
from tests.storage.invented import AT, CHILD, MINUTE

if TYPE_CHECKING:
    from storage.database import Database

_T = tables.timers.c
_ADD = insert(tables.timers)
_READ = select(_T.subject, _T.turn, _T.at).where(_T.turn >= bindparam("least")).order_by(_T.turn)
_MOVE = update(tables.timers).where(_T.turn == bindparam("which")).values(name="moved", due_at=bindparam("new"))
_ROW = {"subject": Subject.ALERT, "subject_id": "x", "name": "n", "rung": 0, "about": "", "failures": 0}


def test_a_prepared_statement_does_what_sqlalchemy_does(database: Database) -> None:
    with database.transaction() as tx:
        tx.write(_ADD, *({**_ROW, "turn": turn, "at": AT, "due_at": AT} for turn in range(3)))
        assert tx.write(_ADD, {**_ROW, "turn": 3, "at": AT, "due_at": AT}) == 1
        assert tx.write(_MOVE, {"which": 2, "new": AT + MINUTE}) == 1
        assert tx.write(_MOVE, {"which": 9, "new": AT + MINUTE}) == 0
        rows = tx.read(_READ, {"least": 1})
        assert rows == [(Subject.ALERT, turn, AT) for turn in (1, 2, 3)]
        assert rows == [tuple(row) for row in tx.execute(_READ, {"least": 1})]
        assert tx.execute(select(_T.name).where(_T.due_at > AT)).scalars().all() == ["moved"]


def test_every_column_type_comes_back_as_itself(database: Database) -> None:
    every = select(*tables.contacts.c)
    with database.transaction() as tx:
        contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT)
        ((*cells,),) = tx.read(every, {})
        assert cells == list(tx.execute(every).one())
        assert cells[1] is Service.TEXT_SAFE
        assert cells[5] is False


def test_a_statement_that_is_not_constant_is_refused(database: Database) -> None:
    with database.transaction() as tx, pytest.raises(TypeError, match="depends on its values"):
        tx.read(select(_T.turn).where(_T.turn.in_([1, 2])), {})


def test_a_value_that_is_missing_is_named(database: Database) -> None:
    with database.transaction() as tx, pytest.raises(TypeError, match="least"):
        tx.read(_READ, {})
