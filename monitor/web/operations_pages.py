"""Operations in the browser: sources and what was not heard, receivers, silences, shifts, events, spend.

Whoever may see a brand may look; what changes something asks for the rights of its command.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from monitor.access.person import EVERY, Deed
from monitor.config.events import events_of
from monitor.config.people import WEEK
from monitor.desk import Command
from monitor.desk.alerts import alerts
from monitor.desk.shifts import change_json, duty, roster_now, weekly_json
from monitor.desk.spend import month_spend
from monitor.digest.figures import BlindWindow, blind_windows, heard_since
from monitor.errors import MonitorError
from monitor.rules.alerting import MATCHER_KEYS
from monitor.store.store import Store
from monitor.web.pages import answer, json_answer, render
from monitor.web.request import Refused, form_of, number_in, person_of, seen_brands, wants_json
from monitor.web.site import Site

HOME = "/operations"
WINDOW = timedelta(days=7)
_SPANS = {"1h": 1, "4h": 4, "8h": 8, "1d": 24, "3d": 72, "7d": 168}
_MOST_SPAN = 100


@dataclass(frozen=True, slots=True)
class Strip:
    """The last seven days of a source as a strip from 0 to 100: (where a deaf time begins, how long, why)."""

    source: str
    gaps: tuple[tuple[float, float, str], ...]
    heard_from: float


def routes(site: Site) -> Sequence[BaseRoute]:
    """Return the pages of operations, and what is done on them."""
    pages = _Operations(site)
    looks: Mapping[str, Callable[[Request, Store], Response]] = {
        "": pages.sources,
        "/receivers": pages.receivers,
        "/silences": pages.silences,
        "/shifts": pages.shifts,
        "/events": pages.events,
        "/spend": pages.spend,
    }
    deeds: Mapping[str, Callable[[Request], Response]] = {
        "/receivers/replay": pages.replay,
        "/silences": pages.silence,
        "/silences/{number:int}/end": pages.end_silence,
        "/shifts": pages.change_shift,
        "/shifts/{number:int}/end": pages.end_shift,
    }
    return [
        *(Route(HOME + path, _looking(site, show), methods=["GET"]) for path, show in looks.items()),
        *(Route(HOME + path, act, methods=["POST"]) for path, act in deeds.items()),
    ]


def _looking(site: Site, show: Callable[[Request, Store], Response]) -> Callable[[Request], Response]:
    def look(request: Request) -> Response:
        if not seen_brands(request):
            raise Refused("operations", f"your role does not allow you to {Deed.SEE}")
        with site.reading() as store:
            return show(request, store)

    return look


def strip_of(source: str, windows: Sequence[BlindWindow], first: datetime | None, now: datetime) -> Strip:
    """Return the deaf times of a source in the seven days before `now`, in hundredths of them."""
    since = now - WINDOW

    def place(moment: datetime) -> float:
        return round(100 * max(0.0, min(1.0, (moment - since) / WINDOW)), 2)

    gaps = [
        (place(window.since), max(0.4, place(window.until or now) - place(window.since)), window.state)
        for window in windows
        if window.source == source and (window.until or now) > since
    ]
    return Strip(source, tuple(gaps), 100.0 if first is None else place(first))


def _names_only(matchers: Mapping[str, Sequence[str]], brands: Sequence[str]) -> bool:
    """Whether a silence is for some of these brands alone."""
    return bool(matchers.get("brand")) and set(matchers["brand"]) <= set(brands)


class _Operations:
    """The pages; each reads one store for one request."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def sources(self, request: Request, store: Store) -> Response:
        """Show how sources are doing, and when they were not heard in seven days."""
        now, settings = self._site.clock(), self._site.settings()
        states = store.sources(now)
        names = [name for name, options in settings.sources.items() if options.enabled]
        windows, first = blind_windows(store, now - WINDOW, now, names), heard_since(store, now, names)
        if wants_json(request):
            told = {"sources": [asdict(state) for state in states], "blind": [asdict(window) for window in windows]}
            return json_answer(told)
        strips = {state.name: strip_of(state.name, windows, state.first_poll_at, now) for state in states}
        unread = [name for name in names if first.get(name) is None]
        shown: dict[str, Any] = {"states": states, "windows": windows, "strips": strips, "unread": unread}
        return render(request, "operations_sources.html", **shown)

    def receivers(self, request: Request, store: Store) -> Response:
        """Show what each receiver took and did not, and what was given up."""
        now = self._site.clock()
        found = alerts(store, self._site.settings(), now)
        dead = store.dead_messages()
        if wants_json(request):
            return json_answer({**found.to_json(now), "given_up": dead})
        may = person_of(request).may(Deed.MANAGE, EVERY)
        return render(request, "operations_receivers.html", found=found, dead=dead, may=may)

    def silences(self, request: Request, store: Store) -> Response:
        """Show what is muted, and take a new silence."""
        seen, found = set(seen_brands(request)), store.active_silences(self._site.clock())
        mine = [one for one in found if not one["matchers"].get("brand") or seen & set(one["matchers"]["brand"])]
        if wants_json(request):
            return json_answer({"silences": mine})
        managed = person_of(request).brands_for(Deed.MANAGE, self._site.settings().brands)
        everything = person_of(request).may(Deed.MANAGE, EVERY)
        shown: dict[str, Any] = {"silences": mine, "managed": managed, "everything": everything}
        endable = {one["id"] for one in mine if everything or _names_only(one["matchers"], managed)}
        shown |= {"keys": MATCHER_KEYS, "spans": tuple(_SPANS), "endable": endable}
        return render(request, "operations_silences.html", **shown)

    def shifts(self, request: Request, store: Store) -> Response:
        """Show who is on shift, who comes next, who is away."""
        now, settings = self._site.clock(), self._site.settings()
        found = duty(store, settings, now)
        changes = [change for change in roster_now(store, settings, now).changes if change.ends_at > now]
        if wants_json(request):
            told = [change_json(change) for change in changes]
            return json_answer({**found.to_json(), "shifts": list(weekly_json(settings)), "changes": told})
        may = person_of(request).may(Deed.MANAGE, EVERY)
        shown: dict[str, Any] = {"found": found, "changes": changes, "weekly": weekly_json(settings), "week": WEEK}
        people = sorted(settings.people)
        return render(request, "operations_shifts.html", **shown, people=people, may=may, spans=tuple(_SPANS))

    def events(self, request: Request, _: Store) -> Response:
        """Show what is planned, and how many complaints are usual meanwhile."""
        settings, now = self._site.settings(), self._site.clock()
        zones = {brand: settings.brands[brand].zone for brand in seen_brands(request)}
        planned = [(brand, event) for brand, events in events_of(settings.events, zones).items() for event in events]
        coming = sorted((entry for entry in planned if entry[1].until > now), key=lambda entry: entry[1].since)
        if wants_json(request):
            return json_answer({"events": [{"brand": brand, **asdict(event)} for brand, event in coming]})
        return render(request, "operations_events.html", coming=coming)

    def spend(self, request: Request, store: Store) -> Response:
        """Show what platforms billed this month."""
        now = self._site.clock()
        found = month_spend(store, self._site.settings(), self._site.prices(), now)
        if wants_json(request):
            return json_answer({"spend": [one.to_json() for one in found]})
        total, projected = sum(one.usd for one in found), sum(one.projected_usd for one in found)
        return render(request, "operations_spend.html", found=found, total=total, projected=projected)

    def replay(self, request: Request) -> Response:
        """Have what was given up sent again."""
        return self._do(request, "/receivers", "replay-dead", {"message": None})

    def silence(self, request: Request) -> Response:
        """Mute what matches for a while."""
        form, wanted = form_of(request), {}
        for key in MATCHER_KEYS:
            listed = [word.strip() for word in form.get(key, "").split(",") if word.strip()]
            if listed:
                wanted[key] = listed
        until = self._until(form.get("span", ""))
        told = {"matchers": wanted, "reason": form.get("reason", ""), "until": until.isoformat()}
        return self._do(request, "/silences", "silence", told)

    def end_silence(self, request: Request) -> Response:
        """End a silence now."""
        return self._do(request, "/silences", "end-silence", {"silence": number_in(request, "number")})

    def change_shift(self, request: Request) -> Response:
        """Note an absence, or put somebody on shift for a while."""
        form, now = form_of(request), self._site.clock()
        command = "shift-absent" if form.get("kind") == "absent" else "shift-override"
        window = {"since": now.isoformat(), "until": self._until(form.get("span", "")).isoformat()}
        said = {name: form.get(name, "") for name in ("who", "reason", "instead_of")}
        return self._do(request, "/shifts", command, {**window, **said})

    def end_shift(self, request: Request) -> Response:
        """End an absence or an override now."""
        return self._do(request, "/shifts", "shift-end", {"change": number_in(request, "number")})

    def _do(self, request: Request, path: str, command: str, values: Mapping[str, Any]) -> Response:
        return answer(request, HOME + path, self._site.execute(Command(command, person_of(request).name, values)))

    def _until(self, span: str) -> datetime:
        hours = _SPANS.get(span[:_MOST_SPAN])
        if hours is None:
            raise MonitorError(f"span {span[:20]!r}", "is none of those", f"say {', '.join(_SPANS)}")
        return self._site.clock() + timedelta(hours=hours)
