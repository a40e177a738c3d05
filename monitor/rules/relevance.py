"""Whether a post is about the brand or about something else of the same name, by the brand's own sentences.

The brand says what it is about, and what its name means elsewhere. The model points each sentence and each post in a
direction; the cosine of two directions says how alike they are. A post counts as much as the sentence of each list that
it is nearest to:

    margin = likeness to the nearest sentence of `about` - likeness to the nearest one of `not_about`

`bench/relevance.py` measures the lines that are drawn here.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from models.classifier import Embedding
from monitor.config.schema import Brand
from monitor.domain import Relevance

NOT_US_MARGIN = -0.2
"""Below this margin a post is about something else: none of 98 posts about a brand, half of 98 about others are."""

_UNLIKE = 0.3
"""Likeness of a chance post to the nearest sentence; stands for `not_about` where a brand gives none."""

_FULL = 0.4
"""The margin from which the factor gives all of its points."""

_SHOWN = 60

Embed = Callable[[Sequence[str]], Sequence[Embedding]]


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of a brand and where the model points them. `key` names both."""

    key: str
    about: tuple[str, ...]
    not_about: tuple[str, ...]
    directions: Mapping[str, Embedding]


def embed_sentences(brands: Mapping[str, Brand], embed: Embed, model: str) -> dict[str, Sentences]:
    """Return the sentences of each brand that has some; `model` is the fingerprint of what embeds."""
    found = {}
    for name, brand in brands.items():
        if brand.about:
            both = tuple(dict.fromkeys((*brand.about, *brand.not_about)))
            directions = dict(zip(both, embed(both), strict=True))
            found[name] = Sentences(sentences_key(brand, model), brand.about, brand.not_about, directions)
    return found


def sentences_key(brand: Brand, model: str) -> str:
    """Return what two readings share that were made with the same sentences by the same model."""
    return hashlib.sha256(repr((brand.about, brand.not_about, model)).encode()).hexdigest()[:16]


def compare(direction: Embedding, sentences: Sentences) -> Relevance:
    """Return how alike a post is to what its brand is about, and to what it is not."""
    about, about_sentence = _nearest(direction, sentences.about, sentences.directions)
    if not sentences.not_about:
        return Relevance(sentences.key, about, about_sentence, None, None)
    return Relevance(
        sentences.key, about, about_sentence, *_nearest(direction, sentences.not_about, sentences.directions)
    )


def relevance_of(text: str, brand: str, sentences: Mapping[str, Sentences], embed: Embed) -> Relevance | None:
    """Return how alike one text is to what its brand says; None, unread, where the brand says nothing."""
    known = sentences.get(brand)
    return None if known is None else compare(embed([text])[0], known)


def _nearest(direction: Embedding, sentences: Sequence[str], directions: Mapping[str, Embedding]) -> tuple[float, str]:
    """Return the likeness to the nearest sentence, and that sentence."""
    return max((round(float(direction @ directions[sentence]), 3), sentence) for sentence in sentences)


def margin(relevance: Relevance) -> float:
    """Return by how much a post is more like the brand than like something else, from -2 to 2."""
    return relevance.about - (_UNLIKE if relevance.not_about is None else relevance.not_about)


def is_about_others(relevance: Relevance) -> bool:
    """Whether a post is clearly about something else; never where the brand does not say what that would be."""
    return relevance.not_about is not None and margin(relevance) < NOT_US_MARGIN


def share_of(relevance: Relevance) -> float:
    """Return the share of the factor's points, 0 to 1."""
    return min(1.0, max(0.0, margin(relevance) / _FULL))


def evidence_of(relevance: Relevance) -> str:
    """Return the nearest sentence of each list with its likeness, the nearer one first."""
    parts = [(relevance.about, f'about "{_short(relevance.about_sentence)}" {relevance.about:.2f}')]
    if relevance.not_about is not None:
        said = f'not about "{_short(relevance.not_about_sentence or "")}" {relevance.not_about:.2f}'
        parts.append((relevance.not_about, said))
    return ", ".join(text for _, text in sorted(parts, reverse=True))


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= _SHOWN else sentence[: _SHOWN - 1] + "…"
