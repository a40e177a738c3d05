"""With the shipped model, complaints about one fault become one incident, and others none."""

import numpy as np
import pytest

from bench.incidents import LEAST_F1, compare, measure
from models import registry
from models.classifier import Classifier
from monitor.config.causes import shipped_causes
from monitor.config.incidents import Incidents
from monitor.rules.incidents import Gatherer, Report, make_lens, telling_words
from monitor.rules.tongues import tongue_directions
from tests.builders import NOW


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return registry.load_or_fall_back().classifier


@pytest.mark.parametrize("brand", ["nordtel", "corva"])
def test_three_faults_that_overlap_are_told_apart(classifier: Classifier, brand: str) -> None:
    found = measure(classifier, brand, seed=1)
    assert found.f1 >= LEAST_F1, found


def test_complaints_in_one_language_are_no_incident(classifier: Classifier) -> None:
    texts = ("Mein Paket ist nie angekommen.", "Die Rechnung stimmt hinten und vorne nicht.", "Der Händler war frech.",
             "Seit dem Update flackert die Küche.", "Warum kostet das Ersatzteil mehr als die Lampe?",
             "Ich komme nicht mehr in mein Konto.", "Der Dimmer ist nach zwei Tagen kaputt gegangen.",
             "Euer Vertreter stand ungefragt vor der Tür.", "Wo bleibt die Gutschrift vom Juli?",
             "Die Anleitung fehlt, und die Hotline legt auf.")  # fmt: skip
    examples = [sentence for cause in shipped_causes().values() for sentence in cause.examples]
    tongues = tongue_directions(classifier.embed)
    lens = make_lens(("lumo",), np.array(classifier.embed(examples)), tongues, classifier.embed, "model")
    vectors = classifier.embed(texts)
    gatherer = Gatherer(lens, Incidents())
    gatherer.place_all([Report(number, vector, telling_words(text, ("lumo",)), NOW)
                        for number, (text, vector) in enumerate(zip(texts, vectors, strict=True))])  # fmt: skip
    assert not gatherer.clusters


def test_pairs_are_counted() -> None:
    quality = compare(["a", "a", "a", "b", None, None], [1, 1, None, 1, 2, None])
    assert (quality.precision, quality.recall, quality.incidents) == (1 / 3, 1 / 3, 2)
    assert compare(["a", "a"], [None, None]).f1 == 0
