from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CheckConstraint

from flows.model import Service
from storage import messages, methods, migrating, people, tables
from storage.codes import Direction
from storage.database import Database
from storage.keys import Keys
from tests.storage import invented
from tests.storage.invented import AT, CHILD, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    made = Database(database_url, Keys.load(Keys.new()))
    made.migrate("base")
    yield made
    made.close()


def test_the_newest_file_is_what_alembic_calls_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrating._FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [migrating.head()]


def test_an_empty_database_is_not_current_and_becomes_so(empty: Database) -> None:
    assert not empty.is_current()
    empty.migrate()
    assert empty.is_current()
    empty.migrate()
    assert empty.schema_version() == migrating.head()


def test_the_migrated_schema_is_that_of_the_models(empty: Database) -> None:
    empty.migrate()
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.METADATA) == []
        seen = inspect(connection)
        for table in tables.METADATA.sorted_tables:
            wanted = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
            assert {one["name"] for one in seen.get_check_constraints(table.name)} == wanted


def test_every_code_of_a_column_is_in_its_check(empty: Database) -> None:
    empty.migrate()
    with empty.engine.connect() as connection:
        for table in tables.METADATA.sorted_tables:
            checks = {one["name"]: one["sqltext"] for one in inspect(connection).get_check_constraints(table.name)}
            for column in table.columns:
                for code in getattr(column.type, "enums", ()):
                    assert f"'{code}'" in checks[f"ck_{table.name}_{column.name}"]


def test_down_one_step_and_up_again_keeps_what_the_older_schema_holds(empty: Database) -> None:
    empty.migrate()
    with empty.transaction() as tx:
        contact, talk = invented.chat(tx)
        messages.add(tx, talk.id, Direction.IN, "sms", WORDS, AT)
    empty.migrate("0001")
    assert not inspect(empty.engine).has_table("outbox")
    empty.migrate()
    with empty.transaction() as tx:
        assert invented.found(tx, Service.TEXT_SAFE, "sms", CHILD, AT) == (contact, talk)
        assert [one.text for one in messages.of(tx, talk.id)] == [WORDS]


def test_all_the_way_down_with_data_leaves_nothing(empty: Database) -> None:
    empty.migrate()
    with empty.transaction() as tx:
        invented.chat(tx)
    empty.migrate("base")
    with empty.engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 0


def test_a_step_that_breaks_leaves_the_schema_as_it_was(empty: Database) -> None:
    empty.migrate("0001")
    with empty.engine.connect() as connection, connection.begin():
        connection.execute(text("CREATE TABLE outbox (x INTEGER)"))
    with pytest.raises(Exception, match="outbox"):
        empty.migrate()
    assert empty.schema_version() == "0001"
    assert not inspect(empty.engine).has_table("alerts")


def test_two_processes_that_migrate_at_once_do_it_once(empty: Database) -> None:
    failures: list[BaseException] = []

    def migrate() -> None:
        try:
            empty.migrate()
        except BaseException as failure:  # noqa: BLE001 - shown below
            failures.append(failure)

    threads = [threading.Thread(target=migrate) for _ in range(2 if empty.postgresql else 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert empty.is_current()


def test_numbers_of_staff_are_carried_over_and_back(empty: Database) -> None:
    empty.migrate()
    with empty.transaction() as tx:
        ana = people.add(tx, "Ana", "duty", AT, phone="+447700900201", email="ana@example.org")
        ben = people.add(tx, "Ben", "backup", AT)
        new = methods.add(tx, ana.id, "sms", "+447700900202", AT)
        methods.vouch(tx, new, ben.id, AT)
    empty.migrate("0006")
    assert "phone" in {one["name"] for one in inspect(empty.engine).get_columns("staff")}
    empty.migrate()
    with empty.transaction() as tx:
        assert people.by_phone(tx, "+447700900202") == ana
        assert methods.verified(tx, ana.id) == frozenset(), "nobody has proved it since"
        assert {(one.kind.value, one.address) for one in methods.of(tx, ana.id)} == {
            ("sms", "+447700900202"),
            ("voice", "+447700900202"),
            ("email", "ana@example.org"),
        }
        assert methods.of(tx, ben.id) == ()


def test_who_has_a_role_that_an_older_schema_does_not_know_has_left_there(empty: Database) -> None:
    empty.migrate()
    with empty.transaction() as tx:
        for name, role in (("kay", "supervisor"), ("pc smith", "requester"), ("ana", "duty")):
            people.add(tx, name, role, AT)
    empty.migrate("0007")
    with empty.engine.connect() as connection:
        held = connection.execute(text("SELECT role, active FROM staff ORDER BY id")).all()
    assert [(role, bool(active)) for role, active in held] == [("worker", False), ("worker", False), ("duty", True)]
    with pytest.raises(IntegrityError), empty.engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE staff SET role = 'supervisor'"))
    empty.migrate()
    with empty.transaction() as tx:
        assert [one.name for one in people.everyone(tx)] == ["kay", "pc smith", "ana"]
