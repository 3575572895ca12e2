"""The closed lists that stand in columns: stored by value, checked by the database. May hold codes only."""

from __future__ import annotations

from enum import StrEnum


class Direction(StrEnum):
    """Whether the child wrote or we did."""

    IN = "in"
    OUT = "out"


class Holder(StrEnum):
    """Who holds a chat, as a code: which person it is stands in the sealed value."""

    BOT = "bot"
    NOBODY = "nobody"
    PERSON = "person"


class Sending(StrEnum):
    """What an outbox row is. A page goes before everything, words to a child before a notice."""

    PAGE = "page"
    SAY = "say"
    NOTICE = "notice"


class Status(StrEnum):
    """Where a sending is. Provider reports arrive out of order: `outbox.status` never goes back in `outbox.RANK`."""

    WAITING = "waiting"
    LEASED = "leased"
    IN_DOUBT = "in_doubt"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    SENT = "sent"
    UNDELIVERED = "undelivered"
    DELIVERED = "delivered"
    READ = "read"


class AlertState(StrEnum):
    """As `flows.model.Alert.state`."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    DECIDED = "decided"
    CLOSED = "closed"


class Subject(StrEnum):
    """What a timer belongs to."""

    CONVERSATION = "conversation"
    ALERT = "alert"
    CASE = "case"
    HOUSE = "house"


class Method(StrEnum):
    """How a person of the staff is reached; also the name of the channel that does it."""

    SMS = "sms"
    VOICE = "voice"
    TELEGRAM = "telegram"
    EMAIL = "email"


class Switch(StrEnum):
    """What a manager may turn on and off while the house runs."""

    CLOSED = "closed"
    FLOOD = "flood"


class Role(StrEnum):
    """Who a person is to the service (decisions 7). A requester is an official outside it, never on a shift or paged."""

    DUTY = "duty"
    BACKUP = "backup"
    MANAGER = "manager"
    SERVICE_MANAGER = "service_manager"
    WORKER = "worker"
    SUPERVISOR = "supervisor"
    REQUESTER = "requester"


class Bar(StrEnum):
    """Why a worker is never given a chat: the child asked for somebody else, or the concern is about them (D22)."""

    DIFFERENT = "different"
    CONFLICT = "conflict"
