"""What is wrong with people, shifts and chains: names that lead nowhere, hours that nobody covers, endless chains."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from monitor.config.answers import Approval
from monitor.config.check import Draft
from monitor.config.escalation import KEYWORDS, NEXT_ON_SHIFT, ON_SHIFT, Chain
from monitor.config.people import Person, Shift
from monitor.config.problem import Path, Problem, suggestion
from monitor.config.values import Name
from monitor.domain import Level
from monitor.rules.shifts import Roster, uncovered

STEPS_LIMIT = 500
"""Steps of a chain, repetitions written out."""

LENGTH_LIMIT = timedelta(days=7)
_WEEKS = (datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC))
"""Weeks in which hours are looked at: one of winter, one of summer, since zones change theirs on different days."""

Value = TypeVar("Value")


def check_staffing(draft: Draft) -> Iterator[Problem]:
    """Return what does not fit together in `people`, `shifts`, `absences`, `overrides` and `escalation`."""
    yield from _people(draft)
    for section, keys in (("shifts", ("who",)), ("absences", ("who",)), ("overrides", ("who", "instead_of"))):
        for path, entry in draft.entries(section):
            for key in keys:
                yield from _unknown(draft, (*path, key), entry.get(key), "person", [*draft.section("people")])
    for level in Level:
        yield from _chain(draft, level)
    yield from _approval(draft)


def _people(draft: Draft) -> Iterator[Problem]:
    receivers, brands = list(draft.section("receivers")), list(draft.section("brands"))
    for name, raw in draft.section("people").items():
        path = ("people", name)
        if name in KEYWORDS or name in receivers:
            whose = "a word of chains" if name in KEYWORDS else "the name of a receiver"
            yield draft.problem(path, f"is {whose}, too", "give the person another name")
        if isinstance(raw, dict):
            yield from _unknown(draft, (*path, "receivers"), raw.get("receivers"), "receiver", receivers)
            yield from _unknown(draft, (*path, "brands"), raw.get("brands"), "brand", brands)


def _chain(draft: Draft, level: Level) -> Iterator[Problem]:
    path: Path = ("escalation", level.value)
    known = [*KEYWORDS, *draft.section("people"), *draft.section("receivers")]
    for where, step in draft.entries(*(str(part) for part in path), "steps"):
        yield from _unknown(draft, (*where, "notify"), step.get("notify"), "person or receiver", known)
    chain = _valid(Chain, draft.section("escalation").get(level.value))
    if chain is None:
        return
    yield from _endless(draft, path, chain)
    words = {word for step in chain.steps for word in step.notify}
    if draft.thorough and level.urgent and words & {ON_SHIFT, NEXT_ON_SHIFT}:
        yield from _gaps(draft, path)


def _approval(draft: Draft) -> Iterator[Problem]:
    """The steps that ask for an approval are steps of a chain."""
    path: Path = ("answers", "approval")
    known = [*KEYWORDS, *draft.section("people"), *draft.section("receivers")]
    for where, step in draft.entries("answers", "approval", "steps"):
        yield from _unknown(draft, (*where, "notify"), step.get("notify"), "person or receiver", known)
    approval = _valid(Approval, draft.section("answers").get("approval"))
    if approval is not None:
        yield from _endless(draft, path, approval)


def _endless(draft: Draft, path: Path, chain: Chain) -> Iterator[Problem]:
    steps = chain.repeat * sum(step.repeat for step in chain.steps if step.notify)
    length = chain.repeat * sum((step.repeat * step.wait for step in chain.steps), timedelta(0))
    if not steps:
        yield draft.problem(path, "the chain tells nobody", "give a step `notify: on-shift`")
    elif steps > STEPS_LIMIT or length > LENGTH_LIMIT:
        days = f"{length / timedelta(days=1):.0f} days and " if length > LENGTH_LIMIT else ""
        hint = f"repeat less: a chain has at most {STEPS_LIMIT} steps and {LENGTH_LIMIT.days} days"
        yield draft.problem(path, f"the chain never ends: it would take {days}{steps:,} steps", hint)
    elif _hammers(chain):
        yield draft.problem(path, "a repeated step does not wait", "give it a wait, such as `wait: 5m`")


def _hammers(chain: Chain) -> bool:
    """Whether the same would be told again at once."""
    waits = [step.wait for step in chain.steps]
    return any(step.repeat > 1 and not step.wait for step in chain.steps) or (chain.repeat > 1 and not any(waits))


def _gaps(draft: Draft, path: Path) -> Iterator[Problem]:
    """Hours of the week in which nobody is on shift for a brand: everybody is told then."""
    people = _valid(dict[Name, Person], draft.section("people"))
    shifts = _valid(tuple[Shift, ...], draft.document.value.get("shifts") or ())
    if not people or shifts is None:
        return
    roster = Roster(people, shifts)
    for brand in draft.section("brands") or [None]:
        gap = next(filter(None, (uncovered(roster, week, week + timedelta(days=7), brand) for week in _WEEKS)), None)
        if gap is not None:
            zone = ZoneInfo(next(iter(people.values())).zone)
            whose = f" for {brand}" if brand and any(person.brands for person in people.values()) else ""
            when = f"{gap.astimezone(zone):%A %H:%M} ({zone.key})"
            hint = "everybody is told then; add a shift"
            yield draft.problem(path, f"nobody is on shift{whose} from {when}", hint, warning=True)
            return


def _valid(kind: type[Value] | Any, raw: Any) -> Any:
    """Return a section by its schema; None where it is missing, or wrong, which is told elsewhere."""
    if raw is None:
        return None
    try:
        return TypeAdapter(kind).validate_python(raw)
    except ValidationError:
        return None


def _unknown(draft: Draft, path: Path, value: Any, word: str, known: Sequence[str]) -> Iterator[Problem]:
    named = [(path, value)] if isinstance(value, str) else []
    if isinstance(value, list):
        named = [((*path, index), name) for index, name in enumerate(value) if isinstance(name, str)]
    for where, name in named:
        if name not in known:
            yield draft.problem(where, f"no {word} is named {name[:60]!r}", suggestion(name, known) or "add it first")
