"""Keys for programs: each acts in the name of a person, and never may more than that person may now."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from monitor.access.keys import KEY_LIMIT, TOKEN_PREFIX, digest_of, new_key
from monitor.access.person import Deed, Person
from monitor.errors import MonitorError
from monitor.store.access import Token
from monitor.store.store import Store

TITLE_LIMIT = 100
_TOUCH_EVERY = timedelta(minutes=1)


def make_token(
    store: Store, user: str, title: str, deeds: Iterable[Deed], brands: Iterable[str], by: str, now: datetime
) -> tuple[int, str]:
    """Keep a new token; returns its number, and the key, which is shown once. Raises MonitorError without a deed."""
    bounds = frozenset(deeds), frozenset(brands)
    if not bounds[0]:
        raise MonitorError("token", "may do nothing", f"name a deed: {', '.join(Deed)}")
    key = new_key(TOKEN_PREFIX)
    with store.write():
        number = store.add_token(digest_of(key), user, title[:TITLE_LIMIT], *bounds, by, now)
        told = {"deeds": sorted(bounds[0]), "brands": sorted(bounds[1]), "token": number}
        store.add_access_event(by, "token-made", user, now, detail=told)
    return number, key


def token_person(store: Store, key: str) -> tuple[Person, Token] | None:
    """Return for whom a key acts, within its bounds; None where it has ended, or its person may not log in."""
    if not key.startswith(TOKEN_PREFIX) or len(key) > KEY_LIMIT:
        return None
    token = store.token(digest_of(key))
    user = store.user(token.user) if token else None
    if token is None or user is None or user.disabled_at is not None:
        return None
    return Person(user.name, user.roles, token.deeds, token.brands or None), token


def is_touch_due(token: Token, now: datetime) -> bool:
    """Whether the use of a token should be noted."""
    return token.used_at is None or now - token.used_at > _TOUCH_EVERY
