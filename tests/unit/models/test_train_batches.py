"""Batches: every row as often as the recipe says, packed so that little padding is computed."""

import numpy as np
import pytest

from models.train.batches import draw, pack, pad


def test_each_corpus_is_drawn_as_often_as_its_repeats_say() -> None:
    corpora = ["a"] * 10 + ["b"] * 4 + ["c"] * 3

    drawn = draw(corpora, {"a": 0.5, "b": 2.0}, np.random.default_rng(1))

    names = [corpora[place] for place in drawn]
    assert (names.count("a"), names.count("b"), names.count("c")) == (5, 8, 0)
    assert len({place for place in drawn if corpora[place] == "a"}) == 5


def test_packing_keeps_every_row_exactly_once() -> None:
    places = np.arange(1003)

    batches = pack(places, np.arange(1003) % 50, 32, np.random.default_rng(2))

    assert sorted(np.concatenate(batches)) == list(places)
    assert max(map(len, batches)) == 32


def test_packing_by_length_saves_padding() -> None:
    rng = np.random.default_rng(3)
    lengths = rng.integers(5, 60, 2000)

    batches = pack(np.arange(2000), lengths, 32, rng)

    computed = sum(len(batch) * lengths[batch].max() for batch in batches)
    assert computed < 1.1 * lengths.sum()


def test_the_same_seed_packs_the_same_batches() -> None:
    lengths = np.arange(300) % 17

    first, second = (pack(np.arange(300), lengths, 16, np.random.default_rng(4)) for _ in range(2))

    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("texts", [[[7], [1, 2, 3]], [[4, 5]]])
def test_padding_marks_the_real_words(texts: list[list[int]]) -> None:
    ids, mask = pad(texts)

    assert ids.shape == mask.shape == (len(texts), max(map(len, texts)))
    assert [row[kept == 1].tolist() for row, kept in zip(ids, mask, strict=True)] == texts
    assert ids[mask == 0].sum() == 0
