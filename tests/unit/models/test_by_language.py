"""The language of a text chooses its model; doubt is marked; all embeddings lie in one space."""

from collections.abc import Sequence

import numpy as np

from models.by_language import ByLanguage, load_by_language
from models.classifier import Embedding, Reading, Verdict
from models.language import guess_language


class Constant:
    """Gives every text the same complaint probability, and remembers what it read."""

    def __init__(self, fingerprint: str, complaint: float, axis: int) -> None:
        self.fingerprint = fingerprint
        self.read_texts: list[str] = []
        self._complaint, self._axis = complaint, axis

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Give verdict and embedding."""
        return [
            Reading(verdict, vector) for verdict, vector in zip(self.classify(texts), self.embed(texts), strict=True)
        ]

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        """Give the same verdict to each."""
        self.read_texts += texts
        return [Verdict(complaint=self._complaint, model=self.fingerprint) for _ in texts]

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Give the same vector to each."""
        return [np.eye(4, dtype=np.float32)[self._axis] for _ in texts]


def detect(text: str) -> str | None:
    """The text says its language itself."""
    return None if text.startswith("?") else text[:2]


def test_each_text_is_judged_by_the_model_of_its_language() -> None:
    english, german = Constant("en-1", 0.1, 0), Constant("de-1", 0.9, 1)
    model = ByLanguage({"de": german}, english, detect)
    verdicts = model.classify(["de eins", "en two", "fr trois", "de vier"])
    assert [verdict.model for verdict in verdicts] == ["de-1", "en-1", "en-1", "de-1"]
    assert german.read_texts == ["de eins", "de vier"]


def test_a_doubtful_language_goes_to_the_default_and_is_marked() -> None:
    model = ByLanguage({"de": Constant("de-1", 0.9, 1)}, Constant("en-1", 0.1, 0), detect)
    doubtful, sure = model.classify(["? ok", "en ok"])
    assert (doubtful.model, doubtful.language_doubtful) == ("en-1", True)
    assert not sure.language_doubtful


def test_embeddings_of_all_languages_are_the_defaults() -> None:
    model = ByLanguage({"de": Constant("de-1", 0.9, 1)}, Constant("en-1", 0.1, 0), detect)
    readings = model.read(["de eins", "en two"])
    assert [int(reading.embedding.argmax()) for reading in readings] == [0, 0]


def test_a_language_the_caller_knows_is_not_guessed() -> None:
    model = ByLanguage({"de": Constant("de-1", 0.9, 1)}, Constant("en-1", 0.1, 0), detect)
    assert model.read_as(["en two"], ["de"])[0].verdict.model == "de-1"


def test_the_fingerprint_changes_with_each_model() -> None:
    english, german = Constant("en-1", 0, 0), Constant("de-1", 0, 0)
    assert ByLanguage({"de": german, "en": english}, english).fingerprint == "en-1+de=de-1"
    assert ByLanguage({"de": Constant("de-2", 0, 0)}, english).fingerprint == "en-1+de=de-2"


def test_one_model_for_all_languages_needs_no_choice() -> None:
    assert load_by_language({"en": "lexicon", "de": "lexicon"}, default="lexicon").fingerprint == "lexicon-vader-1"


def test_two_languages_are_told_apart_and_a_short_text_is_doubtful() -> None:
    assert guess_language("Mein Paket ist immer noch nicht angekommen und keiner meldet sich") == "de"
    assert guess_language("@brand my parcel has still not arrived and nobody answers me") == "en"
    assert guess_language("@markedanishbrand ok https://example.org/ikke/dansk/overhovedet") is None
    assert guess_language("") is None
