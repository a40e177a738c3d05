"""Fits the calibration of one brand at one source to the team's answers, or nothing where they say too little.

Weighted logistic regression of "is a complaint" on the logit of the model's probability (Platt 1999, with his smoothed
targets), drawn towards "as it is" by a penalty worth a few answers; two numbers, by Newton's method.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.config.schema import Calibration
from monitor.feedback.answers import Answered
from monitor.rules.calibration import calibrated, logit

LEAST_EACH = 30
"""Answers of each kind, yes and no, without which nothing is fitted."""

LEAST_GAIN = 3.0
"""Log-likelihood, in nats, that two more numbers must bring: by chance alone they bring more once in twenty."""

_PENALTY = 4.0
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Fit:
    """A calibration, the answers that it rests on, and what it gains in log-likelihood (nats)."""

    table: Calibration
    yes: int
    no: int
    gain: float


def fit_calibration(answers: Sequence[Answered]) -> Fit | None:
    """Return the calibration that the answers of one brand and source ask for; None where it would rest on too few."""
    told = [answer for answer in answers if answer.complaint is not None and answer.probability is not None]
    yes = sum(bool(answer.complaint) for answer in told)
    no = len(told) - yes
    if min(yes, no) < LEAST_EACH:
        return None
    # weights say for how many posts an answer stands, their sum stays the number of answers: evidence is not invented
    scale = len(told) / sum(answer.weight for answer in told)
    high, low = (yes + 1) / (yes + 2), 1 / (no + 2)
    points = [(logit(answer.probability or 0.0), high if answer.complaint else low, answer.weight * scale)
              for answer in told]  # fmt: skip
    slope, shift = _newton(points)
    table = Calibration(slope=round(min(max(slope, 0.1), 10), 3), shift=round(min(max(shift, -10), 10), 3))
    gain = _likelihood(points, table) - _likelihood(points, Calibration())
    return Fit(table, yes, no, round(gain, 1)) if gain >= LEAST_GAIN else None


def _newton(points: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    slope, shift = 1.0, 0.0
    for _ in range(_ROUNDS):
        g1, g2, h11, h12, h22 = _PENALTY * (slope - 1), _PENALTY * shift, _PENALTY, 0.0, _PENALTY
        for x, target, weight in points:
            said = 1 / (1 + math.exp(-max(min(slope * x + shift, 60), -60)))
            error, bend = weight * (said - target), weight * said * (1 - said)
            g1, g2 = g1 + error * x, g2 + error
            h11, h12, h22 = h11 + bend * x * x, h12 + bend * x, h22 + bend
        det = h11 * h22 - h12 * h12
        step1, step2 = (h22 * g1 - h12 * g2) / det, (h11 * g2 - h12 * g1) / det
        longest = max(abs(step1), abs(step2))
        damp = min(1.0, 1.0 / longest) if longest else 1.0
        slope, shift = slope - damp * step1, shift - damp * step2
        if longest < 1e-6:
            break
    return slope, shift


def _likelihood(points: Sequence[tuple[float, float, float]], table: Calibration) -> float:
    found = 0.0
    for x, target, weight in points:
        said = min(max(calibrated(1 / (1 + math.exp(-x)), table), 1e-9), 1 - 1e-9)
        found += weight * (target * math.log(said) + (1 - target) * math.log(1 - said))
    return found
