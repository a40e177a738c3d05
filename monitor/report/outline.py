"""What a report says to people: sections of lines, each figure in words. Pure; foreign names stand in `part` alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from monitor.notify.text import span as length
from monitor.report.definitions import DEFINITIONS
from monitor.report.figure import Figure, Report, Unit

SHOWN = 12
"""Parts of a figure that are shown; the rest is in JSON and CSV."""

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the figure's key and words, the part it is about ("" the whole; foreign), and its numbers in words."""

    key: str
    title: str
    part: str
    value: str
    n: str
    unknown: str
    before: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section of a report; `empty` is said where it has no rows."""

    title: str
    rows: tuple[Row, ...]
    empty: str = ""


def shown(value: float | None, unit: Unit) -> str:
    """Return a value as people read it."""
    if value is None:
        return UNKNOWN
    match unit:
        case Unit.SECONDS:
            return length(timedelta(seconds=value))
        case Unit.SHARE:
            return f"{value * 100:.1f} %"
        case Unit.MONEY:
            return f"${value:,.2f}"
        case Unit.COUNT:
            return f"{round(value):,}"
        case Unit.SCORE:
            return f"{value:.2f}"


def chapters(report: Report) -> tuple[Chapter, ...]:
    """Return the report, section by section, in the order in which it is read."""
    return (
        Chapter("first replies", tuple(_replies(report)), "nobody was to be answered in this time"),
        Chapter("from the post to the reply", tuple(_chain(report))),
        Chapter("late, and whose it was", tuple(_late(report)), "nothing was late"),
        Chapter("what came of it", tuple(_wholes(report, _OUTCOMES))),
        Chapter("posts", tuple(_posts(report)), "no post was decided in this time"),
        Chapter("causes", tuple(_causes(report)), "no complaint has a cause; see `queue cause`"),
        Chapter("fixed causes", tuple(_fixes(report)), "no cause was tagged as fixed; see `report fix`"),
        Chapter("how far this can be trusted", tuple(_trust(report))),
        Chapter("work and costs", tuple(_work(report))),
    )


_OUTCOMES = (
    "first_contact_resolution", "reopen_rate", "repeat_complainers", "recovered_authors", "silent_authors",
    "churn_threats",
)  # fmt: skip


def heading(report: Report) -> str:
    """Return the title of a report, such as `report November 2026, lumo, without incidents`."""
    parts = [f"report {report.span.label}", report.brand or "all brands"]
    return ", ".join(parts if report.incidents else [*parts, "without incidents"])


def headline(report: Report) -> str:
    """Return the report in one line."""
    p50, share = report.figure("first_reply_p50"), report.figure("sla_share")
    late = report.figure("breaches")
    if p50 is None or share is None or not p50.n + share.n:
        return "nothing to answer"
    first = f"first reply {shown(p50.value, Unit.SECONDS)} (median)"
    kept = f"{shown(share.value, Unit.SHARE)} in time"
    return ", ".join([first, kept, *([f"{shown(late.value, Unit.COUNT)} late"] if late and late.value else [])])


def _row(figure: Figure, part: str = "") -> Row:
    definition = DEFINITIONS[figure.key]
    value = shown(figure.value, definition.unit)
    if figure.low is not None and figure.high is not None:
        value += f" ({figure.low:,.0f} to {figure.high:,.0f})"
    before = "-" if figure.before is None else shown(figure.before, definition.unit)
    unknown = f"{figure.unknown:,}" if figure.unknown else "-"
    return Row(figure.key, definition.title, part, value, f"{figure.n:,}", unknown, before)


def _wholes(report: Report, keys: Sequence[str]) -> Iterator[Row]:
    for key in keys:
        figure = report.figure(key)
        if figure is not None:
            yield _row(figure)


def _parts(report: Report, keys: Sequence[str], dimension: str, *, unless_one: bool = False) -> Iterator[Row]:
    for key in keys:
        found = list(report.parts(key, dimension))
        if unless_one and len(found) < 2:
            continue
        for figure in _largest(found):
            yield _row(figure, figure.group[dimension])


def _largest(figures: Sequence[Figure]) -> Iterable[Figure]:
    """Return the figures that rest on most, in their order."""
    if len(figures) <= SHOWN:
        return figures
    least = sorted((figure.n for figure in figures), reverse=True)[SHOWN - 1]
    return [figure for figure in figures if figure.n >= least][:SHOWN]


def _replies(report: Report) -> Iterator[Row]:
    whole = report.figure("sla_share")
    if whole is None or not whole.n + whole.unknown:
        return
    yield from _wholes(report, ("first_reply_p50", "first_reply_p90", "sla_share", "unanswered"))
    keys = ("first_reply_p50", "first_reply_p90", "sla_share")
    yield from _parts(report, keys, "platform", unless_one=True)
    yield from _parts(report, keys, "level")


def _chain(report: Report) -> Iterator[Row]:
    """Give each link by its own name, with whose time it is."""
    for key, words in (("chain_p50", "median"), ("chain_p90", "9 in 10")):
        for link in report.chain:
            figure = report.figure(key, link=link.name)
            if figure is not None:
                yield replace(_row(figure, link.whose.value), title=f"{link.title}, {words}")


def _late(report: Report) -> Iterator[Row]:
    late = report.figure("breaches")
    if late is not None and late.value:
        yield _row(late)
        yield from _parts(report, ("breaches",), "whose")


def _posts(report: Report) -> Iterator[Row]:
    whole = report.figure("volume")
    if whole is None or not whole.n + whole.unknown:
        return
    yield from _wholes(report, ("volume", "complaint_share"))
    for dimension in ("platform", "brand", "language"):
        yield from _parts(report, ("volume", "complaint_share"), dimension, unless_one=True)


def _causes(report: Report) -> Iterator[Row]:
    found = sorted(report.parts("causes", "cause"), key=lambda figure: -(figure.value or 0))
    for figure in found[:SHOWN]:
        yield _row(figure, figure.group["cause"])
    whole = report.figure("causes")
    if found and whole is not None:
        yield _row(whole, "all")


def _fixes(report: Report) -> Iterator[Row]:
    if not report.fixes:
        return
    yield from _wholes(report, ("forward_resolution",))
    for figure in report.figures:
        if figure.key == "recurrence":
            yield _row(figure, f"{figure.group['brand']}: {figure.group['cause']}, fixed {figure.group['fixed_on']}")


def _trust(report: Report) -> Iterator[Row]:
    yield from _wholes(report, ("estimated_misses", "coverage"))
    yield from _parts(report, ("coverage",), "source", unless_one=True)


def _work(report: Report) -> Iterator[Row]:
    yield from _wholes(report, ("cases",))
    yield from _parts(report, ("cases",), "kind", unless_one=True)
    yield from _wholes(report, ("dismissed_share", "handling_p50", "handling_p90"))
    priced = ("cost_per_case", "cost_per_complaint")
    known = [report.figure(key) for key in priced]
    if any(figure is not None and figure.value is not None for figure in known):
        yield from _wholes(report, priced)
