"""Calibration: what the model's complaint probability means for one brand at one source, by the team's own answers.

    logit(p') = slope * logit(p) + shift          Platt (1999), on the logit

`monitor/feedback/platt.py` fits the two numbers; they count once a person has accepted them into `triage.calibration`.
"""

import math
from dataclasses import replace

from models.classifier import Verdict
from monitor.config.schema import Calibration, Triage
from monitor.domain import Decision, DropRule, Hit, Reason

_EDGE = 1e-6


def calibrate(verdict: Verdict, hit: Hit, triage: Triage) -> Verdict:
    """Return the verdict as the config's calibration reads it; the same one where there is none."""
    table = triage.calibration.get(hit.brand, {}).get(hit.source)
    if table is None or verdict.complaint is None:
        return verdict
    return replace(verdict, complaint=calibrated(verdict.complaint, table))


def calibrated(probability: float, table: Calibration) -> float:
    """Return a probability on the calibrated scale; it keeps the order of posts."""
    value = table.slope * logit(probability) + table.shift
    return 1 / (1 + math.exp(-value))


def logit(probability: float) -> float:
    """Return the logarithm of the odds; 0 and 1 count as nearly so."""
    bounded = min(max(probability, _EDGE), 1 - _EDGE)
    return math.log(bounded / (1 - bounded))


def note_calibration(decision: Decision, raw: Verdict) -> Decision:
    """Return the decision with what the model itself gave, wherever a calibrated probability is told."""
    said = f", {raw.complaint:.2f} before calibration"
    if decision.drop is DropRule.NOT_A_COMPLAINT:
        return replace(decision, evidence=decision.evidence + said)
    reasons = (_noted(reason, said) for reason in decision.reasons)
    return replace(decision, reasons=tuple(reasons))


def _noted(reason: Reason, said: str) -> Reason:
    return replace(reason, evidence=reason.evidence + said) if reason.name == "complaint" else reason
