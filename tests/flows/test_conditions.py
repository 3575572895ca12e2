"""The language of flow files: what is parsed means what was written, and no value a child can send breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import conditions
from flows.conditions import ALWAYS, All, Any, Condition, In, Not, Order, Truth

NAMES = st.sampled_from(["age", "mood", "with", "safe_now", "level", "not_ok", "in_care", "x"])
WORDS = st.sampled_from(["yes", "no", "unsure", "skipped", "unknown", "alone", "13_15", "new_person", "notable"])
LITERALS = st.one_of(WORDS, st.integers(-999, 999))
LEAVES = st.one_of(
    st.builds(Truth, NAMES),
    st.builds(In, NAMES, st.lists(LITERALS, min_size=1, max_size=3).map(tuple), st.booleans()),
    st.builds(Order, NAMES, st.sampled_from(["<", "<=", ">", ">="]), st.integers(-99, 99)),
    st.just(ALWAYS),
)


def _joined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, inner), st.builds(All, several), st.builds(Any, several))


CONDITIONS = st.recursive(LEAVES, _joined, max_leaves=12)
VALUES = st.dictionaries(
    NAMES,
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(),
        WORDS,
        st.floats(),
        st.binary(),
        st.lists(LITERALS).map(tuple),
    ),
)


@given(CONDITIONS)
def test_what_is_written_is_read_again(condition: Condition) -> None:
    assert conditions.parse(conditions.written(condition)) == condition


@given(CONDITIONS, VALUES)
def test_every_condition_is_true_or_false_of_any_values(condition: Condition, values: dict[str, object]) -> None:
    assert conditions.holds(condition, values) in (True, False)
    assert conditions.holds(Not(condition), values) is not conditions.holds(condition, values)


@given(CONDITIONS, VALUES, VALUES)
def test_only_the_names_it_names_matter(
    condition: Condition, values: dict[str, object], others: dict[str, object]
) -> None:
    named = conditions.names(condition)
    mixed = {key: value for key, value in others.items() if key not in named}
    mixed.update({key: value for key, value in values.items() if key in named})
    assert conditions.holds(condition, mixed) is conditions.holds(condition, values)


@given(NAMES, st.lists(LITERALS, min_size=1, max_size=3).map(tuple), VALUES)
def test_not_in_is_exactly_the_negation_of_in(
    name: str, among: tuple[str | int, ...], values: dict[str, object]
) -> None:
    inside, outside = In(name, among), In(name, among, negated=True)
    assert conditions.holds(inside, values) is not conditions.holds(outside, values)


@given(st.text(max_size=60))
def test_any_text_is_a_condition_or_a_value_error_with_a_place(text: str) -> None:
    try:
        told = f"character 0: reads as {conditions.written(conditions.parse(text))}"
    except ValueError as error:
        told = str(error)
    assert told.startswith("character ")


@given(st.text(alphabet="()notadr =<,in xyz13L", max_size=40))
def test_text_that_is_nearly_a_condition_is_safe_too(text: str) -> None:
    try:
        condition = conditions.parse(text)
    except ValueError:
        return
    assert conditions.names(condition).isdisjoint(conditions.KEYWORDS)


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("always", {}, True),
        ("safe_now = no", {"safe_now": "no"}, True),
        ("safe_now = no", {}, False),
        ("safe_now != no", {}, True),
        ("safe_now = unknown", {}, True),
        ("safe_now = unknown", {"safe_now": None}, True),
        ("safe_now = unknown", {"safe_now": "skipped"}, False),
        ("safe_now in (yes, unknown)", {}, True),
        ("mood <= 2", {"mood": 2}, True),
        ("mood <= 2", {"mood": 3}, False),
        ("mood <= 2", {"mood": "skipped"}, False),
        ("mood <= 2", {}, False),
        ("not mood > 2", {}, True),
        ("age < 10", {"age": 9}, True),
        ("age < 10", {"age": "9"}, True),
        ("age < 10", {"age": "nine"}, False),
        ("level >= L3", {"level": 3}, True),
        ("level = L4", {"level": 3}, False),
        ("with in (known_adult, new_person)", {"with": ("friends", "new_person")}, True),
        ("with = alone", {"with": ("friends",)}, False),
        ("with != alone", {"with": ("alone", "friends")}, False),
        ("worker_present", {"worker_present": "yes"}, True),
        ("worker_present", {"worker_present": 1}, True),
        ("worker_present", {"worker_present": "no"}, False),
        ("worker_present", {"worker_present": 0}, False),
        ("worker_present", {}, False),
        ("night = yes", {"night": True}, True),
        ("night = true", {"night": True}, True),
        ("night < 2", {"night": True}, False),
        ("a or b and c", {"a": True, "c": False}, True),
        ("(a or b) and c", {"a": True, "c": False}, False),
        ("not a and b", {"a": False, "b": True}, True),
        ("not (a and b)", {"a": False, "b": True}, True),
        ("ts_age = 13_15", {"ts_age": "13_15"}, True),
    ],
)
def test_what_it_means(text: str, values: dict[str, object], *, expected: bool) -> None:
    assert conditions.holds(conditions.parse(text), values) is expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "character 1: expected a name, found the end"),
        ("a =", "character 4: expected a value, found the end"),
        ("a = b or", "character 9: expected a name"),
        ("a b", "character 3: expected 'and', 'or' or the end, found 'b'"),
        ("(a", "character 3: expected ')'"),
        ("a in b", "character 6: expected '('"),
        ("a in ()", "character 7: expected a value, found ')'"),
        ("a in (b c)", "character 9: expected ',' or ')'"),
        ("a not b", "character 7: expected 'in', found 'b'"),
        ("age < ten", "character 7: expected a whole number"),
        ("a == b", "character 4: expected a value, found '='"),
        ("Age = 3", "character 1: expected a name, found 'Age'"),
        ("and = 3", "character 1: expected a name, found 'and'"),
        ("a = 'b'", "character 5: ''' has no meaning here"),
        ("not " * 60 + "a", "expected fewer parentheses"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="character") as raised:
        conditions.parse(text)
    assert complaint in str(raised.value)


def test_names_and_literals_are_found_at_any_depth() -> None:
    condition = conditions.parse("not (a = x or b in (y, 2)) and c > 3 and d")
    assert conditions.names(condition) == {"a", "b", "c", "d"}
    assert list(conditions.literals(condition)) == [("a", "x"), ("b", "y"), ("b", 2)]
