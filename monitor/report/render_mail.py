"""A report as text, as an HTML page for light and dark, and as a message for a receiver."""

from base64 import b64encode
from zoneinfo import ZoneInfo

from markupsafe import Markup

from monitor.digest.charts import Chart, Series
from monitor.digest.draw import Scheme, draw_png
from monitor.digest.render import ShownChart
from monitor.notify.receiver import Message, Picture
from monitor.notify.registry import CHAT_KINDS
from monitor.notify.render import Setting, templates
from monitor.report.figure import Report
from monitor.report.outline import Chapter, Row, chapters, heading, headline
from monitor.report.render_json import to_json

FIGURES = "/reports/figures"
"""The page that says what each figure means; `#KEY` leads to one."""

_CAUSES = 3


def render_text(report: Report, setting: Setting) -> str:
    """Return the report as plain text: a line a figure."""
    lines = [_subject(report, setting), f"before: {report.before.label}" if report.before else ""]
    for chapter in chapters(report):
        lines += ["", chapter.title.upper()]
        lines += [_line(row, setting) for row in chapter.rows] or [f"  {chapter.empty}"]
    lines += [
        "",
        f"n: cases or posts that a figure rests on; unknown: those that could not be told. {_meaning(setting)}",
    ]
    return "\n".join(lines)


def render_brief(report: Report, setting: Setting) -> str:
    """Return the figures of the whole alone, for chats: a screen, and where the rest is."""
    rows = [row for chapter in chapters(report) for row in chapter.rows if not row.part]
    lines = [_subject(report, setting), *(f"{row.title}: {row.value}{_was(row)}" for row in rows if row.n != "0")]
    return "\n".join([*lines, _rest(report, setting)])


def _rest(report: Report, setting: Setting) -> str:
    if setting.public_url:
        return f"the rest: {setting.public_url}/reports"
    return (
        f"the rest: complaint-monitor report --month {report.span.since.astimezone(ZoneInfo(report.span.zone)):%Y-%m}"
    )


def _was(row: Row) -> str:
    return "" if row.before == "-" else f" (before {row.before})"


def render_html(report: Report, setting: Setting, charts: tuple[ShownChart, ...] = ()) -> str:
    """Return the report as an HTML page; each figure leads to what it means."""
    return (
        templates()
        .get_template("report.html")
        .render(
            subject=_subject(report, setting),
            before=report.before.label if report.before else "",
            zone=report.span.zone,
            chapters=[(chapter, _marked(chapter, setting)) for chapter in chapters(report)],
            charts=charts,
            meaning=_meaning(setting),
        )
    )


def report_message(report: Report, setting: Setting, *, key: str) -> Message:
    """Return the message of a report for one receiver; `key` is its idempotency key."""
    mail = setting.kind == "mail"
    pictures, shown = _attached(report, key) if mail else ((), ())
    return Message(
        event="report",
        receiver=setting.receiver,
        subject=_subject(report, setting),
        text=(render_brief if setting.kind in CHAT_KINDS else render_text)(report, setting),
        html=render_html(report, setting, shown) if mail else None,
        payload={"event": "report", "count": 0, "cases": [], "case": None, "report": to_json(report)},
        idempotency_key=key,
        pictures=pictures,
    )


def charts_of(report: Report) -> tuple[Chart, ...]:
    """Return the charts of a report: complaints by week and cause, and late replies by whose they were."""
    made = (_weeks(report), _whose(report))
    return tuple(chart for chart in made if chart is not None)


def _weeks(report: Report) -> Chart | None:
    trends = report.causes[:_CAUSES]
    if not trends or len(trends[0].weeks) < 2:
        return None
    labels = tuple(f"{week.monday.day} {week.monday:%b}" for week in trends[0].weeks)
    series = tuple(
        Series(trend.cause or "no cause", tuple(float(week.cases) for week in trend.weeks)) for trend in trends[:2]
    )
    told = "; ".join(f"{trend.cause or 'no cause'} {', '.join(str(week.cases) for week in trend.weeks)}"
                     for trend in trends[:2])  # fmt: skip
    return Chart("causes", "line", "Complaints a week, by cause", labels, series, f"Complaints a week: {told}.")


def _whose(report: Report) -> Chart | None:
    parts = list(report.parts("breaches", "whose"))
    if not any(part.value for part in parts):
        return None
    labels = tuple(part.group["whose"] for part in parts)
    series = (Series("late first replies", tuple(part.value or None for part in parts)),)
    told = ", ".join(f"{part.group['whose']} {part.value:,.0f}" for part in parts)
    return Chart("breaches", "bars", "Late first replies, by whose they were", labels, series, f"Late: {told}.")


def _attached(report: Report, key: str) -> tuple[tuple[Picture, ...], tuple[ShownChart, ...]]:
    """Return the pictures that a mail carries, and the charts that point to them."""
    pictures, shown = [], []
    for chart in charts_of(report):
        names = [f"{chart.name}-{scheme}.{key[:16]}" for scheme in Scheme]
        drawn = [b64encode(draw_png(chart, scheme)).decode() for scheme in Scheme]
        pictures += [Picture(name, png) for name, png in zip(names, drawn, strict=True)]
        shown.append(ShownChart(f"cid:{names[0]}", f"cid:{names[1]}", chart.alt))
    return tuple(pictures), tuple(shown)


def _subject(report: Report, setting: Setting) -> str:
    return f"{'[demo] ' if setting.demo else ''}{heading(report)}: {headline(report)}"


def _line(row: Row, setting: Setting) -> str:
    part = f", {setting.foreign(row.part)}" if row.part else ""
    unknown = f", unknown {row.unknown}" if row.unknown != "-" else ""
    before = f", before {row.before}" if row.before != "-" else ""
    return f"  {row.title}{part}: {row.value} (n {row.n}{unknown}{before})"


def _meaning(setting: Setting) -> str:
    if setting.public_url:
        return f"What each figure means: {setting.public_url}{FIGURES}"
    return "What each figure means: docs/reference/figures.md"


def _marked(chapter: Chapter, setting: Setting) -> list[tuple[Markup, str, Row]]:
    return [(_title(row, setting), setting.foreign(row.part), row) for row in chapter.rows]


def _title(row: Row, setting: Setting) -> Markup:
    if not setting.public_url:
        return Markup("{}").format(row.title)
    return Markup('<a href="{}{}#{}">{}</a>').format(setting.public_url, FIGURES, row.key, row.title)
