"""Names stand for models, and nothing heavy is imported before one is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.errors import ModelError, ModelMissing, UnknownModel
from models.registry import load_classifier, load_or_fall_back, parse_spec


@pytest.mark.parametrize(
    ("spec", "parsed"),
    [
        ("complaint-minilm", ("complaint-minilm", "")),
        ("lexicon", ("lexicon", "")),
        ("hub:owner/name@v1", ("hub", "owner/name@v1")),
        ("hub:owner/name", ("hub", "owner/name")),
    ],
)
def test_a_spec_names_a_loader_and_its_argument(spec: str, parsed: tuple[str, str]) -> None:
    assert parse_spec(spec) == parsed


def test_a_folder_is_a_model(tmp_path: Path) -> None:
    assert parse_spec(str(tmp_path)) == ("folder", str(tmp_path))


@pytest.mark.parametrize("spec", ["", "hub:", "vader", "complaint-minilm2", "/no/such/folder", "os.system"])
def test_a_name_that_stands_for_nothing_is_refused_with_the_names_that_do(spec: str) -> None:
    with pytest.raises(UnknownModel, match="complaint-minilm, lexicon, hub:OWNER/NAME") as caught:
        parse_spec(spec)
    assert caught.value.permanent


def test_where_a_model_cannot_be_loaded_the_lexicon_answers_and_the_reason_is_told(tmp_path: Path) -> None:
    (tmp_path / "model.int8.onnx").write_bytes(b"")
    loaded = load_or_fall_back(str(tmp_path))
    assert isinstance(loaded.problem, ModelMissing)
    assert "config.json is not there" in str(loaded.problem)
    assert loaded.classifier.classify(["worst service ever"])[0].sentiment is not None


def test_what_loads_has_no_problem() -> None:
    assert load_or_fall_back("lexicon").problem is None


def test_a_broken_network_file_is_one_clear_error(tmp_path: Path) -> None:
    source = Path(__file__).parents[3] / "models/weights/complaint-minilm"
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    (tmp_path / "model.int8.onnx").write_bytes(b"not a network")
    with pytest.raises(ModelError, match=r"model\.int8\.onnx cannot be read"):
        load_classifier(str(tmp_path))


@pytest.mark.parametrize(
    "module",
    ["models", "models.classifier", "models.registry", "models.fold", "models.errors", "models.by_language",
     "models.language", "models.explain", "models.classify_lines", "models.evaluate", "models.complaint_onnx",
     "models.transformers_hub", "models.lexicon"],
)  # fmt: skip
def test_importing_a_module_loads_no_model_library(module: str) -> None:
    code = (
        f"import sys, {module}; heavy = {{'transformers', 'onnxruntime', 'torch', 'tokenizers', 'py3langid',"
        " 'vaderSentiment', 'huggingface_hub'} & set(sys.modules); sys.exit(', '.join(heavy) or 0)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


def test_the_names_alone_cost_no_array_library_either() -> None:
    code = "import sys, models.registry, models.fold; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
