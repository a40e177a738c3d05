"""The report of a replay: everything that text, HTML and JSON show, gathered once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.lab.compare import CaseLine, Comparison, compare, judged_cases, precision_of
from monitor.lab.figures import Figures, figures_of
from monitor.lab.interval import Share
from monitor.lab.live import Sampled
from monitor.lab.pins import PinResult, broken
from monitor.lab.recall import ENOUGH_JUDGED, DropAnswer, Judged, recall_of
from monitor.lab.replay import Advance, Replayed, Run, replay
from monitor.lab.side import Side
from monitor.lab.unheard import Unheard, Version, find_unheard
from monitor.rules.recall import Stratum
from monitor.rules.recall_estimate import Answered, enough
from monitor.store.lab import Readable
from monitor.store.records import RecallAnswer, stamp
from monitor.store.store import Store

LISTED = 50
"""Cases of each list that JSON and HTML hold; the totals say how many there are."""


@dataclass(frozen=True, slots=True)
class Column:
    """One config's figures, with how well it agrees with the team; None where too little is known."""

    name: str
    figures: Figures
    precision: Share | None
    recall: Share | None

    def to_json(self) -> dict[str, Any]:
        """Return the column for machines."""
        return {
            "config": self.name,
            **self.figures.to_json(),
            "precision": self.precision.to_json() if self.precision else None,
            "recall": self.recall.to_json() if self.recall else None,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What a changed config would have made of the stored posts of a span, beside what the present one made of them.

    `recall_note` says why there is no recall, "" where there is one; `compared` and `agreed` count stored decisions by
    the present rules and those of them that the replay made again. `live` is what platforms were asked for, None where
    nobody wanted that.
    """

    since: datetime
    until: datetime
    posts: int
    erased: int
    classified: int
    broke: int
    compared: int
    agreed: int
    judged: int
    base: Column
    new: Column
    comparison: Comparison
    recall_note: str
    unheard: tuple[Unheard, ...]
    readable: tuple[Readable, ...]
    pins: tuple[PinResult, ...]
    demo: bool = False
    live: tuple[Sampled, ...] | None = None

    @property
    def broken_pins(self) -> tuple[PinResult, ...]:
        """The pins that the new config breaks."""
        return broken(self.pins)

    def to_json(self) -> dict[str, Any]:
        """Return the report for machines; what is not known is null."""
        return {
            "since": stamp(self.since),
            "until": stamp(self.until),
            "days": round(self.new.figures.days, 2),
            "posts": self.posts,
            "posts_without_words": self.erased,
            "classified": self.classified,
            "broke": self.broke,
            "same_as_stored": {"compared": self.compared, "agreed": self.agreed},
            "judged_by_the_team": self.judged,
            "present": self.base.to_json(),
            "new": self.new.to_json(),
            "recall_note": self.recall_note or None,
            **{name: _lines(getattr(self.comparison, name)) for name in ("gained", "lost", "raised", "lowered")},
            "watches": self._watches(),
            "sources": [_source(entry, self.until) for entry in self.readable],
            "unknown": [entry.to_json() for entry in self.unheard],
            "live": None if self.live is None else [entry.to_json() for entry in self.live],
            "pins": [result.to_json() for result in self.pins],
            "demo": self.demo,
        }

    def _watches(self) -> list[dict[str, Any]]:
        before = {(watch.brand, watch.watch): watch for watch in self.base.figures.watches}
        after = {(watch.brand, watch.watch): watch for watch in self.new.figures.watches}
        fields = ("posts", "cases", "urgent", "usd_month")
        return [
            {"brand": key[0], "watch": key[1]}
            | {name: {field: getattr(side[key], field) for field in fields} if key in side else None
               for name, side in (("present", before), ("new", after))}
            for key in dict.fromkeys([*after, *before])
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when posts were first seen: [since, until), aware UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """What a report is asked for: the posts first seen in [since, until), through both configs.

    `versions` are the configs that were in force, newest first; `prices` are dollars a post, by source.
    """

    base: Side
    new: Side
    since: datetime
    until: datetime
    versions: Sequence[Version]
    prices: Mapping[str, float]
    pins: tuple[PinResult, ...]
    brands: tuple[str, ...] | None = None
    """Whose posts whoever asks may read, beside those that no brand has heard; None for every post."""


def make_report(store: Store, question: Question, advance: Advance) -> Report:
    """Replay, compare and count. Raises ModelError where a model breaks down, StoreError where the store does."""
    since, until = question.since, question.until
    answers, frame = store.recall_answers(since), store.recall_frame(since)
    asked = {answer.hit_id for answer in answers if answer.hit_id is not None}
    replayed = replay(store, (question.base, question.new), since, until, advance, asked, question.brands)
    judged, readable = judged_cases(replayed), tuple(store.lab_readable(since, until))
    base_figures, new_figures = (figures_of(replayed, run, question.prices) for run in replayed.runs)

    def column(run: Run, figures: Figures) -> Column:
        known = [_answer(answer, replayed, run) for answer in answers]
        recall = recall_of(base_figures.cases, judged, run.kept, known, frame)
        return Column(run.side.name, figures, precision_of(run, judged), recall)

    base, new = replayed.runs
    return Report(
        since=since,
        until=until,
        posts=replayed.posts,
        erased=replayed.erased,
        classified=replayed.classified,
        broke=replayed.broke,
        compared=base.compared,
        agreed=base.agreed,
        judged=judged.count,
        base=column(base, base_figures),
        new=column(new, new_figures),
        comparison=compare(replayed),
        recall_note=_recall_note(judged, answers, frame),
        unheard=find_unheard(question.new.settings, question.versions, readable, since),
        readable=readable,
        pins=question.pins,
        demo=question.new.settings.demo,
    )


def _answer(answer: RecallAnswer, replayed: Replayed, run: Run) -> DropAnswer:
    """Return an answer as a config sees it; a drop whose post is kept no longer is taken to stay one."""
    place = replayed.places.get(answer.hit_id or 0)
    outcome = run.outcomes.get((place, answer.brand)) if place is not None else None
    caught = outcome is not None and outcome.case is not None
    return DropAnswer(Answered(answer.stratum, answer.probability, answer.missed), caught)


def _recall_note(judged: Judged, answers: Sequence[RecallAnswer], frame: Mapping[Stratum, int]) -> str:
    drops = sum(frame.values())
    if not drops or len(answers) < enough(drops):
        return f"too few answers about dropped posts ({len(answers)} of {enough(drops) if drops else 'the sample'})"
    if judged.count < ENOUGH_JUDGED:
        return f"too few cases were judged by the team ({judged.count} of {ENOUGH_JUDGED})"
    return ""


def _lines(lines: Sequence[CaseLine]) -> dict[str, Any]:
    return {"total": len(lines), "worst": [line.to_json() for line in lines[:LISTED]]}


def _source(entry: Readable, until: datetime) -> dict[str, Any]:
    return {
        "source": entry.source,
        "posts": entry.posts,
        "posts_without_words": entry.erased,
        "days_readable": days_back(entry.readable_since, until),
        "days_readable_of_unwanted_posts": days_back(entry.unmatched_since, until),
    }


def days_back(moment: datetime | None, until: datetime) -> float | None:
    """Return how many days a time lies back, to a tenth; None for None."""
    return None if moment is None else round((until - moment).total_seconds() / 86_400, 1)
