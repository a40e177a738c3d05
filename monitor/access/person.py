"""People and what they may do: one table from role to deeds, asked for each brand. Pure.

| role     | see | work | approve | tune | manage | administer |
|----------|-----|------|---------|------|--------|------------|
| viewer   | yes |      |         |      |        |            |
| agent    | yes | yes  |         |      |        |            |
| approver | yes | yes  | yes     |      |        |            |
| tuner    | yes |      |         | yes  |        |            |
| manager  | yes | yes  | yes     | yes  | yes    |            |
| admin    | yes | yes  | yes     | yes  | yes    | yes        |
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.errors import MonitorError

EVERY = "*"
"""Stands for every brand, those that are configured later among them."""


class Role(StrEnum):
    """What a person is to a brand."""

    VIEWER = "viewer"
    AGENT = "agent"
    APPROVER = "approver"
    TUNER = "tuner"
    MANAGER = "manager"
    ADMIN = "admin"


class Deed(StrEnum):
    """What a role allows: see cases, work them, approve answers, tune the config, manage, administer people."""

    SEE = "see"
    WORK = "work"
    APPROVE = "approve"
    TUNE = "tune"
    MANAGE = "manage"
    ADMINISTER = "administer"


_AGENT = frozenset({Deed.SEE, Deed.WORK})
_MANAGER = _AGENT | {Deed.APPROVE, Deed.TUNE, Deed.MANAGE}

DEEDS: Mapping[Role, frozenset[Deed]] = {
    Role.VIEWER: frozenset({Deed.SEE}),
    Role.AGENT: _AGENT,
    Role.APPROVER: _AGENT | {Deed.APPROVE},
    Role.TUNER: frozenset({Deed.SEE, Deed.TUNE}),
    Role.MANAGER: _MANAGER,
    Role.ADMIN: _MANAGER | {Deed.ADMINISTER},
}


class Refused(MonitorError):
    """A person may not do this; an answer of status 403."""

    next_step = "ask an admin for a role that allows it"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is known: a name, and a role by brand (`*`: every brand).

    `deeds` and `only` are the bounds of an API token: it never may more than its person, and may be given less. None
    stands for no bound.
    """

    name: str
    roles: Mapping[str, Role]
    deeds: frozenset[Deed] | None = None
    only: frozenset[str] | None = None

    def may(self, deed: Deed, brand: str) -> bool:
        """Whether the person may do something for a brand; `*` asks for every brand at once."""
        if self.deeds is not None and deed not in self.deeds:
            return False
        if self.only is not None and brand not in self.only:
            return False
        roles = {self.roles.get(brand), self.roles.get(EVERY)} - {None}
        return any(deed in DEEDS[role] for role in roles if role is not None)

    def brands_for(self, deed: Deed, brands: Iterable[str]) -> tuple[str, ...]:
        """Return those brands for which the person may do something, in their order."""
        return tuple(brand for brand in brands if self.may(deed, brand))
