"""Work that people are given: by when it is due, and that whoever watches a transcript sees it. May not tell anybody of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import tasks

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from flows.model import Task
    from storage.database import Transaction


def work(  # noqa: PLR0913 - as `tasks.add`
    tx: Transaction,
    house: House,
    task: Task,
    at: datetime,
    *,
    due: datetime | None = None,
    conversation: str | None = None,
    case: str | None = None,
    deadline: str | None = None,
    note: str | None = None,
    about: str | None = None,
) -> tasks.Given:
    """Give a role some work, due within what the task says, unless `due` says when. `about`: the chat it is seen with, where that
    is not its `conversation`.
    """
    by = due or house.shelf.due(at, task.within)
    made = tasks.add(tx, task, by, at, conversation=conversation, case=case, deadline=deadline, note=note)
    house.observe("task", about if about is not None else conversation or "", task=task, due=by)
    return made
