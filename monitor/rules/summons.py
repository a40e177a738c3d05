"""Whom a step of a chain tells at a moment: its words as people and receivers. Pure.

Whoever is away is left out. A step that would tell nobody tells more: who is on shift, else everybody who is there,
else the receivers that are told of the case anyway, so that no step is lost.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from monitor.config.escalation import EVERYONE, NEXT_ON_SHIFT, ON_SHIFT
from monitor.rules.chain import next_in_turn
from monitor.rules.shifts import Roster, on_shift, present


@dataclass(frozen=True, slots=True)
class Turns:
    """Whose turn it was: in this chain, and when last in any."""

    told: Sequence[str] = ()
    last: Mapping[str, datetime] | None = None


@dataclass(frozen=True, slots=True)
class Summons:
    """Who is told: people, receivers that a step names itself, all the receivers that this means, whose turn it is."""

    people: tuple[str, ...]
    receivers: tuple[str, ...]
    turn: str | None = None
    named: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """People and named receivers, else the receivers that stand in for them: what the trail shows."""
        return (*self.people, *self.named) or self.receivers


def summon(
    notify: Sequence[str],
    roster: Roster,
    brand: str,
    now: datetime,
    *,
    usable: Set[str],
    turns: Turns | None = None,
    others: Sequence[str] = (),
) -> Summons:
    """Return whom a step tells.

    `usable` are the receivers that can be reached at all, `others` those that are told where there is nobody else.
    """
    there = tuple(name for name in present(roster, now, brand) if _reach(roster, name, usable))
    shift = tuple(name for name in on_shift(roster, now, brand) if name in there)
    turn = _turn(shift, turns or Turns()) if NEXT_ON_SHIFT in notify else None
    reachable = [name for name in present(roster, now) if _reach(roster, name, usable)]
    people = list(
        dict.fromkeys(name for word in notify for name in _people(word, reachable, there=there, shift=shift, turn=turn))
    )
    named = [word for word in notify if word in usable and word not in roster.people]
    if not people and not named:
        people = list(shift or there)
    receivers = [receiver for name in people for receiver in _reach(roster, name, usable)] + named
    if not receivers:
        receivers = [name for name in others if name in usable and not _of_the_away(roster, name, now)]
    return Summons(tuple(people), tuple(dict.fromkeys(receivers)), turn, tuple(named))


def owner(roster: Roster, claimed_by: str | None) -> str | None:
    """Return the person who has claimed a case, however they write their name; None for nobody that is known."""
    wanted = (claimed_by or "").casefold()
    return next((name for name in roster.people if name.casefold() == wanted), None)


def _people(
    word: str, reachable: Sequence[str], *, there: Sequence[str], shift: Sequence[str], turn: str | None
) -> Sequence[str]:
    if word == ON_SHIFT:
        return shift
    if word == NEXT_ON_SHIFT:
        return (turn,) if turn else ()
    if word == EVERYONE:
        return there
    return (word,) if word in reachable else ()


def _turn(shift: Sequence[str], turns: Turns) -> str | None:
    return next_in_turn(shift, turns.told, turns.last or {})


def _reach(roster: Roster, name: str, usable: Set[str]) -> tuple[str, ...]:
    return tuple(receiver for receiver in roster.people[name].receivers if receiver in usable)


def _of_the_away(roster: Roster, receiver: str, now: datetime) -> bool:
    """Whether a receiver reaches nobody but people who are away."""
    owners = [name for name, person in roster.people.items() if receiver in person.receivers]
    return bool(owners) and not set(owners) & set(present(roster, now))
