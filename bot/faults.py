"""Which errors are a user's to mend: these end a command as one line, everything else is a bug and keeps its traceback."""

from __future__ import annotations


def user_mistakes() -> tuple[type[Exception], ...]:
    """Imported when something has gone wrong, so that `waymark --help` need not load a database."""
    from bot import casework
    from bot.beginning import Refused
    from bot.channels.addresses import NotAPhone
    from bot.channels.sms import BadSetting
    from bot.clicks import NotPossible
    from bot.episode_source import WrongFile
    from bot.filing.copies import NotShared
    from bot.filing.extra import NotInstalled
    from bot.filing.paper import NotDrawn
    from bot.filing.sheet import TooLong
    from bot.keeping import NotFound
    from bot.owing import NoCase
    from bot.play.script import PlayError
    from flows.lines import LoadError
    from flows.listening.entries import LexiconError
    from flows.report import NotRecorded
    from storage.backup import NotEmpty, WrongKeys
    from storage.database import Erased
    from storage.errors import StoreUnavailable
    from storage.keys import SealBroken
    from storage.lock import AlreadyWriting
    from storage.methods import TooSoon
    from storage.migrating import SchemaNewer, SchemaOld
    from storage.people import NameTaken
    from storage.retention import OnHold
    from storage.sealed_file import FileBroken

    return (
        *(Refused, NotAPhone, BadSetting, NotPossible, NotFound, PlayError, SchemaOld, LoadError),
        *(StoreUnavailable, AlreadyWriting, NameTaken, TooSoon, casework.NotPossible, Erased, OnHold, WrongFile),
        *(NoCase, NotRecorded, NotShared, NotInstalled, NotDrawn, TooLong, FileBroken, NotEmpty, WrongKeys),
        *(SealBroken, SchemaNewer, LexiconError),
    )
