"""Who is still asked about an alert, on both databases."""

from __future__ import annotations

from datetime import timedelta

from bot import calling
from storage import alerts, people
from storage.database import Database
from storage.keys import Keys
from tests.storage import invented
from tests.storage.invented import AT, MINUTE


def test_whoever_has_gone_home_is_not_being_reached_but_whom_this_round_called_is(database_url: str) -> None:
    database = Database(database_url, Keys.load(Keys.new()))
    with database.transaction() as tx:
        ana, ben = (people.add(tx, name, "duty", AT) for name in ("ana", "ben"))
        people.add_shift(tx, ana.id, "duty", AT, AT + 60 * MINUTE)
        _, talk = invented.chat(tx)
        alert = invented.alert(talk, id=alerts.new_id(), round=1, paged=("ana", "ben"))
        alerts.add(tx, alert)
        assert calling.asked(tx, alert, AT + MINUTE) == ("ana",)
        later = AT + timedelta(hours=3)
        assert calling.asked(tx, alert, later) == ()
        alerts.paged(tx, alert, ben.id, "duty", 0, "sms", later)
        assert calling.asked(tx, alert, later) == ("ben",)
    database.close()
