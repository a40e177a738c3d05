from pathlib import Path

import numpy as np
import pytest

from models.classifier import SEVERITIES, Verdict
from models.errors import ModelBroken
from models.severity_head import HEAD_FILE, MARKS, SeverityHead, load_severity_head


def make_head(classes: int = len(MARKS)) -> SeverityHead:
    """A head that hears the first class in embeddings that point along the first axis."""
    hidden = np.zeros((4, 2), np.float32)
    hidden[0, 0] = 10
    weights = np.zeros((2, classes), np.float32)
    weights[0, 0] = 8
    return SeverityHead(hidden, np.zeros(2, np.float32), weights, np.full(classes, -4, np.float32))


def save(head: SeverityHead, folder: Path) -> Path:
    parts = {name: getattr(head, name) for name in SeverityHead.__dataclass_fields__}
    np.savez(folder / HEAD_FILE, **parts)
    return folder / HEAD_FILE


def test_each_class_has_a_probability_of_its_own() -> None:
    heard = make_head().hear(np.eye(4, dtype=np.float32)[:2])
    assert heard.shape == (2, len(MARKS))
    assert heard[0, 0] > 0.95
    assert (heard[1] < 0.05).all()


def test_a_head_survives_its_file(tmp_path: Path) -> None:
    head = load_severity_head(save(make_head(), tmp_path))
    assert head is not None
    assert np.allclose(head.hear(np.eye(4, dtype=np.float32)), make_head().hear(np.eye(4, dtype=np.float32)))


def test_weights_without_a_head_have_none(tmp_path: Path) -> None:
    assert load_severity_head(tmp_path / HEAD_FILE) is None


def test_a_file_that_is_no_head_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelBroken, match="other classes"):
        load_severity_head(save(make_head(classes=3), tmp_path))
    (tmp_path / HEAD_FILE).write_bytes(b"nonsense")
    with pytest.raises(ModelBroken, match="cannot be read"):
        load_severity_head(tmp_path / HEAD_FILE)


def test_what_was_heard_is_stored_and_no_part_of_the_five_answers() -> None:
    verdict = Verdict(complaint=0.5, severity=dict.fromkeys(SEVERITIES, 0.25), urgent=0.75)
    assert not {"severity", "urgent"} & set(verdict.to_json())
    assert Verdict.from_json(verdict.to_record()) == verdict


def test_what_earlier_weights_heard_is_read_as_it_was_stored() -> None:
    stored = Verdict(complaint=0.5).to_record() | {"severity": {"safety": 0.9, "legal": 0.1}}
    assert Verdict.from_json(stored).severity == {"safety": 0.9, "legal": 0.1}
    assert Verdict.from_json(stored).urgent is None


def test_a_stored_class_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ModelBroken, match="severity must hold some of"):
        Verdict.from_json(Verdict().to_record() | {"severity": {"boredom": 0.9}})
