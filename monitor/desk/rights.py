"""What each command asks of a person's roles, and for which brand: one table, looked at before any command of a page.

The command line and its socket do not come here: whoever may read the store's files may do everything.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from monitor.access.person import EVERY, Deed, Person, Refused
from monitor.desk.command import Command
from monitor.desk.suggestions import suggestion_of
from monitor.errors import MonitorError, UnknownCase
from monitor.store.store import Store

_WORK, _MANAGE, _TUNE = (Deed.WORK,), (Deed.MANAGE,), (Deed.TUNE,)

NEEDS: Mapping[str, tuple[Deed, ...]] = {
    **dict.fromkeys(("claim", "take-over", "assign", "release", "snooze", "reply", "resolve", "dismiss"), _WORK),
    **dict.fromkeys(("reopen", "escalate", "cause", "note", "not-impostor"), _WORK),
    **dict.fromkeys(("answer-write", "answer-ask", "answer-open", "answer-hold", "answer-withdraw"), _WORK),
    **dict.fromkeys(("answer-send", "answer-is-there", "answer-is-not-there"), _WORK),
    **dict.fromkeys(("answer-approve", "answer-reject"), (Deed.APPROVE,)),
    **dict.fromkeys(("incident-own", "incident-fix", "incident-over", "incident-answer"), _WORK),
    **dict.fromkeys(("incident-merge", "incident-split", "incident-remove"), _WORK),
    **dict.fromkeys(("feedback", "answer-sample"), (Deed.WORK, Deed.TUNE)),
    **dict.fromkeys(("cause-fix", "cause-unfix"), (Deed.MANAGE, Deed.TUNE)),
    **dict.fromkeys(("silence", "end-silence", "shift-override", "shift-absent", "shift-end"), _MANAGE),
    **dict.fromkeys(("replay-dead", "replay-parked", "forget"), _MANAGE),
    **dict.fromkeys(("config-apply", "config-revert", "keep-suggestions", "tune-brand"), _TUNE),
    **dict.fromkeys(("accept-suggestion", "revert-suggestion"), _TUNE),
    **dict.fromkeys(("pin-add", "pin-remove"), _TUNE),
}
"""Any of these deeds is enough. A command that is not named here is for admins of every brand alone."""

_OF_A_BRAND = frozenset({"tune-brand", "pin-add", "pin-remove", "cause-fix", "cause-unfix"})
"""Commands that do what they do to the brand that they name; a name beside any other one narrows nothing."""


def refuse_crossing(store: Store, person: Person, command: Command) -> None:
    """Raise Refused where a person's roles do not cover a command, UnknownCase where they may not even see its case.

    Nobody acts under another name.
    """
    if command.who != person.name:
        raise Refused(f"command {command.name}", "was given under another name")
    if _is_own_token(store, person, command):
        return
    deeds = NEEDS.get(command.name, (Deed.ADMINISTER,))
    for subject, brand in _brands(store, command):
        if any(person.may(deed, brand) for deed in deeds):
            continue
        if brand != EVERY and not person.may(Deed.SEE, brand):
            raise UnknownCase(subject, "is unknown")
        raise Refused(subject, f"your role does not allow you to {' or '.join(deeds)}")


def _is_own_token(store: Store, person: Person, command: Command) -> bool:
    """Whether somebody makes or ends a token of their own; a token makes no others."""
    if person.deeds is not None:
        return False
    if command.name == "token-add":
        return command.arguments.get("user") == person.name
    mine = {token.id for token in store.tokens() if token.user == person.name} if command.name == "token-end" else ()
    return command.arguments.get("token") in mine


def _brands(store: Store, command: Command) -> Iterable[tuple[str, str]]:
    """Return what a command is about, each with its brand; `*` where it concerns every brand."""
    found = [*_subjects(store, command.arguments)]
    if command.name == "silence":
        found += [("silence", brand) for brand in _silenced(command.arguments.get("matchers"))]
    if command.name == "end-silence":
        found += _ended(store, command.arguments.get("silence"))
    brand = command.arguments.get("brand")
    if isinstance(brand, str) and brand and (found or command.name in _OF_A_BRAND):
        found += [(f"brand {brand[:64]}", brand)]
    return found or [(f"command {command.name}", EVERY)]


def _subjects(store: Store, arguments: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for key in ("case", "cases", "incident", "into", "sample", "suggestion"):
        value = arguments.get(key)
        for number in value if isinstance(value, list) else [value]:
            if value is not None:
                yield f"{'incident' if key == 'into' else key.rstrip('s')} {number!s:.20}", _brand(store, key, number)


def _brand(store: Store, key: str, number: Any) -> str:
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 2**63:
        raise MonitorError(f"argument {key}", "is no number from 1", "give a number")
    looked_up = {"incident": store.incident, "into": store.incident, "sample": store.sample,
                 "suggestion": lambda number: suggestion_of(store, number)}  # fmt: skip
    known: Any = looked_up.get(key, store.case)(number)
    if known is None:
        raise UnknownCase(f"{key.rstrip('s')} {number}", "is unknown")
    brand: str = known.brand
    return brand or EVERY


def _silenced(matchers: Any) -> list[str]:
    """Return the brands that a silence holds for; one that names none holds for every brand."""
    named = matchers.get("brand") if isinstance(matchers, dict) else None
    brands = [brand for brand in named if isinstance(brand, str)] if isinstance(named, list) else []
    return [EVERY] if EVERY in brands or not brands else brands


def _ended(store: Store, number: Any) -> list[tuple[str, str]]:
    """Return the brands of a silence that is to end. Raises UnknownCase where there is no such silence."""
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < 2**63:
        raise MonitorError("argument silence", "is no number from 1", "give a number")
    matchers = store.silence_matchers(number)
    if matchers is None:
        raise UnknownCase(f"silence {number}", "is unknown")
    return [(f"silence {number}", brand) for brand in _silenced(matchers)]
