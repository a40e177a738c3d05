"""Suggestions in the browser: changes of the config that people's answers speak for, each with its cost."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from monitor.access.person import EVERY, Deed, Person
from monitor.desk import Command, suggestion_json
from monitor.store.feedback import Suggestion, SuggestionState
from monitor.web.pages import answer, json_answer, render
from monitor.web.request import Refused, number_in, person_of, wants_json
from monitor.web.site import Site

HOME = "/tuning/suggestions"


def routes(site: Site) -> Sequence[BaseRoute]:
    """Return the page of suggestions, and what is done with one."""

    def show(request: Request) -> Response:
        person, known = person_of(request), site.settings().brands
        if not person.brands_for(Deed.TUNE, known):
            raise Refused("suggestions", f"your role does not allow you to {Deed.TUNE}")
        with site.reading() as store:
            found = [entry for entry in store.suggestions() if _sees(person, entry)]
        if wants_json(request):
            return json_answer({"suggestions": [suggestion_json(entry) for entry in found]})
        waiting = [entry for entry in found if entry.state is SuggestionState.WAITING]
        settled = [entry for entry in found if entry.state is not SuggestionState.WAITING]
        return render(request, "suggestions.html", waiting=waiting, settled=settled, may=_may(person))

    def settling(command: str) -> Callable[[Request], Response]:
        def settle(request: Request) -> Response:
            wanted = {"suggestion": number_in(request, "number")}
            return answer(request, HOME, site.execute(Command(command, person_of(request).name, wanted)))

        return settle

    return [
        Route(HOME, show),
        Route(HOME + "/{number:int}/accept", settling("accept-suggestion"), methods=["POST"]),
        Route(HOME + "/{number:int}/revert", settling("revert-suggestion"), methods=["POST"]),
    ]


def _sees(person: Person, entry: Suggestion) -> bool:
    """Whether a suggestion concerns a brand that the person tunes; what concerns all is shown to every tuner."""
    return not entry.brand or person.may(Deed.TUNE, entry.brand)


def _may(person: Person) -> Callable[[Suggestion], bool]:
    return lambda entry: person.may(Deed.TUNE, entry.brand or EVERY)
