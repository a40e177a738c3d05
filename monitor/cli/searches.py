"""The part of `check` that prints what platforms are asked for."""

from contextlib import closing
from typing import TYPE_CHECKING

from monitor.cli.context import clock
from monitor.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.config.schema import Settings
    from monitor.searches import Search
    from monitor.steps.services import Source


_SHOWN = 40
_LISTED = {
    "": "whatever mentions its account",
    "listing:comments": "whatever is commented in its subreddits",
    "listing:new": "whatever is posted in its subreddits",
}
"""Questions that are no search, in words."""


def print_searches(settings: "Settings") -> None:
    """Print the searches of each source, and what they bring: posts a day, share kept, cost a month."""
    from monitor.app import open_sources  # noqa: PLC0415 - only configs that search load the platforms' libraries
    from monitor.rules.dialects import DIALECTS  # noqa: PLC0415

    searching = {name: options for name, options in settings.sources.items() if options.kind in DIALECTS}
    if not any(options.enabled for options in searching.values()):
        return
    sources, broken = open_sources(settings.model_copy(update={"sources": searching}))
    for search in _searches(settings, sources):
        _print(search)
    for reason in broken.values():
        say(f"  {reason}")


def _searches(settings: "Settings", sources: "Mapping[str, Source]") -> "list[Search]":
    """Return the searches, with what they brought where there is a store that can be read."""
    from monitor.errors import StoreError  # noqa: PLC0415
    from monitor.searches import searches_of  # noqa: PLC0415
    from monitor.store.opening import open_store  # noqa: PLC0415

    if settings.store_path.is_file():
        try:
            with closing(open_store(settings, read_only=True)) as store:
                return searches_of(sources, store, clock())
        except StoreError as error:
            say(f"  the store cannot be read, so that nothing is known of posts a day: {error}")
    return searches_of(sources, None, clock())


def _print(search: "Search") -> None:
    from monitor.notify.text import visible  # noqa: PLC0415

    say(f"  {search.source}: {search.words()}")
    say(f"  {search.source} is asked for:")
    for query in search.queries[:_SHOWN]:
        say(f"    {_LISTED.get(query) or visible(query)}")
    if len(search.queries) > _SHOWN:
        say(f"    and {len(search.queries) - _SHOWN:,} more")
