"""What logins need of a store: see `store.py` for threads and times. Secrets come and go as digests alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from monitor.access.person import Deed, Role


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in, unless disabled. `password_hash` is None where nobody has chosen a password."""

    name: str
    roles: Mapping[str, Role]
    password_hash: str | None
    made_at: datetime
    made_by: str
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A login. `seen_at` is when it was last used, to the minute."""

    user: str
    address: str
    made_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """A key for programs, in the name of a person. No `brands`: all of the person's."""

    id: int
    user: str
    title: str
    deeds: frozenset[Deed]
    brands: frozenset[str]
    made_at: datetime
    made_by: str
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SetupLink:
    """A link to choose a password by, good once; without a `user` it makes the first admin."""

    user: str | None
    until: datetime


@dataclass(frozen=True, slots=True)
class AccessEvent:
    """One line of the record of access: who did what to whom, from which address."""

    at: datetime
    who: str
    action: str
    subject: str
    address: str
    detail: Mapping[str, Any]


class AccessStore(Protocol):
    """People, sessions, tokens, links, tries and the record of them."""

    def users(self) -> list[User]:
        """Return everybody, disabled ones too, by name."""
        ...

    def user(self, name: str) -> User | None:
        """Return somebody by name, however it is written; names that look alike are one."""
        ...

    def has_users(self) -> bool:
        """Whether anybody was ever made."""
        ...

    def add_user(self, name: str, roles: Mapping[str, Role], password_hash: str | None, by: str, now: datetime) -> None:
        """Keep a new person; whoever calls has seen that the name is free."""
        ...

    def set_roles(self, name: str, roles: Mapping[str, Role]) -> None:
        """Give a person these roles in place of all others."""
        ...

    def set_password_hash(self, name: str, password_hash: str) -> None:
        """Keep a new password."""
        ...

    def set_disabled(self, name: str, at: datetime | None) -> None:
        """Disable a person, or enable them with None."""
        ...

    def add_session(self, digest: str, user: str, address: str, now: datetime) -> None:
        """Keep a login."""
        ...

    def session(self, digest: str) -> Session | None:
        """Return a login, whatever its age."""
        ...

    def touch_session(self, digest: str, now: datetime) -> None:
        """Note that a login was used."""
        ...

    def end_session(self, digest: str) -> None:
        """End a login."""
        ...

    def end_sessions_of(self, user: str, *, but: str | None = None) -> int:
        """End all logins of a person but one; returns how many."""
        ...

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
        ...

    def token(self, digest: str) -> Token | None:
        """Return a token that has not ended."""
        ...

    def tokens(self) -> list[Token]:
        """Return the tokens that have not ended, by person."""
        ...

    def touch_token(self, token_id: int, now: datetime) -> None:
        """Note that a token was used."""
        ...

    def end_token(self, token_id: int, now: datetime) -> bool:
        """End a token; False where there was none."""
        ...

    def add_setup_link(self, digest: str, user: str | None, until: datetime, now: datetime) -> None:
        """Keep a link; earlier ones for the same person are good no more."""
        ...

    def setup_link(self, digest: str, now: datetime) -> SetupLink | None:
        """Return a link that is still good."""
        ...

    def use_setup_link(self, digest: str, now: datetime) -> bool:
        """Use a link up; False where it was used, or its time has passed."""
        ...

    def void_setup_links(self, user: str | None) -> None:
        """Have the unused links of a person (None: for the first admin) be good no more."""
        ...

    def add_login_try(self, key: str, now: datetime) -> None:
        """Note a try to log in."""
        ...

    def login_tries(self, key: str, since: datetime) -> list[datetime]:
        """Return the tries under a key since a time, oldest first."""
        ...

    def forget_tries(self, key: str, *, last: bool = False) -> None:
        """Forget the tries under a key, or the last one alone."""
        ...

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
        ...

    def access_events(self, limit: int) -> list[AccessEvent]:
        """Return the record, newest first."""
        ...

    def forget_access(self, now: datetime, *, events: datetime) -> None:
        """Forget sessions, links and tries that are long past, and lines of the record before a time."""
        ...
