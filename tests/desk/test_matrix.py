"""Who may ask for what: every row of the desk's table, asked by every role, held against a table that people read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from starlette.routing import Route as Served

from bot.desk import table
from bot.desk.routes import ANYBODY, NOBODY, Route
from storage.codes import Role

if TYPE_CHECKING:
    from tests.desk.at_desk import AtDesk

COLUMNS: Final = (NOBODY, *(role.value for role in Role))
LINES: Final = (Path(__file__).parent / "matrix.tsv").read_text(encoding="utf-8").splitlines()
WRITTEN: Final = {
    tuple(line.split("\t")[:2]): dict(zip(COLUMNS, line.split("\t")[2:], strict=True)) for line in LINES[1:]
}
DUMMY: Final = "0" * 26


def named(route: Route) -> tuple[str, str]:
    return route.method, route.path


def filled(route: Route) -> str:
    """Its path, with ids that are nobody's."""
    return "/".join(DUMMY if part.startswith("{") else part for part in route.path.split("/"))


def test_the_head_of_the_table_names_every_role() -> None:
    assert tuple(LINES[0].split("\t")) == ("method", "path", *COLUMNS)


def test_every_route_has_its_row_and_every_row_its_route() -> None:
    assert [named(route) for route in table.ROUTES if named(route) not in WRITTEN] == []
    assert set(WRITTEN) - {named(route) for route in table.ROUTES} == set()
    assert len({named(route) for route in table.ROUTES}) == len(table.ROUTES)


@pytest.mark.parametrize("route", table.ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_row_says_what_the_route_says(route: Route) -> None:
    assert route.roles <= ANYBODY
    assert {role: route.roles and role in route.roles for role in COLUMNS} == {
        role: word == "yes" for role, word in WRITTEN[named(route)].items()
    }


def test_the_app_serves_the_table_and_nothing_else(here: AtDesk) -> None:
    served = {(method, one.path) for one in here.app.routes if isinstance(one, Served) for method in one.methods or ()}
    assert served - {("HEAD", route.path) for route in table.ROUTES} == {named(route) for route in table.ROUTES}
    assert all(isinstance(one, Served) for one in here.app.routes)


def test_each_role_gets_what_its_column_says(here: AtDesk) -> None:
    """By asking: nobody's page leads to the sign-in page, another role's is refused, one's own is answered or not there."""
    # A stream would not end by itself: closed, it is refused only after the role was looked at.
    here.streams.close()
    for route in table.ROUTES:
        if route.path == "/sign-out":
            continue
        for role in COLUMNS:
            response = (here.get if route.method == "GET" else here.post)(filled(route), "" if role == NOBODY else role)
            here.tokens.clear()
            told = f"{route.method} {route.path} as {role}: {response.status_code}"
            away = response.status_code in (401, 403) or response.headers.get("location", "").startswith("/sign-in?")
            if route.path == "/" and role == NOBODY:
                assert response.headers["location"] == "/sign-in", told
            elif WRITTEN[named(route)][role] == "yes":
                assert not away, told
            else:
                assert away, told
            assert response.status_code < 500, told


def test_a_path_without_a_row_is_not_there(here: AtDesk) -> None:
    for method, path in (("GET", "/nowhere"), ("POST", "/"), ("DELETE", "/me"), ("GET", "/board/../../etc/passwd")):
        response = here.ask(method, path, here.sign_in("duty"))
        assert response.status_code in (404, 405), path
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
