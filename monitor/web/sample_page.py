"""The recall sample in the browser: one dropped post at a time, one key for each answer.

Until somebody has answered, nothing says what a rule or the model thought of the post: a person's own view is wanted.
"""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from monitor.access.person import Deed
from monitor.desk import Command, waiting_samples
from monitor.digest.missed import WINDOW, read_missed
from monitor.rules.recall import Answer
from monitor.rules.recall_estimate import RecallFigures, enough
from monitor.store.records import SampledDrop
from monitor.store.store import Store
from monitor.web.pages import answer, json_answer, render
from monitor.web.request import Refused, form_of, number_in, person_of, wants_json
from monitor.web.site import Site

HOME = "/tuning/sample"
_HIDDEN = ("rule", "stratum", "complaint", "probability", "evidence")
"""What would tell a person what to think."""


def routes(site: Site) -> Sequence[BaseRoute]:
    """Return the page of the sample, and where its answers go."""

    def show(request: Request) -> Response:
        return _page(request, site)

    def keep(request: Request) -> Response:
        number = number_in(request, "number")
        given = {"sample": number, "answer": form_of(request).get("answer", "")}
        kept = site.execute(Command("answer-sample", person_of(request).name, given))
        return answer(request, f"{HOME}?last={number}", kept)

    return [Route(HOME, show), Route(HOME + "/{number:int}/answer", keep, methods=["POST"])]


def judged_brands(request: Request, site: Site) -> tuple[str, ...]:
    """Return the brands whose drops the person may judge. Raises Refused where there is none."""
    person, known = person_of(request), site.settings().brands
    allowed = {*person.brands_for(Deed.WORK, known), *person.brands_for(Deed.TUNE, known)}
    if not allowed:
        raise Refused("the sample", f"your role does not allow you to {Deed.WORK} or {Deed.TUNE}")
    return tuple(brand for brand in known if brand in allowed)


def unbiased(drop: SampledDrop) -> dict[str, Any]:
    """Return a drop as JSON, without what a rule or the model thought of it while nobody has answered."""
    told = drop.to_json()
    return told if drop.answer else {name: value for name, value in told.items() if name not in _HIDDEN}


def _page(request: Request, site: Site) -> Response:
    brands, now = judged_brands(request, site), site.clock()
    with site.reading() as store:
        last = _named(store, request.query_params.get("last"), brands)
        again = _named(store, request.query_params.get("look"), brands)
        waiting = store.waiting_samples(now - WINDOW, brands)
        drop = again or next(iter(waiting_samples(store, now, brands=brands, limit=1)), None)
        figures, drawn = read_missed(store, now, brands), store.last_draw()
    if wants_json(request):
        return json_answer({**figures.to_json(), "waiting": waiting, "sample": unbiased(drop) if drop else None})
    shown: dict[str, Any] = {"drop": drop, "last": last, "waiting": waiting, "drawn": drawn, "answers": Answer}
    return render(request, "sample.html", **shown, figures=figures, wanted=_wanted(figures))


def _named(store: Store, number: str | None, brands: Sequence[str]) -> SampledDrop | None:
    """Return the drop that an address names, where the person may judge it and its words are still kept."""
    if number is None or not (number.isascii() and number.isdigit()) or len(number) > 18:
        return None
    found = store.sample(int(number))
    return found if found and found.brand in brands and found.native_id is not None else None


def _wanted(figures: RecallFigures) -> int:
    """Return how many answers an estimate still takes."""
    return max(0, enough(figures.drops) - figures.answers)
