"""Cross-validation judges every text by a head that has not seen it."""

import numpy as np
import pytest

from models.folds import cross_validate, split_evenly

RNG = np.random.default_rng(1)
TRUTH = np.array([0] * 120 + [1] * 60)
VECTORS = RNG.normal(size=(180, 16)).astype(np.float32)
VECTORS[:, 0] += 3 * TRUTH
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)


def test_every_fold_has_its_share_of_every_class() -> None:
    folds = split_evenly(TRUTH, 5, seed=0)
    assert [int(((folds == fold) & (TRUTH == 1)).sum()) for fold in range(5)] == [12] * 5
    assert [int(((folds == fold) & (TRUTH == 0)).sum()) for fold in range(5)] == [24] * 5


def test_what_the_embedding_tells_is_found() -> None:
    chances = cross_validate(VECTORS, TRUTH, 2, folds=5, seed=0)
    assert float((chances.argmax(1) == TRUTH).mean()) > 0.85
    assert chances.sum(1) == pytest.approx(np.ones(180))


def test_labels_that_mean_nothing_are_not_learnt_by_heart() -> None:
    shuffled = RNG.permutation(TRUTH)
    chances = cross_validate(RNG.normal(size=(180, 100)).astype(np.float32) / 10, shuffled, 2, folds=5, seed=0)
    assert float((chances.argmax(1) == shuffled).mean()) < 0.75


@pytest.mark.parametrize("folds", [1, 181])
def test_a_number_of_folds_that_cannot_be_is_refused(folds: int) -> None:
    with pytest.raises(ValueError, match="not between 2 and the number of texts"):
        cross_validate(VECTORS, TRUTH, 2, folds=folds, seed=0)
