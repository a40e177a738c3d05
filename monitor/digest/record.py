"""A digest for machines; times are ISO 8601 in UTC, spans seconds, unknown is null."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from monitor.config.digests import Part
from monitor.digest.build import DigestBody
from monitor.digest.figures import DigestFigures, ToldEvent
from monitor.digest.usual import Curve, Day
from monitor.domain import Level
from monitor.store.records import stamp

Replies = Iterable[tuple[float, bool]]


def to_json(body: DigestBody) -> dict[str, Any]:
    """Return the digest; the keys of a section that it does not have are left out."""
    figures = body.figures
    found = {
        "name": body.name,
        "headline": body.headline,
        "since": stamp(figures.since),
        "until": stamp(figures.until),
        "zone": str(body.zone),
        "empty": body.empty,
        "demo": body.demo,
        "sections": list(body.sections),
        "opened": dict(figures.opened),
        "opened_before": dict(figures.opened_before),
        "mentions": figures.mentions,
        "mentions_before": figures.mentions_before,
        "drops": dict(figures.drops),
    }
    for part in body.sections:
        found |= _PARTS[part](figures)
    return found


def _act_now(figures: DigestFigures) -> dict[str, Any]:
    return {
        "to_act_on": figures.to_act_on,
        "act_now": [case.to_json() for case in figures.act_now],
        "top": [case.to_json() for case in figures.top],
    }


def _late(figures: DigestFigures) -> dict[str, Any]:
    return {
        "open": dict(figures.open_by_level),
        "late": dict(figures.late_by_level),
        "at_risk": figures.at_risk,
        "next_at_risk": [case.to_json() for case in figures.next_at_risk],
    }


def _spikes(figures: DigestFigures) -> dict[str, Any]:
    return {
        "spikes": [spike.to_json() for spike in figures.spikes],
        "events": [_event(event) for event in figures.events],
    }


def _event(event: ToldEvent) -> dict[str, Any]:
    times = {"since": stamp(event.since), "until": stamp(event.until)}
    return {"name": event.name, "brands": list(event.brands), **times, "factor": event.factor}


def _yesterday(figures: DigestFigures) -> dict[str, Any]:
    return {
        "yesterday": _day(figures.yesterday) if figures.yesterday else None,
        "causes": [{"cause": entry.cause, "count": entry.count, "usual": entry.usual} for entry in figures.causes],
        "words": [{"word": word.word, "count": word.count, "before": word.before} for word in figures.words],
    }


def _day(day: Day) -> dict[str, Any]:
    return {"date": day.date.isoformat(), "complaints": day.count, "usual": day.usual, "before": list(day.before)}


def _replies(figures: DigestFigures) -> dict[str, Any]:
    levels = [level for level in Level if figures.replies.get(level)]
    return {
        "first_reply": _told(_all(figures.replies)),
        "first_reply_before": _told(_all(figures.replies_before)),
        "first_reply_by_level": {
            level: {**_told(figures.replies[level]), "promised_s": _promised(figures, level)} for level in levels
        },
    }


def _promised(figures: DigestFigures, level: Level) -> float | None:
    return figures.promises[level].total_seconds() if level in figures.promises else None


def _all(replies: Mapping[Level, Sequence[tuple[float, bool]]]) -> Replies:
    return (reply for found in replies.values() for reply in found)


def _told(replies: Replies) -> dict[str, Any]:
    found = list(replies)
    waits = [wait for wait, _ in found]
    in_time = sum(kept for _, kept in found)
    return {"replies": len(waits), "in_time": in_time, "median_s": round(median(waits), 1) if waits else None}


def _blind(figures: DigestFigures) -> dict[str, Any]:
    windows = [
        {
            "source": window.source,
            "state": window.state,
            "since": stamp(window.since),
            "until": stamp(window.until),
            "reason": window.reason,
        }
        for window in figures.blind
    ]
    return {"heard_since": {name: stamp(first) for name, first in figures.heard_since.items()}, "blind": windows}


def _spend(figures: DigestFigures) -> dict[str, Any]:
    spent = [{"source": spend.source, "posts": spend.posts, "dollars": spend.dollars} for spend in figures.spend]
    return {"spend": spent}


def _curve(curve: Curve) -> dict[str, Any]:
    points = [
        {"at": point.start.isoformat(), "complaints": point.count, "usual": point.usual} for point in curve.points
    ]
    return {"by": "hour" if curve.hourly else "day", "points": points}


_PARTS: Mapping[Part, Callable[[DigestFigures], dict[str, Any]]] = {
    Part.ACT_NOW: _act_now,
    Part.LATE: _late,
    Part.INCIDENTS: lambda figures: {"incidents": [incident.to_json() for incident in figures.incidents]},
    Part.SPIKES: _spikes,
    Part.YESTERDAY: _yesterday,
    Part.REPLIES: _replies,
    Part.BLIND: _blind,
    Part.MISSED: lambda figures: {"missed": figures.missed.to_json() if figures.missed else None},
    Part.SPEND: _spend,
    Part.PRAISE: lambda figures: {"praise": [post.to_json() for post in figures.praise]},
    Part.CHARTS: lambda figures: {"complaints": _curve(figures.curve) if figures.curve else None},
}
