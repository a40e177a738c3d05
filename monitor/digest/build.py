"""From figures to what a digest says. Pure: the same figures give the same digest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from statistics import median
from typing import Any

from monitor.digest.figures import DigestFigures
from monitor.domain import Kind, Level
from monitor.notify.text import moment, span
from monitor.store.records import stamp

_SHOWN_DROPS = 5


@dataclass(frozen=True, slots=True)
class DigestBody:
    """A digest in words: `facts` are (what, sentence) in the order in which they are read, `deaf` what was not heard.

    Only `deaf`, words and cases hold foreign text; a renderer makes it harmless for its place.
    """

    name: str
    period: str
    headline: str
    facts: Sequence[tuple[str, str]]
    deaf: Sequence[tuple[str, str]]
    figures: DigestFigures
    now: datetime
    zone: tzinfo
    empty: bool
    demo: bool = False

    @property
    def title(self) -> str:
        """The first line, and the subject of a mail."""
        return f"{'[demo] ' if self.demo else ''}{self.name} digest: {self.headline}"


def build_digest(
    figures: DigestFigures, now: datetime, zone: tzinfo, *, name: str = "complaints", demo: bool = False
) -> DigestBody:
    """Return what the figures say to people in `zone`."""
    still = sum(figures.open_by_level.values())
    empty = not (still or figures.opened or figures.blind)
    deaf = [(window.source, _window(window, now, zone)) for window in figures.blind]
    return DigestBody(
        name=name,
        period=_period(figures, zone),
        headline=_headline(figures, still),
        facts=() if empty else (*_facts(figures), *_heard(figures, now, zone)),
        deaf=tuple(deaf),
        figures=figures,
        now=now,
        zone=zone,
        empty=empty,
        demo=demo,
    )


def to_json(body: DigestBody) -> dict[str, Any]:
    """Return the digest for machines; times are ISO 8601 in UTC, spans seconds, unknown is null."""
    figures = body.figures
    return {
        "name": body.name,
        "headline": body.headline,
        "since": stamp(figures.since),
        "until": stamp(figures.until),
        "zone": str(body.zone),
        "empty": body.empty,
        "demo": body.demo,
        "open": dict(figures.open_by_level),
        "late": dict(figures.late_by_level),
        "at_risk": figures.at_risk,
        "opened": dict(figures.opened),
        "opened_before": dict(figures.opened_before),
        "mentions": figures.mentions,
        "mentions_before": figures.mentions_before,
        "first_reply": _replies_json(figures.first_replies),
        "first_reply_before": _replies_json(figures.first_replies_before),
        "drops": dict(figures.drops),
        "missed": figures.missed.to_json() if figures.missed else None,
        "heard_since": {name: stamp(first) for name, first in figures.heard_since.items()},
        "blind": [
            {
                "source": window.source,
                "state": window.state,
                "since": stamp(window.since),
                "until": stamp(window.until),
                "reason": window.reason,
            }
            for window in figures.blind
        ],
        "spend": [{"source": spend.source, "posts": spend.posts, "dollars": spend.dollars} for spend in figures.spend],
        "words": [{"word": word.word, "count": word.count, "before": word.before} for word in figures.words],
        "top": [case.to_json() for case in figures.top],
    }


def _replies_json(replies: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    waits = [wait for wait, _ in replies]
    in_time = sum(kept for _, kept in replies)
    return {"replies": len(waits), "in_time": in_time, "median_s": round(median(waits), 1) if waits else None}


def _period(figures: DigestFigures, zone: tzinfo) -> str:
    since, until = figures.since.astimezone(zone), figures.until.astimezone(zone)
    same_day = since.date() == until.date()
    first = f"{since:%a} {since.day} {since:%b %H:%M}"
    return f"{first} to {until:%H:%M}" if same_day else f"{first} to {until:%a} {until.day} {until:%b %H:%M}"


def _headline(figures: DigestFigures, still: int) -> str:
    opened = sum(figures.opened.values())
    if not still and not opened:
        return f"nothing open, nothing new in {_counted(figures.mentions, 'post')}"
    urgent = sum(number for level, number in figures.open_by_level.items() if level.urgent)
    late = sum(figures.late_by_level.values())
    parts = [f"{still} open ({urgent} urgent)"] + ([f"{late} late"] if late else [])
    return ", ".join([*parts, f"{opened} new"])


def _facts(figures: DigestFigures) -> list[tuple[str, str]]:
    facts = [("open", _open(figures)), ("new", _new(figures)), ("posts", _posts(figures))]
    if figures.missed and figures.missed.drops:
        facts.append(("missed", f"estimated missed complaints: {figures.missed.sentence}"))
    if figures.first_replies:
        facts.append(("first reply", _replies(figures)))
    if figures.words:
        words = [f"{word.word} ×{word.count} (before {word.before})" for word in figures.words]
        facts.append(("words", ", ".join(words)))
    if figures.spend:
        spent = [
            f"{spend.source} {_counted(spend.posts, 'post')}, ${spend.dollars or 0:.2f}" for spend in figures.spend
        ]
        facts.append(("spent today", "; ".join(spent)))
    return facts


def _heard(figures: DigestFigures, now: datetime, zone: tzinfo) -> list[tuple[str, str]]:
    """Return that nothing was missed, where nothing was; what was missed has a part of its own."""
    if figures.blind or not figures.heard_since:
        return []
    return [("heard", heard_sentence(figures.heard_since, figures.since, now, zone))]


def heard_sentence(heard_since: Mapping[str, datetime | None], since: datetime, now: datetime, zone: tzinfo) -> str:
    """Return that every source was heard without a gap, less the time before each was first read."""
    never = [name for name, first in heard_since.items() if first is None]
    if len(never) == len(heard_since):
        return "no source was read yet"
    late = [
        f"{name} since {moment(at, now, zone)}" for name, at in heard_since.items() if at is not None and at > since
    ]
    parts = ["every source, no gap" if not never else "no gap", *late, *(f"{name} not yet" for name in never)]
    return "; ".join(parts)


def _open(figures: DigestFigures) -> str:
    still, late = _by_level(figures.open_by_level), _by_level(figures.late_by_level)
    return f"{still or 'none'}; {f'late: {late}' if late else 'none late'}; {figures.at_risk} at risk"


def _new(figures: DigestFigures) -> str:
    before = sum(figures.opened_before.values())
    kinds = [
        f"{kind} {figures.opened.get(kind, 0)} ({figures.opened_before.get(kind, 0)})"
        for kind in Kind
        if figures.opened.get(kind) or figures.opened_before.get(kind)
    ]
    total = f"{_counted(sum(figures.opened.values()), 'case')} ({before} before)"
    return f"{total}: {', '.join(kinds)}" if kinds else total


def _posts(figures: DigestFigures) -> str:
    read = f"{_counted(figures.mentions, 'post')} read ({figures.mentions_before:,} before)"
    drops = sorted(figures.drops.items(), key=lambda entry: (-entry[1], entry[0]))
    if not drops:
        return read
    named = ", ".join(f"{number} {rule}" for rule, number in drops[:_SHOWN_DROPS])
    more = ", …" if len(drops) > _SHOWN_DROPS else ""
    return f"{read}; {sum(figures.drops.values()):,} dropped: {named}{more}"


def _replies(figures: DigestFigures) -> str:
    now, before = _replies_json(figures.first_replies), _replies_json(figures.first_replies_before)
    text = f"median {span(timedelta(seconds=now['median_s']))}"
    if before["median_s"] is not None:
        text += f" ({span(timedelta(seconds=before['median_s']))} before)"
    return f"{text}; {now['in_time']} of {now['replies']} in time"


def _window(window: Any, now: datetime, zone: tzinfo) -> str:
    since = moment(window.since, now, zone)
    length = f"since {since}" if window.until is None else f"{since} to {moment(window.until, now, zone)}"
    return f"{window.state} {length}" + (f": {window.reason}" if window.reason else "")


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _by_level(levels: Mapping[Level, int]) -> str:
    return ", ".join(f"{levels[level]} {level}" for level in Level if levels.get(level))
