"""Report pages: which report an address asks for, the report itself (made once for many), and the definitions.

address ─▶ ReportWanted ─▶ ReportMemory ─▶ Report ─▶ page, CSV, JSON
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from threading import BoundedSemaphore, Lock
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.mention import clean_text
from monitor.access.person import EVERY, Deed, Refused
from monitor.config.schema import Settings
from monitor.errors import MonitorError, StoreError
from monitor.report.build import build_report
from monitor.report.definitions import DEFINITIONS
from monitor.report.figure import Report, Unit
from monitor.report.render_csv import render_csv
from monitor.report.render_json import to_json
from monitor.report.span import Span, month_span, since_span
from monitor.web.charts import in_words
from monitor.web.pages import json_answer, render
from monitor.web.report_view import ReportView, view_report
from monitor.web.request import person_of, seen_brands, wants_json
from monitor.web.site import Site

_MONTHS = 60
"""Months that the page offers; older ones can still be asked for by their address."""

_LONGEST = timedelta(days=400)
_FRESH, _KEPT = timedelta(seconds=60), timedelta(minutes=10)
"""For how long a report of a time that goes on, and one of a time that is over, is shown again."""

_REPORTS, _WAITING = 24, 8
"""Reports that are kept, and requests that may wait for one."""

_VALUE_LIMIT = 20
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReportWanted:
    """What an address asks for. `month` is such as `2026-11`; else `first` and `last` are dates, both within.

    `goes_on` says that the span ends now, and so elsewhere a moment later.
    """

    span: Span
    brand: str | None
    incidents: bool
    goes_on: bool
    month: str = ""
    first: date | None = None
    last: date | None = None

    def address(self, page: str = "/reports", **changes: str) -> str:
        """Return the address of this report with some of it changed."""
        dates = {"since": self.first.isoformat(), "until": self.last.isoformat()} if self.first and self.last else {}
        values = {
            **({"month": self.month} if self.month else dates),
            "brand": self.brand or "",
            "incidents": "" if self.incidents else "without",
            **changes,
        }
        if changes.get("month"):
            values = {name: value for name, value in values.items() if name not in {"since", "until"}}
        kept = {name: value for name, value in values.items() if value}
        return f"{page}?{urlencode(kept)}" if kept else page


def read_report_address(request: Request, site: Site, given: Mapping[str, str]) -> ReportWanted:
    """Return what `month`, `since` and `until`, `brand` and `incidents` ask for; the present month where they do not.

    Raises Refused for a brand that the person may not see, MonitorError for times that are none.
    """
    settings, now = site.settings(), site.clock()
    chosen = _brand(request, given.get("brand") or None)
    zone = report_zone(settings, chosen)
    incidents = given.get("incidents") != "without"
    if given.get("since") or given.get("until"):
        first, last = (_date(given.get(name, "")) for name in ("since", "until"))
        span = _dates_span(first, last, zone, now)
        return ReportWanted(span, chosen, incidents, span.until == now, first=first, last=last)
    month = given.get("month") or f"{now.astimezone(ZoneInfo(zone)):%Y-%m}"
    span = month_span(month, zone, now)
    return ReportWanted(span, chosen, incidents, span.until == now, month=month)


def report_zone(settings: Settings, brand: str | None) -> str:
    """Return the zone whose days count, as `report` of the command line chooses it."""
    known = [settings.brands[brand].zone] if brand else [one.zone for one in settings.brands.values()]
    return next((zone for zone in known if zone), "UTC")


def _brand(request: Request, wanted: str | None) -> str | None:
    """Return the brand of a report: all of them (None) only for those who may see every brand there is."""
    if wanted is not None:
        if not person_of(request).may(Deed.SEE, wanted) or wanted not in seen_brands(request):
            raise Refused("brand", "is not among those that you may see")
        return wanted
    if person_of(request).may(Deed.SEE, EVERY):
        return None
    seen = seen_brands(request)
    if not seen:
        raise Refused("reports", "you may see no brand yet")
    return seen[0]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(clean_text(text, _VALUE_LIMIT))
    except ValueError as error:
        raise MonitorError(f"date {text[:_VALUE_LIMIT]!r}", "is no date", "write it as 2026-11-24") from error


def _dates_span(first: date, last: date, zone: str, now: datetime) -> Span:
    try:
        since, end = (_midnight(day, zone) for day in (first, last + _DAY))
    except (ValueError, OverflowError) as error:
        raise MonitorError("span", "lies outside of what can be counted", "name dates of these years") from error
    if since >= end:
        raise MonitorError("span", "ends before it begins", "name the earlier date first")
    if since >= now:
        raise MonitorError("span", "has not begun", "name earlier dates")
    if end - since > _LONGEST:
        raise MonitorError("span", f"is longer than {_LONGEST.days} days", "name dates closer to each other")
    span = since_span(since, min(end, now), zone)
    label = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}" if first != last else f"{first:%Y-%m-%d}"
    return Span(span.since, span.until, zone, label + ("" if end <= now else " (until now)"))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


class Busy(StoreError):
    """So many reports are asked for that this one would wait too long; an answer of status 503."""


class ReportMemory:
    """Reports that were made lately: page and downloads show the same figures, and nobody makes two at a time.

    Few may wait for their turn: each of them holds a thread that other pages need.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], Report] = {}
        self._making = Lock()
        self._places = BoundedSemaphore(_WAITING)

    def report(self, key: tuple[Any, ...], now: datetime, make: Callable[[], Report]) -> Report:
        """Return the report of a key, made anew where it is too old. Raises Busy."""
        known = self._known(key, now)
        if known is not None:
            return known
        if not self._places.acquire(blocking=False):
            raise Busy("reports", "several are being made", "try again in some seconds", permanent=False)
        try:
            with self._making:
                return self._known(key, now) or self._make(key, now, make)
        finally:
            self._places.release()

    def _known(self, key: tuple[Any, ...], now: datetime) -> Report | None:
        known = self._kept.get(key)
        return known if known is not None and now - known.made_at < _life(known) else None

    def _make(self, key: tuple[Any, ...], now: datetime, make: Callable[[], Report]) -> Report:
        made = make()
        held = [(name, one) for name, one in self._kept.items() if now - one.made_at < _life(one)]
        self._kept = {**dict(held[-_REPORTS + 1 :]), key: made}
        return made


def _life(report: Report) -> timedelta:
    return _FRESH if report.made_at - report.span.until < _DAY else _KEPT


def report_of(request: Request, site: Site, wanted: ReportWanted) -> Report:
    """Return a report, from memory where it was made lately."""
    memory = request.app.state.reports
    assert isinstance(memory, ReportMemory)  # noqa: S101 - set where the app is made
    settings, now = site.settings(), site.clock()
    span = wanted.span
    ends = None if wanted.goes_on else span.until
    key = (span.since, ends, span.zone, wanted.month, wanted.brand, wanted.incidents, settings.cost_per_hour)

    def make() -> Report:
        with site.reading() as store:
            return build_report(
                store, settings, span, wanted.brand, incidents=wanted.incidents, now=now, prices=site.prices()
            )

    return memory.report(key, now, make)


class ReportPages:
    """Makes the pages."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def page(self, request: Request) -> Response:
        """Answer GET /reports."""
        if not seen_brands(request):
            return render(request, "report_none.html")
        wanted = self._wanted(request)
        report = report_of(request, self._site, wanted)
        if wants_json(request):
            return json_answer(to_json(report))
        person = person_of(request)
        view: ReportView = view_report(report)
        return render(
            request, "report.html", report=report, view=view, wanted=wanted, months=self._months(wanted),
            everything=person.may(Deed.SEE, EVERY), definitions=DEFINITIONS, words=in_words, units=Unit,
        )  # fmt: skip

    def csv(self, request: Request) -> Response:
        """Answer GET /reports.csv."""
        wanted = self._wanted(request)
        written = StringIO(newline="")
        render_csv(report_of(request, self._site, wanted), written)
        text = written.getvalue().encode("utf-8", "replace")
        return Response(text, headers=_attachment(wanted, "csv"), media_type="text/csv; charset=utf-8")

    def json(self, request: Request) -> Response:
        """Answer GET /reports.json."""
        wanted = self._wanted(request)
        return json_answer(to_json(report_of(request, self._site, wanted)), headers=_attachment(wanted, "json"))

    def figures(self, request: Request) -> Response:
        """Answer GET /reports/figures."""
        return render(request, "figures.html", definitions=DEFINITIONS)

    def _wanted(self, request: Request) -> ReportWanted:
        return read_report_address(request, self._site, request.query_params)

    def _months(self, wanted: ReportWanted) -> list[tuple[str, str]]:
        """Return the months since the first post, the latest first: `2026-11`, and its name."""
        now, zone = self._site.clock(), ZoneInfo(wanted.span.zone)
        with self._site.reading() as store:
            first = min((at for at in (store.first_heard(), store.first_written()) if at is not None), default=now)
        month, oldest = now.astimezone(zone).date().replace(day=1), first.astimezone(zone).date().replace(day=1)
        found: list[tuple[str, str]] = []
        while month >= oldest and len(found) < _MONTHS:
            found.append((f"{month:%Y-%m}", f"{month:%B %Y}"))
            month = (month - _DAY).replace(day=1)
        return found


def _attachment(wanted: ReportWanted, ending: str) -> dict[str, str]:
    """Return the header that names a download, in letters that every system takes."""
    parts = ["report", wanted.month or f"{wanted.first}-{wanted.last}", wanted.brand or "all"]
    parts += [] if wanted.incidents else ["without-incidents"]
    name = re.sub(r"[^A-Za-z0-9_-]", "-", "-".join(parts))
    return {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}


def routes(site: Site) -> list[Route]:
    """Return the addresses of reports."""
    pages = ReportPages(site)
    return [
        Route("/reports", pages.page, methods=["GET"]),
        Route("/reports.csv", pages.csv, methods=["GET"]),
        Route("/reports.json", pages.json, methods=["GET"]),
        Route("/reports/figures", pages.figures, methods=["GET"]),
    ]
