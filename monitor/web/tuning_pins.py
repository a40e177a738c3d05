"""Pins in the browser: what must, and must not, become a case; each run through the config in force when asked."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from monitor.access.person import Deed
from monitor.config.pins import TEXT_LIMIT, Pin, read_pins
from monitor.desk import Command
from monitor.domain import Level
from monitor.lab.pins import PinResult
from monitor.web.pages import answer, json_answer, render
from monitor.web.request import Refused, form_of, person_of, wants_json
from monitor.web.site import Site

HOME = "/tuning/pins"
_FIELDS = ("brand", "expect", "text", "post", "because", "level")


def routes(site: Site) -> Sequence[BaseRoute]:
    """Return the page of pins, and what is done with one."""

    def show(request: Request) -> Response:
        return _page(request, site)

    def add(request: Request) -> Response:
        form = form_of(request)
        told = {name: form.get(name, "") for name in _FIELDS}
        done = site.execute(Command("pin-add", person_of(request).name, told))
        return answer(request, f"{HOME}?run=1#pin-{done['pin']}", done)

    def remove(request: Request) -> Response:
        form = form_of(request)
        told = {name: form.get(name, "") for name in ("brand", "pin")}
        return answer(request, HOME, site.execute(Command("pin-remove", person_of(request).name, told)))

    return [
        Route(HOME, show),
        Route(HOME + "/add", add, methods=["POST"]),
        Route(HOME + "/remove", remove, methods=["POST"]),
    ]


def _page(request: Request, site: Site) -> Response:
    settings = site.settings()
    brands = person_of(request).brands_for(Deed.TUNE, settings.brands)
    if not brands:
        raise Refused("pins", f"your role does not allow you to {Deed.TUNE}")
    file = settings.pins_path
    pins, problems = read_pins(file, file.name)
    mine = [pin for pin in pins if pin.brand in brands]
    wanted = request.query_params.get("run") == "1" or wants_json(request)
    found = {result.pin.id: result for result in (site.run_pins(mine) if wanted else ())}
    if wants_json(request):
        return json_answer({"pins": [_told(pin, found.get(pin.id)) for pin in mine]})
    shown: dict[str, Any] = {"pins": mine, "found": found, "ran": wanted, "problems": problems, "tuned": brands}
    shown |= {"levels": Level, "longest": TEXT_LIMIT, "post": request.query_params.get("post", "")}
    return render(request, "tuning_pins.html", **shown, broken=_broken(found.values()))


def _told(pin: Pin, result: PinResult | None) -> dict[str, Any]:
    names = ("id", "brand", "expect", "text", "post", "because", "who", "when", "level")
    holds = {"holds": result.holds, "found": result.found} if result else {"holds": None, "found": None}
    return {**{name: getattr(pin, name) for name in names}, **holds}


def _broken(results: Any) -> int:
    return sum(not result.holds for result in results)
