"""The queue page: what a person may see, in the queue's order, filtered by the address.

address ─▶ QueueQuery ─▶ one page of the store ─▶ rows ─▶ page, or `part=1`: what live updates put in its place
"""

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from connectors.mention import clean_text
from monitor.access.person import Deed, Refused
from monitor.config.schema import Settings
from monitor.domain import Level
from monitor.store.queue_page import Choices, Cursor, QueueCase, QueuePage, QueueQuery, Show, Standing, Tab
from monitor.web.pages import fragment, render
from monitor.web.request import person_of, seen_brands
from monitor.web.site import Site

_SEARCH_LIMIT, _WORD_LIMIT, _VALUE_LIMIT = 200, 60, 100
_REASONS = 3
_CHOICES_KEPT = timedelta(seconds=20)
_FILTERS = ("brand", "level", "platform", "cause", "language", "show", "mine", "q")

TAB_NAMES = {
    Tab.ALL: "Everything",
    Tab.COMPLAINTS: "Complaints",
    Tab.QUESTIONS: "Questions",
    Tab.PRAISE: "Praise",
    Tab.OTHER: "Other posts",
    Tab.LANGUAGES: "Other languages",
}
SHOW_NAMES = {
    Show.OPEN: "all open",
    Show.NEW: "nobody has it",
    Show.CLAIMED: "claimed",
    Show.REPLIED: "answered",
    Show.SNOOZED: "snoozed",
    Show.LATE: "late",
    Show.AT_RISK: "at risk",
}

_CURSOR = re.compile(r"([0-9]{1,3})_([0-9]{1,15})_([0-9]{1,4}(?:\.[0-9]{1,20})?)_([0-9]{1,18})")

_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks for: `query` for the store, `values` the filters as the address gives them."""

    query: QueueQuery
    values: Mapping[str, str]

    def address(self, **changes: str | None) -> str:
        """Return the address with some filters changed; None takes one away. Pages begin anew."""
        values = {**self.values, **changes}
        kept = {name: value for name, value in values.items() if value}
        return f"/queue?{urlencode(kept)}" if kept else "/queue"

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab narrows what is shown."""
        return any(self.values.get(name) for name in _FILTERS)


def read_address(request: Request, settings: Settings) -> Wanted:
    """Return what the address asks for; what it cannot mean is passed over. Raises Refused for a foreign brand."""
    given, seen = request.query_params, seen_brands(request)
    brand = given.get("brand") or None
    if brand is not None and brand not in seen:
        raise Refused("brand", "is not among those that you may see")
    served = settings.triage.languages
    words = clean_text(given.get("q", ""), _SEARCH_LIMIT).split()
    query = QueueQuery(
        brands=(brand,) if brand else seen,
        tab=_choice(Tab, given.get("tab")) or Tab.ALL,
        show=_choice(Show, given.get("show")) or Show.OPEN,
        level=_choice(Level, given.get("level")),
        platform=_text(given.get("platform")),
        cause=_text(given.get("cause")),
        language=_text(given.get("language")),
        sole_language=served[0] if len(served) == 1 else None,
        claimed_by=person_of(request).name if given.get("mine") else None,
        words=tuple(word[:_WORD_LIMIT] for word in words),
        after=read_cursor(given.get("after")),
    )
    values = {
        "tab": "" if query.tab is Tab.ALL else query.tab.value,
        "brand": brand or "",
        "level": query.level or "",
        "platform": query.platform or "",
        "cause": query.cause or "",
        "language": query.language or "",
        "show": "" if query.show is Show.OPEN else query.show.value,
        "mine": "1" if query.claimed_by else "",
        "q": " ".join(words),
    }
    return Wanted(query, values)


class QueueView:
    """Makes the page; what can be filtered by is looked up at most every few seconds."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._choices: dict[tuple[str, ...], tuple[datetime, Choices]] = {}

    def page(self, request: Request) -> Response:
        """Answer GET /queue."""
        settings = self._site.settings()
        wanted = read_address(request, settings)
        with self._site.reading() as store:
            now = self._site.clock()
            page = store.queue_page(wanted.query, now)
            if request.query_params.get("part"):
                return _part(request, wanted, page)
            brands = seen_brands(request)
            known = self._choices.get(brands)
            if known is None or now - known[0] > _CHOICES_KEPT:
                known = (now, store.queue_choices(brands, wanted.query.sole_language))
                self._choices = {**self._choices, brands: known}
        return render(request, "queue.html", **_shown(request, wanted, page), choices=known[1], levels=tuple(Level),
                      shows=SHOW_NAMES)  # fmt: skip


def _part(request: Request, wanted: Wanted, page: QueuePage) -> Response:
    text = fragment(request, "_queue.html", **_shown(request, wanted, page))
    return Response(text.encode("utf-8", "replace"), media_type="text/html; charset=utf-8")


def _shown(request: Request, wanted: Wanted, page: QueuePage) -> dict[str, Any]:
    after = page.next
    more = write_cursor(after) if after else None
    return {
        "wanted": wanted,
        "query": wanted.query,
        "page": page,
        "tabs": TAB_NAMES,
        "standings": Standing,
        "short_reasons": short_reasons,
        "reach": reach,
        "due_words": due_words,
        "may_work": lambda brand: person_of(request).may(Deed.WORK, brand),
        "more": wanted.address(after=more) if more else None,
        "back": wanted.address(),
    }


def short_reasons(case: QueueCase) -> list[tuple[str, str, str]]:
    """Return the heaviest reasons of a case: name, signed points, what they rest on."""
    heaviest = sorted((one for one in case.reasons if one.points), key=lambda one: -abs(one.points))[:_REASONS]
    return [(one.name, f"{one.points:+.0f}".replace("-", "\N{MINUS SIGN}"), one.evidence) for one in heaviest]


def reach(followers: int | None) -> str:
    """Return how far an author reaches, in few letters: `12k followers`; what nobody told stays unknown."""
    if followers is None:
        return "reach unknown"
    if followers < 1000:
        return f"{followers} follower{'' if followers == 1 else 's'}"
    power = min(int(math.log10(followers)) // 3, 3)
    number = followers / 1000**power
    return f"{number:.0f}{' kMG'[power]} followers" if number >= 10 else f"{number:.1f}{' kMG'[power]} followers"


def due_words(due_at: datetime, now: datetime) -> str:
    """Return the countdown in words: `due in 12 min`, `3 h late`; the page's script says it in the same words."""
    seconds = int((due_at - now).total_seconds())
    ahead, left = seconds >= 0, abs(seconds)
    if left < 60:
        span = f"{left} s"
    elif left < 5400:
        span = f"{left // 60} min"
    else:
        span = f"{left // 3600} h" if left < 172_800 else f"{left // 86_400} d"
    return f"due in {span}" if ahead else f"{span} late"


def _choice(kind: type[_Choice], value: str | None) -> _Choice | None:
    with suppress(ValueError):
        return kind(value or "")
    return None


def _text(value: str | None) -> str | None:
    return clean_text(value, _VALUE_LIMIT) or None if value else None


def write_cursor(place: Cursor) -> str:
    """Return where a page ends, as an address holds it."""
    return f"{place.rank}_{place.due_ms}_{place.score!r}_{place.case_id}"


def read_cursor(value: str | None) -> Cursor | None:
    """Return what `write_cursor` wrote, None for anything else."""
    found = _CURSOR.fullmatch(value or "")
    return Cursor(int(found[1]), int(found[2]), float(found[3]), int(found[4])) if found else None


def routes(site: Site) -> list[Route]:
    """Return the addresses of the queue."""
    return [Route("/queue", QueueView(site).page, methods=["GET"])]


def to_queue(_: Request) -> Response:
    """Answer GET / with the way to the queue."""
    return RedirectResponse("/queue", 303)
