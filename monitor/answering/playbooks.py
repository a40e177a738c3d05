"""Playbooks: what to do, step by step, for the classes of a case. Shipped in English; the config may replace them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from monitor.answering.sections import read_sections
from monitor.config.answers import Answers
from monitor.domain import Severity


@dataclass(frozen=True, slots=True)
class Playbook:
    """The checklist of one class."""

    severity: Severity
    steps: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the playbook as JSON."""
        return {"severity": self.severity, "steps": list(self.steps)}


def playbooks(answers: Answers, severity: Iterable[Severity]) -> tuple[Playbook, ...]:
    """Return the playbooks of these classes, the gravest first; classes without one are left out."""
    found = set(severity)
    shipped = read_sections("playbooks")
    known = {
        one: answers.playbooks.get(one, tuple(shipped.get(one.value, "").splitlines()))
        for one in Severity
        if one in found
    }
    return tuple(Playbook(one, steps) for one, steps in known.items() if steps)
