"""What the interface answers, as models that it is described by. Readers pass over keys that they do not know."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from monitor.access.person import Deed, Role
from monitor.answering.draft import DraftSource
from monitor.answering.lint import Gravity, Rule
from monitor.answering.state import AnswerKind, AnswerMove, AnswerState
from monitor.domain import DropRule, Kind, Level, Severity, Status
from monitor.rules.recall import Answer, Stratum
from monitor.store.incidents import IncidentState
from monitor.store.queue_page import Standing, Tab
from monitor.store.sendings import SendingState


class Shape(BaseModel):
    """What all answers have in common: unknown is null, times are ISO 8601 in UTC."""


class ErrorTold(Shape):
    """What went wrong, with what, and what to do; `retryable`: the same request may succeed later."""

    type: str
    subject: str
    cause: str
    next_step: str
    retryable: bool


class Error(Shape):
    """The answer to a request that was not carried out."""

    error: ErrorTold


class BrandRights(Shape):
    """What somebody may do for a brand."""

    brand: str
    deeds: list[Deed]


class Me(Shape):
    """Who asks: roles by brand (`*`: every brand), and what they come to, within the bounds of a token."""

    name: str
    roles: dict[str, Role]
    brands: list[BrandRights]


class Reason(Shape):
    """One factor of a score."""

    name: str
    points: float
    evidence: str


class Row(Shape):
    """A case as a list shows it; `cut`: the post is longer than `excerpt`."""

    id: int
    kind: Kind
    status: Status
    level: Level
    score: float
    reasons: list[Reason]
    severity: list[Severity]
    brand: str
    platform: str
    permalink: str | None
    author: str
    author_name: str | None
    followers: int | None
    excerpt: str
    cut: bool
    deleted: bool
    posted_at: datetime
    due_at: datetime
    clock_at: datetime
    claimed_by: str | None
    claimed_at: datetime | None
    snoozed_until: datetime | None
    replied_by: str | None
    incident_id: int | None
    posts: int
    copies: int
    lane: str | None
    lang: str | None
    review: bool
    cause: str | None
    version: int
    standing: Standing | None


class RowIncident(Shape):
    """An incident as a list shows it; `cases` are its open ones that the filters let through, of `size`."""

    id: int
    state: IncidentState
    cases: int
    size: int
    owner: str | None
    words: list[str]
    version: int


class QueueRow(Shape):
    """A case, or an incident with the most urgent of its cases; `further` are the next ones."""

    standing: Standing
    case: Row
    incident: RowIncident | None
    further: list[Row]


class TabCount(Shape):
    """Open cases behind a tab."""

    cases: int
    critical: int


class Queue(Shape):
    """One page of the queue, the next case to answer first; `next` is null on the last page."""

    rows: list[QueueRow]
    counts: dict[Tab, TabCount]
    next: str | None


class Case(Shape):
    """A case with its worst post."""

    id: int
    kind: Kind
    status: Status
    level: Level
    score: float
    reasons: list[Reason]
    severity: list[Severity]
    brand: str
    platform: str
    native_id: str
    permalink: str | None
    author: str
    followers: int | None
    text: str
    posted_at: datetime
    due_at: datetime
    opened_at: datetime
    claimed_by: str | None
    snoozed_until: datetime | None
    incident_id: int | None
    posts: int
    copies: int
    lane: str | None
    review: bool
    cause: str | None
    cause_by: str | None
    cause_why: str | None
    first_due_at: datetime | None
    replied_at: datetime | None
    replied_by: str | None
    answer_seen: str | None
    mood: str | None
    summary: str | None


class MovedCase(Case):
    """A case after a move."""

    version: int


class Moved(Shape):
    """What became of the case."""

    case: MovedCase


class Post(Shape):
    """One post of a case."""

    role: str
    platform: str
    native_id: str
    permalink: str | None
    author: str
    text: str
    posted_at: datetime
    deleted_at: datetime | None


class TrailEntry(Shape):
    """Who did what, and when."""

    at: datetime
    who: str
    action: str
    detail: dict[str, Any]


class CaseFile(MovedCase):
    """A case with everything that belongs to it; `allowed` are the moves that it allows now."""

    claimed_at: datetime | None
    ping_at: datetime | None
    release_at: datetime | None
    closed_at: datetime | None
    dismissed_reason: str | None
    escalation_step: int
    thread: list[Post]
    trail: list[TrailEntry]
    allowed: list[str]


class NearestLevel(Shape):
    """The line between levels that the score is nearest to."""

    level: Level
    line: float
    points_to_line: float


class Drop(Shape):
    """By which rule a post was dropped."""

    rule: DropRule
    evidence: str


class Explanation(Shape):
    """Why a post became a case or did not, and what would change that."""

    brand: str | None
    source: str | None
    platform: str
    native_id: str
    permalink: str | None
    author: str
    text: str
    posted_at: datetime
    seen_at: datetime
    decided_at: datetime | None
    outcome: str
    case_id: int | None
    kind: Kind | None
    level: Level | None
    score: float | None
    factors: list[Reason]
    nearest_level: NearestLevel | None
    drop: Drop | None
    advice: str
    severity: list[Severity]
    lane: str | None
    review: bool
    parked: str | None
    verdict: dict[str, Any] | None
    history: dict[str, Any] | None
    model: str | None
    rules: str | None
    words: None


class Explanations(Shape):
    """Everything that is stored about a post, once for each brand that it was seen for."""

    posts: list[Explanation]


class CaseInFull(Shape):
    """A case with everything that belongs to it, and why it is here."""

    case: CaseFile
    explanations: list[Explanation]


class Draft(Shape):
    """One text that is offered; `unfilled` is what it leaves open; `problem`: why there is no text."""

    name: str
    source: DraftSource
    language: str
    text: str
    unfilled: list[str]
    why: str
    length: int
    limit: int | None
    problem: str


class Playbook(Shape):
    """The checklist of one class."""

    severity: Severity
    steps: list[str]


class Drafts(Shape):
    """What is offered to whoever answers a case, the best first."""

    drafts: list[Draft]
    playbooks: list[Playbook]


class Finding(Shape):
    """One thing to look at in a text, at [start, end) in characters."""

    rule: Rule
    start: int
    end: int
    gravity: Gravity
    advice: str


class Linted(Shape):
    """What there is to look at; `stopped`: the text cannot be sent as it is."""

    findings: list[Finding]
    stopped: bool


class CaseAnswer(Shape):
    """One answer of a case."""

    id: int
    case_id: int
    brand: str
    kind: AnswerKind
    state: AnswerState
    text: str
    template: str
    author: str
    written_at: datetime
    version: int
    asked_by: str | None
    asked_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    rejected_by: str | None
    reason: str | None
    opened_by: str | None
    opened_at: datetime | None
    sent_by: str | None
    sent_at: datetime | None
    permalink: str | None
    unapproved: bool


class CaseAnswers(Shape):
    """The answers of a case: the one in work, the holding reply, what was before, and what may be done now."""

    answer: CaseAnswer | None
    holding: CaseAnswer | None
    history: list[CaseAnswer]
    needs_approval: list[Severity]
    allowed: list[AnswerMove]
    may_hold: bool


class WaitingAnswers(Shape):
    """Answers that wait for an approval, the longest waiting first."""

    answers: list[CaseAnswer]


class Answered(Shape):
    """What became of an answer."""

    answer: CaseAnswer
    case: Case


class Sending(Shape):
    """One attempt to send an answer from here; `problem` says why it failed, or has no clear end."""

    id: int
    answer_id: int
    kind: AnswerKind
    version: int
    who: str
    source: str
    account: str
    state: SendingState
    at: datetime
    settled_at: datetime | None
    settled_by: str | None
    problem: str | None


class Attempted(Answered):
    """What became of an answer that was to be sent."""

    sending: Sending


class Opened(Answered):
    """Words to copy, and the post to answer; null where the platform gives no address."""

    text: str
    url: str | None


class Trend(Shape):
    """Posts of the last hour, and of the one before."""

    last_hour: int
    hour_before: int


class Incident(Shape):
    """An incident with its figures; `reach` is the followers of its authors, `waiting` the cases nobody answered."""

    id: int
    brand: str
    state: IncidentState
    title: str
    level: Level
    count: int
    waiting: list[int]
    reach: int | None
    unknown_reach: int
    cause: str | None
    causes: dict[str, int]
    platforms: dict[str, int]
    words: list[str]
    trend: Trend
    first_at: datetime
    last_at: datetime
    opened_at: datetime
    fixed_at: datetime | None
    over_at: datetime | None
    owner: str | None
    answer: str | None
    answer_by: str | None
    merged_into: int | None
    version: int
    first: Case | None
    example: Case | None


class Incidents(Shape):
    """Incidents, newest first; `next` is null on the last page."""

    incidents: list[Incident]
    next: int | None


class IncidentInFull(Shape):
    """An incident with its open cases (the first 200) and its trail."""

    incident: Incident
    cases: list[Row]
    trail: list[TrailEntry]


class IncidentMoved(Shape):
    """What became of the incident."""

    incident: Incident


class Silence(Shape):
    """What is muted, by whom, why, and until when."""

    id: int
    matchers: dict[str, list[str]]
    author: str
    reason: str
    ends_at: datetime


class Silences(Shape):
    """The silences in force."""

    silences: list[Silence]


class SilenceMade(Shape):
    """The number of a new silence."""

    silence: int


class Done(Shape):
    """It was done, and there is no more to say."""


class Sample(Shape):
    """A dropped post that was drawn for a person to look at."""

    id: int
    drawn_on: str
    brand: str
    source: str
    rule: DropRule
    stratum: Stratum
    complaint: float | None
    probability: float
    answer: Answer | None
    answered_by: str | None
    answered_at: datetime | None
    case_id: int | None
    platform: str | None
    native_id: str | None
    permalink: str | None
    author: str | None
    text: str | None
    posted_at: datetime | None
    evidence: str | None


class Samples(Shape):
    """Dropped posts that wait for a look, the newest draw first; `waiting` counts them all."""

    samples: list[Sample]
    waiting: int


class SampleAnswered(Shape):
    """What became of a dropped post."""

    sample: Sample
