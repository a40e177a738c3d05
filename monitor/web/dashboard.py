"""The dashboard: how things stand now, today against the usual, the last 30 days.

Every count leads to what it counts: cases to the queue, filtered; incidents to their page; posts to the report of the
same days.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.access.person import Refused
from monitor.desk.dashboard import Dashboard, Day, DayMemory, Today, read_dashboard
from monitor.digest.charts import Chart, Series
from monitor.domain import Level
from monitor.report.figure import Unit
from monitor.store.dashboard import LevelStanding
from monitor.web.charts import Plot, in_words
from monitor.web.pages import fragment, json_answer, render
from monitor.web.reports import report_zone
from monitor.web.request import seen_brands, wants_json
from monitor.web.site import Site

_PAGES = {
    "source": ("/sources", "/listening", "/operations/sources", "/operations/listening", "/operations"),
    "receiver": ("/receivers", "/operations/receivers", "/operations"),
}
"""Where sources and receivers may be looked after; the first page that there is."""


def board_of(request: Request, site: Site, brand: str | None) -> Dashboard:
    """Return the dashboard of one brand, or of all that the person may see. Raises Refused for a foreign one."""
    seen = seen_brands(request)
    if brand is not None and brand not in seen:
        raise Refused("brand", "is not among those that you may see")
    settings, memory = site.settings(), request.app.state.days
    assert isinstance(memory, DayMemory)  # noqa: S101 - set where the app is made
    with site.reading() as store:
        chosen = (brand,) if brand else seen
        zone = ZoneInfo(report_zone(settings, brand))
        return read_dashboard(store, settings, chosen, zone, site.clock(), memory)


class DashboardView:
    """Makes the page."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def page(self, request: Request) -> Response:
        """Answer GET /dashboard; with `part=1` only what changes while it is open."""
        brand = request.query_params.get("brand") or None
        board = board_of(request, self._site, brand)
        if wants_json(request):
            return json_answer(board.to_json())
        values = {**_shown(board, brand), "places": _places(request)}
        if request.query_params.get("part"):
            text = fragment(request, "_dashboard_now.html", **values)
            return Response(text.encode("utf-8", "replace"), media_type="text/html; charset=utf-8")
        return render(
            request, "dashboard.html", **values, plots=_month_plots(board.days), part=_address(brand, part="1")
        )


def _shown(board: Dashboard, brand: str | None) -> dict[str, Any]:
    return {
        "board": board,
        "brand": brand,
        "levels": tuple((level, board.now.levels.get(level, LevelStanding())) for level in Level),
        "today": _today_plot(board.today, board),
        "queue": lambda **wanted: _queue(brand, wanted),
        "report": lambda since, until: _report(brand, since, until),
        "words": in_words,
        "units": Unit,
        "month": _sums(board.days),
    }


def _places(request: Request) -> Mapping[str, str]:
    """Return where sources and receivers are looked after, "" where this installation has no such page."""
    known = {getattr(route, "path", "") for route in request.app.routes}
    return {name: next((path for path in paths if path in known), "") for name, paths in _PAGES.items()}


def _sums(days: tuple[Day, ...]) -> Mapping[str, float | None]:
    posts, complaints = sum(day.posts for day in days), sum(day.complaints for day in days)
    replies, in_time = sum(day.replies for day in days), sum(day.in_time for day in days)
    return {
        "posts": posts,
        "complaints": complaints,
        "share": complaints / posts if posts else None,
        "replies": replies,
        "sla": in_time / replies if replies else None,
    }


def _queue(brand: str | None, wanted: Mapping[str, str]) -> str:
    kept = {name: value for name, value in {"brand": brand or "", **wanted}.items() if value}
    return f"/queue?{urlencode(kept)}" if kept else "/queue"


def _report(brand: str | None, since: date, until: date) -> str:
    kept = {"since": since.isoformat(), "until": until.isoformat(), "brand": brand or ""}
    return f"/reports?{urlencode({name: value for name, value in kept.items() if value})}"


def _address(brand: str | None, **more: str) -> str:
    return f"/dashboard?{urlencode({**({'brand': brand} if brand else {}), **more})}"


def _today_plot(today: Today, board: Dashboard) -> Plot:
    points = today.curve.points
    seen = tuple(float(one.count) if one.start <= board.made_at else None for one in points)
    usual = tuple(one.usual for one in points)
    series = [Series("complaints", seen)]
    if any(value is not None for value in usual):
        series.append(Series("usual", usual, dashed=True))
    known = (
        "" if today.usual_complaints is None else f", {in_words(Unit.COUNT, today.usual_complaints)} usual until now"
    )
    title, told = "Complaints an hour, today", f"{today.complaints:,} complaints since midnight{known}."
    labels = tuple(f"{one.start:%H:%M}" for one in points)
    return Plot(Chart("today", "line", title, labels, tuple(series), told))


def _month_plots(days: tuple[Day, ...]) -> tuple[Plot, ...]:
    """Return the charts of the last 30 days; those without anything to show are left out."""
    posts = (
        Series("complaints", tuple(float(day.complaints) for day in days)),
        Series("other posts", tuple(float(max(day.posts - day.complaints, 0)) for day in days)),
    )
    plots = (
        _by_day(days, "volume", "columns", "Posts a day", posts, Unit.COUNT),
        _by_day(days, "share", "line", "Complaints among posts",
                (Series("share", tuple(day.share for day in days)),), Unit.SHARE),
        _by_day(days, "reply", "line", "First reply, median of the day",
                (Series("median", tuple(day.median_s for day in days)),), Unit.SECONDS),
        _by_day(days, "sla", "line", "First replies in time",
                (Series("in time", tuple(day.sla for day in days)),), Unit.SHARE),
    )  # fmt: skip
    return tuple(plot for plot in plots if not plot.empty)


def _by_day(
    days: tuple[Day, ...], name: str, kind: str, title: str, series: tuple[Series, ...], unit: Unit
) -> Plot:  # fmt: skip
    labels = tuple(f"{day.date.day} {day.date:%b}" for day in days)
    first = series[0].values
    known = [(value, label) for value, label in zip(first, labels, strict=True) if value is not None]
    most, least = max(known, default=(None, "")), min(known, default=(None, ""))
    told = (
        f"{title}, {labels[0]} to {labels[-1]}: {series[0].name} between {in_words(unit, least[0])} on {least[1]}"
        f" and {in_words(unit, most[0])} on {most[1]}."
    )
    return Plot(Chart(name, kind, title, labels, series, told), unit)


def routes(site: Site) -> list[Route]:
    """Return the address of the dashboard."""
    return [Route("/dashboard", DashboardView(site).page, methods=["GET"])]
