"""Causes in the browser: what complaints can be about, how often they were, and what is offered as an answer."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from monitor.answering.draft import Draft
from monitor.answering.offer import LANGUAGES, Subject, offers
from monitor.config.schema import Settings
from monitor.domain import Kind
from monitor.web.pages import json_answer, render
from monitor.web.request import seen_brands, wants_json
from monitor.web.site import Site

HOME = "/operations/causes"
SPAN = timedelta(days=30)
_PLATFORM = "x"
"""The platform of the sample case: the one with the tightest bound on length."""


@dataclass(frozen=True, slots=True)
class CauseShown:
    """A cause as the page shows it; `drafts` are the first text offered in each shipped language."""

    name: str
    description: str
    phrases: tuple[str, ...]
    examples: int
    cases: int
    drafts: tuple[Draft, ...]


def routes(site: Site) -> Sequence[BaseRoute]:
    """Return the page of causes."""

    def show(request: Request) -> Response:
        settings, since = site.settings(), site.clock() - SPAN
        with site.reading() as store:
            shown = [(brand, tuple(causes_shown(settings, brand, store.cases_by_cause(brand, since))))
                     for brand in seen_brands(request)]  # fmt: skip
        if wants_json(request):
            return json_answer({brand: [_plain(cause) for cause in causes] for brand, causes in shown})
        return render(request, "operations_causes.html", brands_shown=shown)

    return [Route(HOME, show)]


def causes_shown(settings: Settings, brand: str, counted: dict[str, int]) -> Iterator[CauseShown]:
    """Yield the causes that a brand's complaints can have, those with most cases first."""
    causes = settings.causes_of(brand)
    for name in sorted(causes, key=lambda name: (-counted.get(name, 0), name)):
        cause = causes[name]
        drafts = tuple(_draft(settings, brand, name, language) for language in LANGUAGES)
        yield CauseShown(name, cause.description, cause.phrases, len(cause.examples), counted.get(name, 0),
                         tuple(draft for draft in drafts if draft is not None))  # fmt: skip


def _draft(settings: Settings, brand: str, cause: str, language: str) -> Draft | None:
    subject = Subject(0, brand, _PLATFORM, "customer", Kind.COMPLAINT, cause=cause, language=language)
    return next(iter(offers(subject, settings.answers_of(brand))), None)


def _plain(cause: CauseShown) -> dict[str, Any]:
    return asdict(cause)
