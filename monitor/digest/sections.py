"""Each section of a digest, from figures to lines. Pure. Together they fill at most 37 lines of text."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from statistics import median

from monitor.config.digests import Part
from monitor.digest.figures import DigestFigures, ToldEvent
from monitor.digest.hearing import heard_sentence, window_sentence
from monitor.digest.parts import Block, CaseLink, Line, Piece, PostLink, QueueLink, Quote, line
from monitor.digest.usual import LEAST_WEEKS, WEEKS, Day
from monitor.digest.wording import Reader, by_level, counted, number
from monitor.domain import Kind, Level
from monitor.notify.text import count, span, until
from monitor.store.digests import ToldIncident
from monitor.store.records import CaseView
from monitor.store.spikes import Spike

ACT_NOW, AT_RISK, INCIDENTS, SPIKES, CAUSES, WORDS, BLIND, PRAISE = 4, 2, 3, 3, 5, 6, 2, 2
"""How many of each are shown."""

_QUOTE, _SHORT = 90, 60


def blocks_of(figures: DigestFigures, wanted: Sequence[Part], reader: Reader) -> tuple[Block, ...]:
    """Return the wanted sections that have something to say, in the order in which they are read."""
    made = [
        Block(part, title, tuple(lines))
        for part, title, make in _SECTIONS
        if part in wanted and (lines := make(figures, reader))
    ]
    return tuple(made)


def _act_now(figures: DigestFigures, reader: Reader) -> list[Line]:
    if not figures.to_act_on:
        return [line("nothing critical, nothing late")]
    shown = figures.act_now[:ACT_NOW]
    lines = [_urgent(case, reader) for case in shown]
    left = figures.to_act_on - len(shown)
    return [*lines, line(f"and {left:,} more: ", QueueLink())] if left > 0 else lines


def _urgent(case: CaseView, reader: Reader) -> Line:
    head = f"{case.level.upper()} {case.score:.0f} · {case.brand} · "
    due = f", {until(case.due_at, reader.now, reader.zone)}, "
    reach = f", {count(case.followers)} followers" if case.followers is not None else ""
    taken: tuple[Piece, ...] = (", taken by ", Quote(case.claimed_by, 30)) if case.claimed_by else ()
    by = (Quote(case.text, _QUOTE, marks=True), " by ", Quote(case.author, 30), reach, *taken)
    return line(head, Quote(case.platform, 20), due, CaseLink(case.id), detail=by, level=case.level)


def _late(figures: DigestFigures, reader: Reader) -> list[Line]:
    late = by_level(figures.late_by_level)
    still = by_level(figures.open_by_level) or "none"
    lines = [line(f"{still} open; {f'late: {late}' if late else 'none late'}; {figures.at_risk:,} at risk")]
    for case in figures.next_at_risk[:AT_RISK]:
        due = f"{until(case.due_at, reader.now, reader.zone)}: {case.level} "
        lines.append(line(due, Quote(case.text, _SHORT, marks=True), ", ", CaseLink(case.id), level=case.level))
    return lines


def _incidents(figures: DigestFigures, reader: Reader) -> list[Line]:
    lines = [_incident(incident, reader) for incident in figures.incidents[:INCIDENTS]]
    left = len(figures.incidents) - len(lines)
    return [*lines, line(f"and {left} more")] if left > 0 else lines


def _incident(incident: ToldIncident, reader: Reader) -> Line:
    cause = f" {incident.cause}" if incident.cause else ""
    size = f"{counted(incident.size, 'case')} since {reader.moment(incident.since)}"
    said = f"#{incident.id} {incident.brand}{cause}: {size}"
    waiting = f", {incident.waiting} without a reply" if incident.waiting else ", all replied"
    head: list[Piece] = [said, waiting, f", {incident.state}"]
    if incident.owner:
        head += [", owner ", Quote(incident.owner, 30)]
    if incident.words:
        head += ["; words: ", Quote(", ".join(incident.words), _SHORT)]
    example = incident.example
    quoted = ("e.g. ", Quote(example.text, _QUOTE, marks=True), ", ", CaseLink(example.id)) if example else ()
    return line(*head, detail=quoted, level=example.level if example else None)


def _spikes(figures: DigestFigures, reader: Reader) -> list[Line]:
    lines = [_event(event, reader) for event in figures.events] + [_spike(spike, reader) for spike in figures.spikes]
    left = len(lines) - SPIKES
    return [*lines[: SPIKES - 1], line(f"and {left + 1} more")] if left > 0 else lines


def _event(event: ToldEvent, reader: Reader) -> Line:
    names = ", ".join(event.brands[:3]) + (", …" if len(event.brands) > 3 else "")
    when = f"{reader.moment(event.since)} to {reader.moment(event.until)}"
    return line(f"event {event.name} ({names}), {when}: ×{event.factor:g} expected")


def _spike(spike: Spike, reader: Reader) -> Line:
    ended = f", over {reader.moment(spike.ended_at)}" if spike.ended_at else ", goes on"
    usual = f"×{spike.factor:.1f}: {counted(spike.seen, 'complaint')} since {reader.moment(spike.since)}"
    said = f"{spike.brand} {usual}, {number(spike.expected)} usual{ended}"
    words = ", ".join(word.word for word in spike.words[:3])
    return line(said, *(("; words: ", Quote(words, _SHORT)) if words else ()), level=spike.level)


def _yesterday(figures: DigestFigures, reader: Reader) -> list[Line]:
    lines = [line(_day(figures.yesterday))] if figures.yesterday else []
    if figures.causes:
        known = [
            f"{entry.cause or 'cause unknown'} {entry.count}"
            + (f" (usual {number(entry.usual)})" if entry.usual is not None else "")
            for entry in figures.causes[:CAUSES]
        ]
        lines.append(line(f"by cause: {', '.join(known)}{', …' if len(figures.causes) > CAUSES else ''}"))
    if figures.words:
        words = [f"{word.word} ×{word.count} (before {word.before})" for word in figures.words[:WORDS]]
        lines.append(line("words: ", Quote(", ".join(words), 200)))
    return [*lines, line(_new(figures))]


def _day(day: Day) -> str:
    name = f"{day.date:%a} {day.date.day} {day.date:%b}"
    if day.count is None:
        return f"complaints on {name}: unknown, it was not heard in whole"
    said = f"{counted(day.count, 'complaint')} on {name}"
    heard = [before for before in day.before if before is not None]
    if day.usual is None:
        return f"{said}; usual unknown ({len(heard)} of {WEEKS} weeks heard, {LEAST_WEEKS} needed)"
    return f"{said}, {number(day.usual)} usual (the {day.date:%A}s before: {', '.join(map(str, heard))})"


def _new(figures: DigestFigures) -> str:
    before = sum(figures.opened_before.values())
    kinds = ", ".join(f"{figures.opened[kind]:,} {kind}" for kind in Kind if figures.opened.get(kind))
    cases = f"in this time {counted(sum(figures.opened.values()), 'case')} ({before:,} before){kinds and f': {kinds}'}"
    return f"{cases}; {counted(figures.mentions, 'post')} read ({figures.mentions_before:,} before)"


def _replies(figures: DigestFigures, _: Reader) -> list[Line]:
    return [line(_level(level, figures)) for level in Level if figures.replies.get(level)]


def _level(level: Level, figures: DigestFigures) -> str:
    waits, before = figures.replies[level], figures.replies_before.get(level, ())
    kept = sum(in_time for _, in_time in waits)
    promise = f" (within {span(figures.promises[level])})" if level in figures.promises else ""
    said = f"{level}: {kept:,} of {len(waits):,} in time{promise}, median {_median(waits)}"
    return f"{said} ({_median(before)} before)" if before else said


def _median(waits: Sequence[tuple[float, bool]]) -> str:
    return span(timedelta(seconds=median(wait for wait, _ in waits)))


def _blind(figures: DigestFigures, reader: Reader) -> list[Line]:
    """What was not heard; where nothing was missed, that."""
    if not figures.blind:
        heard = (
            heard_sentence(figures.heard_since, figures.since, reader.now, reader.zone) if figures.heard_since else ""
        )
        return [line(heard)] if heard else []
    lines = []
    for window in figures.blind[:BLIND]:
        reason: tuple[Piece, ...] = (": ", Quote(window.reason, _QUOTE)) if window.reason else ()
        lines.append(line(f"{window.source} {window_sentence(window, reader.now, reader.zone)}", *reason))
    left = len(figures.blind) - len(lines)
    if left > 0:
        lines[-1] = Line((*lines[-1].pieces, f"; and {left} more"))
    return lines


def _missed(figures: DigestFigures, _: Reader) -> list[Line]:
    known = figures.missed and figures.missed.drops
    return [line(f"estimated missed complaints: {figures.missed.sentence}")] if known and figures.missed else []


def _spend(figures: DigestFigures, _: Reader) -> list[Line]:
    spent = [f"{spend.source} {counted(spend.posts, 'post')}, ${spend.dollars or 0:,.2f}" for spend in figures.spend]
    if not spent:
        return []
    more = f"; and {len(spent) - 4} more" if len(spent) > 4 else ""
    total = f" (${sum(spend.dollars or 0 for spend in figures.spend):,.2f} in all)" if len(spent) > 1 else ""
    return [line(f"today: {'; '.join(spent[:4])}{more}{total}")]


def _praise(figures: DigestFigures, _: Reader) -> list[Line]:
    lines = []
    for post in figures.praise[:PRAISE]:
        reach = f", {count(post.followers)} followers" if post.followers is not None else ""
        where: Piece = PostLink(post.permalink) if post.permalink else Quote(post.platform, 20)
        lines.append(line(Quote(post.text, _SHORT, marks=True), " by ", Quote(post.author, 30), f"{reach}: ", where))
    return lines


_Make = Callable[[DigestFigures, Reader], list[Line]]
_SECTIONS: tuple[tuple[Part, str, _Make], ...] = (
    (Part.ACT_NOW, "act now", _act_now),
    (Part.LATE, "open", _late),
    (Part.INCIDENTS, "incidents", _incidents),
    (Part.SPIKES, "spikes", _spikes),
    (Part.YESTERDAY, "yesterday", _yesterday),
    (Part.REPLIES, "first reply", _replies),
    (Part.BLIND, "heard", _blind),
    (Part.MISSED, "missed", _missed),
    (Part.SPEND, "spent", _spend),
    (Part.PRAISE, "praise", _praise),
)

MOST_LINES: Mapping[Part, int] = {
    Part.ACT_NOW: 2 * ACT_NOW + 1,
    Part.LATE: 1 + AT_RISK,
    Part.INCIDENTS: 2 * INCIDENTS + 1,
    Part.SPIKES: SPIKES,
    Part.YESTERDAY: 4,
    Part.REPLIES: len(Level),
    Part.BLIND: BLIND,
    Part.MISSED: 1,
    Part.SPEND: 1,
    Part.PRAISE: PRAISE,
}
"""Lines of text that a section can fill."""
