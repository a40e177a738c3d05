"""Logging in and out, and links to choose a password by.

name, password ─▶ throttle ─▶ argon2id ─▶ session [digest in the store, key in the cookie]
link ─▶ used up and password kept, in one transaction
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from connectors.mention import clean_text
from monitor.access.keys import digest_of, new_key
from monitor.access.passwords import check_password, hash_password, is_password
from monitor.access.person import EVERY, Person, Role
from monitor.access.throttle import FREE_BY_ADDRESS, FREE_BY_NAME, WINDOW, wait_until
from monitor.errors import MonitorError
from monitor.store.access import User
from monitor.store.store import Store

LINK_LASTS = timedelta(hours=24)
NAME_LIMIT = 100
_TOUCH_EVERY = timedelta(minutes=1)
_NOBODY = "-"
"""Who stands in the record where nobody is known: what was typed as a name may be a password."""


class WrongLogin(MonitorError):
    """Name and password do not belong together; an answer of status 401."""

    next_step = "try again, or ask an admin for a new link"

    def __init__(self) -> None:
        super().__init__("login", "name or password is wrong")


class TooManyTries(MonitorError):
    """Too many tries to log in; an answer of status 429. `wait_s` is how long to wait, in seconds."""

    permanent = False

    def __init__(self, wait_s: int) -> None:
        super().__init__("login", "there were too many tries", f"wait {wait_s} s, then try again")
        self.wait_s = wait_s


class LinkGone(MonitorError):
    """A link to choose a password by that is good no more, or never was; an answer of status 410."""

    next_step = "ask an admin for a new one, or start the daemon again where nobody was made yet"

    def __init__(self) -> None:
        super().__init__("link", "was used, or its 24 hours have passed")


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a login lasts: unused, and at most."""

    idle: timedelta
    longest: timedelta


def log_in(store: Store, name: str, password: str, address: str, now: datetime) -> str:
    """Return the key of a new session. Raises WrongLogin and TooManyTries.

    A try is counted before the password is looked at, so that many at once gain nothing.
    """
    typed = clean_text(" ".join(name.split()), NAME_LIMIT)
    user = store.user(typed)
    _count_try(store, typed, address, user, now)
    fits = is_password(user.password_hash if user else None, password)
    if user is None or not fits or user.disabled_at is not None:
        store.add_access_event(user.name if user else _NOBODY, "login-refused", "", now, address=address)
        raise WrongLogin
    with store.write():
        store.forget_tries(_name_key(typed))
        store.forget_tries(_address_key(address), last=True)
        return _open_session(store, user.name, address, now, "login")


def log_out(store: Store, key: str, now: datetime, address: str = "") -> None:
    """End the session of a key."""
    digest = digest_of(key)
    with store.write():
        session = store.session(digest)
        if session is not None:
            store.end_session(digest)
            store.add_access_event(session.user, "logout", "", now, address=address)


def session_user(store: Store, key: str, lifetimes: Lifetimes, now: datetime) -> tuple[User, bool] | None:
    """Return whose session a key belongs to, and whether its use should be noted; None where it has ended."""
    session = store.session(digest_of(key))
    if session is None or now - session.made_at > lifetimes.longest or now - session.seen_at > lifetimes.idle:
        return None
    user = store.user(session.user)
    if user is None or user.disabled_at is not None:
        return None
    return user, now - session.seen_at > _TOUCH_EVERY


def change_password(store: Store, name: str, old: str, new: str, address: str, now: datetime) -> str:
    """Change one's own password, and end all sessions; returns the key of a new one.

    Raises WrongLogin, TooManyTries, and MonitorError for a poor password.
    """
    user = store.user(name)
    check_password(new, name)
    _count_try(store, name, address, user, now)
    if user is None or not is_password(user.password_hash, old):
        store.add_access_event(name, "password-refused", "", now, address=address)
        raise WrongLogin
    hashed = hash_password(new)
    with store.write():
        store.forget_tries(_name_key(name))
        store.forget_tries(_address_key(address), last=True)
        store.set_password_hash(user.name, hashed)
        store.end_sessions_of(user.name)
        store.void_setup_links(user.name)
        return _open_session(store, user.name, address, now, "password-changed")


def make_link(store: Store, user: str | None, now: datetime) -> str:
    """Return the key of a link to choose a password by, good once and for 24 hours; None makes the first admin."""
    key = new_key()
    store.add_setup_link(digest_of(key), user, now + LINK_LASTS, now)
    return key


def link_user(store: Store, key: str, now: datetime) -> str | None:
    """Return whose password a link chooses, None for that of the first admin. Raises LinkGone."""
    link = store.setup_link(digest_of(key), now)
    if link is None or (link.user is None and store.has_users()):
        raise LinkGone
    return link.user


def accept_link(store: Store, key: str, name: str, password: str, address: str, now: datetime) -> str:
    """Use a link up: keep the password, make the first admin of that name. Returns the key of a session.

    Raises LinkGone, and MonitorError for a name or a password that will not do.
    """
    invited = link_user(store, key, now)
    name = invited or checked_name(name)
    check_password(password, name)
    hashed = hash_password(password)
    with store.write():
        if not store.use_setup_link(digest_of(key), now) or (invited is None and store.has_users()):
            raise LinkGone
        if invited is None:
            store.add_user(name, {EVERY: Role.ADMIN}, hashed, name, now)
        else:
            store.set_password_hash(name, hashed)
            store.end_sessions_of(name)
        return _open_session(store, name, address, now, "password-chosen")


def checked_name(name: str) -> str:
    """Return a name as it is kept. Raises MonitorError for one that is empty, too long, or holds odd signs."""
    plain = " ".join(name.split())
    if not 1 <= len(plain) <= NAME_LIMIT or not plain.isprintable() or plain != clean_text(plain, NAME_LIMIT):
        raise MonitorError("name", f"is not 1 to {NAME_LIMIT} letters that can be read", "choose another one")
    return plain


def person_of_user(user: User) -> Person:
    """Return a user as the rules know people."""
    return Person(user.name, user.roles)


def _open_session(store: Store, name: str, address: str, now: datetime, action: str) -> str:
    key = new_key()
    store.add_session(digest_of(key), name, address, now)
    store.add_access_event(name, action, "", now, address=address)
    return key


def _count_try(store: Store, name: str, address: str, user: User | None, now: datetime) -> None:
    with store.write():
        counted = ((_name_key(name), FREE_BY_NAME), (_address_key(address), FREE_BY_ADDRESS))
        waits = [wait_until(store.login_tries(key, now - WINDOW), now, free=free) for key, free in counted]
        until = max((wait for wait in waits if wait is not None), default=None)
        if until is None:
            for key, _ in counted:
                store.add_login_try(key, now)
            return
    store.add_access_event(user.name if user else _NOBODY, "login-throttled", "", now, address=address)
    raise TooManyTries(math.ceil((until - now).total_seconds()))


def _name_key(name: str) -> str:
    return f"name:{digest_of(name.casefold())}"


def _address_key(address: str) -> str:
    """Count an IPv6 network as one: whoever has one address of it has them all."""
    try:
        known = ip_address(address)
    except ValueError:
        return f"address:{digest_of(address)}"
    return f"address:{ip_network((known, 64), strict=False)}" if known.version == 6 else f"address:{known}"
