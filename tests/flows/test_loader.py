"""Broken files: each is refused with its line and with what to write instead; nothing else ever comes out of the loader."""

from __future__ import annotations

import dataclasses
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import lines, loader
from flows.lines import LoadError
from flows.model import Level

if TYPE_CHECKING:
    from pathlib import Path

# file, what stands there, what is written instead, and what the author is told.
BROKEN = [
    # --- a file by itself
    ("shared", "kind: choice", "knid: choice", "unknown key 'knid'; did you mean 'kind'?"),
    ("shared", "kind: choice", "kind: choise", "unknown kind 'choise'; did you mean 'choice'?"),
    ("shared", "path: M", "path: N", "unknown path 'N'; write one of: C, E, M, full"),
    ("shared", "tags: [gate, sensitive]", "tags: [gaet]", "unknown tag 'gaet'; did you mean 'gate'?"),
    ("shared", "tags: [gate, sensitive]", "tags: gate", "here stands 'gate'; write a list"),
    ("shared", "skip: false", "skip: no", "unknown value 'no'; write one of: false, true"),
    ("shared", "area: q4", "area: q9", "unknown area 'q9'"),
    ("shared", "key: gate", "key: Gate", "'Gate' cannot be a key"),
    ("shared", "key: gate", "key: not", "'not' cannot be a key"),
    ("shared", "key: msg_hello", "key: gate", "the step 'gate' stands in this file twice"),
    ("shared", "    skip: false\n", "    skip: false\n    skip: true\n", "the key 'skip' stands here twice"),
    ("shared", "skip_free: ", "skip_fre: ", "unknown key 'skip_fre'; did you mean 'skip_free'?"),
    ("shared", "easy: true", "easy:", "here stands nothing; write a value"),
    ("shared", 'alone: "Yes, only I can see this"', "alone: {label: [a]}", "here stands a list; write one value"),
    ("shared", 'later: "Not now"', 'Later: "Not now"', "'Later' cannot be an option's value"),
    ("shared", 'later: "Not now"', 'alone: "Not now"', "the key 'alone' stands here twice"),
    ("shared", "      alone: \"yes, y, yh,", "      alon: \"yes, y, yh,", "words for 'alon', which is no option; did you mean 'alone'?"),
    ("shared", '"yes, y, yh, yeah, yep, ok,', '"yes, y, yh, yeah, Yes, ok,', "'Yes' stands here twice"),
    ("shared", '{when: gate = alone, privacy: alone, trigger: begin}', "{when: gate = alone}", "an outcome that does nothing"),
    ("shared", "{when: gate = alone, privacy", "{wen: gate = alone, privacy", "unknown key 'wen'; did you mean 'when'?"),
    ("shared", "level: L4, categories: [D01], guard: lock", "level: L5, guard: lock", "unknown level 'L5'"),
    ("shared", "categories: [D01]", "categories: [D31]", "unknown category 'D31'"),
    ("shared", "guard: lock", "guard: block", "unknown guard 'block'; did you mean 'lock'?"),
    ("shared", "privacy: alone", "privacy: aloud", "unknown privacy 'aloud'"),
    ("shared", "for: worker", "for: nurse", "unknown role 'nurse'"),
    ("shared", "within: today", "within: tonight", "'tonight' is no time limit; write now, today, or a number"),
    # --- conditions
    ("shared", "when: gate = later", "when: gate == later", "not a condition: character 7: expected a value, found '='"),
    ("shared", "when: gate = later", "when: gait = later", "unknown name 'gait' in flow return_interview; did you mean 'gate'?"),
    ("shared", "when: gate = later", "when: gate = latter", "'gate' is never 'latter'; did you mean 'later'?"),
    ("shared", "ask_when: alone and not locked", "ask_when: alone and unlocked", "unknown name 'unlocked'"),
    ("shared", "level = L4 or d_where", "level = L4 or d_were", "unknown name 'd_were' in flow return_interview; did you mean 'd_where'?"),
    ("text_safe", "channel in (web, telegram)", "channel in (web, telegraph)", "'channel' is never 'telegraph'; did you mean 'telegram'?"),
    ("return_interview", "{when: mood <= 2,", "{when: mood <= low,", "expected a whole number or L0 to L4"),
    # --- what is said of other places
    ("shared", "say: [ts_later]", "say: [ts_latter]", "unknown step 'ts_latter' in flow return_interview; did you mean 'ts_later'?"),
    ("shared", "trigger: pause", "trigger: pose", "unknown trigger 'pose' in flow return_interview; did you mean 'pause'?"),
    ("shared", "goto: leave_after", "goto: leave_before", "unknown block 'leave_before' in flow return_interview"),
    ("return_interview", "ask: hurt_self", "ask: hurt_shelf", "unknown step 'hurt_shelf' in flow return_interview; did you mean 'hurt_self'?"),
    ("return_interview", "      - safe_now\n", "      - safe_know\n", "unknown step 'safe_know' in flow return_interview; did you mean 'safe_now'?"),
    ("return_interview", "      - safe_now\n", "      - msg_hello\n", "the step 'msg_hello' stands in this block twice"),
    ("return_interview", "key: who_talk\n", "key: hurt_now\n", "the step 'hurt_now' stands in shared.yaml too"),
    ("return_interview", "block: who_and_where", "block: opening", "the block 'opening' stands in this file twice"),
    ("return_interview", "then: finish", "then: end", "unknown trigger 'end' in flow return_interview"),
    ("text_safe", "goto: listening", "goto: listening_in", "unknown block 'listening_in' in flow text_safe; did you mean 'listening'?"),
    # --- options
    ("text_safe", "number: 9", "number: 5", "two options have one number"),
    ("text_safe", "number: 9", "number: none", "'none' cannot stand here; write a whole number from 1 to 99"),
    ("text_safe", 'chat: "talk, ', 'chat: "the police, ', "'the police' stands for 'chat' and for 'police'"),
    ("text_safe", 'doctor: "A doctor"', 'doctor: "Chat"', "'Chat' stands for 'chat' and for 'doctor'"),
    ("return_interview", '5: "Very good"}', '6: "Very good"}', "a scale has the options 1 to 5"),
    ("return_interview", "kind: free", "kind: free\n        options: {a: A}", "a free has no options"),
    ("return_interview", "kind: statement", "kind: multi", "'options:' is missing; add it here"),
    ("shared", 'options: ["yes", "no"]', 'options: ["yes", "yes"]', "an option stands here twice"),
    ("shared", 'options: ["yes", "no"]', 'options: ["yes", "nope"]', "unknown option 'nope'"),
    # --- states
    ("return_interview", "initial: OFFERED", "initial: OFERED", "unknown state 'OFERED'; did you mean 'OFFERED'?"),
    ("return_interview", "states: [OFFERED,", "states: [offered,", "'offered' cannot be a state"),
    ("return_interview", "to: ASKING", "to: ASK", "unknown state 'ASK'"),
    ("return_interview", "{on: begin, from: any, to: ASKING}", "{on: begin, from: [GATE], to: ASKING}", "no move for 'begin' from OFFERED"),
    ("return_interview", "{on: take, from: any, to: HELD}", "{on: take, from: all, to: HELD}", "unknown state (write a list, or any) 'all'"),
    ("return_interview", "{on: begin, from: [HELD]", "{on: begin, from: [QUIET]", "'begin' leaves QUIET twice"),
    ("return_interview", "flow: return_interview", "flow: interview", "unknown flow (the name of the file) 'interview'"),
    ("return_interview", "service: return_interview", "service: textsafe", "unknown service 'textsafe'; did you mean 'text_safe'?"),
    ("return_interview", "include: shared", "include: common", "unknown file to include 'common'"),
    # --- texts
    ("shared", "it's {persona}.", "it's {person}.", "unknown placeholder '{person}'; did you mean 'persona'?"),
    ("shared", "it's {persona}.", "it's {persona.", "a '{' or '}' by itself"),
    ("shared", "it's {persona}.", "it's {}.", "unknown placeholder '{}'"),
    ("shared", "text {missing_people} if", "text {samaritans} if", "unknown placeholder '{samaritans}'"),
    # --- the house
    ("commands", "does: danger", "does: dager", "unknown verb 'dager'; did you mean 'danger'?"),
    ("commands", "key: adult", "key: danger", "the command 'danger' stands here twice"),
    ("commands", "say: ts_stop", "say: ts_stopp", "unknown step 'ts_stopp' in flow return_interview; did you mean 'ts_stop'?"),
    ("commands", '"999, 112,', '"999, 999,', "'999' stands here twice"),
    ("categories", "code: D01", "code: D1", "'D1' is no category; write D and two figures"),
    ("categories", "code: D02", "code: D01", "the category D01 stands here twice"),
    ("categories", "guard: pause, own_life: true}", "guard: paus, own_life: true}", "unknown guard 'paus'; did you mean 'pause'?"),
    ("categories", "  - msg_d2\n", "  - msg_d3\n", "unknown step 'msg_d3' in flow return_interview"),
    ("categories", "goto: after_unsure", "goto: after_sure", "unknown block 'after_sure' in flow return_interview; did you mean 'after_unsure'?"),
    ("categories", "when: quiet or privacy = others", "when: quite or privacy = others", "unknown name 'quite'"),
    ("categories", "say: ts_wait_night", "say: ts_wait_nite", "unknown step 'ts_wait_nite'"),
    # --- the floor that no file can lower (decisions 7)
    ("ladder", "{after: 5, roles: [backup], method: sms}", "{after: 6, roles: [backup], method: sms}", "not in the order of their minutes"),
    ("ladder", "{after: 10, roles: [service_manager], method: sms}", "{after: 11, roles: [backup], method: sms}", "not in the order"),
    ("ladder", "{after: 15, roles: [backup], method: sms}", "{after: 16, roles: [backup], method: sms}", "L3 must reach backup by minute 15 (the floor); write a rung for backup at 15 or earlier"),
    ("ladder", "{after: 0, roles: [duty], method: sms}", "{after: 0, roles: [duty], method: notice}", "L3 must page duty, a notice is not enough"),
    ("ladder", "{after: 0, roles: [duty, manager], method: voice}", "{after: 0, roles: [duty], method: voice}", "L4 must text and call manager together"),
    ("ladder", "again: 15", "again: 16", "'16' cannot stand here; write a whole number from 11 to 15"),
    ("ladder", "decide: 30", "decide: 31", "'31' cannot stand here; write a whole number from 1 to 30"),
    ("ladder", "    decide: 30\n", "", "'decide:' is missing; L4 must be decided within 30 minutes"),
    ("ladder", "method: voice", "method: pigeon", "unknown method 'pigeon'"),
    ("ladder", "invite_max: 3", "invite_max: 4", "'4' cannot stand here; write a whole number from 1 to 3"),
    ("ladder", "invite_max: 3", "invites_max: 3", "unknown key 'invites_max'; did you mean 'invite_max'?"),
    ("ladder", "  session_minutes: 30 #", "  # session_minutes: 30 #", "'session_minutes:' is missing; add it here"),
    ("directory", 'number: "999"', 'number: "nine"', "this is no telephone number"),
    ("directory", 'verified_on: "2026-11-21"', 'verified_on: "21 November"', "'21 November' is no day; write it as 2026-11-21"),
    ("directory", "key: childline", "key: nhs", "the key 'nhs' is taken; choose another"),
    ("directory", "key: police", "key: name", "the key 'name' is taken; choose another"),
    # --- no plain YAML
    ("shared", "kind: choice", "kind: [choice", "not YAML: "),
    ("shared", "kind: choice", "kind: !!python/name:os.system choice", "has no meaning here; take it out"),
    ("shared", "kind: choice", "kind: &kind choice\n    path: *kind", "an alias, or lists too deep in each other"),
    ("shared", "kind: choice", "kind: {{{a}}}", "stands here twice or is no word"),
    ("shared", "kind: choice", 'kind: "\\UFFFFFFFF"', "not YAML"),
]

@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for stem in loader.FILES:
        shutil.copy(loader.LIBRARY / f"{stem}.yaml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("stem", "was", "becomes", "told"), BROKEN, ids=lambda part: str(part)[:30])
def test_what_is_wrong_is_told_with_its_line(folder: Path, stem: str, was: str, becomes: str, told: str) -> None:
    path = folder / f"{stem}.yaml"
    text = path.read_text(encoding="utf-8")
    assert was in text, "the row speaks of something that no longer stands in the file"
    path.write_text(text.replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(LoadError) as raised:
        loader.load(folder)
    assert told in str(raised.value)
    place = re.match(r"(\w+)\.yaml:(\d+): ", str(raised.value))
    assert place is not None
    assert place[1] == stem
    # At most the step away in which the author has to look.
    assert abs(int(place[2]) - (text[: text.index(was)].count("\n") + 1)) <= 12


def test_the_line_is_the_very_line_of_the_value(folder: Path) -> None:
    path = folder / "shared.yaml"
    text = path.read_text(encoding="utf-8").replace("tags: [parting]", "tags: [parking]", 1)
    path.write_text(text, encoding="utf-8")
    line = next(at for at, one in enumerate(text.splitlines(), 1) if "parking" in one)
    with pytest.raises(LoadError, match=f"^shared.yaml:{line}: unknown tag 'parking'; did you mean 'parting'"):
        loader.load(folder)


@pytest.mark.parametrize("stem", loader.FILES)
def test_a_file_that_is_missing_or_empty_or_not_text_is_named(folder: Path, stem: str) -> None:
    path = folder / f"{stem}.yaml"
    path.write_bytes(b"\n# one\nkey: \xff\n")
    with pytest.raises(LoadError, match=rf"^{stem}.yaml:3: this is not UTF-8"):
        loader.load(folder)
    path.write_text("", encoding="utf-8")
    with pytest.raises(LoadError, match=rf"^{stem}.yaml:1: the file is empty"):
        loader.load(folder)
    path.write_text("- a\n- b\n", encoding="utf-8")
    with pytest.raises(LoadError, match=rf"^{stem}.yaml:1: here stands a list; write keys with values"):
        loader.load(folder)
    path.unlink()
    with pytest.raises(LoadError, match=rf"^{stem}.yaml:1: the file cannot be read"):
        loader.load(folder)


def test_revisions_change_with_the_files_that_make_them(folder: Path) -> None:
    before = loader.load(folder)
    assert before.revision == loader.load().revision
    path = folder / "text_safe.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("What would help most?", "What would help?"), encoding="utf-8")
    after = loader.load(folder)
    assert after.revision != before.revision
    assert after.flows["text_safe"].revision != before.flows["text_safe"].revision
    assert after.flows["return_interview"].revision == before.flows["return_interview"].revision


def test_a_faster_ladder_loads(folder: Path) -> None:
    path = folder / "ladder.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("after: 45", "after: 40").replace("again: 60", "again: 50")
    path.write_text(text, encoding="utf-8")
    ladder = loader.load(folder).ladders[Level.L3]
    assert ladder.rungs[-1].after_minutes == 40
    assert ladder.again_after_minutes == 10


def test_nothing_that_was_loaded_can_be_changed() -> None:
    source = loader.load()
    with pytest.raises(dataclasses.FrozenInstanceError):
        source.revision = "x"  # type: ignore[misc]
    for part in (source.flows, source.categories, source.ladders, source.limits, source.numbers, source.homes):
        with pytest.raises(TypeError):
            part["x"] = 1  # type: ignore[index]
    with pytest.raises(TypeError):
        source.flows["text_safe"].steps["x"] = None  # type: ignore[index]


# --- any file at all --------------------------------------------------------------------------------------------------

TEXTS = {stem: (loader.LIBRARY / f"{stem}.yaml").read_text(encoding="utf-8") for stem in loader.FILES}
PIECES = st.sampled_from(
    ["", " ", "\n", "  ", ":", "-", "[", "]", "{", "}", '"', "'", "#", "&a ", "*a", "!!int ", "|", ">", "%", "\t", "\x00"]
    + ["null", "~", "true", "0", "- ", "key: ", "a: b", "when: ", "? ", "\u2028", "\ud7ff", "\U0001f600", "---\n", "...\n"]
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str]:
    """One file with up to three pieces cut out of it or put into it."""
    stem = draw(st.sampled_from(loader.FILES))
    text = TEXTS[stem]
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 30))
        text = text[:start] + draw(PIECES) + text[start + cut :]
    return stem, text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutated())
def test_any_file_loads_or_is_refused_with_a_line(folder: Path, one: tuple[str, str]) -> None:
    stem, text = one
    for name, whole in TEXTS.items():
        (folder / f"{name}.yaml").write_text(text if name == stem else whole, encoding="utf-8")
    try:
        source = loader.load(folder)
    except LoadError as error:
        assert re.match(r"\w+\.yaml:[1-9]\d*: \S", str(error))
    else:
        assert set(source.flows) == set(loader.FLOWS)


@given(st.text(alphabet="ab:-[]{}\"'&*!|>%@`#, \n\t?01\\xuU\x85\ufeff", max_size=60))
def test_any_text_is_yaml_or_refused(text: str) -> None:
    try:
        lines.parse(text, "any.yaml")
    except LoadError as error:
        assert re.match(r"any\.yaml:[1-9]\d*: \S", str(error))


def test_lists_in_lists_without_end_are_refused() -> None:
    for text in ("[" * 5000, "a: " + "[" * 300 + "]" * 300, "&a [*a]", "&a {b: *a}"):
        with pytest.raises(LoadError):
            lines.parse(text, "deep.yaml")
