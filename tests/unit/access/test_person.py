"""Who may do what: the table of roles, and its bounds."""

from pathlib import Path

import pytest

from monitor.access import person
from monitor.access.person import DEEDS, EVERY, Deed, Person, Role
from monitor.desk import COMMANDS
from monitor.desk.rights import NEEDS

S, W, A, T, M, X = Deed
TABLE = {
    Role.VIEWER: {S},
    Role.AGENT: {S, W},
    Role.APPROVER: {S, W, A},
    Role.TUNER: {S, T},
    Role.MANAGER: {S, W, A, T, M},
    Role.ADMIN: {S, W, A, T, M, X},
}


@pytest.mark.parametrize("role", Role)
def test_a_role_allows_its_deeds_and_no_others(role: Role) -> None:
    ana = Person("ana", {"lumo": role})
    assert {deed for deed in Deed if ana.may(deed, "lumo")} == TABLE[role] == DEEDS[role]


@pytest.mark.parametrize("page", ["monitor/access/person.py", "docs/howto/people-and-roles.md"])
def test_the_written_tables_say_what_holds(page: str) -> None:
    text = (Path(person.__file__).parents[2] / page).read_text("utf-8")
    for role, deeds in TABLE.items():
        (line,) = [line for line in text.splitlines() if line.startswith((f"| {role} ", f"| `{role}` "))]
        cells = [cell.strip() for cell in line.strip("|").split("|")][1:]
        assert [cell == "yes" for cell in cells] == [deed in deeds for deed in Deed]


def test_a_role_holds_for_its_brand_alone() -> None:
    ana = Person("ana", {"lumo": Role.MANAGER})
    assert not any(ana.may(deed, brand) for deed in Deed for brand in ("vela", EVERY, ""))
    assert ana.brands_for(Deed.WORK, ["vela", "lumo"]) == ("lumo",)


def test_a_role_for_every_brand_holds_for_each_and_joins_with_the_others() -> None:
    ana = Person("ana", {EVERY: Role.VIEWER, "lumo": Role.AGENT})
    assert ana.brands_for(Deed.SEE, ["vela", "lumo"]) == ("vela", "lumo")
    assert ana.brands_for(Deed.WORK, ["vela", "lumo"]) == ("lumo",)


def test_a_token_is_bound_by_its_deeds_and_brands() -> None:
    program = Person("ana", {EVERY: Role.ADMIN}, frozenset({Deed.SEE, Deed.WORK}), frozenset({"lumo"}))
    assert [deed for deed in Deed if program.may(deed, "lumo")] == [Deed.SEE, Deed.WORK]
    assert not any(program.may(deed, brand) for deed in Deed for brand in ("vela", EVERY))
    weak = Person("ben", {"lumo": Role.VIEWER}, frozenset(Deed))
    assert not weak.may(Deed.WORK, "lumo"), "it never may more than its person"


def test_every_command_says_what_it_needs() -> None:
    for_admins = {name for name in COMMANDS if name.startswith(("user-", "token-"))}
    assert set(COMMANDS) - for_admins == set(NEEDS)
