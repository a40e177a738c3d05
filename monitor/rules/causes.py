"""The cause of a complaint: what its words say outright, else which example sentences it is most like.

Phrases come first: a complaint that matches the queries of one cause has that cause. Otherwise, and where the queries
of several causes match, the model compares. Each example is a prototype whose weight was solved for, so that the
examples of a cause score 1 for it and 0 for the others (kernel ridge regression, Murphy 2012, 14.4.3, with the kernel
exp(2 (cosine - 1)) and the ridge 0.2, both chosen by cross-validation on the shipped examples alone). The cause that
scores most is taken where it is ahead of the next by a margin; else the cause is `other`. `bench/causes.py` measures
it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.classifier import Embedding
from monitor.config.causes import OTHER, Causes
from monitor.domain import Cause
from monitor.rules.folded import FoldedMention
from monitor.rules.match import Matcher, ParsedWatch
from monitor.rules.query import Lists, Query, parse_entries

MARGIN = 0.02
"""By how much the first cause has to be ahead of the next one; scores lie around 0 to 1."""

_STEEPNESS, _RIDGE = 2.0, 0.2
_SHOWN = 80
_NO_LISTS: Lists = {}

Embed = Callable[[Sequence[str]], Sequence[Embedding]]
Rows = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CauseBook:
    """The causes of one brand, ready to be found. `model` names what its examples were embedded by."""

    names: tuple[str, ...]
    model: str
    phrases: Matcher
    examples: tuple[tuple[str, str], ...]
    """(cause, sentence), in the order of the rows of `directions` and `weights`."""
    directions: Rows
    weights: Rows
    """How much each example speaks for each cause, a column each."""

    def find(self, post: FoldedMention, direction: "Embedding | None") -> Cause:
        """Return the cause of a complaint; without a direction the phrases alone decide."""
        said = self.said(post)
        if len(said) == 1:
            return _by_phrase(*next(iter(said.items())))
        if direction is None or not self.examples:
            most = max(said, key=lambda name: len(said[name]), default=OTHER)
            return _by_phrase(most, said[most]) if said else Cause(OTHER, "no phrase of a cause")
        likeness = self.directions @ direction
        scores = dict(zip(self.names, (_kernel(likeness) @ self.weights).tolist(), strict=True))
        if said:
            nearest = max(said, key=lambda name: scores[name])
            return _by_phrase(nearest, said[nearest])
        return self._nearest(scores, likeness)

    def said(self, post: FoldedMention) -> dict[str, tuple[str, ...]]:
        """Return the causes whose phrases a post matches, with these phrases."""
        return dict(self.phrases.match_folded(post, ""))

    def _nearest(self, scores: Mapping[str, float], likeness: Rows) -> Cause:
        ranked = sorted(scores, key=lambda name: -scores[name])
        if len(ranked) > 1 and scores[ranked[0]] - scores[ranked[1]] < MARGIN:
            return Cause(OTHER, f"between {ranked[0]} and {ranked[1]}")
        own = [at for at, (name, _) in enumerate(self.examples) if name == ranked[0]]
        nearest = max(own, key=lambda at: float(likeness[at]), default=None)
        like = f'like "{_short(self.examples[nearest][1])}" {likeness[nearest]:.2f}' if nearest is not None else ""
        return Cause(ranked[0], like)


def make_book(causes: Causes, embed: Embed, model: str, lists: Lists = _NO_LISTS) -> CauseBook:
    """Return the causes of a brand, ready to be found. Raises QueryError for a phrase that cannot be read."""
    names = tuple(causes)
    examples = tuple((name, sentence) for name, cause in causes.items() for sentence in cause.examples)
    directions = np.array(embed([sentence for _, sentence in examples]) if examples else [], np.float32)
    wanted = np.array([[name == cause for name in names] for cause, _ in examples], np.float32)
    return CauseBook(
        names=names,
        model=model,
        phrases=Matcher(list(_phrases(causes, lists))),
        examples=examples,
        directions=directions,
        weights=_solve(directions, wanted) if examples else wanted,
    )


def _solve(directions: Rows, wanted: Rows) -> Rows:
    """Return the weights by which the examples score as wanted, as far as the ridge lets them."""
    ridge = _RIDGE * np.eye(len(directions), dtype=np.float32)
    solved: Rows = np.linalg.solve(_kernel(directions @ directions.T) + ridge, wanted - wanted.mean(axis=0))
    return solved.astype(np.float32)


def _kernel(likeness: Rows) -> Rows:
    found: Rows = np.exp(_STEEPNESS * (likeness - 1))
    return found


def _phrases(causes: Causes, lists: Lists) -> Iterable[ParsedWatch]:
    for name, cause in causes.items():
        for phrase in cause.phrases:
            yield ParsedWatch(name, phrase, Query(parse_entries([phrase], lists)))


def _by_phrase(name: str, phrases: Sequence[str]) -> Cause:
    return Cause(name, f"phrase {_short(phrases[0])}")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
