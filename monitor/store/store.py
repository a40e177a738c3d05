"""What the steps and the desk need of a store. SQLite implements it (`sqlite.py`); one contract suite checks it.

Threads: every method may be called from any thread. Times go in and come out as aware UTC. `write()` groups several
calls into one transaction; methods called outside make their own. A `finish`, `save` or `fail` that names a fence
returns False, and writes nothing, where the claim is no longer ours.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from connectors.connector import Reread
from connectors.mention import Mention
from models.classifier import Verdict
from monitor.domain import Case, Cause, Decision, DropRule, History, Hit, Kind, Level
from monitor.store.access import AccessStore
from monitor.store.answers import AnswerStore
from monitor.store.card import CardStore
from monitor.store.chains import ChainStore
from monitor.store.changes import ChangeStore
from monitor.store.dashboard import DashboardStore
from monitor.store.digests import DigestStore
from monitor.store.feedback import FeedbackStore
from monitor.store.incidents import IncidentStore
from monitor.store.lab import LabStore
from monitor.store.operations import OperationsStore
from monitor.store.queue_page import QueuePageStore
from monitor.store.recall import RecallStore
from monitor.store.receivers import ReceiverStore
from monitor.store.records import (
    AuditEntry,
    CaseView,
    Explanation,
    Followed,
    OpenMessage,
    SealedMessage,
    SourceClaim,
    SourceStatus,
)
from monitor.store.report import ReportStore
from monitor.store.rescore import RescoreStore
from monitor.store.sendings import SendingStore
from monitor.store.spikes import SpikeStore
from monitor.store.tellings import TellingStore
from monitor.store.versions import VersionStore
from monitor.store.watching import WatchStore


class SourceStore(Protocol):
    """Where each source stands, and what it covered."""

    def register_sources(self, kinds: Mapping[str, str]) -> None:
        """Add sources by name and kind; a stopped one is given another chance."""
        ...

    def stop_source(self, name: str, reason: str, now: datetime) -> None:
        """Mark a source that cannot even be opened."""
        ...

    def claim_source(
        self, names: Sequence[str], now: datetime, lease_s: int, *, due: datetime | None = None
    ) -> SourceClaim | None:
        """Take the source that has been due longest, or None; `due` looks ahead of `now`."""
        ...

    def save_page(
        self,
        claim: SourceClaim,
        matched: Sequence[tuple[Mention, Mapping[str, Sequence[str]]]],
        deleted: Sequence[str],
        cursor: Mapping[str, Any],
        now: datetime,
        *,
        platform: str,
        returned: int,
        skipped: int,
    ) -> bool:
        """Store mentions, their hits by brand and watches, deletions and the cursor in one transaction."""
        ...

    def finish_poll(self, claim: SourceClaim, due_at: datetime, now: datetime) -> bool:
        """End a poll that went well."""
        ...

    def fail_poll(self, claim: SourceClaim, reason: str, due_at: datetime, now: datetime, *, stop: bool) -> bool:
        """End a poll that failed; the cursor stays where it was."""
        ...

    def is_held_back(self, name: str, now: datetime) -> bool:
        """Whether a back-off of this source has not ended yet."""
        ...

    def next_source_due(self, names: Sequence[str]) -> datetime | None:
        """Return when the next of these sources is due."""
        ...

    def sources(self, now: datetime) -> list[SourceStatus]:
        """Return every source."""
        ...

    def add_coverage(self, source: str, state: str, since: datetime, until: datetime, reason: str | None) -> None:
        """Record what a source covered, was cut off from (gap) or could not see (blind)."""
        ...

    def blind_windows(self, since: datetime) -> list[dict[str, Any]]:
        """Return gaps and blind windows that reach beyond `since`."""
        ...


class HitStore(Protocol):
    """Hits on their way to a decision."""

    def claim_hits(self, now: datetime, lease_s: int, limit: int) -> list[tuple[Hit, Verdict | None]]:
        """Take hits in order, one alone where it was tried before; with the stored verdict of an unchanged text."""
        ...

    def history(self, hit: Hit, now: datetime, own: Sequence[str]) -> History:
        """Return what is known about the author and thread of a hit at this moment."""
        ...

    def save_decision(
        self, hit: Hit, decision: Decision, verdict: Verdict | None, history: History, rules: str, now: datetime
    ) -> bool:
        """Keep a decision and finish its hit."""
        ...

    def fail_hit(self, hit: Hit, error: str, *, tries: int) -> bool:
        """Give a hit back after a failure; parked, with the error, once it was tried `tries` times."""
        ...

    def unclaim_hits(self, hits: Sequence[Hit]) -> None:
        """Give hits back untried, as at a shutdown."""
        ...

    def unmatched(self, after: int, limit: int) -> list[tuple[int, str, Mention]]:
        """Return (row, source, mention) of stored mentions that no watch matched, in order, beyond the row `after`."""
        ...

    def add_hits(self, mention_id: int, source: str, watches: Mapping[str, Sequence[str]], now: datetime) -> None:
        """Make hits of a stored mention for brands that want it now."""
        ...

    def waiting_hits(self) -> int:
        """Return how many hits wait for a decision."""
        ...

    def explain(self, key: str) -> list[Explanation]:
        """Return what is stored about a permalink, native id, `platform:id` or case id, one a brand."""
        ...


class CaseStore(Protocol):
    """Cases and their audit trail."""

    def open_case(
        self,
        hit: Hit,
        decision: Decision,
        due_at: datetime,
        now: datetime,
        cause: Cause | None = None,
        summary: str | None = None,
    ) -> int:
        """Open a case for a hit; returns its id. `cause` is what the monitor found a complaint to be about.

        `summary` says of it in words of ours what may be kept after its posts are deleted.
        """
        ...

    def join_case(self, case_id: int, hit: Hit, role: str) -> None:
        """Add a post to a case."""
        ...

    def update_case(self, case_id: int, **changes: Any) -> None:
        """Change columns of a case; every change raises its version."""
        ...

    def case(self, case_id: int) -> Case | None:
        """Return one case, or None."""
        ...

    def case_of_hit(self, hit_id: int) -> int | None:
        """Return the case that a hit went to, or None."""
        ...

    def queue(
        self, now: datetime, *, brand: str | None = None, lane: str | None = None, limit: int | None = None
    ) -> list[CaseView]:
        """Return open cases in queue order: critical; then breached, at risk, the rest by level and due time."""
        ...

    def case_views(self, ids: Sequence[int]) -> list[CaseView]:
        """Return these cases as people see them, worst first."""
        ...

    def posts_of_case(self, case_id: int) -> list[dict[str, Any]]:
        """Return the posts of a case in time order."""
        ...

    def audit(self, case_id: int, who: str, action: str, now: datetime, **detail: Any) -> None:
        """Add one line to the audit trail."""
        ...

    def audit_trail(self, case_id: int) -> list[AuditEntry]:
        """Return the audit trail of a case, oldest first."""
        ...

    def cases_due(self, now: datetime, limit: int) -> list[Case]:
        """Return open cases whose next timed step has come."""
        ...

    def next_case_due(self) -> datetime | None:
        """Return when the next timed step of any case comes."""
        ...


class OutboxStore(Protocol):
    """Messages on their way out."""

    def add_to_message(
        self, receiver: str, group_key: str, event: str, case_id: int, level: Level, due_at: datetime, now: datetime
    ) -> int:
        """Put a case into the open message of a receiver and group, opening one where there is none."""
        ...

    def last_sealed(self, receiver: str, group_key: str) -> datetime | None:
        """Return when the last message of a group was sealed."""
        ...

    def messages_to_seal(self, due: datetime, limit: int) -> list[OpenMessage]:
        """Return open messages whose wait has passed."""
        ...

    def seal_message(
        self,
        message_id: int,
        body: Mapping[str, Any],
        idempotency_key: str,
        now: datetime,
        *,
        due_at: datetime | None = None,
    ) -> None:
        """Fix what a message says; it is sent from now on, or from `due_at`."""
        ...

    def mute_message(self, message_id: int, reason: str, now: datetime) -> None:
        """End a message that a silence keeps back; its cases stay in the queue."""
        ...

    def add_sealed(
        self, receiver: str, event: str, body: Mapping[str, Any], idempotency_key: str, now: datetime, *, urgent: bool
    ) -> None:
        """Add a message that is complete, such as a digest."""
        ...

    def claim_message(self, receivers: Sequence[str], now: datetime, lease_s: int) -> SealedMessage | None:
        """Take the next message to send to one of these receivers, urgent ones first."""
        ...

    def finish_message(self, message: SealedMessage, now: datetime) -> bool:
        """Mark a message as sent."""
        ...

    def delay_message(self, message: SealedMessage, due_at: datetime, error: str, now: datetime) -> bool:
        """Try a message again later."""
        ...

    def kill_message(self, message: SealedMessage, error: str) -> bool:
        """Give a message up; it stays visible."""
        ...

    def next_message_due(self) -> datetime | None:
        """Return when the next message is to be sealed, sent or told again."""
        ...

    def dead_messages(self) -> list[dict[str, Any]]:
        """Return the messages that were given up, with their errors."""
        ...

    def active_silences(self, now: datetime) -> list[dict[str, Any]]:
        """Return the silences in force: matchers, author, reason, ends_at."""
        ...

    def last_digest(self, name: str) -> tuple[str, datetime] | None:
        """Return local date and time of the last digest of that name."""
        ...

    def record_digest(self, name: str, local_date: str, now: datetime) -> None:
        """Remember that a digest was made; a second one of that date is refused by the store."""
        ...


class FollowStore(Protocol):
    """Mentions that are read again."""

    def plan_follow(self, hit: Hit, due_at: datetime, priority: float) -> None:
        """Have the mention of a hit read again."""
        ...

    def sources_to_follow(self, now: datetime) -> list[str]:
        """Return the sources with mentions that are due."""
        ...

    def claim_follows(self, source: str, now: datetime, lease_s: int, limit: int) -> list[Followed]:
        """Take due mentions of one source, the most important first."""
        ...

    def save_reread(
        self,
        followed: Sequence[Followed],
        reread: Reread,
        due: Mapping[int, datetime | None],
        now: datetime,
        *,
        recheck_at: datetime | None = None,
        recheck_all: bool = False,
    ) -> None:
        """Store what a reading showed; what changed is decided again, `due` None ends the following.

        With `recheck_at` posts of cases, or with `recheck_all` all of them, are read once more then instead.
        """
        ...

    def delay_follows(self, followed: Sequence[Followed], due_at: datetime) -> None:
        """Try again later."""
        ...

    def next_follow_due(self, names: Sequence[str]) -> datetime | None:
        """Return when the next mention of these sources is due."""
        ...


class Figures(Protocol):
    """Counts for digests, health and metrics; those that take brands count all where none is named."""

    def open_by_level(self, brands: Sequence[str] = ()) -> dict[Level, int]:
        """Return open cases by level."""
        ...

    def open_by_lane(self, now: datetime, brand: str | None = None) -> dict[str | None, tuple[int, int]]:
        """Return by lane how many cases are open, and how many of them late; None is what the model serves."""
        ...

    def late_by_level(self, now: datetime, brands: Sequence[str] = ()) -> dict[Level, int]:
        """Return cases without a reply past their due time, by level."""
        ...

    def at_risk(self, now: datetime, brands: Sequence[str] = ()) -> int:
        """Return cases without a reply that have used up more than half of their time."""
        ...

    def opened_between(self, since: datetime, until: datetime, brands: Sequence[str] = ()) -> dict[Kind, int]:
        """Return cases opened in a window, by kind."""
        ...

    def mentions_between(self, since: datetime, until: datetime, brands: Sequence[str] = ()) -> int:
        """Return mentions first seen in a window."""
        ...

    def complaint_texts(self, since: datetime, until: datetime, brands: Sequence[str] = ()) -> list[str]:
        """Return texts of complaints opened in a window, worst first, at most 500."""
        ...

    def drops_by_rule(self, since: datetime, brands: Sequence[str] = ()) -> dict[DropRule, int]:
        """Return drops by their rule."""
        ...

    def totals(self) -> dict[str, int]:
        """Return row counts: mentions, hits, kept, dropped, cases."""
        ...

    def waits(self) -> dict[str, Any]:
        """Return what waits: hits, parked, oldest_hit_at, messages by state, oldest_urgent_at."""
        ...


class Store(
    SourceStore,
    HitStore,
    CaseStore,
    OutboxStore,
    FollowStore,
    Figures,
    OperationsStore,
    LabStore,
    RecallStore,
    RescoreStore,
    TellingStore,
    FeedbackStore,
    ReceiverStore,
    ChainStore,
    IncidentStore,
    VersionStore,
    SpikeStore,
    DigestStore,
    AccessStore,
    AnswerStore,
    SendingStore,
    WatchStore,
    ChangeStore,
    QueuePageStore,
    CardStore,
    DashboardStore,
    ReportStore,
    Protocol,
):
    """The whole store."""

    def write(self) -> AbstractContextManager[None]:
        """Group calls into one transaction; nested blocks join the outer one."""
        ...

    def void_leases(self) -> None:
        """Take back what a dead process held. Only for the holder of the store's lock."""
        ...

    def forget(self, now: datetime, *, no_watch: datetime, drops: datetime, cases: datetime) -> int:
        """Delete unmatched posts seen and drops decided, and erase the words of cases closed, before these times."""
        ...

    def forget_texts(self, source: str, before: datetime, now: datetime) -> int:
        """Erase the words of posts that a source returned before a time, but for those of open cases."""
        ...

    def backup(self, target: Path) -> None:
        """Write a consistent copy while work goes on."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...
