"""What happened next in the thread of a case: our answers that show on the platform, and the customer's next words.

Only inside the transaction that finishes the hit. Wherever a post comes from (a poll, a watched thread, the own
timeline), it is decided like any other and then noted here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from models.classifier import Verdict
from monitor.config.schema import Settings
from monitor.domain import MONITOR, Case, History, Hit, Status
from monitor.rules.clock import claim_times, due_at
from monitor.rules.mood import Mood, compare_mood, is_angry, temper
from monitor.rules.moves import Action, move
from monitor.rules.own_answers import ThreadPost, complaint_after, find_answers
from monitor.rules.rules import Rules
from monitor.rules.timers import next_timer
from monitor.steps.chain import follow_chain
from monitor.steps.telling import Event, tell
from monitor.store.records import stamp
from monitor.store.store import Store

if TYPE_CHECKING:
    from monitor.desk.replies import Settled

ANSWER_SEEN = "answer-seen"
CUSTOMER_ANSWERED = "customer-answered"
"""Actions of the trail."""

_LONGEST_WAIT = timedelta(hours=24)


def take_note(
    store: Store, settings: Settings, rules: Rules, hit: Hit, verdict: Verdict, history: History, now: datetime
) -> None:
    """Note what a post means for the cases of its thread: that we have answered, and how the customer took it."""
    mention = hit.mention
    if mention.thread_id is None:
        return
    own = rules.of(hit.brand).handles.get(mention.platform, frozenset())
    author = mention.author.handle.removeprefix("@").casefold()
    thread = _Thread(store, settings, hit, mention.thread_id, own, now)
    if author in own:
        for watched in store.watched_cases(mention.platform, mention.thread_id, now):
            if watched.brand == hit.brand and watched.status.open:
                thread.note_answers(watched.id)
        return
    for case_id in store.cases_of_customer(hit, itself=history.own_reply_before):
        if history.own_reply_before:
            thread.note_answers(case_id)
        thread.note_words(case_id, verdict)


def back_to_work(settings: Settings, case: Case, asked_at: datetime, now: datetime) -> dict[str, Any]:
    """Return what a customer's further word changes: the next-reply clock starts at it, and the chain starts over.

    Whoever answered has the case again, as by a fresh claim; else nobody. `first_due_at` stays as it was.
    """
    asked_at = min(max(asked_at, now - _LONGEST_WAIT), now)
    brand = settings.brands.get(case.brand)
    due = due_at(asked_at, case.level, settings.triage, brand.zone if brand else None)
    # late from the start: the first message says so, a second one at once would only repeat it
    fresh = {"clock_at": asked_at, "due_at": due, "escalation_step": int(due <= now), "closed_at": None}
    if not case.claimed_by or case.status is not Status.REPLIED:
        nobody = {"claimed_by": None, "claimed_at": None, "ping_at": None, "release_at": None}
        return {**fresh, **nobody, "status": Status.NEW}
    ping_at, release_at = claim_times(due, case.level, now)
    return {**fresh, "status": move(case.status, Action.FOLLOW_UP), "ping_at": ping_at, "release_at": release_at}


@dataclass(frozen=True, slots=True)
class _Thread:
    """The thread of a post that was just decided."""

    store: Store
    settings: Settings
    hit: Hit
    thread_id: str
    own: Collection[str]
    now: datetime

    def note_answers(self, case_id: int) -> None:
        """Mark a case as replied where one of our accounts has answered it, from the time of the answer."""
        case = self.store.case(case_id)
        if case is None:
            return
        posts = self.store.posts_of_thread(case_id, case.brand, self.hit.mention.platform, self.thread_id)
        answers = find_answers(posts, self.own, self.thread_id, case.answered_at)
        if answers:
            self._answered(case, answers, posts)

    def _answered(self, case: Case, answers: Sequence[ThreadPost], posts: Sequence[ThreadPost]) -> None:
        last = answers[-1]
        settled = self._settle(case, last)
        status = case.status if settled.holding else move(case.status, Action.REPLY)
        moved = replace(case, status=status, **self._reply(case, answers, holding=settled.holding))
        further = complaint_after(posts, self.own, last.posted_at) if status is not case.status else None
        if further is not None:
            moved = replace(moved, **back_to_work(self.settings, moved, further.posted_at, self.now))
        self._keep(case, moved)
        self.store.audit(case.id, MONITOR, ANSWER_SEEN, self.now, **self._told(case, last), **settled.told)
        if further is not None:
            self.store.audit(case.id, MONITOR, "reopened", self.now, post=self._named(further.native_id))
        follow_chain(self.store, self.settings, case.id, self.now)

    def _settle(self, case: Case, answer: ThreadPost) -> "Settled":
        """Keep the words of an answer with those that were drafted, where this post is the answer."""
        from monitor.desk.replies import settle  # noqa: PLC0415  (the desk files posts as well, so imports this)
        from monitor.desk.turn import Turn  # noqa: PLC0415

        mention = self.hit.mention
        here = mention.native_id == answer.native_id
        turn = Turn(self.store, self.settings, case.claimed_by or MONITOR, self.now)
        return settle(turn, case, mention.text if here else "", mention.permalink if here else None, native=True)

    def _reply(self, case: Case, answers: Sequence[ThreadPost], *, holding: bool) -> dict[str, Any]:
        first, last = answers[0], answers[-1]
        changes: dict[str, Any] = {"answered_at": min(last.posted_at, self.now), "answer_seen": last.native_id}
        if case.replied_at is None:
            by = case.claimed_by or f"@{first.handle.removeprefix('@')}"
            changes |= {"replied_at": min(first.posted_at, self.now), "replied_by": by}
        if holding:
            return changes
        return {**changes, "snoozed_until": None, "ping_at": None, "release_at": None}

    def _told(self, case: Case, answer: ThreadPost) -> dict[str, Any]:
        """Return what the trail says of an answer: which post it is, when it was written, who had claimed the case."""
        seen = {"post": self._named(answer.native_id), "posted_at": stamp(answer.posted_at)}
        return {**seen, "by": case.claimed_by or f"@{answer.handle}", "note": "seen on the platform"}

    def note_words(self, case_id: int, verdict: Verdict) -> None:
        """Note how a customer's words after our answer compare with those before; angrier ones reopen the case."""
        case, posted_at = self.store.case(case_id), self.hit.mention.posted_at
        if case is None or case.answered_at is None or posted_at <= case.answered_at or self._is_noted(case_id):
            return
        before = self.store.customer_verdict(case_id, self.hit, case.answered_at)
        mood = compare_mood(before, verdict)
        heard = {"before": _rounded(before), "after": _rounded(verdict)}
        post = self._named(self.hit.mention.native_id)
        self.store.audit(case_id, MONITOR, CUSTOMER_ANSWERED, self.now, post=post, mood=mood or "unknown", **heard)
        self.store.update_case(case_id, mood=mood)
        if mood is Mood.ANGRIER and is_angry(verdict) and case.status is Status.REPLIED:
            self._reopen(case, post)

    def _reopen(self, case: Case, post: str) -> None:
        asked_at = self.hit.mention.posted_at
        self._keep(case, replace(case, **back_to_work(self.settings, case, asked_at, self.now)))
        self.store.audit(case.id, MONITOR, "reopened", self.now, post=post)
        if case.told_level is not None and not self.hit.backfilled:
            tell(self.store, self.settings, case.id, Event.REOPENED, self.now, again=True)
        follow_chain(self.store, self.settings, case.id, self.now)

    def _is_noted(self, case_id: int) -> bool:
        post = self._named(self.hit.mention.native_id)
        trail = self.store.audit_trail(case_id)
        return any(entry.action == CUSTOMER_ANSWERED and entry.detail.get("post") == post for entry in trail)

    def _keep(self, case: Case, moved: Case) -> None:
        moved = replace(moved, escalate_at=next_timer(moved))
        names = (name for name in Case.__dataclass_fields__ if name != "version")
        changed = {name: getattr(moved, name) for name in names if getattr(case, name) != getattr(moved, name)}
        self.store.update_case(case.id, **changed)

    def _named(self, native_id: str) -> str:
        return f"{self.hit.mention.platform}:{native_id}"


def _rounded(verdict: Verdict | None) -> float | None:
    found = temper(verdict) if verdict else None
    return None if found is None else round(found, 2)
