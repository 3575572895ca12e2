"""Shifts from and to calendar files: across the clock change, twice, moved, cancelled, and files that are no rota."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot import app, keeping, rostering, rota_file, staffing
from bot.config import Settings
from bot.keeping import NotFound
from storage import people, rota

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 10, 19, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHTS = """
BEGIN:VEVENT
UID:nights@example.org
SUMMARY:Ana
DTSTART;TZID=Europe/London:20261019T220000
DTEND;TZID=Europe/London:20261020T060000
RRULE:FREQ=DAILY;COUNT=10
END:VEVENT
"""


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    made = Settings(database_url=database_url, keys_file=tmp_path / "keys")
    keeping.new_keys(made)
    database = app.database(made)
    if not database.is_current():
        database.migrate()
    database.close()
    for name, role in (("Ana", "duty"), ("Ben Lee", "backup")):
        staffing.add(made, name, role, {}, AT)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rota.ics"


def calendar(file: Path, *events: str) -> Path:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//invented//EN"]
    lines += [line for event in events for line in event.strip().splitlines()]
    file.write_text("\r\n".join([*lines, "END:VCALENDAR", ""]), "utf-8")
    return file


def standing(
    settings: Settings, since: datetime = AT, until: datetime = AT + 400 * DAY
) -> list[tuple[str, str, datetime, datetime]]:
    found = keeping.within(settings, lambda tx: rota.standing(tx, since, until))
    names = keeping.within(settings, lambda tx: {one.id: one.name for one in people.everyone(tx)})
    return [(names[one.staff], one.role, one.starts_at, one.ends_at) for one in found]


def test_the_night_on_which_the_clocks_go_back_has_its_last_hour(settings: Settings, file: Path) -> None:
    done = rota_file.take_in(settings, calendar(file, NIGHTS), "duty", None, AT)
    assert (done.new, done.gone, done.same) == (10, 0, 0)
    hours = [(ends - starts) / HOUR for _, _, starts, ends in standing(settings)]
    assert hours == [8, 8, 8, 8, 8, 9, 8, 8, 8, 8]
    (change,) = [one for one in standing(settings) if one[2].day == 24]
    assert change == (
        "Ana",
        "duty",
        datetime(2026, 10, 24, 21, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 6, 0, tzinfo=UTC),
    )


def test_and_the_night_on_which_they_go_forward_is_an_hour_shorter(settings: Settings, file: Path) -> None:
    spring = NIGHTS.replace("20261019", "20270327").replace("20261020", "20270328").replace("COUNT=10", "COUNT=2")
    rota_file.take_in(settings, calendar(file, spring), "duty", None, AT)
    assert [(ends - starts) / HOUR for _, _, starts, ends in standing(settings)] == [7, 8]


def test_the_same_file_twice_is_the_same_rota(settings: Settings, file: Path) -> None:
    rota_file.take_in(settings, calendar(file, NIGHTS), "duty", "Ana", AT)
    before = standing(settings)
    again = rota_file.take_in(settings, file, "duty", "Ana", AT + HOUR)
    assert (again.new, again.gone, again.same) == (0, 0, 10)
    assert standing(settings) == before


def test_what_was_moved_moves_and_what_was_cancelled_goes(settings: Settings, file: Path) -> None:
    rota_file.take_in(settings, calendar(file, NIGHTS), "duty", None, AT)
    moved = """
BEGIN:VEVENT
UID:nights@example.org
RECURRENCE-ID;TZID=Europe/London:20261022T220000
SUMMARY:Ben Lee
DTSTART;TZID=Europe/London:20261022T230000
DTEND;TZID=Europe/London:20261023T060000
END:VEVENT
"""
    gone = NIGHTS.replace("RRULE", "EXDATE;TZID=Europe/London:20261021T220000\nRRULE")
    done = rota_file.take_in(settings, calendar(file, gone, moved), "duty", None, AT)
    assert (done.new, done.gone) == (1, 2)
    assert [(name, starts.day) for name, _, starts, _ in standing(settings, until=AT + 5 * DAY)] == [
        ("Ana", 19),
        ("Ana", 20),
        ("Ben Lee", 22),
        ("Ana", 23),
    ]
    off = NIGHTS.replace("SUMMARY", "STATUS:CANCELLED\nSUMMARY")
    assert rota_file.take_in(settings, calendar(file, off), "duty", None, AT).gone == 9
    assert standing(settings) == []


def test_an_event_without_a_zone_is_the_services_own_and_a_day_is_a_whole_one(settings: Settings, file: Path) -> None:
    plain = "BEGIN:VEVENT\nUID:a\nSUMMARY:Ana\nDTSTART:20261024T200000\nDURATION:PT4H\nEND:VEVENT"
    day = "BEGIN:VEVENT\nUID:b\nSUMMARY:ben  lee\nDTSTART;VALUE=DATE:20261025\nEND:VEVENT"
    rota_file.take_in(settings, calendar(file, plain, day), "backup", None, AT)
    assert standing(settings) == [
        ("Ana", "backup", datetime(2026, 10, 24, 19, tzinfo=UTC), datetime(2026, 10, 24, 23, tzinfo=UTC)),
        ("Ben Lee", "backup", datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 26, 0, tzinfo=UTC)),
    ]


GOOD = "BEGIN:VEVENT\nUID:good\nSUMMARY:Ana\nDTSTART:20261101T200000Z\nDTEND:20261101T210000Z\nEND:VEVENT"


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (
            "UID:x\nSUMMARY:Zoe\nDTSTART:20261101T200000Z\nDTEND:20261101T210000Z",
            "event 'Zoe' (x) on 2026-11-01: nobody",
        ),
        ("UID:x\nSUMMARY:Ana\nDTSTART:20261101T200000Z\nDTEND:20261101T190000Z", "event 'Ana' (x)"),
        ("UID:x\nSUMMARY:Ana\nDTSTART:20261101T200000Z\nDTEND:20261101T200000Z", "ends no later than it starts"),
        ("UID:x\nSUMMARY:Ana", "event 'Ana' (x): it has no start"),
        ("UID:x\nSUMMARY:Ana\nDTSTART:tomorrow", "event 'Ana' (x): its DTSTART cannot be read"),
        (
            "UID:x\nSUMMARY:Ana\nDTSTART;TZID=Mars/Base:20261101T200000\nDURATION:PT1H",
            "time zone 'Mars/Base' is not known",
        ),
        ("UID:x\nSUMMARY:Ana\nDTSTART:20261101T200000Z\nDURATION:PT1H\nRRULE:FREQ=SOMETIMES", "event 'Ana' (x)"),
        ("SUMMARY:Ana\nDTSTART:20261101T200000Z\nDURATION:PT1H", "event 2 (Ana) has no UID"),
    ],
)
def test_a_bad_event_is_named_and_nothing_of_the_file_is_taken(
    settings: Settings, file: Path, bad: str, told: str
) -> None:
    with pytest.raises(NotFound) as error:
        rota_file.take_in(settings, calendar(file, GOOD, f"BEGIN:VEVENT\n{bad}\nEND:VEVENT"), "duty", None, AT)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert standing(settings) == []


@pytest.mark.parametrize(
    "content", [b"", b"not a calendar", b"\xff\xfe\x00", b"BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\n"]
)
def test_a_file_that_is_no_calendar_says_so(settings: Settings, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(NotFound, match=r"rota\.ics: "):
        rota_file.take_in(settings, file, "duty", None, AT)


def test_what_was_exported_can_be_read_again_role_by_role(settings: Settings, file: Path) -> None:
    rostering.add_shift(settings, "Ana", "duty", "2026-10-24 22:00", "2026-10-25 06:00", AT)
    rostering.add_shift(settings, "Ben Lee", "backup", "2026-10-24 22:00", "2026-10-25 06:00", AT)
    before = standing(settings)
    assert rota_file.give_out(settings, file, None, AT) == 2
    done = rota_file.take_in(settings, file, "duty", None, AT)
    assert (done.new, done.same, done.other_role) == (0, 1, 1)
    assert standing(settings) == before
    assert rota_file.give_out(settings, file, "ben lee", AT) == 1
    assert b"Ana" not in file.read_bytes()
    with pytest.raises(NotFound):
        rota_file.give_out(settings, file, "Zoe", AT)


def test_without_the_libraries_one_line_says_what_to_do(
    settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bot

    monkeypatch.delitem(sys.modules, "bot.calendar_file", raising=False)
    monkeypatch.delattr(bot, "calendar_file", raising=False)
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(NotFound, match=r"waymark\[ics\]"):
        rota_file.take_in(settings, calendar(file, NIGHTS), "duty", None, AT)


def test_an_event_of_a_century_is_named_and_nothing_is_taken(settings: Settings, file: Path) -> None:
    with pytest.raises(NotFound, match=r"'Ana' \(nights@example.org\) on 2026-10-19 is longer than 31 days"):
        rota_file.take_in(
            settings, calendar(file, NIGHTS.replace("20261020T060000", "21261020T060000")), "duty", None, AT
        )
    assert standing(settings) == []
