"""The report in words: the rows that text and HTML both show."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.domain import Level
from monitor.lab.interval import Share
from monitor.lab.live import Sampled
from monitor.lab.report import Column, Report, days_back
from monitor.lab.unheard import Unheard

SHOWN_TERMS = 12

Row = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One watch, present beside new; "–" where a config does not have it or nothing is priced."""

    name: str
    posts: str
    cases: str
    urgent: str
    usd_month: str


def figure_rows(report: Report) -> list[Row]:
    """Return (what, present, new) of everything that is counted."""
    rows = [_row(report, "cases", lambda column: _rate(column.figures.cases, column))]
    for level in Level:
        before, after = _of_level(report, level)
        rows.append((f"  {level}", f"{before:,}", f"{after:,}"))
    return [
        *rows,
        _row(report, "alerts", lambda column: _rate(column.figures.alerts, column)),
        _row(report, "  at night (22 to 7)", lambda column: f"{column.figures.night_alerts:,}"),
        _row(report, "replies due in the busiest hour", lambda column: f"{column.figures.busiest_hour:,}"),
        _row(report, "precision", lambda column: _share(column.precision, "no case was judged")),
        _row(report, "recall", lambda column: _share(column.recall, report.recall_note or "unknown")),
    ]


def _of_level(report: Report, level: Level) -> tuple[int, int]:
    return report.base.figures.by_level[level], report.new.figures.by_level[level]


def _row(report: Report, what: str, tell: Callable[[Column], str]) -> Row:
    return what, tell(report.base), tell(report.new)


def _rate(count: int, column: Column) -> str:
    return f"{count:,} ({column.figures.a_day(count):,.1f} a day)"


def _share(share: Share | None, otherwise: str) -> str:
    return f"{share}, of {share.of:,}" if share else otherwise


def watch_rows(report: Report) -> list[WatchRow]:
    """Return the watches of the new config, then those that it lacks."""
    before = {(watch.brand, watch.watch): watch for watch in report.base.figures.watches}
    after = {(watch.brand, watch.watch): watch for watch in report.new.figures.watches}

    def both(key: tuple[str, str], field: str, form: str = ",") -> str:
        values = [getattr(side[key], field) if key in side else None for side in (before, after)]
        shown = ["–" if value is None else format(value, form) for value in values]
        return shown[0] if shown[0] == shown[1] else " → ".join(shown)

    return [
        WatchRow("/".join(key), both(key, "posts"), both(key, "cases"), both(key, "urgent"),
                 both(key, "usd_month", ",.2f"))
        for key in dict.fromkeys([*after, *before])
    ]  # fmt: skip


def has_prices(report: Report) -> bool:
    """Whether any watch reads from a source that has a price."""
    watches = (*report.base.figures.watches, *report.new.figures.watches)
    return any(watch.usd_month is not None for watch in watches)


def unknown_lines(report: Report) -> list[str]:
    """Return what the replay cannot know; a count would be a guess, and 0 a wrong one."""
    lines = [_unknown(entry, report) for entry in report.unheard[:SHOWN_TERMS]]
    left = len(report.unheard) - len(lines)
    return [*lines, f"and {left:,} more terms: unknown, not 0"] if left > 0 else lines


def _unknown(entry: Unheard, report: Report) -> str:
    where = f"{entry.term} ({entry.brand}/{entry.watch}) on {entry.source}"
    if entry.since is None:
        return f"{where}: never fetched: unknown, not 0"
    return f"{where}: in the store for {_days(entry.since, report)} only: unknown, not 0, before that"


def _days(since: datetime, report: Report) -> str:
    days = days_back(since, report.until) or 0.0
    return f"{days:g} days" if days >= 1 else "less than a day"


def source_lines(report: Report) -> list[str]:
    """Return by source for how many days its text can be read."""
    lines = []
    for entry in report.readable:
        since, unwanted = entry.readable_since, entry.unmatched_since
        read = "no text is left" if since is None else f"{_days(since, report)} of text"
        kept = f", {_days(unwanted, report)} of posts that no watch wanted" if unwanted is not None else ""
        erased = f", {entry.erased:,} of {entry.posts:,} posts have lost their words" if entry.erased else ""
        lines.append(f"{entry.source}: {read}{kept}{erased}")
    return lines


def note_lines(report: Report) -> list[str]:
    """Return how far the replay can be trusted."""
    lines = []
    if report.compared:
        same = f"{report.agreed / report.compared:.1%}" if report.agreed < report.compared else "all"
        lines.append(f"{same} of {report.compared:,} stored decisions by the present rules came out the same")
    if report.judged:
        lines.append(f"the team has judged {report.judged:,} of the cases: confirmed if answered or resolved")
    if report.classified:
        lines.append(f"{report.classified:,} texts had no verdict by this model and were read now")
    if report.broke:
        lines.append(f"{report.broke:,} posts broke the rules and were left out")
    return lines


def live_rows(live: Iterable[Sampled]) -> list[tuple[str, ...]]:
    """Return (source, fetched, kept, cases, posts a day, spent) of a live sample."""
    return [
        (entry.source, f"{entry.fetched:,}", f"{entry.kept:,}", _levels(entry), _live_rate(entry), _spent(entry))
        for entry in live
    ]


def live_problems(live: Iterable[Sampled]) -> list[str]:
    """Return the sources that failed, each with its reason."""
    return [f"{entry.source}: {entry.problem}" for entry in live if entry.problem]


def _levels(entry: Sampled) -> str:
    told = ", ".join(f"{count:,} {level}" for level, count in entry.levels.items() if count)
    return f"{entry.cases:,} ({told})" if told else "0" if entry.fetched else "unknown"


def _live_rate(entry: Sampled) -> str:
    if entry.posts_a_day is None:
        return "unknown"
    return f"{'at least' if entry.partial else 'about'} {entry.posts_a_day:,.1f}"


def _spent(entry: Sampled) -> str:
    return "free" if entry.free else f"${entry.spent:,.2f}"
