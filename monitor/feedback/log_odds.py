"""Which terms two sets of posts differ by: log-odds ratios with an informative Dirichlet prior.

Monroe, Colaresi & Quinn (2008), "Fightin' Words: Lexical Feature Selection and Evaluation for Identifying the Content
of Political Conflict", Political Analysis 16(4), equations 16, 20 and 22. A term counts once an author: who repeats
himself is one voice. The prior is both sets together, so that a term that is common everywhere needs more to stand out.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

PRIOR_SHARE, PRIOR_MOST = 0.1, 500.0
"""What the prior is worth, as a share of all terms counted, and at most: a few posts must not drown in it."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term, by how many authors of the first and the second set it is used, and its z-score towards the first."""

    term: str
    first: int
    second: int
    z: float


def compare_terms(
    first: Mapping[str, int], second: Mapping[str, int], totals: tuple[int, int] | None = None
) -> list[Term]:
    """Return the terms of two sets by their z-scores, those of the first set first.

    `totals` are the sizes of the sets; all terms counted, unless given: names are rare, most posts have none.
    """
    n1, n2 = totals or (sum(first.values()), sum(second.values()))
    if not n1 or not n2:
        return []
    all_terms = n1 + n2
    size = min(PRIOR_SHARE * all_terms, PRIOR_MOST)
    found = []
    for term in {*first, *second}:
        y1, y2 = first.get(term, 0), second.get(term, 0)
        prior = (y1 + y2) * size / all_terms
        odds1 = _log_odds(y1 + prior, n1 + size)
        odds2 = _log_odds(y2 + prior, n2 + size)
        z = (odds1 - odds2) / math.sqrt(1 / (y1 + prior) + 1 / (y2 + prior))
        found.append(Term(term, y1, y2, round(z, 2)))
    return sorted(found, key=lambda entry: (-entry.z, entry.term))


def _log_odds(count: float, total: float) -> float:
    return math.log(count / max(total - count, 0.5))  # a term that is all there is has no finite odds
