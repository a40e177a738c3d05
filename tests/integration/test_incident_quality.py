"""With the shipped model, complaints about one fault become one incident, and others none."""

import pytest

from bench.incidents import LEAST_F1, compare, measure
from models import registry
from models.classifier import Classifier


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return registry.load_or_fall_back().classifier


@pytest.mark.parametrize("brand", ["nordtel", "corva"])
def test_three_faults_that_overlap_are_told_apart(classifier: Classifier, brand: str) -> None:
    found = measure(classifier, brand, seed=1)
    assert found.f1 >= LEAST_F1, found


def test_pairs_are_counted() -> None:
    quality = compare(["a", "a", "a", "b", None, None], [1, 1, None, 1, 2, None])
    assert (quality.precision, quality.recall, quality.incidents) == (1 / 3, 1 / 3, 2)
    assert compare(["a", "a"], [None, None]).f1 == 0
