"""Every table, by the noun it belongs to; the statements of the other modules are built once from these.

May not be imported outside `storage`: rows stay here, values leave.
"""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, inspect

from storage.tables.base import METADATA, Row
from storage.tables.clocks import DeadlineRow, NoteRow
from storage.tables.conflict import LineRow
from storage.tables.desk import (
    AccessRow,
    AuthenticatorRow,
    CeremonyRow,
    EnrolmentRow,
    IdentityRow,
    PasskeyRow,
    ProfessionalRow,
    RevealRow,
    SessionRow,
    TryRow,
    VerdictRow,
)
from storage.tables.holding import BarRow, HeldWordsRow, LeaseRow, RestRow, SecondReadRow, WaitRow, WorkerNoteRow
from storage.tables.people import AddressRow, ContactRow, MethodRow, ShiftRow, StaffRow, StopRow, TrainingRow
from storage.tables.record import (
    AuditRow,
    CaseRow,
    EpisodeRow,
    FilingRow,
    OfferRow,
    RequestRow,
    ShareRow,
)
from storage.tables.reports import DataRequestRow, DeliveryRow, PlaceRow, ReportRow
from storage.tables.review import HandRow, ParentFormRow, ReadingRow
from storage.tables.rota import CoverRow, DraftLanguageRow, InterpreterRow, PatternRow, SwitchRow, ToldRow
from storage.tables.talk import AnswerRow, ConcernRow, ConversationRow, MessageRow, RevisionRow
from storage.tables.web import GuessRow, ReentryRow, VisitRow
from storage.tables.work import AlertRow, InboxRow, OutboxRow, PageRow, RemovalRow, TaskRow, TimerRow


def _table(row: type[Row]) -> Table:
    return cast("Table", inspect(row).local_table)


contacts = _table(ContactRow)
addresses = _table(AddressRow)
stops = _table(StopRow)
staff = _table(StaffRow)
methods = _table(MethodRow)
shifts = _table(ShiftRow)
training = _table(TrainingRow)
switches = _table(SwitchRow)
draft_languages = _table(DraftLanguageRow)
lines = _table(LineRow)
patterns = _table(PatternRow)
covers = _table(CoverRow)
rota_told = _table(ToldRow)
interpreters = _table(InterpreterRow)
conversations = _table(ConversationRow)
revisions = _table(RevisionRow)
messages = _table(MessageRow)
answers = _table(AnswerRow)
concerns = _table(ConcernRow)
alerts = _table(AlertRow)
pages = _table(PageRow)
timers = _table(TimerRow)
inbox = _table(InboxRow)
outbox = _table(OutboxRow)
tasks = _table(TaskRow)
removals = _table(RemovalRow)
cases = _table(CaseRow)
episodes = _table(EpisodeRow)
offers = _table(OfferRow)
requests = _table(RequestRow)
shares = _table(ShareRow)
filings = _table(FilingRow)
audit = _table(AuditRow)
visits = _table(VisitRow)
reentries = _table(ReentryRow)
guesses = _table(GuessRow)
deadlines = _table(DeadlineRow)
case_notes = _table(NoteRow)
sessions = _table(SessionRow)
passkeys = _table(PasskeyRow)
identities = _table(IdentityRow)
enrolments = _table(EnrolmentRow)
ceremonies = _table(CeremonyRow)
authenticators = _table(AuthenticatorRow)
tries = _table(TryRow)
accesses = _table(AccessRow)
reveals = _table(RevealRow)
verdicts = _table(VerdictRow)
professionals = _table(ProfessionalRow)
leases = _table(LeaseRow)
waits = _table(WaitRow)
bars = _table(BarRow)
rests = _table(RestRow)
held_words = _table(HeldWordsRow)
worker_notes = _table(WorkerNoteRow)
second_reads = _table(SecondReadRow)
reports = _table(ReportRow)
deliveries = _table(DeliveryRow)
places = _table(PlaceRow)
data_requests = _table(DataRequestRow)
hands = _table(HandRow)
readings = _table(ReadingRow)
parent_forms = _table(ParentFormRow)

__all__ = ["METADATA", "Row"]
