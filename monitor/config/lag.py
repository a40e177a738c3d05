"""How late each platform shows a post, for the promises that `check` compares."""

from datetime import timedelta

_LAG = {
    "x": timedelta(minutes=1),
    "reddit": timedelta(minutes=2),
    "hackernews": timedelta(minutes=5),
}
"""At worst in ordinary times; files and feeds have none. A test compares it with the connectors' own traits."""


def lag_of(kind: str) -> timedelta:
    """Return the lag of a kind of source without importing its client library."""
    return _LAG.get(kind, timedelta(0))
