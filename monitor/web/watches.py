"""Tuning in the browser: a brand's watches and exclusions, tried on stored posts, then saved, or taken back.

    form ─▶ preview ─▶ lab (in the lab room, watched) ─▶ save: a desk command ─▶ back to any earlier version

The form itself is the draft: nothing is kept on the server until it is saved, but what the lab was asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from monitor.access.person import EVERY, Deed
from monitor.config.brand_draft import MOST_WATCHES, BrandDraft, WatchDraft
from monitor.config.draft_mistakes import mistakes_in
from monitor.config.keeper import Unwritable
from monitor.desk import Command
from monitor.desk.lab_room import LabRoom, LabRun
from monitor.desk.workshop import COUNT_SPAN, LAB_SPAN, MOST_COUNTED, Workshop, report_json
from monitor.errors import ConfigError, MonitorError
from monitor.lab.preview import Preview
from monitor.lab.words import figure_rows, note_lines
from monitor.web.pages import json_answer, render
from monitor.web.request import NotFound, Refused, allowed, form_of, person_of, wants_json
from monitor.web.site import Site

HOME = "/tuning"
_LISTED = 10
_SHOWN_PAST = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page of a brand shows beside the draft itself."""

    draft: BrandDraft
    seen: str
    preview: Preview | None = None
    run: LabRun | None = None
    problems: tuple[str, ...] = ()
    told: str = ""
    changes: tuple[str, ...] = ()


def routes(site: Site) -> Sequence[BaseRoute]:
    """Return the tuning pages; none where this process may not change the config."""
    pages = _Tuning(site, LabRoom())
    return [
        Route(HOME, pages.overview),
        Route(HOME + "/brands/{brand}", pages.show),
        Route(HOME + "/brands/{brand}", pages.act, methods=["POST"]),
        Route(HOME + "/brands/{brand}/lab", pages.lab),
        Route(HOME + "/brands/{brand}/revert", pages.revert, methods=["POST"]),
    ]


def tuned_brands(request: Request, site: Site) -> tuple[str, ...]:
    """Return the brands that the person may tune. Raises Refused where there is none."""
    brands = person_of(request).brands_for(Deed.TUNE, site.settings().brands)
    if not brands:
        raise Refused("tuning", f"your role does not allow you to {Deed.TUNE}")
    return brands


def read_form(brand: str, form: Mapping[str, str]) -> BrandDraft:
    """Return the draft that a form holds: `name-N` and `query-N` of each watch, `remove-N`, `exclude` line by line."""
    watches = []
    for at in range(MOST_WATCHES + 2):
        name, query = form.get(f"name-{at}", "").strip(), form.get(f"query-{at}")
        if name and not form.get(f"remove-{at}"):
            watches.append(WatchDraft(name, " ".join(query.split()) if query is not None else None))
    lines = [" ".join(line.split()) for line in form.get("exclude", "").splitlines()]
    added = " ".join(form.get("add-exclusion", "").split())
    kept = dict.fromkeys(line for line in (*lines, added) if line)
    return BrandDraft(brand, tuple(watches), tuple(kept))


class _Tuning:
    """The pages; `room` is where replays run."""

    def __init__(self, site: Site, room: LabRoom) -> None:
        self._site = site
        self._room = room

    def overview(self, request: Request) -> Response:
        """Show the brands that the person may tune, with their watches."""
        brands, workshop = tuned_brands(request, self._site), self._workshop()
        benches, now = [workshop.bench(brand) for brand in brands], self._site.clock()
        if wants_json(request):
            return json_answer({"brands": [bench.draft.to_json() for bench in benches]})
        with self._site.reading() as store:
            found = store.lab_watches(now - COUNT_SPAN, MOST_COUNTED)
        counts = {(count.brand, count.watch): count for count in found}
        return render(request, "watches.html", benches=benches, counts=counts, days=COUNT_SPAN.days)

    def show(self, request: Request) -> Response:
        """Show a brand as it stands in the config."""
        brand = self._brand(request)
        bench = self._workshop().bench(brand)
        if wants_json(request):
            return json_answer({**bench.draft.to_json(), "config": bench.seen})
        told = "It is saved, and the daemon follows it." if "saved" in request.query_params else ""
        return self._page(request, Shown(bench.draft, bench.seen, told=told))

    def act(self, request: Request) -> Response:
        """Preview a draft, have the lab replay it, save it, or give it as a patch."""
        brand, form = self._brand(request), form_of(request)
        draft, seen = read_form(brand, form), form.get("seen", "")
        deeds = {"lab": self._start_lab, "save": self._save, "patch": self._patch}
        deed = deeds.get(form.get("do", ""), self._preview)
        try:
            return deed(request, draft, seen)
        except (MonitorError, ConfigError) as error:
            if wants_json(request):
                raise
            return self._page(request, Shown(draft, seen, problems=problems_of(error)), 400)

    def lab(self, request: Request) -> Response:
        """Show how far the replay is, then what it found, beside the draft that it was about."""
        brand = self._brand(request)
        run = self._room.run_of(person_of(request).name, brand)
        if run is None:
            return RedirectResponse(f"{HOME}/brands/{brand}", 303)
        if wants_json(request):
            found = run.report.to_json() if run.report else None
            return json_answer(
                {"running": run.running, "percent": run.percent, "problem": run.problem or None, "report": found}
            )
        return self._page(request, Shown(run.draft, run.seen, run=run))

    def revert(self, request: Request) -> Response:
        """Go back to what an accepted version said of this brand."""
        brand, wanted = self._brand(request), form_of(request).get("version", "")
        with self._site.reading() as store:
            past = self._workshop().past(store, brand)
        found = next((entry for entry in past if entry.hash == wanted), None)
        if found is None:
            raise NotFound(f"version {wanted[:12]}", "is unknown")
        return self._save(request, found.draft, self._workshop().bench(brand).seen)

    def _preview(self, request: Request, draft: BrandDraft, seen: str) -> Response:
        workshop = self._workshop()
        problems = tuple(map(str, workshop.problems(draft)))
        with self._site.reading() as store:
            found = workshop.preview(store, draft, self._site.clock(), self._readable(request))
        if wants_json(request):
            return json_answer(found.to_json())
        changes = draft.differences(workshop.bench(draft.brand).draft)
        return self._page(request, Shown(draft, seen, found, problems=problems, changes=changes))

    def _start_lab(self, request: Request, draft: BrandDraft, seen: str) -> Response:
        workshop, now, brands = self._workshop(), self._site.clock(), self._readable(request)
        workshop.config_of(draft).usable()
        with self._site.reading() as store:
            total = store.lab_count(now - LAB_SPAN, now)

        def work(advance: Any) -> Any:
            with self._site.reading() as reader:
                return workshop.replay(reader, draft, now, advance, brands)

        self._room.start(person_of(request).name, LabRun(draft, seen, now, total), work)
        return RedirectResponse(f"{HOME}/brands/{draft.brand}/lab", 303)

    def _save(self, request: Request, draft: BrandDraft, seen: str) -> Response:
        who = person_of(request).name
        run = self._room.run_of(who, draft.brand)
        report = report_json(run.report) if run and run.report and run.draft == draft else None
        wanted = {**draft.to_json(), "seen": seen, "report": report}
        answer = self._site.execute(Command("tune-brand", who, wanted))
        if wants_json(request):
            return json_answer(answer)
        return RedirectResponse(f"{HOME}/brands/{draft.brand}?saved=1", 303)

    def _patch(self, request: Request, draft: BrandDraft, seen: str) -> Response:
        name = f'attachment; filename="{draft.brand}.patch"'
        headers = {"Content-Disposition": name, "X-Content-Type-Options": "nosniff"}
        around = 3 if person_of(request).may(Deed.TUNE, EVERY) else 0
        return Response(self._workshop().patch(draft, around), media_type="text/x-diff; charset=utf-8", headers=headers)

    def _page(self, request: Request, shown: Shown, status: int = 200) -> Response:
        with self._site.reading() as store:
            past = self._workshop().past(store, shown.draft.brand)
        report = shown.run.report if shown.run else None
        lists = self._site.settings().brands[shown.draft.brand].lists
        return render(
            request,
            "watches_brand.html",
            status,
            shown=shown,
            past=past[:_SHOWN_PAST],
            wrong=mistakes_in(shown.draft, lists),
            report=report,
            figures=figure_rows(report) if report else (),
            notes=note_lines(report) if report else (),
            listed=_LISTED,
        )

    def _workshop(self) -> Workshop:
        if self._site.workshop is None:
            raise MonitorError("the config", "cannot be changed from here", "use the command line")
        return self._site.workshop

    def _readable(self, request: Request) -> tuple[str, ...] | None:
        person = person_of(request)
        return None if person.may(Deed.SEE, EVERY) else person.brands_for(Deed.SEE, self._site.settings().brands)

    def _brand(self, request: Request) -> str:
        brand: str = request.path_params["brand"]
        if brand not in self._site.settings().brands or not person_of(request).may(Deed.SEE, brand):
            raise NotFound(f"brand {brand[:64]}", "is unknown")
        allowed(request, Deed.TUNE, brand)
        return brand


def problems_of(error: MonitorError) -> tuple[str, ...]:
    """Return what is wrong in the words of the error, one line a problem; what may be done where files are locked."""
    if isinstance(error, ConfigError):
        return tuple(map(str, error.problems))
    said = f"{error.subject}: {error.cause}"
    if isinstance(error, Unwritable):
        return (f"{said}; download the patch instead, and have somebody apply it",)
    return (f"{said}; {error.next_step}" if error.next_step else said,)
