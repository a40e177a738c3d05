"""Foreign models: found in the cache or in a folder, run with or without torch, refused with the next step."""

import builtins
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

from models.errors import ExtraMissing, ModelBroken, ModelMissing
from models.registry import load_classifier
from tests.contract.tiny_hub_model import build_onnx_model, build_torch_model

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub."""
    folder = tmp_path / "cache"
    folder.mkdir()
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.setattr(constants, name, str(folder), raising=False)
    return folder


def snapshot(cache: Path, ref: str = "main") -> Path:
    """Make the folder of one revision of owner/tiny, as the hub's own tool lays it out."""
    repository = cache / "models--owner--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / ref).write_text(COMMIT, encoding="utf-8")
    folder = repository / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("revision", ["", "@v1.0", f"@{COMMIT}"])
def test_a_missing_model_names_the_command_that_fetches_it(cache: Path, revision: str) -> None:
    wanted = f" --revision {revision[1:]}" if revision else ""
    with pytest.raises(ModelMissing) as caught:
        load_classifier(f"hub:owner/tiny{revision}")
    assert str(caught.value) == (
        f"model hub:owner/tiny: it is not on this machine; fetch it with: hf download owner/tiny{wanted}"
    )
    assert caught.value.permanent
    assert list(cache.iterdir()) == []


def test_a_name_that_is_no_repository_is_refused(cache: Path) -> None:
    with pytest.raises(ModelMissing, match="write hub:OWNER/NAME"):
        load_classifier("hub:../../etc/passwd")


def test_a_cached_model_with_an_onnx_file_runs_without_torch(cache: Path) -> None:
    build_onnx_model(snapshot(cache))
    classifier = load_classifier("hub:owner/tiny")
    verdict = classifier.classify(["I hate this lamp, it is terrible"])[0]
    assert verdict.sentiment is not None
    assert max(verdict.sentiment, key=verdict.sentiment.__getitem__) == "negative"
    assert verdict.complaint is None
    assert classifier.fingerprint == verdict.model == f"hub:owner/tiny@{COMMIT[:12]}"


def test_a_pinned_revision_is_the_one_that_is_read(cache: Path) -> None:
    build_onnx_model(snapshot(cache, "v1.0"))
    assert load_classifier("hub:owner/tiny@v1.0").fingerprint.endswith(COMMIT[:12])
    with pytest.raises(ModelMissing, match=r"hf download owner/tiny --revision v2\.0"):
        load_classifier("hub:owner/tiny@v2.0")


def test_labels_that_nobody_explained_are_refused_until_the_config_does(tmp_path: Path) -> None:
    folder = f"{build_onnx_model(tmp_path, {0: 'LABEL_0', 1: 'LABEL_1', 2: 'LABEL_2'})}/"
    with pytest.raises(ModelBroken, match="explained the labels LABEL_0, LABEL_1, LABEL_2"):
        load_classifier(folder)
    labels = {"LABEL_0": "complaint", "LABEL_1": "not_complaint", "LABEL_2": "not_complaint"}
    verdict = load_classifier(folder, labels=labels).classify(["I hate this lamp, it is terrible"])[0]
    assert (verdict.complaint or 0) > 0.5


def test_a_long_text_is_cut_into_windows_and_the_worst_decides(tmp_path: Path) -> None:
    classifier = load_classifier(f"{build_onnx_model(tmp_path)}/")
    text = "What a lovely day, I love it. " * 60
    good, bad = classifier.classify([text, text + "I hate this terrible lamp, worst ever. " * 12 + text])
    assert good.parts > 3
    assert good.sentiment is not None
    assert bad.sentiment is not None
    assert bad.sentiment["negative"] > good.sentiment["negative"] + 0.2


def test_a_network_file_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = build_onnx_model(tmp_path)
    (folder / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelBroken, match=r"model\.onnx cannot be read"):
        load_classifier(f"{folder}/")


def test_a_config_without_classes_is_refused(tmp_path: Path) -> None:
    folder = build_onnx_model(tmp_path)
    (folder / "config.json").write_text('{"model_type": "bert"}', encoding="utf-8")
    with pytest.raises(ModelBroken, match="its config names no classes"):
        load_classifier(f"{folder}/")


def test_a_folder_without_weights_that_may_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"a pickle, which runs code when it is read")
    with pytest.raises(ModelBroken, match="neither safetensors nor ONNX"):
        load_classifier(f"{tmp_path}/")


def test_without_torch_a_model_of_safetensors_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = build_onnx_model(tmp_path)
    (folder / "model.onnx").rename(folder / "model.safetensors")
    real = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "torch":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ExtraMissing, match=r"pip install 'complaint-monitor\[hub\]'"):
        load_classifier(f"{folder}/")


def test_a_model_of_safetensors_runs_under_torch(tmp_path: Path) -> None:
    classifier = load_classifier(f"{build_torch_model(tmp_path)}/")
    reading = classifier.read(["my lamp never", "love"])[0]
    assert reading.verdict.sentiment is not None
    assert reading.embedding.shape == (32,)
    assert reading.verdict.model == f"folder:{tmp_path.name}"


def test_pickled_weights_are_never_read(tmp_path: Path) -> None:
    folder = build_torch_model(tmp_path, safetensors=False)
    with pytest.raises(ModelBroken, match="neither safetensors nor ONNX"):
        load_classifier(f"{folder}/")
