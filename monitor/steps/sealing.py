"""Sealing: open messages whose wait has passed → judged case by case → fixed, held back, or muted.

    due group ─▶ all of its open messages ─▶ each case: told │ held back │ left out ─▶ one sealed message

What is held back (silence, incident, quiet hours) waits in an open message of its own, which is looked at again: what
may be told then goes back to its group. Where quiet hours hold a case back from every receiver, the fallback is told.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.config.schema import Settings
from monitor.domain import Status
from monitor.notify.receiver import Message, message_key
from monitor.notify.render import render_cases, setting_for
from monitor.rules.alerting import QUIET, Judgement, Outcome
from monitor.steps.facts import facts_of
from monitor.steps.judging import Judge, known_to
from monitor.steps.subjects import seal_subject
from monitor.steps.telling import Event, message_due, put, recipients, route_for, routed
from monitor.store.records import CaseView, OpenMessage
from monitor.store.store import Store
from monitor.store.tellings import Repeat, ToldCase

PAUSE = timedelta(minutes=1)
"""A receiver that did not take a message is tried again after so long, and no sooner."""

SHOWN = 20
"""Cases of a message that are rendered, the worst; the others are a number."""

HELD = "#held"
"""Ends the group of messages in which cases of a group are held back."""

_REPEATS = 500
_WORDS: dict[str, str] = {
    Event.OPENED: "new",
    Event.REOPENED: "open again",
    Event.IMPOSTOR: "with an impostor",
    Event.RAISED: "more urgent than before",
    Event.ESCALATED: "escalated",
    Event.REMINDED: "claimed without a reply",
    Event.RELEASED: "back in the queue",
    Event.REPEATED: "told before, and not taken yet",
    Event.RESCORED: "urgent by the changed config",
}
"""What a message that tells of several events says of each; the first that it tells of is its own."""


def seal(store: Store, settings: Settings, due: datetime, now: datetime, limit: int = 100) -> None:
    """Seal what is due by `due`, as of `now`; what was told long ago and not taken is told again."""
    with store.write():
        _repeat(store, settings, now)
        sealer = Sealer(store, settings, Judge(settings, store.active_silences(now), now), now)
        for message in store.messages_to_seal(due, limit):
            sealer.seal(message)
        if sealer.released:
            for message in store.messages_to_seal(now, limit):
                sealer.seal(message)


def _repeat(store: Store, settings: Settings, now: datetime) -> None:
    """Put what was told long ago, and is still open and taken by nobody, into messages again."""
    for repeat in store.repeats_due(now, _REPEATS):
        snoozed = repeat.snoozed_until is not None and repeat.snoozed_until > now
        store.plan_repeat(repeat, repeat.snoozed_until if snoozed else None)
        if repeat.status is Status.NEW and not snoozed:
            _put_again(store, settings, repeat, now)


def _put_again(store: Store, settings: Settings, repeat: Repeat, now: datetime) -> None:
    (view,) = store.case_views([repeat.case_id])
    route = recipients(settings, view, now).get(repeat.receiver)
    if route is not None and view.level.urgent:
        put(store, settings, repeat.receiver, route, view, Event.REPEATED, now)


@dataclass(frozen=True, slots=True)
class _Part:
    """One case of one open message, and what becomes of it."""

    message: OpenMessage
    view: CaseView
    judgement: Judgement

    @property
    def event(self) -> str:
        return self.message.event


@dataclass(frozen=True, slots=True)
class Sealer:
    """One look at what is due."""

    store: Store
    settings: Settings
    judge: Judge
    now: datetime
    seen: set[int] = field(default_factory=set)
    released: set[int] = field(default_factory=set)
    """Cases that were held back and may be told now."""

    def seal(self, message: OpenMessage) -> None:
        """Seal the group of a message that is due, once; whatever is open in the group goes with it."""
        if message.id in self.seen:
            return
        if message.subject is not None:
            seal_subject(self.store, self.judge, message, self._sendable(message.receiver))
            return
        if message.group_key.endswith(HELD):
            self.seen.add(message.id)
            self._look_again(message, self._parts([message]))
            return
        company = [message, *(other for other in self.store.open_beside(message) if other.subject is None)]
        self.seen.update(found.id for found in company)
        self._settle(company, self._parts(company))

    def _parts(self, company: Sequence[OpenMessage]) -> list[_Part]:
        """Judge every case of every message of the group."""
        receiver = company[0].receiver
        known = known_to(self.store, receiver, [view for message in company for view in message.cases])
        return [
            _Part(message, view, self.judge.judge(receiver, view, message.event, known))
            for message in company
            for view in message.cases
        ]

    def _settle(self, company: Sequence[OpenMessage], parts: Sequence[_Part]) -> None:
        """Fix what is told as one message, keep back what is held, and end what has nothing left."""
        told = _told(parts)
        held = [part for part in parts if part.judgement.outcome is Outcome.HOLD and part.view.id not in told]
        if told:
            self._fix(company[0], list(told.values()))
        for message in company[1:] if told else company:
            self._end(message, parts)
        for part in held:
            self._hold(part)

    def _look_again(self, message: OpenMessage, parts: Sequence[_Part]) -> None:
        """Give back to its group what may be told now; the rest waits on, or needs no message any more."""
        held = [part for part in parts if part.judgement.outcome is Outcome.HOLD]
        for part in parts:
            if part.judgement.outcome is Outcome.TELL:
                self._release(part)
        self.store.keep_cases(message.id, [part.view.id for part in held])
        if held:
            until = min(part.judgement.until or self.now for part in held)
            reason = Counter(part.judgement.reason for part in held).most_common(1)[0][0]
            self.store.hold_message(message.id, until, reason)
        else:
            self._end(message, parts)
        for part in held:
            self._stand_in(part)

    def _release(self, part: _Part) -> None:
        message, facts = part.message, facts_of(self.settings, part.view)
        group = message.group_key.removesuffix(HELD)
        # it has gathered already
        route = route_for(self.settings, message.receiver, facts).model_copy(update={"group_wait": timedelta()})
        last = self.store.last_sealed(message.receiver, group)
        due_at = message_due(route, part.view.level, last, self.now, grave=bool(facts.grave))
        where = (message.receiver, group, message.event)
        self.store.add_to_message(*where, part.view.id, part.view.level, due_at, self.now)
        self.released.add(part.view.id)

    def _hold(self, part: _Part) -> None:
        """Keep a case back, in the message of its group and event in which others may wait already."""
        message, judgement = part.message, part.judgement
        where = (message.receiver, message.group_key + HELD, message.event)
        until = judgement.until or self.now
        kept = self.store.add_to_message(*where, part.view.id, part.view.level, until, self.now)
        self.store.mark_held(kept, judgement.reason)
        self._stand_in(part)

    def _end(self, message: OpenMessage, parts: Sequence[_Part]) -> None:
        """End an open message: with the reasons why nobody was told, or without a trace where it only moved on."""
        reasons = dict.fromkeys(
            part.judgement.reason
            for part in parts
            if part.message.id == message.id and part.judgement.outcome is Outcome.DROP
        )
        if reasons:
            self.store.mute_message(message.id, "; ".join(reasons)[:300], self.now)
        else:
            self.store.drop_message(message.id)

    def _fix(self, message: OpenMessage, told: Sequence[_Part]) -> None:
        """Seal a message with these cases, and remember that the receiver was told of them."""
        cases = [part.view for part in told]
        ids = [view.id for view in cases]
        self.store.move_cases(message.id, ids)
        self.store.keep_cases(message.id, ids)
        sealed = self._render(message, told)
        due_at = self._sendable(message.receiver)
        self.store.seal_message(message.id, sealed.to_json(), sealed.idempotency_key, self.now, due_at=due_at)
        self.store.record_tellings(message.receiver, [self._told_case(message, view) for view in cases], self.now)

    def _sendable(self, receiver: str) -> datetime:
        """Return when a receiver may next be tried: now, unless it has just failed to take another message."""
        last = self.store.last_try(receiver)
        return max(self.now, last + PAUSE) if last else self.now

    def _told_case(self, message: OpenMessage, view: CaseView) -> ToldCase:
        route = route_for(self.settings, message.receiver, facts_of(self.settings, view))
        repeat_at = self.now + route.repeat_interval if view.level.urgent else None
        return ToldCase(view.id, view.level, view.cause, repeat_at)

    def _stand_in(self, part: _Part) -> None:
        """Tell the fallback of an urgent case that no receiver may be told of at this hour, once."""
        if part.judgement.reason != QUIET or not part.view.level.urgent:
            return
        usual = routed(self.settings, facts_of(self.settings, part.view))
        for name, route in recipients(self.settings, part.view, self.now).items():
            if name not in usual and not self.store.tellings_of(name, [part.view.id]):
                put(self.store, self.settings, name, route, part.view, part.event, self.now)

    def _render(self, message: OpenMessage, told: Sequence[_Part]) -> Message:
        events = Counter(part.event for part in told)
        event = next((event for event in _WORDS if event in events), message.event)
        brand = self.settings.brands.get(told[0].view.brand)
        zone = ZoneInfo(brand.zone) if brand and brand.zone else UTC
        key = message_key(message.receiver, f"{message.group_key}/{message.event}", str(message.id))
        sealed = render_cases(
            event,
            [part.view for part in told[:SHOWN]],
            setting_for(self.settings, message.receiver, self.now, zone),
            key=key,
            total=len(told),
            note=_note(events) if len(events) > 1 else "",
        )
        return replace(sealed, payload={**sealed.payload, "events": dict(events)}) if len(events) > 1 else sealed


def _told(parts: Sequence[_Part]) -> dict[int, _Part]:
    """Return what is told by case, the worst first, each under the event that says most."""
    ranks = {event: rank for rank, event in enumerate(_WORDS)}
    found: dict[int, _Part] = {}
    for part in sorted(parts, key=lambda part: (part.view.level.rank, -part.view.score, part.view.id)):
        if part.judgement.outcome is Outcome.TELL:
            other = found.setdefault(part.view.id, part)
            if ranks.get(part.event, 99) < ranks.get(other.event, 99):
                found[part.view.id] = part
    return found


def _note(events: Counter[str]) -> str:
    return ", ".join(f"{events[event]} {word}" for event, word in _WORDS.items() if events[event])
