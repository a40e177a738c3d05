"""Logins on SQLite."""

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from monitor.access.person import Deed, Role
from monitor.store._base import Tables
from monitor.store.access import AccessEvent, Session, SetupLink, Token, User
from monitor.store.connection import Row, at, dump, maybe_at, ms

_KEPT = timedelta(days=60)
"""How long sessions are kept at most, whatever the config allows; used links and tries go as well."""


class AccessTables(Tables):
    """People, sessions, tokens, links, tries and the record of them."""

    def users(self) -> list[User]:
        """Return everybody, disabled ones too, by name."""
        return [_user(row) for row in self.connection.rows("users")]

    def user(self, name: str) -> User | None:
        """Return somebody by name, however it is written."""
        row = self.connection.row("user_by_folded", folded=_fold(name))
        return _user(row) if row else None

    def has_users(self) -> bool:
        """Whether anybody was ever made."""
        return bool(self.connection.value("has_users"))

    def add_user(self, name: str, roles: Mapping[str, Role], password_hash: str | None, by: str, now: datetime) -> None:
        """Keep a new person."""
        with self.write():
            row = {"name": name, "folded": _fold(name), "password_hash": password_hash, "at": ms(now), "by": by}
            self.connection.run("add_user", **row)
            self.set_roles(name, roles)

    def set_roles(self, name: str, roles: Mapping[str, Role]) -> None:
        """Give a person these roles in place of all others."""
        with self.write():
            self.connection.run("clear_user_roles", name=name)
            rows = [{"name": name, "brand": brand, "role": role.value} for brand, role in roles.items()]
            self.connection.run_many("add_user_role", rows)

    def set_password_hash(self, name: str, password_hash: str) -> None:
        """Keep a new password."""
        with self.write():
            self.connection.run("set_user_password", name=name, password_hash=password_hash)

    def set_disabled(self, name: str, at: datetime | None) -> None:
        """Disable a person, or enable them with None."""
        with self.write():
            self.connection.run("set_user_disabled", name=name, at=None if at is None else ms(at))

    def add_session(self, digest: str, user: str, address: str, now: datetime) -> None:
        """Keep a login."""
        with self.write():
            self.connection.run("add_session", digest=digest, user=user, address=address, at=ms(now))

    def session(self, digest: str) -> Session | None:
        """Return a login, whatever its age."""
        row = self.connection.row("session", digest=digest)
        return Session(row["user"], row["address"], at(row["made_at"]), at(row["seen_at"])) if row else None

    def touch_session(self, digest: str, now: datetime) -> None:
        """Note that a login was used."""
        with self.write():
            self.connection.run("touch_session", digest=digest, at=ms(now))

    def end_session(self, digest: str) -> None:
        """End a login."""
        with self.write():
            self.connection.run("end_session", digest=digest)

    def end_sessions_of(self, user: str, *, but: str | None = None) -> int:
        """End all logins of a person but one; returns how many."""
        with self.write():
            return self.connection.run("end_sessions_of", user=user, kept=but)

    def add_token(
        self,
        digest: str,
        user: str,
        title: str,
        deeds: frozenset[Deed],
        brands: frozenset[str],
        by: str,
        now: datetime,
    ) -> int:
        """Keep a token; returns its number."""
        bounds = {"deeds": dump(sorted(deeds)), "brands": dump(sorted(brands))}
        with self.write():
            row = {"digest": digest, "user": user, "title": title, "at": ms(now), "by": by}
            return self.connection.insert("add_token", **row, **bounds)

    def token(self, digest: str) -> Token | None:
        """Return a token that has not ended."""
        row = self.connection.row("token_by_digest", digest=digest)
        return _token(row) if row else None

    def tokens(self) -> list[Token]:
        """Return the tokens that have not ended, by person."""
        return [_token(row) for row in self.connection.rows("tokens")]

    def touch_token(self, token_id: int, now: datetime) -> None:
        """Note that a token was used."""
        with self.write():
            self.connection.run("touch_token", id=token_id, at=ms(now))

    def end_token(self, token_id: int, now: datetime) -> bool:
        """End a token; False where there was none."""
        with self.write():
            return self.connection.run("end_token", id=token_id, at=ms(now)) == 1

    def add_setup_link(self, digest: str, user: str | None, until: datetime, now: datetime) -> None:
        """Keep a link; earlier ones for the same person are good no more."""
        with self.write():
            self.void_setup_links(user)
            self.connection.run("add_setup_link", digest=digest, user=user, until=ms(until), at=ms(now))

    def setup_link(self, digest: str, now: datetime) -> SetupLink | None:
        """Return a link that is still good."""
        row = self.connection.row("setup_link", digest=digest, at=ms(now))
        return SetupLink(row["user"], at(row["until"])) if row else None

    def use_setup_link(self, digest: str, now: datetime) -> bool:
        """Use a link up; False where it was used, or its time has passed."""
        with self.write():
            return self.connection.run("use_setup_link", digest=digest, at=ms(now)) == 1

    def void_setup_links(self, user: str | None) -> None:
        """Have the unused links of a person (None: for the first admin) be good no more."""
        with self.write():
            self.connection.run("void_setup_links", user=user)

    def add_login_try(self, key: str, now: datetime) -> None:
        """Note a try to log in."""
        with self.write():
            self.connection.run("add_login_try", key=key, at=ms(now))

    def login_tries(self, key: str, since: datetime) -> list[datetime]:
        """Return the tries under a key since a time, oldest first."""
        return [at(row["at"]) for row in self.connection.rows("login_tries", key=key, since=ms(since))]

    def forget_tries(self, key: str, *, last: bool = False) -> None:
        """Forget the tries under a key, or the last one alone."""
        with self.write():
            self.connection.run("forget_last_try" if last else "forget_tries_of", key=key)

    def add_access_event(
        self,
        who: str,
        action: str,
        subject: str,
        now: datetime,
        *,
        address: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Add one line to the record of access."""
        line = {"who": who, "action": action, "subject": subject, "address": address, "at": ms(now)}
        with self.write():
            self.connection.run("add_access_event", **line, detail=dump(dict(detail or {})))

    def access_events(self, limit: int) -> list[AccessEvent]:
        """Return the record, newest first."""
        return [_event(row) for row in self.connection.rows("access_events", limit=limit)]

    def forget_access(self, now: datetime, *, events: datetime) -> None:
        """Forget sessions, links and tries that are long past, and lines of the record before a time."""
        with self.write():
            for name in ("sessions", "setup_links", "login_tries"):
                self.connection.run(f"forget_{name}", before=ms(now - _KEPT))
            self.connection.run("forget_access_events", before=ms(events))


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _user(row: Row) -> User:
    roles = {brand: Role(role) for brand, role in json.loads(row["roles"]).items()}
    times = (at(row["made_at"]), row["made_by"], maybe_at(row["disabled_at"]))
    return User(row["name"], roles, row["password_hash"], *times)


def _token(row: Row) -> Token:
    deeds = frozenset(Deed(deed) for deed in json.loads(row["deeds"]))
    bounds = (row["title"], deeds, frozenset(json.loads(row["brands"])))
    return Token(row["id"], row["user"], *bounds, at(row["made_at"]), row["made_by"], maybe_at(row["used_at"]))


def _event(row: Row) -> AccessEvent:
    told = (row["who"], row["action"], row["subject"], row["address"], json.loads(row["detail"]))
    return AccessEvent(at(row["at"]), *told)
