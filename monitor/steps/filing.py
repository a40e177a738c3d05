"""Filing: what a decision does to the cases. Only inside the transaction that finishes the hit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from models.classifier import Verdict
from monitor.config.schema import Settings
from monitor.domain import Case, Cause, Decision, DropRule, History, Hit, Kind, Level, Sense, Severity, Status
from monitor.rules.clock import due_at, earlier
from monitor.rules.decide import decide
from monitor.rules.folded import fold_mention
from monitor.rules.impostor_reply import guard
from monitor.rules.rise import judge_rise
from monitor.rules.rules import Rules
from monitor.rules.summary import products_in, products_told, summarise
from monitor.rules.timers import next_timer
from monitor.steps.aftermath import back_to_work, take_note
from monitor.steps.chain import follow_chain
from monitor.steps.follow_threads import plan_watching
from monitor.steps.guarding import guard_case
from monitor.steps.meaning import UNKNOWN
from monitor.steps.services import Services
from monitor.steps.telling import Event, tell, tell_rescored
from monitor.store.store import Store

FIRST_FOLLOW = timedelta(minutes=15)
NEAR_MISS = 0.1
"""Complaint probability from which a dropped post is read again: it may spread, or be edited into a complaint."""

_FRESH = timedelta(hours=1)
"""Following starts within this time of the first sight, so that a re-decision never starts it anew."""


def file_decision(
    store: Store, services: Services, hit: Hit, verdict: Verdict, decision: Decision, history: History, now: datetime,
    sense: Sense = UNKNOWN,
) -> None:  # fmt: skip
    """Keep a decision, and open, join or revise the case that it calls for; nothing where the claim was lost."""
    with store.write():
        if not store.save_decision(hit, decision, verdict, history, services.rules.version, now):
            return
        posed = _is_posed(services.rules, hit, decision, history)
        _Filing(store, services.settings, hit, now, sense=sense, posed=posed).file(decision, history)
        take_note(store, services.settings, services.rules, hit, verdict, history, now)
        _plan_follow(store, services, hit, verdict, decision, now)


def file_rescored(
    store: Store, services: Services, hit: Hit, verdict: Verdict, decision: Decision, history: History, now: datetime
) -> bool:
    """Keep what new rules make of a post of an open case, and revise the case; False where the claim was lost.

    Nobody is told of a single case: what became urgent goes into the list of these rules.
    """
    rules = services.rules.version
    with store.write():
        if not store.save_decision(hit, decision, verdict, history, rules, now):
            return False
        posed = _is_posed(services.rules, hit, decision, history)
        _Filing(store, services.settings, hit, now, rescored_by=rules, posed=posed).file(decision, history)
        return True


def history_of(store: Store, rules: Rules, hit: Hit, now: datetime) -> History:
    """Return what is known of a hit's author, thread and words; the brand's own voices are no customers."""
    own = rules.of(hit.brand).handles.get(hit.mention.platform, frozenset())
    return store.history(hit, now, sorted(own))


def file_found_miss(
    store: Store, settings: Settings, rules: Rules, hit: Hit, verdict: Verdict, now: datetime
) -> int | None:
    """Decide a drop again that a person called a missed complaint, and file it; returns its case."""
    with store.write():
        history = history_of(store, rules, hit, now)
        decision = decide(hit, verdict, history, rules, now)
        if store.save_decision(hit, decision, verdict, history, rules.version, now):
            _Filing(store, settings, hit, now).file(decision, history)
        return store.case_of_hit(hit.id)


@dataclass(frozen=True, slots=True)
class _Filing:
    store: Store
    settings: Settings
    hit: Hit
    now: datetime
    rescored_by: str | None = None
    """The new rules that a post of an open case is decided by; None for what is news."""
    sense: Sense = UNKNOWN
    posed: bool = False
    """Whether its author plays the brand in the thread of a case."""

    def file(self, decision: Decision, history: History) -> None:
        if self.posed and guard_case(self.store, self.settings, self.hit, decision, self.now):
            return
        known = self.store.case_of_hit(self.hit.id)
        target = decision.copy_of or history.open_case
        if known is not None:
            self._revise(known, decision)
        elif not decision.is_case:
            return
        elif target is not None:
            self._join(target, decision)
        else:
            self._open(decision)

    def _open(self, decision: Decision) -> None:
        due = self._due(decision.level)
        summary = self._summary(decision.kind, decision.level, decision.severity, cause=self.sense.cause)
        case_id = self.store.open_case(self.hit, decision, due, self.now, self.sense.cause, summary)
        if self.sense.meaning is not None:
            self.store.keep_meaning(case_id, self.hit.id, self.sense.meaning)
        if due <= self.now:
            # found late: the first message says so, a second one at once would only repeat it
            self.store.update_case(case_id, escalation_step=1, escalate_at=None)
        self.store.audit(case_id, "monitor", "opened", self.now, level=decision.level, score=decision.score)
        self._tell(case_id, Event.OPENED)
        self._follow_chain(case_id)

    def _join(self, case_id: int, decision: Decision) -> None:
        role = "copy" if decision.copy_of else "further"
        self.store.join_case(case_id, self.hit, role)
        self.store.audit(case_id, "monitor", f"{role}-post", self.now, post=self._post)
        self._raise(case_id, decision)

    def _revise(self, case_id: int, decision: Decision) -> None:
        if decision.is_case:
            self._raise(case_id, decision)
        else:
            self.store.audit(case_id, "monitor", "would-be-dropped", self.now, post=self._post, rule=decision.drop)

    def _raise(self, case_id: int, decision: Decision) -> None:
        """Take over what is worse: a case's level never falls by itself and its due time only moves earlier."""
        case = self.store.case(case_id)
        if case is None or not case.status.open or decision.level is None:
            return
        worse = min(case.level, decision.level, key=lambda level: level.rank)
        rise = judge_rise(case.told_level, case.level, worse, case.status)
        rises = rise.level is not case.level
        anew = rises or decision.score > case.score or self._is_same(case, decision)
        graver = self._new_grave(case_id, decision)
        changes = self._worse(rise.level, case, decision) if anew else graver
        impostor = Severity.IMPOSTOR in graver.get("severity", ()) and Severity.IMPOSTOR in decision.severity
        reopens = self.rescored_by is None and self._complains_again(case, decision)
        if reopens:
            worst = replace(case, level=changes.get("level", case.level))
            changes |= back_to_work(self.settings, worst, self.hit.clock_at, self.now)
            self.store.audit(case_id, "monitor", "reopened", self.now, post=self._post)
        if rises:
            self.store.audit(case_id, "monitor", "raised", self.now, was=case.level, to=rise.level)
        elif self.rescored_by is not None and decision.level is not case.level and self.hit.id == case.hit_id:
            self.store.audit(case_id, "monitor", "would-be-lower", self.now, is_now=case.level, to=decision.level)
        if changes:
            known = {name: value for name, value in changes.items() if hasattr(case, name)}
            self.store.update_case(case_id, **changes, escalate_at=next_timer(replace(case, **known)))
        if rise.alerts or reopens or impostor:
            told = Event.REOPENED if reopens else Event.IMPOSTOR if impostor else Event.RAISED
            self._tell(case_id, told if case.told_level else Event.OPENED, again=reopens or impostor)
        if changes:
            self._follow_chain(case_id)

    def _new_grave(self, case_id: int, decision: Decision) -> dict[str, Any]:
        """Return the classes of a case with the grave ones that a post adds; nothing where it adds none."""
        if not decision.grave:
            return {}
        known = self._classes(case_id)
        fresh = tuple(severity for severity in decision.severity if severity.grave and severity not in known)
        return {"severity": (*known, *fresh)} if fresh else {}

    def _classes(self, case_id: int) -> tuple[Severity, ...]:
        (view,) = self.store.case_views([case_id])
        return view.severity

    def _kept_classes(self, case: Case, decision: Decision) -> tuple[Severity, ...]:
        """Return the classes of a worse post, and the grave ones that another post of the case has shown."""
        other = () if self.hit.id == case.hit_id else self._classes(case.id)
        return tuple(dict.fromkeys((*decision.severity, *(severity for severity in other if severity.grave))))

    def _is_same(self, case: Case, decision: Decision) -> bool:
        """Whether new rules give the post that a case is shown by the same level, with reasons of their own."""
        return self.rescored_by is not None and self.hit.id == case.hit_id and decision.level is case.level

    def _complains_again(self, case: Case, decision: Decision) -> bool:
        """Whether a post is a further complaint; what stood there when we answered on the platform was answered."""
        answered = case.answer_seen is not None and case.answered_at is not None
        if answered and case.answered_at is not None and self.hit.mention.posted_at <= case.answered_at:
            return False
        return case.status is Status.REPLIED and decision.kind is Kind.COMPLAINT and self.hit.id != case.hit_id

    def _worse(self, level: Level, case: Case, decision: Decision) -> dict[str, Any]:
        due = earlier(case.due_at, self._due(level))
        # late from the start: the list says so, an escalation of each at once would only repeat it
        late = self.rescored_by is not None and due <= self.now
        return {
            **({"escalation_step": max(case.escalation_step, 1)} if late else {}),
            "level": level,
            "hit_id": self.hit.id,
            "score": decision.score,
            "reasons": decision.reasons,
            "severity": self._kept_classes(case, decision),
            "kind": decision.kind or case.kind,
            "due_at": due,
            "summary": self._summary(decision.kind, level, self._kept_classes(case, decision), case_id=case.id),
        }

    def _summary(
        self, kind: Kind | None, level: Level | None, severity: Sequence[Severity], *, cause: Cause | None = None,
        case_id: int | None = None,
    ) -> str:  # fmt: skip
        """Return one sentence in words of ours, from the kind, the level, the cause and the config's products."""
        hit, brand = self.hit, self.settings.brands.get(self.hit.brand)
        named, lists = cause.name if cause else None, brand.lists if brand else {}
        known: tuple[str, ...] = ()
        if case_id is not None:
            (view,) = self.store.case_views([case_id])
            named, known = view.cause, products_told(view.summary, lists)
        products = tuple(dict.fromkeys((*known, *(products_in(fold_mention(hit.mention), lists) if lists else ()))))
        facts = (kind or Kind.OTHER, level or Level.LOW, hit.brand, hit.mention.platform)
        return summarise(*facts, cause=named, severity=severity, products=products)

    def _follow_chain(self, case_id: int) -> None:
        follow_chain(self.store, self.settings, case_id, self.now, begins=not self.hit.backfilled)

    def _tell(self, case_id: int, event: Event, *, again: bool = False) -> None:
        if self.hit.backfilled:
            return
        if self.rescored_by is not None:
            tell_rescored(self.store, self.settings, case_id, self.rescored_by, self.now)
        else:
            tell(self.store, self.settings, case_id, event, self.now, again=again)

    def _due(self, level: Level | None) -> datetime:
        brand = self.settings.brands.get(self.hit.brand)
        zone = brand.zone if brand else None
        return due_at(self.hit.clock_at, level or Level.LOW, self.settings.triage, zone)

    @property
    def _post(self) -> str:
        return f"{self.hit.mention.platform}:{self.hit.mention.native_id}"


def _is_posed(rules: Rules, hit: Hit, decision: Decision, history: History) -> bool:
    """Whether a case stands on somebody who plays the brand, rather than on words about such a one."""
    if not decision.is_case or Severity.IMPOSTOR not in decision.severity:
        return False
    watched = history.guarded or history.known_impostor
    return watched and guard(hit.mention, fold_mention(hit.mention), rules.of(hit.brand), history) is not None


def _plan_follow(
    store: Store, services: Services, hit: Hit, verdict: Verdict, decision: Decision, now: datetime
) -> None:
    source = services.sources.get(hit.source)
    complaint = verdict.complaint or 0.0
    near_miss = decision.drop is DropRule.NOT_A_COMPLAINT and complaint >= NEAR_MISS
    if decision.is_case:
        plan_watching(store, services, hit, now)
    if source is None or not source.connector.traits.can_reread:
        return
    kept = decision.is_case and source.connector.traits.recheck is not None
    if now - hit.seen_at > _FRESH and not kept:
        return
    if decision.is_case or near_miss or source.options.recheck == "all":
        store.plan_follow(hit, now + FIRST_FOLLOW, decision.score if decision.is_case else complaint)
