"""The tests' own databases: one each, empty, with the schema of today, and nothing left of the test before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, inspect, text

from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from tests.postgres import Server


@pytest.mark.parametrize("_again", [1, 2])
def test_every_test_has_a_migrated_database_of_its_own(database_url: str, _again: int) -> None:
    database = Database(database_url, Keys.load(Keys.new()))
    assert database.is_current()
    with database.transaction() as tx:
        tx.execute(text("CREATE TABLE left_behind (n integer)"))
    database.close()


def test_a_migration_begins_with_nothing(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_the_server_loses_no_commit_to_a_power_cut(postgres_server: Server) -> None:
    url = postgres_server.create("cut")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (n integer)"))
        connection.execute(text("INSERT INTO kept VALUES (1)"))
    engine.dispose()
    postgres_server.stop("immediate")
    postgres_server.start()
    assert postgres_server.url("cut") == url
    with engine.begin() as connection:
        assert connection.execute(text("SELECT n FROM kept")).scalar_one() == 1
    engine.dispose()
    postgres_server.drop("cut")
