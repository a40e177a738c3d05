"""Figures of numbers: cases, posts, complaints among them, what was missed, how long sources were heard. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from monitor.report.found import WHOLE, Found, Part, Value, share_of
from monitor.report.span import Span
from monitor.rules.recall_estimate import RecallFigures, figures_of
from monitor.store.report import CaseTimes, PostCount, SampleSaid

Window = tuple[float, float]
"""Two moments, in seconds since 1970."""


def measure_cases(cases: Sequence[CaseTimes]) -> Found:
    """Return how many cases there were, by kind, and how many of them a person dismissed."""
    found: Found = {("cases", WHOLE): Value(len(cases), len(cases))}
    for kind, number in sorted(Counter(case.kind for case in cases).items()):
        found["cases", (("kind", kind),)] = Value(number, len(cases))
    dismissed = sum(case.status == "dismissed" for case in cases)
    found["dismissed_share", WHOLE] = Value(share_of(dismissed, len(cases)), len(cases))
    return found


def measure_posts(counts: Sequence[PostCount]) -> Found:
    """Return posts and the share of complaints among them: whole, and by platform, brand and language."""
    sums: dict[tuple[Part, ...], list[int]] = {WHOLE: [0, 0, 0]}
    for one in counts:
        parts = (("platform", one.platform), ("brand", one.brand), ("language", one.lang or "unknown"))
        for group in (WHOLE, *((part,) for part in parts)):
            summed = sums.setdefault(group, [0, 0, 0])
            for at, number in enumerate((one.posts, one.complaints, one.undecided)):
                summed[at] += number
    found: Found = {}
    for group, (posts, complaints, undecided) in sums.items():
        found["volume", group] = Value(posts, posts, undecided)
        found["complaint_share", group] = Value(share_of(complaints, posts), posts, undecided)
    return found


def measure_misses(said: SampleSaid) -> Found:
    """Return the estimate of missed complaints, with its interval."""
    figures: RecallFigures = figures_of(said.answers, said.frame)
    estimate = figures.estimate
    if estimate is None:
        return {("estimated_misses", WHOLE): Value(None, figures.answers, said.waiting)}
    value = Value(estimate.missed, figures.answers, said.waiting, estimate.low, estimate.high)
    return {("estimated_misses", WHOLE): value}


def measure_coverage(span: Span, first: Mapping[str, float | None], unheard: Mapping[str, Sequence[Window]]) -> Found:
    """Return the share of the span in which each source was heard.

    `first` says of each source when it was first read (None: never), `unheard` its gaps and blind windows.
    """
    since, until = span.since.timestamp(), span.until.timestamp()
    found: Found = {}
    heard_all = time_all = 0.0
    never = 0
    for name, begun in sorted(first.items()):
        start = until if begun is None else max(begun, since)
        if start >= until:
            never += 1
            found["coverage", (("source", name),)] = Value(None, 0, 1)
            continue
        lost = covered_by(unheard.get(name, ()), (start, until))
        found["coverage", (("source", name),)] = Value(1 - lost / (until - start), 1)
        heard_all += until - start - lost
        time_all += until - start
    return {("coverage", WHOLE): Value(share_of(heard_all, time_all), len(first) - never, never), **found}


def covered_by(windows: Sequence[Window], within: Window) -> float:
    """Return how many seconds of a window these windows cover, overlaps once."""
    total, reached = 0.0, within[0]
    for start, end in sorted(windows):
        begin, stop = max(start, reached), min(end, within[1])
        if stop > begin:
            total += stop - begin
            reached = stop
    return total
