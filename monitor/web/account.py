"""One's own account: roles, password, and the tokens of one's programs."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from monitor.access.passwords import SHORTEST
from monitor.access.person import Deed
from monitor.access.sessions import change_password
from monitor.desk import Command
from monitor.errors import MonitorError
from monitor.web.entrance import Entrance
from monitor.web.login import password_in
from monitor.web.pages import answer, render
from monitor.web.request import address_of, fields_of, form_of, key_of, number_in, person_of, wants_json
from monitor.web.site import Site


def routes(site: Site) -> Sequence[BaseRoute]:
    """Return the pages of one's own account."""

    def show(request: Request) -> Response:
        return _page(request, site)

    def password(request: Request) -> Response:
        form, person = form_of(request), person_of(request)
        if key_of(request) is None:
            raise MonitorError("password", "is changed by whoever has logged in with one", "log in first")
        try:
            old, new = form.get("old", ""), password_in(form)
            with site.writing() as store:
                key = change_password(store, person.name, old, new, address_of(request), site.clock())
        except MonitorError as error:
            if wants_json(request):
                raise
            return _page(request, site, 400, problem=f"{error.subject}: {error.cause}")
        entrance: Entrance = request.app.state.entrance
        response = answer(request, "/account", {"changed": True})
        entrance.give(response, key)
        return response

    def add_token(request: Request) -> Response:
        form, person = form_of(request), person_of(request)
        wanted = {"user": person.name, "title": form.get("title", ""), "deeds": list(fields_of(request, "deeds"))}
        wanted["brands"] = list(fields_of(request, "brands"))
        made = site.execute(Command("token-add", person.name, wanted))
        return answer(request, "/account", made) if wants_json(request) else _page(request, site, made=made["key"])

    def end_token(request: Request) -> Response:
        site.execute(Command("token-end", person_of(request).name, {"token": number_in(request, "number")}))
        return answer(request, "/account") if wants_json(request) else RedirectResponse("/account", 303)

    return [
        Route("/account", show),
        Route("/account/password", password, methods=["POST"]),
        Route("/account/tokens", add_token, methods=["POST"]),
        Route("/account/tokens/{number:int}/end", end_token, methods=["POST"]),
    ]


def _page(request: Request, site: Site, status: int = 200, *, problem: str = "", made: str = "") -> Response:
    person = person_of(request)
    with site.reading() as store:
        tokens = [token for token in store.tokens() if token.user == person.name]
    deeds = [deed for deed in Deed if any(person.may(deed, brand) for brand in ("*", *site.settings().brands))]
    shown = {"tokens": tokens, "deeds": deeds, "problem": problem, "made": made, "shortest": SHORTEST}
    return render(request, "account.html", status, **shown, has_session=key_of(request) is not None)
