"""What routes and silences need to know of a case, from the case as people see it and the config."""

from collections.abc import Iterable
from functools import lru_cache

from connectors.mention import Author, Mention
from monitor.config.routes import Branch, Route
from monitor.config.schema import Settings
from monitor.rules.folded import fold_mention
from monitor.rules.language import UNKNOWN, find_language
from monitor.rules.routes import Facts, tier_of
from monitor.store.records import CaseView


def facts_of(settings: Settings, view: CaseView) -> Facts:
    """Return the facts of a case; its language is looked for only where a route asks."""
    brand = settings.brands.get(view.brand)
    vip = brand is not None and _bare(view.author) in _bare_all(brand.vips)
    return Facts(
        case=view.id,
        brand=view.brand,
        platform=view.platform,
        kind=view.kind,
        level=view.level,
        severity=view.severity,
        author=tier_of(view.followers, vip=vip),
        cause=view.cause,
        language=language_of(settings, view) if asks_for_language(settings.routes) else None,
        incident=view.incident_id,
    )


def language_of(settings: Settings, view: CaseView) -> str | None:
    """Return the language of a case: its lane, the one language that is served, or what its words tell."""
    served = settings.triage.languages
    if view.lane is not None:
        return None if view.lane == UNKNOWN else view.lane
    if len(served) == 1:
        return served[0]
    mention = Mention(view.platform, view.native_id, Author(view.author), view.text, view.posted_at)
    return find_language(fold_mention(mention))


def asks_for_language(routes: Iterable[Route | Branch]) -> bool:
    """Whether any of these routes, or of those within them, is for a language."""
    return any(route.language or asks_for_language(route.routes) for route in routes)


@lru_cache(maxsize=1000)
def _bare_all(handles: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_bare, handles))


def _bare(handle: str) -> str:
    return handle.strip().removeprefix("@").removeprefix("u/").casefold()
