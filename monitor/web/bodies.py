"""What the interface takes: every body and every query, as models that are checked by and that it is described by."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from monitor.answering.length import LONGEST
from monitor.answering.state import AnswerKind
from monitor.desk.feedback import Feedback
from monitor.desk.values import LINK_LIMIT, NAME_LIMIT, REASON_LIMIT, TEXT_LIMIT
from monitor.domain import Level
from monitor.rules.alerting import MATCHER_KEYS
from monitor.rules.recall import Answer
from monitor.store.queue_page import PAGE, Show, Tab

PAGE_LIMIT = 100
_LAST_NUMBER = 2**63 - 1
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def _read_time(value: Any) -> datetime:
    """Refuse what is a time by accident, such as 1700000000."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("is no time as of ISO 8601 with a zone, such as 2026-03-04T12:00:00Z")
    moment = datetime.fromisoformat(value.upper())
    if not _FIRST_YEAR < moment.year < _LAST_YEAR:
        raise ValueError(f"lies outside of {_FIRST_YEAR + 1} to {_LAST_YEAR - 1}")
    return moment.astimezone(UTC)


_NOT_BLANK = Field(pattern=r"\S")

Moment = Annotated[AwareDatetime, BeforeValidator(_read_time)]
Number = Annotated[int, Field(ge=1, le=_LAST_NUMBER)]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LIMIT), _NOT_BLANK]
Words = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT), _NOT_BLANK]
Why = Annotated[str, Field(min_length=1, max_length=REASON_LIMIT), _NOT_BLANK]
Numbers = Annotated[list[Number], Field(min_length=1, max_length=1_000)]
Values = Annotated[list[Name], Field(min_length=1, max_length=100)]


class Body(BaseModel):
    """What a request says; a key that is not known is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Seen(Body):
    """A move that needs no more than a name."""

    version: Number | None = Field(
        None, description="refuses the move where the case, answer or incident has changed since this version"
    )


class SendWhat(Body):
    """Which words are sent: those of a version that a person has seen."""

    version: Number = Field(description="of the answer, as the person saw it; the same one twice is posted once")
    kind: AnswerKind = Field(AnswerKind.ANSWER, description="the answer, or the holding reply")


class FoundAt(Body):
    """Where an answer stands."""

    permalink: str = Field("", max_length=LINK_LIMIT, pattern=r"^(https?://\S+)?$", description="its address, if known")


class Nothing(Body):
    """Nothing more is to be said."""


class AssignTo(Seen):
    """Who is to have it."""

    to: Name


class Until(Seen):
    """How long; a time to come."""

    until: Moment


class Replied(Seen):
    """What was sent to the customer, and where it stands, as far as that is known."""

    text: str = Field("", max_length=TEXT_LIMIT)
    permalink: str = Field(
        "", max_length=LINK_LIMIT, pattern=r"^(https?://\S+)?$", description="the address of the reply"
    )
    native: bool = Field(False, description="it was sent on the platform already, whoever knew of it")


class Because(Seen):
    """Why; others read it."""

    reason: Why


class MaybeBecause(Seen):
    """Why, where there is something to say."""

    reason: str = Field("", max_length=REASON_LIMIT)


class CauseNamed(Seen):
    """What the complaint is about: a cause of its brand."""

    cause: Name


class Noted(Seen):
    """A note for the trail of the case."""

    text: Words


class Said(Seen):
    """What a person says of a case; it is dismissed with that reason."""

    said: Feedback


class Written(Seen):
    """The words of an answer; `template` is the name of the draft that they were begun from."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST), _NOT_BLANK]
    template: str = Field("", max_length=NAME_LIMIT)


class Looked(Body):
    """Words to look at before they are sent."""

    text: str = Field(max_length=LONGEST)


class Owned(Seen):
    """Who is to own the incident; oneself where nobody is named."""

    to: str = Field("", max_length=NAME_LIMIT)


class Agreed(Seen):
    """The one answer that was agreed on."""

    text: Words


class Into(Seen):
    """The incident that it becomes a part of."""

    into: Number


class Members(Seen):
    """Cases of the incident."""

    cases: Numbers


class Silenced(Body):
    """What is muted: a case that every key matches by one of its values."""

    matchers: dict[str, Values] = Field(
        min_length=1, max_length=len(MATCHER_KEYS), description=f"by {', '.join(MATCHER_KEYS)}"
    )
    reason: Why
    until: Moment


class Judged(Body):
    """Whether a dropped post is a missed complaint."""

    answer: Answer


class Query(BaseModel):
    """What an address asks for; a name that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class NoQuery(Query):
    """Nothing can be asked for."""


class CasesWanted(Query):
    """Which open cases."""

    brand: str | None = Field(None, max_length=NAME_LIMIT)
    tab: Tab = Tab.ALL
    show: Show = Show.OPEN
    level: Level | None = None
    platform: str | None = Field(None, max_length=NAME_LIMIT)
    cause: str | None = Field(None, max_length=NAME_LIMIT)
    language: str | None = Field(None, max_length=NAME_LIMIT, description="an ISO 639-1 code, or `unknown`")
    mine: bool = Field(False, description="only those that you have claimed")
    q: str = Field("", max_length=200, description="words that all occur in the post or the author's handle")
    after: str | None = Field(None, max_length=60, description="`next` of the page before")
    limit: int = Field(PAGE, ge=1, le=PAGE_LIMIT)


class DashboardWanted(Query):
    """Of which brand; of all that you may see, where none is named."""

    brand: str | None = Field(None, min_length=1, max_length=NAME_LIMIT)


class ReportWanted(Query):
    """Which report: of a month, or of two dates and the days between them; of this month, where neither is named."""

    month: str | None = Field(None, pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="such as 2026-11")
    since: date | None = Field(None, description="the first day; with `until`")
    until: date | None = Field(None, description="the last day; with `since`")
    brand: str | None = Field(
        None, min_length=1, max_length=NAME_LIMIT,
        description="none: all of them, or your first one where you may not see every brand",
    )  # fmt: skip
    incidents: Literal["with", "without"] = Field("with", description="whether the cases of incidents count")


class IncidentsWanted(Query):
    """Which incidents, newest first."""

    brand: str | None = Field(None, max_length=NAME_LIMIT)
    all: bool = Field(False, description="also those that are over, or were merged")
    after: int | None = Field(None, ge=1, le=_LAST_NUMBER, description="`next` of the page before")
    limit: int = Field(20, ge=1, le=50)


class SamplesWanted(Query):
    """Which dropped posts that wait for a look."""

    brand: str | None = Field(None, max_length=NAME_LIMIT)
    limit: int = Field(PAGE, ge=1, le=PAGE_LIMIT)


class AnswersWanted(Query):
    """Which answers that wait for an approval."""

    brand: str | None = Field(None, max_length=NAME_LIMIT)
    limit: int = Field(PAGE, ge=1, le=PAGE_LIMIT)


class DraftsWanted(Query):
    """Which wordings."""

    variant: int = Field(0, ge=0, le=1_000, description="another number gives other wordings")


class PostWanted(Query):
    """Which post."""

    post: str = Field(min_length=1, max_length=LINK_LIMIT, description="a link, an id, PLATFORM:ID or a case number")
