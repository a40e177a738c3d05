"""What people say of accounts that were taken for impostors."""

from monitor.desk.reads import known_case
from monitor.desk.turn import Turn
from monitor.domain import Case
from monitor.errors import MoveRefused


def clear_impostor(turn: Turn, case_id: int, handle: str) -> Case:
    """Note that an account is no impostor: a partner, a colleague, a fan. The case keeps its level.

    Raises UnknownCase, and MoveRefused where the account was not taken for one in this case.
    """
    with turn.store.write():
        case = known_case(turn.store, case_id)
        bare = handle.removeprefix("@").casefold()
        known = [one for one in turn.store.impostors(case_id) if (one["handle"] or "").casefold() == bare]
        if not known:
            named = ", ".join(f"@{one['handle']}" for one in turn.store.impostors(case_id) if one["handle"])
            raise MoveRefused(f"case {case_id}", f"knows no impostor @{bare}", f"known: {named or 'none'}")
        turn.store.clear_impostor(case.brand, known[0]["platform"], bare, turn.who, turn.now)
        turn.store.audit(case_id, turn.who, "not-an-impostor", turn.now)
        return case
