from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from models.classifier import Embedding
from models.hashed import hashed_embedding
from models.registry import DEFAULT_MODEL, load_classifier
from monitor.config.causes import shipped_causes
from monitor.rules import known_directions
from monitor.rules.known_directions import embed_known, write_directions

EXAMPLES = [sentence for cause in shipped_causes().values() for sentence in cause.examples]


def refuse(texts: Sequence[str]) -> list[Embedding]:
    raise AssertionError(f"{texts} were read")


def test_every_shipped_example_is_known_of_the_shipped_model_and_read_by_nobody() -> None:
    model = load_classifier(DEFAULT_MODEL)
    found = embed_known(refuse, model.fingerprint)(EXAMPLES)
    some = range(0, len(EXAMPLES), 60)
    for known, read in zip([found[at] for at in some], model.embed([EXAMPLES[at] for at in some]), strict=True):
        assert float(known @ read) > 0.99  # processors round differently


def test_other_sentences_are_read_and_keep_their_places() -> None:
    model = load_classifier(DEFAULT_MODEL).fingerprint
    asked: list[str] = []

    def embed(texts: Sequence[str]) -> list[Embedding]:
        asked.extend(texts)
        return [hashed_embedding(text) for text in texts]

    found = embed_known(embed, model)(["my own words", EXAMPLES[0], "my own words"])
    assert asked == ["my own words"]
    assert np.array_equal(found[0], hashed_embedding("my own words"))
    assert np.array_equal(found[0], found[2])
    assert not np.array_equal(found[0], found[1])


def test_another_model_reads_everything() -> None:
    found = embed_known(lambda texts: [hashed_embedding(text) for text in texts], "another")(EXAMPLES[:2])
    assert np.array_equal(found, [hashed_embedding(text) for text in EXAMPLES[:2]])


def test_what_is_written_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "directions.npz"
    write_directions(["one", "two"], lambda texts: [hashed_embedding(text) for text in texts], "a model", path)
    monkeypatch.setattr(known_directions, "DIRECTIONS_FILE", path)
    assert np.array_equal(embed_known(refuse, "a model")(["two"]), [hashed_embedding("two")])
