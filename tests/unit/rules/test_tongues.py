"""What of a direction is the language: taken aside, posts are alike by what they tell of."""

from collections.abc import Sequence

import numpy as np

from models.classifier import Embedding
from monitor.rules.incidents import make_lens
from monitor.rules.tongues import parallel_sentences, tongue_directions

MEANINGS = 20


def embed(texts: Sequence[str]) -> list[Embedding]:
    """A model whose directions hold a language, far, and a meaning."""
    blocks = parallel_sentences()
    return [vector_of(*next((at, block.index(text)) for at, block in enumerate(blocks) if text in block))
            if any(text in block for block in blocks) else vector_of(0, 0) for text in texts]  # fmt: skip


def vector_of(language: int, meaning: int) -> Embedding:
    vector = np.zeros(MEANINGS + 8, np.float32)
    vector[meaning], vector[MEANINGS + language] = 1.0, 3.0
    return vector


def test_each_language_says_the_same_number_of_sentences() -> None:
    assert len(parallel_sentences()) == 4
    assert len({len(block) for block in parallel_sentences()}) == 1
    assert len(parallel_sentences()[0]) >= 16


def test_a_lens_sees_what_is_said_and_not_in_which_language() -> None:
    lens = make_lens(("lumo",), np.zeros((0, MEANINGS + 8), np.float32), tongue_directions(embed), embed, "model")
    english, german, other = (lens.unit(vector_of(*post)) for post in ((0, 5), (1, 5), (1, 6)))
    assert float(english @ german) > 0.99
    assert float(german @ other) < 0.2


def test_a_lens_is_square_and_leaves_out_what_is_no_direction() -> None:
    lens = make_lens(("lumo",), np.zeros((0, MEANINGS + 8), np.float32), tongue_directions(embed), embed, "model")
    assert np.allclose(lens.aside @ lens.aside.T, np.eye(len(lens.aside)), atol=1e-5)
    assert len(lens.aside) < 13
