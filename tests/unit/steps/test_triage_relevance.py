from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.classifier import Embedding, Reading
from monitor.config.schema import Brand, Watch
from monitor.domain import DropRule
from monitor.rules.relevance import embed_sentences
from monitor.steps.services import Services
from monitor.steps.triage import triage
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, store_mentions
from tests.services import FakeClassifier, make_services

SAYS = Brand(watches=(Watch(name="name", query="lumo"),), about=("lumo sells lamps",), not_about=("lumo is a choir",))


class Pointing(FakeClassifier):
    """Points what sings one way and everything else another; counts its passes over texts."""

    passes = 0

    def read(self, texts: Sequence[str]) -> list[Reading]:
        self.passes += 1
        verdicts = [self._verdict(self.judge(text)) for text in texts]
        return [Reading(verdict, direction) for verdict, direction in zip(verdicts, self.embed(texts), strict=True)]

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        return [np.array([0, 1] if "choir" in text else [1, 0], dtype=np.float32) for text in texts]


def services_of(classifier: Pointing) -> Services:
    services = make_services(classifier=classifier, brands={"lumo": SAYS})
    return replace(services, sentences=embed_sentences({"lumo": SAYS}, classifier.embed, classifier.fingerprint))


def test_a_post_is_compared_with_the_sentences_of_its_brand_in_one_pass() -> None:
    store, classifier = SqliteStore(None), Pointing()
    song = make_mention("the lumo choir is broken, half of it sings flat")
    store_mentions(store, [song, make_mention("my lumo lamp is broken")])
    triage(store, services_of(classifier), NOW)
    (case,) = store.queue(NOW)
    assert case.text == "my lumo lamp is broken"
    assert "relevance" in {reason.name for reason in case.reasons}
    (dropped,) = store.explain(song.native_id)
    assert dropped.decision is not None
    assert dropped.decision["drop"] == DropRule.NOT_US
    assert (classifier.passes, classifier.read_texts) == (1, [])


def test_the_likeness_is_stored_with_the_decision() -> None:
    store = SqliteStore(None)
    song = make_mention("the lumo choir is broken, half of it sings flat")
    store_mentions(store, [song])
    triage(store, services_of(Pointing()), NOW)
    (found,) = store.explain(song.native_id)
    assert found.history is not None
    known = found.history["relevance"]
    assert (known["about"], known["not_about"], known["not_about_sentence"]) == (0.0, 1.0, "lumo is a choir")


def test_a_brand_that_says_nothing_is_read_in_one_pass_as_well() -> None:
    store, classifier = SqliteStore(None), Pointing()
    store_mentions(store, [make_mention("my lumo lamp is broken")])
    triage(store, make_services(classifier=classifier), NOW)
    assert (classifier.passes, classifier.read_texts) == (1, [])
    assert store.queue(NOW)
