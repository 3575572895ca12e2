from __future__ import annotations

from string import Formatter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import wording

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
PLAIN = st.text(st.characters(exclude_characters="{}"), max_size=20)


@given(st.lists(st.tuples(PLAIN, NAMES), max_size=5), PLAIN, st.text(max_size=30))
def test_every_gap_is_filled_and_nothing_else_changes(parts: list[tuple[str, str]], tail: str, value: str) -> None:
    template = "".join(f"{text}{{{name}}}" for text, name in parts) + tail
    values = {name: value for _, name in parts}
    assert wording.fill(template, values) == "".join(text + value for text, _ in parts) + tail
    assert wording.placeholders(template) == frozenset(values)


@given(st.text(max_size=60))
@example("{name}")
@example("{0}")
@example("{")
@example("}{")
@example("{name.__class__}")
@example("{name[0]}")
@example("{name!r}")
@example("{name:>9999999999}")
@example("{name:{name}}")
@example("{}")
def test_any_template_fills_fails_or_asks_for_a_name(template: str) -> None:
    """Nothing of the values can be reached but the value itself, and no error quotes the text."""
    secret = "{secret}"
    try:
        wanted = wording.placeholders(template)
    except wording.BadPlaceholder:
        with pytest.raises(wording.BadPlaceholder) as caught:
            wording.fill(template, {"name": secret})
        assert str(caught.value) == wording.BadPlaceholder.__doc__
        return
    if wanted <= {"name"}:
        found = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
        assert wording.fill(template, {"name": secret}).count(secret) >= len(found)
        return
    with pytest.raises(KeyError) as unknown:
        wording.fill(template, {"name": secret})
    assert unknown.value.args[0] in wanted


@pytest.mark.parametrize(
    "template",
    [
        "{a.b}",
        "{a[0]}",
        "{a[b]}",
        "{a!r}",
        "{a!s}",
        "{a:5}",
        "{a:{b}}",
        "{}",
        "{0}",
        "{A}",
        "{a b}",
        "{ a}",
        "{é}",
        "{",
        "a}",
    ],
)
def test_only_bare_names_stand_in_braces(template: str) -> None:
    with pytest.raises(wording.BadPlaceholder):
        wording.fill(template, {"a": "x", "b": "y"})
    with pytest.raises(wording.BadPlaceholder):
        wording.placeholders(template)


def test_what_is_put_in_is_not_read_again() -> None:
    assert wording.fill("{a} {b}", {"a": "{b}", "b": "{a}"}) == "{b} {a}"


def test_doubled_braces_are_braces() -> None:
    assert wording.fill("{{{a}}}", {"a": "x"}) == "{x}"


def test_unknown_name_is_named_alone() -> None:
    with pytest.raises(KeyError) as caught:
        wording.fill("a private text {who}", {})
    assert caught.value.args == ("who",)


def test_a_gap_that_stands_twice_is_two_gaps() -> None:
    assert wording.gaps("{a} {b} {a}") == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("template", "values"),
    [
        ("Hi, this is {a}.", {"a": "Sam (he)"}),
        ("{a}, {b} and {a} again", {"a": "one", "b": "two\nlines"}),
        ("{{{a}}} costs 5$ (more?)", {"a": ".*"}),
        ("no gap", {}),
    ],
)
def test_what_stands_in_the_gaps_is_read_back(template: str, values: dict[str, str]) -> None:
    assert wording.read_back(template, wording.fill(template, values)) == values


def test_of_another_text_nothing_is_read_back() -> None:
    assert wording.read_back("Hi, this is {a}.", "Hello, this is Sam.") == {}
