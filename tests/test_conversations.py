"""Every transcript, through the whole program, on both databases: anything unexpected fails."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot import app
from bot.play import judge, script
from bot.play.outcomes import ORDER
from bot.play.script import PlayError

PLAYS = sorted((Path(__file__).parent / "conversations").glob("*.txt"))
MINIMUM = {
    "t01",
    "t02",
    "t03",
    "t04",
    "t05",
    "t09",
    "t11",
    "t12",
    "t13",
    "t14",
    "t15",
    "t17",
    "t18",
    "t20",
    "t23",
    "t27",
}


def test_the_plays_that_must_be_there_are() -> None:
    names = {path.stem.split("_")[0] for path in PLAYS}
    assert names >= MINIMUM
    # One a category, in which the level, the lock and what is said next are read by people.
    assert names >= {code.lower() for code in app.source().categories}


@pytest.mark.parametrize("path", PLAYS, ids=lambda path: path.stem)
def test_play(path: Path, database_url: str) -> None:
    play = script.read(path)
    verdict = judge.perform(play, database_url)
    assert not verdict.differences, "\n".join(map(str, verdict.differences))
    # No page and no notice carries a word of the child.
    said = {line.text for line in play.lines if line.who == "child" and len(line.text) > 8}
    for outcome in verdict.outcomes:
        if outcome["kind"] in ("page", "notice"):
            assert not any(words in outcome["text"] for words in said)
            assert "+44" not in outcome["text"]


# --- on every channel that can carry it ---

ELSEWHERE = [
    line.split("\t")
    for line in (Path(__file__).parent / "conversations" / "channels.tsv").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
_CODE = re.compile(r"(?<=[Rr]eply )[A-Z0-9]{6}\b|\b[A-Z0-9]{6}(?= NO to pass)")


def _carried(path: Path, channel: str) -> bool:
    play = script.read(path)
    named = {("play", path.stem), ("start", play.start)}
    written = play.channel == "sms" and any(line.who == "child" for line in play.lines)
    return written and not any((what, it) in named for on, what, it, _ in ELSEWHERE if on == channel)


def _text(key: str) -> str:
    return next(flow.steps[key].text for flow in app.source().flows.values() if key in flow.steps)


def _same(wanted: str, got: str, channel: str) -> bool:
    """As written, but for a text that the channel changes; a page's code is by chance, and chance is asked once more or less."""
    texts = {(_text(key), _text(there)) for on, what, key, there in ELSEWHERE if (on, what) == (channel, "text")}
    plain = (wanted.removeprefix("bot > "), got.removeprefix("bot > "))
    return plain in texts or _CODE.sub("", wanted) == _CODE.sub("", got)


_CARRIED = [(path, there) for path in PLAYS for there in ("whatsapp", "telegram", "web") if _carried(path, there)]


@pytest.mark.parametrize(("path", "channel"), _CARRIED, ids=lambda one: getattr(one, "stem", one))
def test_play_on_every_channel_that_can_carry_it(path: Path, channel: str, sqlite_url: str) -> None:
    verdict = judge.perform(replace(script.read(path), channel=channel), sqlite_url)
    told = [one for one in verdict.differences if not _same(one.wanted, one.got, channel)]
    assert not told, "\n".join(map(str, told))
    # Somebody who is not the child texts by SMS, and is answered there.
    strange = {"sms"} if any(line.text.startswith("stranger:") for line in verdict.play.lines) else set()
    assert {one["channel"] for one in verdict.outcomes if one["kind"] == "say"} <= {channel} | strange


def test_what_differs_elsewhere_is_there_and_differs() -> None:
    assert {what for _, what, _, _ in ELSEWHERE} == {"text", "start", "play"}
    for channel, what, it, there in ELSEWHERE:
        assert channel in script.CHOICES["channel"]
        if what == "text":
            assert _text(it) != _text(there)
        elif what == "start":
            assert it in script.CHOICES["start"]
        else:
            play = script.read(next(path for path in PLAYS if path.stem == it))
            assert judge.perform(replace(play, channel=channel)).differences


@pytest.mark.parametrize("path", [path for path in PLAYS if path.stem.startswith("t03")], ids=lambda path: path.stem)
def test_json_says_every_outcome_in_order(path: Path) -> None:
    play = script.read(path)
    told = [json.loads(line) for line in judge.as_json(play)]
    assert told[-1]["kind"] == "record"
    assert {one["kind"] for one in told} >= {"answer", "concern", "alert", "state", "say", "page", "record"}
    assert all(one["kind"] in ORDER for one in told)
    assert all("+00:00" in one["at"] or "+01:00" in one["at"] for one in told)


def test_the_same_play_gives_the_same_codes() -> None:
    play = script.read(next(path for path in PLAYS if path.stem.startswith("t03")))
    assert list(judge.as_json(play)) == list(judge.as_json(play))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("floww: x\n", "<play>:1: no header 'floww'"),
        ("flow: x\n", "<play>:1: flow 'x' is not known"),
        ("now: yesterday\n", "<play>:1: 'yesterday' is no time"),
        ("child > hi\nmum > hello\n", "<play>:2: 'mum' says nothing in a play"),
        ("child > hi\n---- soon\n", "<play>:2: '---- soon'"),
        ("rota: ana=boss\n", "<play>:1: role 'boss'"),
        ("rota: ana=duty@9-5\n", "<play>:1: hours '9-5'"),
        ("rota: ana=duty@25:00-20:00\n", "<play>:1: hours '25:00-20:00'"),
        ("rota: ana=duty ana=manager\n", "<play>:1: 'ana' stands there twice"),
        ("child: age=x\n", "<play>:1: age=x: give a number from 0 to 25, or leave it out"),
        (
            "child: learning_disability=unknown\n",
            "<play>:1: learning_disability=unknown: give yes or no, or leave it out",
        ),
        ("child: agee=14\n", "<play>:1: 'agee=' is not known here"),
        ('episode: missing="2026\n', "<play>:1: a quotation mark is not closed"),
        ('episode: returned="2026-11-16 10:00"\n', "<play>:1: an episode has a start"),
        (
            'episode: missing="2026-11-14 18:00" retruned="2026-11-16 10:00"\n',
            "<play>:1: 'retruned=' is not known here",
        ),
    ],
)
def test_a_play_that_cannot_be_read_says_where_and_how_to_mend_it(text: str, complaint: str) -> None:
    with pytest.raises(PlayError) as caught:
        script.parse(text)
    assert str(caught.value).startswith(complaint)


def test_an_unknown_desk_verb_is_an_error_with_its_line() -> None:
    play = script.parse("flow: text_safe\nrota: ana=duty\nchild > hi\ndesk > ana dances\n")
    with pytest.raises(PlayError, match="<play>:4: 'dances'"):
        judge.perform(play)


def test_what_a_request_does_not_ask_is_an_error_with_its_line() -> None:
    play = script.parse("flow: text_safe\nrequest > pc_smith number=A age=9\n")
    with pytest.raises(PlayError, match="<play>:2: 'age=' is not known here: use number language age_band"):
        judge.perform(play)


@pytest.mark.parametrize("flow", ["return_interview", "text_safe"])
@pytest.mark.parametrize(("start", "asked_before"), [("chat", True), ("inbound", False)])
def test_a_play_begins_as_its_start_says(flow: str, start: str, asked_before: bool) -> None:
    gate = "bot > Hi, it's Robin. OK to text now? 1 Yes, only I can see this 2 Not now 3 I need help fast"
    said = [*[gate] * asked_before, "child > hi", gate]
    play = script.parse("\n".join((f"flow: {flow}", f"start: {start}", "child: age=14 learning_disability=no", *said)))
    assert not judge.perform(play).differences


def test_a_difference_is_seen() -> None:
    play = script.read(next(path for path in PLAYS if path.stem.startswith("t12")))
    changed = tuple(replace(line, text="Something else") if line.who == "bot" else line for line in play.lines)
    assert judge.perform(replace(play, lines=changed)).differences
