"""People and tokens at the desk: made, changed and ended by admins, each with a line in the record of access."""

from collections.abc import Mapping
from typing import Any

from monitor.access.passwords import check_password, hash_password
from monitor.access.person import EVERY, Deed, Role
from monitor.access.sessions import checked_name, make_link
from monitor.access.tokens import make_token
from monitor.config.problem import suggestion
from monitor.desk.turn import Turn
from monitor.errors import MonitorError
from monitor.store.access import Token, User


class UnknownUser(MonitorError):
    """Nobody has this name."""

    next_step = "see `complaint-monitor user list`"


def add_user(turn: Turn, name: str, roles: Any, password: str | None = None) -> dict[str, Any]:
    """Make a person; without a password, returns a link by which they choose one. Raises MonitorError."""
    name, given = checked_name(name), read_roles(turn, roles)
    if password is not None:
        check_password(password, name)
    hashed = None if password is None else hash_password(password)
    with turn.store.write():
        if turn.store.user(name) is not None:
            raise MonitorError(f"user {name!r}", "is there already", "choose another name")
        turn.store.add_user(name, given, hashed, turn.who, turn.now)
        turn.store.void_setup_links(None)
        turn.store.add_access_event(turn.who, "user-made", name, turn.now, detail={"roles": dict(given)})
        return _with_link(turn, name) if hashed is None else {"user": user_json(known_user(turn, name))}


def set_roles(turn: Turn, name: str, roles: Any) -> dict[str, Any]:
    """Give a person these roles in place of all others; the last admin stays one. Raises MonitorError."""
    given = read_roles(turn, roles)
    with turn.store.write():
        user = known_user(turn, name)
        if given.get(EVERY) is not Role.ADMIN:
            _refuse_without_admin(turn, user)
        turn.store.set_roles(user.name, given)
        told = {"before": dict(user.roles), "roles": dict(given)}
        turn.store.add_access_event(turn.who, "roles-changed", user.name, turn.now, detail=told)
        return {"user": user_json(known_user(turn, name))}


def set_password(turn: Turn, name: str, password: str) -> dict[str, Any]:
    """Choose somebody's password for them, and end their sessions. Raises MonitorError."""
    user = known_user(turn, name)
    check_password(password, user.name)
    hashed = hash_password(password)
    with turn.store.write():
        turn.store.set_password_hash(user.name, hashed)
        turn.store.end_sessions_of(user.name)
        turn.store.void_setup_links(user.name)
        turn.store.add_access_event(turn.who, "password-set", user.name, turn.now)
        return {"user": user_json(known_user(turn, name))}


def invite(turn: Turn, name: str) -> dict[str, Any]:
    """Return a new link by which somebody chooses a password; earlier ones are good no more. Raises UnknownUser."""
    with turn.store.write():
        return _with_link(turn, known_user(turn, name).name)


def disable(turn: Turn, name: str) -> dict[str, Any]:
    """Let somebody in no more, and end what they have open. Raises MonitorError for the last admin."""
    with turn.store.write():
        user = known_user(turn, name)
        _refuse_without_admin(turn, user)
        turn.store.set_disabled(user.name, turn.now)
        turn.store.end_sessions_of(user.name)
        turn.store.void_setup_links(user.name)
        turn.store.add_access_event(turn.who, "user-disabled", user.name, turn.now)
        return {"user": user_json(known_user(turn, name))}


def enable(turn: Turn, name: str) -> dict[str, Any]:
    """Let somebody in again. Raises UnknownUser."""
    with turn.store.write():
        user = known_user(turn, name)
        turn.store.set_disabled(user.name, None)
        turn.store.add_access_event(turn.who, "user-enabled", user.name, turn.now)
        return {"user": user_json(known_user(turn, name))}


def add_token(turn: Turn, name: str, title: str, deeds: Any, brands: Any) -> dict[str, Any]:
    """Make a token in a person's name; its key is in the answer, and nowhere else. Raises MonitorError."""
    user = known_user(turn, name)
    wanted = [_deed(deed) for deed in _words("deeds", deeds)]
    chosen = _words("brands", brands)
    for brand in chosen:
        _known_brand(turn, brand)
    number, key = make_token(turn.store, user.name, title, wanted, chosen, turn.who, turn.now)
    return {"token": number, "key": key}


def end_token(turn: Turn, number: int) -> dict[str, Any]:
    """End a token. Raises MonitorError where there is none."""
    with turn.store.write():
        known = [token for token in turn.store.tokens() if token.id == number]
        if not turn.store.end_token(number, turn.now):
            raise MonitorError(f"token {number}", "is unknown, or has ended", "see `complaint-monitor token list`")
        turn.store.add_access_event(turn.who, "token-ended", known[0].user, turn.now, detail={"token": number})
    return {}


def read_roles(turn: Turn, roles: Any) -> dict[str, Role]:
    """Return roles by brand out of plain values. Raises MonitorError for what is none."""
    if not isinstance(roles, Mapping) or not all(isinstance(part, str) for pair in roles.items() for part in pair):
        raise MonitorError("roles", "are no brands with roles", f"say BRAND=ROLE; roles: {', '.join(Role)}")
    given = {}
    for brand, role in roles.items():
        if role not in list(Role):
            raise MonitorError(f"role {role[:40]!r}", "is unknown", suggestion(role, list(Role)))
        if brand != EVERY:
            _known_brand(turn, brand)
        if role == Role.ADMIN and brand != EVERY:
            raise MonitorError("role 'admin'", "is one for every brand", "give it for *, or say manager")
        given[brand] = Role(role)
    return given


def known_user(turn: Turn, name: str) -> User:
    """Return somebody by name. Raises UnknownUser."""
    user = turn.store.user(name)
    if user is None:
        raise UnknownUser(f"user {name[:100]!r}", "is unknown")
    return user


def user_json(user: User) -> dict[str, Any]:
    """Return a person as JSON, without anything secret."""
    return {
        "name": user.name,
        "roles": dict(user.roles),
        "has_password": user.password_hash is not None,
        "disabled_at": user.disabled_at,
        "made_at": user.made_at,
        "made_by": user.made_by,
    }


def token_json(token: Token) -> dict[str, Any]:
    """Return a token as JSON, without its key."""
    bounds = {"deeds": sorted(token.deeds), "brands": sorted(token.brands)}
    times = {"made_at": token.made_at, "made_by": token.made_by, "used_at": token.used_at}
    return {"token": token.id, "user": token.user, "title": token.title, **bounds, **times}


def _with_link(turn: Turn, name: str) -> dict[str, Any]:
    key = make_link(turn.store, name, turn.now)
    turn.store.add_access_event(turn.who, "link-made", name, turn.now)
    return {"user": user_json(known_user(turn, name)), "link": f"/setup/{key}"}


def _refuse_without_admin(turn: Turn, leaving: User) -> None:
    """Raise MonitorError where nobody else could administer people any more."""
    admins = {
        user.name for user in turn.store.users() if user.disabled_at is None and user.roles.get(EVERY) is Role.ADMIN
    }
    if admins == {leaving.name}:
        raise MonitorError(f"user {leaving.name!r}", "is the last admin", "make another one first")


def _known_brand(turn: Turn, brand: str) -> None:
    if brand not in turn.settings.brands:
        raise MonitorError(f"brand {brand[:64]!r}", "is unknown", suggestion(brand, list(turn.settings.brands)))


def _deed(word: str) -> Deed:
    if word not in list(Deed):
        raise MonitorError(f"deed {word[:40]!r}", "is unknown", f"known: {', '.join(Deed)}")
    return Deed(word)


def _words(name: str, value: Any) -> list[str]:
    if value is not None and not (isinstance(value, list) and all(isinstance(word, str) for word in value)):
        raise MonitorError(f"argument {name}", "is no list of words", "give words")
    return value or []
