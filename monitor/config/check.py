"""How the parts of a config fit together: names that must exist, names that must differ, queries that must parse.

Everything here reads the raw values, so that a mistake in one section never hides those in another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.options import SourceOptions
from monitor.config.document import Document
from monitor.config.parts import Origin, Parts
from monitor.config.problem import Path, Problem, problem_at, suggestion
from monitor.config.receivers import ReceiverOptions


@dataclass(frozen=True, slots=True)
class Draft:
    """A config that was read and not yet accepted. `thorough` asks for the checks that take time."""

    document: Document
    sources: Parts[SourceOptions]
    receivers: Parts[ReceiverOptions]
    origin: Origin
    thorough: bool = True

    def section(self, name: str) -> dict[str, Any]:
        """Return a top-level mapping, empty where the file has none or something else."""
        found = self.document.value.get(name)
        return found if isinstance(found, dict) else {}

    def entries(self, *path: str) -> list[tuple[Path, dict[str, Any]]]:
        """Return the mappings of the list at `path`, each with its own path."""
        found = self.document.value
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        entries = found if isinstance(found, list) else []
        return [((*path, index), entry) for index, entry in enumerate(entries) if isinstance(entry, dict)]

    def watches(self) -> list[tuple[Path, dict[str, Any]]]:
        """Return every watch of every brand."""
        return [watch for brand in self.section("brands") for watch in self.entries("brands", brand, "watches")]

    def problem(self, path: Path, message: str, hint: str = "", *, warning: bool = False, scope: str = "") -> Problem:
        """Return a problem of the value at `path`."""
        place = self.document.value_place(path)
        return problem_at(place, path, message, hint, warning=warning, scope=scope or "daemon")


def check_draft(draft: Draft) -> list[Problem]:
    """Return everything that does not fit together, and what deserves a warning."""
    from monitor.config.advice import advise  # noqa: PLC0415 - advice needs Draft from here
    from monitor.config.answers_check import check_answers  # noqa: PLC0415 - as well
    from monitor.config.route_check import check_routes  # noqa: PLC0415 - as well
    from monitor.config.staffing import check_staffing  # noqa: PLC0415 - as well

    problems = [*_references(draft), *_repeats(draft), *advise(draft), *check_routes(draft), *check_staffing(draft)]
    problems += check_answers(draft)
    if draft.thorough:
        from monitor.config.language import check_language  # noqa: PLC0415 - lark and the phrase lists take time

        problems += check_language(draft)
    return problems


def _references(draft: Draft) -> Iterator[Problem]:
    """Names that lead nowhere."""
    sources, receivers, brands = draft.section("sources"), draft.section("receivers"), draft.section("brands")
    for path, watch in draft.watches():
        yield from unknown_names(draft, (*path, "sources"), watch.get("sources"), "source", list(sources))
    triage = draft.section("triage").get("calibration")
    for brand, table in triage.items() if isinstance(triage, dict) else ():
        path = ("triage", "calibration", brand)
        yield from unknown_names(draft, path, brand, "brand", list(brands))
        for source in table if isinstance(table, dict) else ():
            yield from unknown_names(draft, (*path, source), source, "source", list(sources))
    for section in ("routes", "digests", "reports"):
        for path, entry in draft.entries(section):
            yield from unknown_names(draft, (*path, "to"), entry.get("to"), "receiver", list(receivers))
            key = "brands" if section == "digests" else "brand"
            yield from unknown_names(draft, (*path, key), entry.get(key), "brand", list(brands))
    for path, entry in draft.entries("events"):
        yield from unknown_names(draft, (*path, "brand"), entry.get("brand"), "brand", list(brands))
    yield from unknown_names(draft, ("fallback",), draft.document.value.get("fallback"), "receiver", list(receivers))
    for name, receiver in receivers.items():
        if isinstance(receiver, dict):
            path = ("receivers", str(name), "changes")
            yield from unknown_names(draft, path, receiver.get("changes"), "brand", list(brands))
    canary = draft.section("canary").get("receiver")
    yield from unknown_names(draft, ("canary", "receiver"), canary, "receiver", list(receivers))


def unknown_names(draft: Draft, path: Path, value: Any, word: str, known: Sequence[str]) -> Iterator[Problem]:
    """Return a problem for each name at `path` that is none of the known ones."""
    named = [(path, value)] if isinstance(value, str) else []
    if isinstance(value, list):
        named = [((*path, index), name) for index, name in enumerate(value) if isinstance(name, str)]
    for where, name in named:
        if name not in known:
            hint = suggestion(name, known) or f"add it under {word}s"
            yield draft.problem(where, f"no {word} is named {name[:60]!r}", hint)


def _repeats(draft: Draft) -> Iterator[Problem]:
    """Names that two entries of one list share."""
    lists: list[tuple[str, ...]] = [(name,) for name in ("digests", "reports", "events")]
    lists += [("brands", brand, "watches") for brand in draft.section("brands")]
    for where in lists:
        seen: dict[str, int] = {}
        for path, entry in draft.entries(*where):
            name = entry.get("name")
            if not isinstance(name, str):
                continue
            if name in seen:
                line = f"the first stands in line {seen[name]}; give each a name of its own"
                yield draft.problem((*path, "name"), f"the name {name!r} is used twice", line)
            seen.setdefault(name, draft.document.value_place((*path, "name")).line)
