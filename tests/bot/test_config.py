"""Settings are read whole or refused by name, and what they hold is never shown."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import companions, config

if TYPE_CHECKING:
    from pathlib import Path

SID = "AC" + "0" * 32
TWILIO = {
    "WAYMARK_TWILIO_ACCOUNT_SID": SID,
    "WAYMARK_TWILIO_AUTH_TOKEN": "first-token",
    "WAYMARK_TWILIO_FROM": "+447700900001",
    "WAYMARK_PUBLIC_URL": "https://text.example.org/",
}


def refused(environ: dict[str, str]) -> str:
    with pytest.raises(config.SettingsError) as caught:
        config.load(environ)
    complaint = str(caught.value)
    assert "\n" not in complaint
    return complaint


def test_without_any_setting_the_defaults_stand() -> None:
    settings = config.load({"PATH": "/bin", "HOME": "/home/ana"})
    assert (settings.port, settings.desk_port) == (8000, 8001)
    assert settings.desk_host == "127.0.0.1"
    assert settings.persona == "Robin"
    assert settings.timezone == ZoneInfo("Europe/London")
    assert settings.database_url.startswith("sqlite:///var/")
    assert settings.draft_locales == "refuse"


def test_every_setting_has_one_variable_and_every_variable_is_read() -> None:
    assert len(set(config.VARIABLES)) == len(dataclasses.fields(config.Settings)) == len(config.VARIABLES)
    for variable in config.VARIABLES:
        assert config.load({variable: ""}) == config.load({}), variable


def test_values_are_typed() -> None:
    settings = config.load(
        TWILIO
        | {
            "WAYMARK_TWILIO_AUTH_TOKEN": " new-token , old-token ",
            "WAYMARK_PORT": "0",
            "WAYMARK_LOCALES": "en, vi,zh_Hant",
            "WAYMARK_TIMEZONE": "Europe/Belfast",
            "WAYMARK_FILING_DIR": "var/filed",
            "WAYMARK_TWILIO_WHATSAPP_FROM": "whatsapp:+447700900002",
        }
    )
    assert settings.twilio_auth_tokens == ("new-token", "old-token")
    assert settings.port == 0
    assert settings.locales == ("en", "vi", "zh-Hant")
    assert settings.timezone.key == "Europe/Belfast"
    assert settings.filing_dir is not None
    assert settings.filing_dir.parts == ("var", "filed")
    assert settings.twilio_whatsapp_from == "+447700900002"
    assert settings.public_url == "https://text.example.org"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("WAYMARK_TWILIO_AUTHTOKEN", "WAYMARK_TWILIO_AUTH_TOKEN"),
        ("WAYMARK_DATABASE", "WAYMARK_DATABASE_URL"),
        ("WAYMARK_TIME_ZONE", "WAYMARK_TIMEZONE"),
        ("WAYMARK_port", "WAYMARK_PORT"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_known_one(typed: str, meant: str) -> None:
    complaint = refused({typed: "x"})
    assert complaint.startswith(f"{typed}: ")
    if typed.isupper():
        assert f"did you mean {meant}?" in complaint


def test_a_name_like_no_other_is_told_to_go() -> None:
    assert "remove it" in refused({"WAYMARK_QQQQQQQQQQQQ": "x"})


def test_what_belongs_to_the_tests_is_left_alone() -> None:
    assert config.load({"WAYMARK_TEST_REQUIRE": "postgres", "WAYMARK_TEST_ANYTHING": "x"}) == config.load({})


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("WAYMARK_PORT", "80 80", "whole number"),
        ("WAYMARK_PORT", "65536", "whole number"),
        ("WAYMARK_PORT", "\u0668\u0660\u0660\u0660", "whole number"),
        ("WAYMARK_DATABASE_URL", "mysql://user@host/x", "postgresql://"),
        ("WAYMARK_DATABASE_URL", "sqlite:///:memory:", "a file"),
        ("WAYMARK_PUBLIC_URL", "text.example.org", "https://"),
        ("WAYMARK_PUBLIC_URL", "http://text.example.org", "https://"),
        ("WAYMARK_PUBLIC_URL", "https://text.example.org?x=1", "paths"),
        ("WAYMARK_PUBLIC_URL", "https://text.example.org:port", "such as"),
        ("WAYMARK_TIMEZONE", "Europe/Londn", "Europe/London"),
        ("WAYMARK_TIMEZONE", "../../etc/passwd", "time zone"),
        ("WAYMARK_LOCALES", "en;vi", "commas"),
        ("WAYMARK_TWILIO_FROM", "Waymark", "cannot be answered"),
        ("WAYMARK_TWILIO_FROM", "07700 900001", "+447700900001"),
        ("WAYMARK_TWILIO_ACCOUNT_SID", "AC123", "32 hexadecimal"),
        ("WAYMARK_TWILIO_MESSAGING_SERVICE_SID", SID, "MG"),
        ("WAYMARK_TWILIO_AUTH_TOKEN", "first-token,", "empty"),
        ("WAYMARK_TWILIO_AUTH_TOKEN", "a,b,c", "more than two"),
        ("WAYMARK_TELEGRAM_TOKEN", "not-a-token", "BotFather"),
        ("WAYMARK_TELEGRAM_WEBHOOK_SECRET", "short", "16"),
        ("WAYMARK_PERSONA", "Bartholomew-Maximilian", "one SMS"),
        ("WAYMARK_SERVICE_NAME", "{org}", "braces"),
        ("WAYMARK_SERVICE_NAME", "Way\nmark", "cannot be printed"),
        ("WAYMARK_DRAFT_LOCALES", "perhaps", "refuse"),
        ("WAYMARK_SMTP_URL", "https://mail.example.org", "smtps://"),
        ("WAYMARK_PUBLIC_NUMBER", "ring us", "telephone number"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_and_mended(variable: str, value: str, why: str) -> None:
    complaint = refused({variable: value})
    assert complaint.startswith(f"{variable}: ")
    assert why in complaint


@pytest.mark.parametrize(
    ("without", "named"),
    [
        ("WAYMARK_TWILIO_AUTH_TOKEN", "WAYMARK_TWILIO_AUTH_TOKEN"),
        ("WAYMARK_TWILIO_FROM", "WAYMARK_TWILIO_FROM"),
        ("WAYMARK_PUBLIC_URL", "WAYMARK_PUBLIC_URL"),
        ("WAYMARK_TWILIO_ACCOUNT_SID", "WAYMARK_TWILIO_ACCOUNT_SID"),
    ],
)
@pytest.mark.parametrize("left", [None, "", "  "])
def test_twilio_is_set_whole_or_not_at_all(without: str, named: str, left: str | None) -> None:
    environ = {name: value for name, value in TWILIO.items() if name != without}
    if left is not None:
        environ[without] = left
    assert refused(environ).startswith(f"{named}: is missing")


def test_a_messaging_service_stands_for_a_number() -> None:
    environ = {name: value for name, value in TWILIO.items() if name != "WAYMARK_TWILIO_FROM"}
    settings = config.load(environ | {"WAYMARK_TWILIO_MESSAGING_SERVICE_SID": "MG" + "a" * 32})
    assert not settings.twilio_from


TELEGRAM = "123456:AAinvented-token_of-nobody-0123456789"


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"WAYMARK_TELEGRAM_WEBHOOK_SECRET": "x" * 16}, "WAYMARK_TELEGRAM_TOKEN: is missing"),
        ({"WAYMARK_TELEGRAM_POLLING": "yes"}, "WAYMARK_TELEGRAM_TOKEN: is missing"),
        ({"WAYMARK_TELEGRAM_TEXT_SAFE": "yes"}, "WAYMARK_TELEGRAM_TOKEN: is missing"),
        ({"WAYMARK_TELEGRAM_POLLING": "perhaps"}, "WAYMARK_TELEGRAM_POLLING: must be yes or no"),
        (
            {"WAYMARK_TELEGRAM_TOKEN": TELEGRAM, "WAYMARK_PUBLIC_URL": "https://text.example.org"},
            "WAYMARK_TELEGRAM_WEBHOOK_SECRET: is missing",
        ),
        (
            {
                "WAYMARK_TELEGRAM_TOKEN": TELEGRAM,
                "WAYMARK_TELEGRAM_WEBHOOK_SECRET": "x" * 16,
                "WAYMARK_PUBLIC_URL": "https://text.example.org:8000",
            },
            "WAYMARK_PUBLIC_URL: Telegram calls ports 443",
        ),
    ],
)
def test_telegram_is_set_so_that_it_can_work(environ: dict[str, str], named: str) -> None:
    assert refused(environ).startswith(named)


@pytest.mark.parametrize(
    ("more", "fetched"),
    [
        ({}, True),
        ({"WAYMARK_PUBLIC_URL": "https://text.example.org", "WAYMARK_TELEGRAM_WEBHOOK_SECRET": "x" * 16}, False),
        ({"WAYMARK_PUBLIC_URL": "https://text.example.org:8443", "WAYMARK_TELEGRAM_WEBHOOK_SECRET": "x" * 16}, False),
        ({"WAYMARK_PUBLIC_URL": "https://text.example.org:8000", "WAYMARK_TELEGRAM_POLLING": "yes"}, True),
    ],
)
def test_telegram_is_fetched_where_it_cannot_be_brought(more: dict[str, str], fetched: bool) -> None:
    assert companions.fetches(config.load({"WAYMARK_TELEGRAM_TOKEN": TELEGRAM, **more})) is fetched


def test_what_is_filed_elsewhere_is_signed() -> None:
    assert "WAYMARK_FILING_WEBHOOK_SECRET" in refused(
        {"WAYMARK_FILING_WEBHOOK_URL": "https://case.example.org/in?id=1"}
    )


def test_drafts_follow_the_command_unless_set() -> None:
    assert config.load({}, drafts="allow").draft_locales == "allow"
    assert config.load({"WAYMARK_DRAFT_LOCALES": "refuse"}, drafts="allow").draft_locales == "refuse"


SECRET = "s3cret-never-shown-anywhere"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WAYMARK_DATABASE_URL", f"postgresql://waymark:{SECRET}@db.example.org/waymark"),
        ("WAYMARK_KEYS", SECRET),
        ("WAYMARK_TELEGRAM_TOKEN", f"123456:{SECRET}-{SECRET}"),
        ("WAYMARK_TELEGRAM_WEBHOOK_SECRET", SECRET),
        ("WAYMARK_SMTP_URL", f"smtps://ana:{SECRET}@mail.example.org"),
        ("WAYMARK_WATCHDOG_URL", f"https://watch.example.org/{SECRET}"),
        ("WAYMARK_FILING_WEBHOOK_SECRET", SECRET),
    ],
)
def test_a_secret_is_held_and_never_shown(variable: str, value: str) -> None:
    settings = config.load({"WAYMARK_TELEGRAM_TOKEN": TELEGRAM, variable: value})
    assert value in dataclasses.astuple(settings)
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)


def test_tokens_are_never_shown() -> None:
    settings = config.load(TWILIO | {"WAYMARK_TWILIO_AUTH_TOKEN": SECRET})
    assert settings.twilio_auth_tokens == (SECRET,)
    assert SECRET not in repr(settings)


@given(st.sampled_from(config.VARIABLES), st.text(min_size=1))
def test_any_text_is_read_or_refused_in_one_line_that_does_not_show_it(variable: str, tail: str) -> None:
    value = SECRET + tail
    try:
        config.load({variable: value})
    except config.SettingsError as error:
        complaint = str(error)
        assert complaint.startswith("WAYMARK_")
        assert len(complaint.splitlines()) == 1
        assert SECRET not in complaint


def test_keys_come_from_the_setting_or_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("pepper=x;key=y", encoding="utf-8")
    assert config.key_text(config.load({"WAYMARK_KEYS": "pepper=a;key=b"})) == "pepper=a;key=b"
    assert config.key_text(config.load({"WAYMARK_KEYS_FILE": str(file)})) == "pepper=x;key=y"


def test_keys_in_two_places_are_refused(tmp_path: Path) -> None:
    assert "keep one" in refused({"WAYMARK_KEYS": "a", "WAYMARK_KEYS_FILE": str(tmp_path / "keys")})


@pytest.mark.parametrize("environ", [{}, {"WAYMARK_KEYS_FILE": "/nowhere/at/all"}])
def test_without_keys_the_command_that_makes_them_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(config.SettingsError, match="waymark keys new"):
        config.key_text(config.load(environ))


OIDC = {
    "WAYMARK_DESK_OIDC_ISSUER": "https://login.example.org/",
    "WAYMARK_DESK_OIDC_CLIENT_ID": "waymark",
    "WAYMARK_DESK_OIDC_CLIENT_SECRET_FILE": "/nowhere/at/all",
}


def test_accounts_kept_elsewhere_need_all_three_and_the_issuer_stays_as_it_is_written() -> None:
    settings = config.load(OIDC)
    assert settings.desk_oidc_issuer == "https://login.example.org/"
    assert settings.desk_oidc_name == "your work account"
    for name in OIDC:
        assert refused({one: value for one, value in OIDC.items() if one != name}).startswith(name)
    assert "https://" in refused(OIDC | {"WAYMARK_DESK_OIDC_ISSUER": "http://login.example.org"})
    assert "issuer" in refused(OIDC | {"WAYMARK_DESK_OIDC_ISSUER": "https://login.example.org/?a=b"})


def test_their_secret_is_read_from_its_file_alone(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    settings = config.load(OIDC | {"WAYMARK_DESK_OIDC_CLIENT_SECRET_FILE": str(file)})
    for held in (None, b"", b" \n", b"\xff"):
        if held is not None:
            file.write_bytes(held)
        with pytest.raises(
            config.SettingsError, match="WAYMARK_DESK_OIDC_CLIENT_SECRET_FILE: cannot be read or is empty"
        ):
            config.oidc_secret(settings)
    file.write_text("s3cret\n", "utf-8")
    assert config.oidc_secret(settings) == "s3cret"
    assert "s3cret" not in repr(settings)
