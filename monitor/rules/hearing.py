"""Hearing: what the model's second ear adds to the phrase lists, and where it doubts them.

Lists find what was foreseen, word for word and in four languages; the head hears what a text tells of, in English. A
class that only the head hears counts as a phrase that still wants support, unless it is as good as certain.
"""

from collections.abc import Sequence
from dataclasses import replace

from models.classifier import Verdict
from monitor.domain import Severity
from monitor.rules.severity import Finding, Strength

HEARD = 0.9
"""Probability from which the head finds a class by itself; the model card tells how often it is right there."""

HEARD_PRESSING = 0.5
"""The same for a post that the model hears to be urgent."""

PRESSING = 0.97
"""Probability from which the model hears that a post cannot wait."""

CONFIRMED = 0.6
"""Probability from which a weak phrase is meant."""

AUDIBLE = 0.35
"""Probability below which the head hears nothing of what a phrase says: most of those are other people's dangers."""

_HEEDED = frozenset(severity for severity in Severity if severity.grave)
"""What the head is believed about: of other trouble it hears too much, and the lists hear enough."""

_CERTAIN = 0.965
"""Nearly the surest that it ever is: its answers were smoothed by 0.02 while it learned."""

_DOUBTED = 0.1


def hear(findings: Sequence[Finding], verdict: Verdict) -> tuple[Finding, ...]:
    """Return the findings of the lists with what the head hears of grave classes."""
    if not verdict.severity:
        return tuple(findings)
    heard = {Severity(name): chance for name, chance in verdict.severity.items() if Severity(name) in _HEEDED}
    enough = HEARD_PRESSING if is_pressing(verdict) else HEARD
    confirmed = [_confirmed(finding, heard.get(finding.severity, 0.0)) for finding in findings]
    known = {finding.severity for finding in confirmed if finding.strong}
    added = [
        _heard(severity, chance) for severity, chance in heard.items() if chance >= enough and severity not in known
    ]
    kept = [finding for finding in confirmed if finding.severity not in {found.severity for found in added}]
    return (*kept, *added)


def is_pressing(verdict: Verdict) -> bool:
    """Whether the model hears that somebody should look at once."""
    return (verdict.urgent or 0.0) >= PRESSING


def doubt(finding: Finding, verdict: Verdict) -> int:
    """Return 1 where the head supports a phrase, -1 where it hears nothing of its class, 0 where it has no say.

    An impostor is known by a handle, which the head does not see: it never speaks against that.
    """
    chance = (verdict.severity or {}).get(finding.severity.value)
    if chance is None:
        return 0
    support = int(chance >= CONFIRMED) - int(chance < _DOUBTED)
    return max(0, support) if finding.severity is Severity.IMPOSTOR else support


def is_deaf_to(severity: Severity, verdict: Verdict) -> bool:
    """Whether the model has the head and hears nothing of a class."""
    return (verdict.severity or {}).get(severity.value, 1.0) < AUDIBLE


def _confirmed(finding: Finding, chance: float) -> Finding:
    if finding.strong or chance < CONFIRMED:
        return finding
    return replace(finding, strength=Strength.STRONG, heard=True)


def _heard(severity: Severity, chance: float) -> Finding:
    strength = Strength.SURE if chance >= _CERTAIN else Strength.STRONG
    return Finding(severity, strength, f"the model hears {severity.value} ({chance:.2f})", heard=True)
