"""The card of a case: everything that a person needs to answer it well, read at one moment.

store ─▶ case, post, thread, earlier cases, others like it ─▶ times, bars of the score, what can be taken back ─▶ Card
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any

from monitor.access.person import Deed, Person
from monitor.config.schema import Settings
from monitor.desk.chains import ChainView, chain_view
from monitor.desk.reads import CaseFile, show
from monitor.domain import MONITOR, Case, Level, Meaning, Reason
from monitor.notify.text import safe_link
from monitor.rules.advice import nearest_level
from monitor.rules.moves import Action
from monitor.steps.facts import language_of
from monitor.store.card import EarlierCase, Face, ResolvedCase, ThreadLine
from monitor.store.feedback import GivenFeedback
from monitor.store.incidents import Incident
from monitor.store.records import AuditEntry
from monitor.store.store import Store

SIMILAR = 3
_ALIKE, _SAME_WORDS, _SAME_CAUSE = 0.5, 0.2, 0.1
"""From which cosine, or share of words, two cases count as alike; what a shared cause adds to either."""

_WORD = re.compile(r"\w{4,}")
_AGAIN: Mapping[str, str] = {
    Action.CLAIM: "release",
    Action.ASSIGN: "release",
    Action.DISMISS: "reopen",
    Action.RESOLVE: "reopen",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One time of a case; `at` None: it has not come, or nobody knows. `detail` says who or where."""

    name: str
    at: datetime | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One factor of a score as a bar from `start` to `end`; each begins where the one before ends."""

    name: str
    evidence: str
    points: float
    start: float
    end: float

    @property
    def left(self) -> float:
        """Where the bar begins on the page."""
        return min(self.start, self.end)

    @property
    def width(self) -> float:
        """How wide it is."""
        return abs(self.end - self.start)


@dataclass(frozen=True, slots=True)
class Similar:
    """A resolved case like this one; `likeness` is 0 to 1, `how` says what it was compared by."""

    case: ResolvedCase
    likeness: float
    how: str


@dataclass(frozen=True, slots=True)
class Undo:
    """What would take a person's last deed back: a command with its arguments, and the deed in words."""

    command: str
    arguments: dict[str, Any]
    what: str


@dataclass(frozen=True, slots=True)
class Card:
    """A case with everything beside it. None and empty mean that nothing is known."""

    file: CaseFile
    face: Face
    link: str | None
    times: tuple[Moment, ...]
    bars: tuple[Bar, ...]
    scale: tuple[float, float]
    line: tuple[Level, float]
    thread: tuple[ThreadLine, ...]
    earlier: tuple[EarlierCase, ...]
    similar: tuple[Similar, ...]
    language: str | None
    causes: tuple[str, ...]
    people: tuple[str, ...]
    chain: ChainView | None
    incident: Incident | None
    impostors: tuple[dict[str, Any], ...]
    notes: tuple[AuditEntry, ...]
    feedback: GivenFeedback | None


def card_of(store: Store, settings: Settings, case_id: int, now: datetime) -> Card:
    """Return the card of a case. Raises UnknownCase."""
    file = show(store, case_id)
    case, view = file.case, file.view
    face = store.face_of_case(case_id)
    assert face is not None  # noqa: S101 - a case has a post, if only its tombstone
    threaded = store.thread_of_case(case_id, case.brand, face.platform, face.thread_id) if face.thread_id else ()
    known = store.resolved_with_reply(case_id, case.brand, case.kind, view.cause)
    bars = bars_of(view.reasons, view.score)
    return Card(
        file=file,
        face=face,
        link=safe_link(face.permalink),
        times=times_of(case, face),
        bars=bars,
        scale=(min((bar.left for bar in bars), default=0.0), max((100.0, *(bar.left + bar.width for bar in bars)))),
        line=nearest_level(view.score, settings.triage.levels),
        thread=tuple(threaded),
        earlier=tuple(store.cases_of_author(case_id, case.brand, face.platform, face.author)),
        similar=alike(store.meaning_of_case(case_id), face.text, view.cause, known),
        language=language_of(settings, view),
        causes=settings.cause_names(case.brand),
        people=_people(store, case.brand),
        chain=chain_view(store, settings, case, now),
        incident=store.incident(view.incident_id) if view.incident_id is not None else None,
        impostors=tuple(store.impostors(case_id)),
        notes=tuple(entry for entry in file.trail if entry.action == Action.NOTE),
        feedback=store.last_feedback(case_id),
    )


def times_of(case: Case, face: Face) -> tuple[Moment, ...]:
    """Return what happened to the post, in order, with what has not happened yet."""
    replied = case.replied_by or ("seen on the platform" if case.answer_seen else "")
    return (
        Moment("posted", face.posted_at, face.platform),
        Moment("fetched", face.seen_at, face.source),
        Moment("decided", face.decided_at, face.model or ""),
        Moment("told", face.told_at, ", ".join(face.told)),
        Moment("claimed", case.claimed_at, case.claimed_by or ""),
        Moment("replied", case.replied_at, replied),
        *((Moment(case.status.value, case.closed_at, case.dismissed_reason or ""),) if case.closed_at else ()),
    )


def bars_of(reasons: Sequence[Reason], score: float) -> tuple[Bar, ...]:
    """Return the factors as bars that lead from 0 to the score; what the factors leave open is a bar of its own."""
    rest = round(score - sum(reason.points for reason in reasons), 1)
    every = [*reasons, *([Reason("rest", rest, "no reason is kept for it")] if rest else [])]
    ends = list(accumulate((reason.points for reason in every), initial=0.0))
    return tuple(
        Bar(reason.name, reason.evidence, reason.points, round(start, 1), round(end, 1))
        for reason, start, end in zip(every, ends, ends[1:], strict=False)
    )


def alike(
    meaning: Meaning | None, text: str, cause: str | None, known: Iterable[ResolvedCase], limit: int = SIMILAR
) -> tuple[Similar, ...]:
    """Return the cases most like a post: by what a model makes of both, else by their words; a shared cause helps."""
    found = [one for each in known if (one := _likeness(meaning, text, cause, each)) is not None]
    return tuple(sorted(found, key=lambda one: (-one.likeness, -one.case.id))[:limit])


def undo_of(card: Card, who: str) -> Undo | None:
    """Return what takes back the last deed of a person, None where there is nothing; feedback is anybody's to undo."""
    case, given = card.file.case, card.feedback
    feedback = Undo("feedback", {"said": "undo"}, given.kind) if given is not None else None
    if feedback is not None and not case.status.open:
        return feedback
    last = next((entry for entry in reversed(card.file.trail) if entry.who != MONITOR), None)
    command = _AGAIN.get(last.action) if last is not None and last.who == who else None
    if last is not None and command is not None and command in card.file.allowed:
        return Undo(command, {}, last.action)
    # a blocked author and a muted thread stand in the config, whatever became of the case
    return feedback if given is not None and given.entry is not None else None


def _likeness(meaning: Meaning | None, text: str, cause: str | None, other: ResolvedCase) -> Similar | None:
    same_cause = cause is not None and cause == other.cause
    extra = _SAME_CAUSE if same_cause else 0.0
    if meaning is not None and other.meaning is not None and meaning.model == other.meaning.model:
        value, least, how = float(meaning.vector @ other.meaning.vector), _ALIKE, "meaning"
    else:
        value, least, how = _shared_words(text, other.text), _SAME_WORDS, "words"
    how = f"{how} and cause" if same_cause else how
    likeness = min(max(value, 0.0) + extra, 1.0)
    return Similar(other, likeness, how) if likeness >= least else None


def _shared_words(one: str, other: str) -> float:
    ours, theirs = ({word.casefold() for word in _WORD.findall(text)} for text in (one, other))
    return len(ours & theirs) / len(ours | theirs) if ours and theirs else 0.0


def _people(store: Store, brand: str) -> tuple[str, ...]:
    """Return who may work on the cases of a brand."""
    known = (Person(user.name, user.roles) for user in store.users() if user.disabled_at is None)
    return tuple(person.name for person in known if person.may(Deed.WORK, brand))
