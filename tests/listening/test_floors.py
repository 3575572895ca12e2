"""The held half may not fall under its floors. A failure says counts, never a sentence: held lines stay unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.listening import floors, gates, measure, perturb

if TYPE_CHECKING:
    from tests.listening.measure import Rates

FLOORS = floors.read()
NAMES = [*measure.languages("held"), "pooled"]
SPELLINGS = [(kind, where) for kind in perturb.KINDS for where in ("en", "pooled")]


HOW = {"languages": True, "alone": False}  # with the reader of sentences, and without


def rates(table: str, name: str) -> Rates:
    if name == "pooled":
        return measure.rates(measure.others(measure.whole("held", read=HOW[table])))
    return measure.rates(list(measure.half_of("held", name, read=HOW[table])))


def test_every_language_and_every_change_has_its_floor() -> None:
    assert set(FLOORS["languages"]) == set(FLOORS["alone"]) == set(NAMES)
    assert set(FLOORS["spelling"]) == {f"{kind}, {where}" for kind, where in SPELLINGS}


@pytest.mark.parametrize("table", HOW)
@pytest.mark.parametrize("name", NAMES)
def test_recall_stands_above_its_floor(table: str, name: str) -> None:
    found = rates(table, name)
    for key in floors.RECALL:
        share = getattr(found, key)
        assert share.rate >= FLOORS[table][name][key]["least"], f"{name}, {key}: {share.hit} of {share.of}"


@pytest.mark.parametrize("table", HOW)
@pytest.mark.parametrize("name", NAMES)
def test_false_alarms_stand_under_their_ceiling(table: str, name: str) -> None:
    found = rates(table, name)
    for key in floors.ALARMS:
        share = getattr(found, key)
        assert share.rate <= FLOORS[table][name][key]["most"], f"{name}, {key}: {share.hit} of {share.of}"


@pytest.mark.parametrize(("kind", "where"), SPELLINGS)
def test_a_change_of_spelling_costs_no_more_than_it_did(kind: str, where: str) -> None:
    results = measure.whole("held") if where == "pooled" else list(measure.half_of("held", where))
    found = gates.fall(kind, measure.positives(measure.others(results) if where == "pooled" else results))
    most = FLOORS["spelling"][f"{kind}, {where}"]["most"]
    assert 100 * found.points <= most + 1e-6, f"{kind}, {where}: {100 * found.points:.1f} points"
