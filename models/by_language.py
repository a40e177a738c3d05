"""A model for each language: the text's language chooses; where it is doubtful, the default reads and says so.

All embeddings are the default model's, so that posts of two languages about one fault still lie in one space.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from models.classifier import Classifier, Embedding, Reading, Verdict
from models.language import guess_language
from models.registry import DEFAULT_MODEL, load_classifier

Detect = Callable[[str], str | None]
"""Returns the language of a text as ISO 639-1 code, None where it is doubtful."""
_SEPARATOR: Final = "+"


class ByLanguage:
    """Classifiers by language behind one face; see `models.classifier.Classifier`."""

    def __init__(
        self, classifiers: Mapping[str, Classifier], default: Classifier, detect: Detect = guess_language
    ) -> None:
        self._classifiers = dict(classifiers)
        self._default = default
        self._detect = detect

    @property
    def fingerprint(self) -> str:
        """The fingerprints of all the models, the default's first."""
        others = {
            f"{code}={model.fingerprint}" for code, model in self._classifiers.items() if model is not self._default
        }
        return _SEPARATOR.join([self._default.fingerprint, *sorted(others)])

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Give verdict and embedding of each text; its language is found here."""
        return self.read_as(texts, [self._detect(text) for text in texts])

    def read_as(self, texts: Sequence[str], languages: Sequence[str | None]) -> list[Reading]:
        """Give verdict and embedding of texts whose language the caller knows; None stands for doubtful."""
        readings = self._default.read(texts)
        for place, verdict in self._judge_foreign(texts, languages).items():
            readings[place] = replace(readings[place], verdict=verdict)
        return [_mark(reading, language) for reading, language in zip(readings, languages, strict=True)]

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        """Give the verdict on each text."""
        return [reading.verdict for reading in self.read(texts)]

    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Give the unit vector of each text in the space of the default model."""
        return self._default.embed(texts)

    def _judge_foreign(self, texts: Sequence[str], languages: Sequence[str | None]) -> dict[int, Verdict]:
        verdicts: dict[int, Verdict] = {}
        for code, classifier in self._classifiers.items():
            places = [place for place, language in enumerate(languages) if language == code]
            if places and classifier is not self._default:
                verdicts |= zip(places, classifier.classify([texts[place] for place in places]), strict=True)
        return verdicts


def load_by_language(
    specs: Mapping[str, str],
    *,
    default: str = DEFAULT_MODEL,
    detect: Detect = guess_language,
    threads: int | None = None,
    offline: bool = True,
    labels: Mapping[str, str] | None = None,
) -> Classifier:
    """Load the model of each language; each model once, and the default alone when no language has one of its own.

    Raises:
        ModelError: one of the models cannot be loaded.
    """
    loaded = {default: load_classifier(default, threads=threads, offline=offline, labels=labels)}
    for spec in specs.values():
        if spec not in loaded:
            loaded[spec] = load_classifier(spec, threads=threads, offline=offline, labels=labels)
    if len(loaded) == 1:
        return loaded[default]
    return ByLanguage({code: loaded[spec] for code, spec in specs.items()}, loaded[default], detect)


def _mark(reading: Reading, language: str | None) -> Reading:
    return reading if language else replace(reading, verdict=replace(reading.verdict, language_doubtful=True))
