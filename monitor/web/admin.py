"""People and their roles, for admins: make, change, disable, end tokens, and the record of who did what."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from monitor.access.person import EVERY, Deed, Role
from monitor.desk import Command
from monitor.errors import MonitorError
from monitor.web.pages import answer, render
from monitor.web.request import allowed, form_of, number_in, person_of, wants_json
from monitor.web.site import Site

_SHOWN_EVENTS = 50


def routes(site: Site) -> Sequence[BaseRoute]:
    """Return the pages of people."""

    def show(request: Request) -> Response:
        allowed(request, Deed.ADMINISTER, EVERY)
        return _page(request, site)

    def add(request: Request) -> Response:
        name, roles = form_of(request).get("name", ""), _roles(request, site)
        return _done(request, site, "user-add", {"user": name, "roles": roles})

    def change(action: str) -> Any:
        def act(request: Request) -> Response:
            given: dict[str, Any] = {"user": form_of(request).get("user", "")}
            if action == "role":
                given["roles"] = _roles(request, site)
            return _done(request, site, f"user-{action}", given)

        return act

    def end_token(request: Request) -> Response:
        return _done(request, site, "token-end", {"token": number_in(request, "number")})

    posts = [
        Route(f"/users/{action}", change(action), methods=["POST"]) for action in ("role", "link", "disable", "enable")
    ]
    return [
        Route("/users", show),
        Route("/users", add, methods=["POST"]),
        *posts,
        Route("/users/tokens/{number:int}/end", end_token, methods=["POST"]),
    ]


def _done(request: Request, site: Site, name: str, arguments: dict[str, Any]) -> Response:
    """Execute a command; a link that it made is shown at once, for it is kept nowhere."""
    try:
        made = site.execute(Command(name, person_of(request).name, arguments))
    except MonitorError as error:
        if wants_json(request) or not person_of(request).may(Deed.ADMINISTER, EVERY):
            raise
        return _page(request, site, 400, problem=f"{error.subject}: {error.cause}")
    if made.get("link") and not wants_json(request):
        return _page(request, site, link=f"{_base(request, site)}{made['link']}", whose=str(made["user"]["name"]))
    return answer(request, "/users", made)


def _base(request: Request, site: Site) -> str:
    return site.settings().web.public_url or f"{request.url.scheme}://{request.url.netloc}"


def _roles(request: Request, site: Site) -> dict[str, str]:
    """Return the role for each brand that a form names: the fields `role:*` and `role:BRAND`."""
    form = form_of(request)
    found = {brand: form.get(f"role:{brand}", "") for brand in (EVERY, *site.settings().brands)}
    return {brand: role for brand, role in found.items() if role}


def _page(
    request: Request, site: Site, status: int = 200, *, problem: str = "", link: str = "", whose: str = ""
) -> Response:
    with site.reading() as store:
        shown = {"users": store.users(), "tokens": store.tokens(), "events": store.access_events(_SHOWN_EVENTS)}
    every = (EVERY, *site.settings().brands)
    told = {"problem": problem, "link": link, "whose": whose, "roles": list(Role), "every": every}
    return render(request, "users.html", status, **shown, **told)
