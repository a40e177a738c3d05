"""A labelled file becomes figures, tables, JSON and a plot; a bad file becomes one clear error."""

import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from models.errors import BadLabelledFile
from models.evaluate import FOLDS_NOTE, evaluate_file
from models.labelled import read_labelled
from models.registry import load_classifier
from tests.unit.models.fake_network import make_classifier

ROWS = [
    *({"text": f"refund please number {number}", "label": "complaint", "lang": "en"} for number in range(20)),
    *({"text": f"fine day {'so ' * number}", "label": "not_complaint", "lang": "en"} for number in range(28)),
    {"text": "kein Geld zurück", "label": "complaint", "lang": "de"},
    {"text": "refund was quick, thanks", "label": "not_complaint", "lang": "de"},
]


def write(folder: Path, rows: list[object]) -> Path:
    """Write rows as JSON lines."""
    path = folder / "labelled.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_figures_are_those_of_the_classifier(tmp_path: Path) -> None:
    evaluation = evaluate_file(write(tmp_path, [*ROWS]), make_classifier(), base_rate=0.05, folds=5)
    assert evaluation.head == "complaint"
    assert evaluation.figures.confusion == ((28, 1), (1, 20))
    assert evaluation.at_base_rate[4].recall == pytest.approx(20 / 21)
    assert {code: figures.count for code, figures in evaluation.by_language.items()} == {"en": 48, "de": 2}
    assert evaluation.by_language["de"].macro_recall.value == 0.0
    assert evaluation.folded is not None


def test_everything_can_be_written_as_json(tmp_path: Path) -> None:
    evaluation = evaluate_file(write(tmp_path, [*ROWS]), make_classifier(), base_rate=0.05, folds=5)
    record = json.loads(json.dumps(evaluation.to_json()))
    assert record["figures"]["macro_f1"]["value"] == pytest.approx(evaluation.figures.macro_f1.value)
    assert record["folds_note"] == FOLDS_NOTE
    assert record["curves"]["complaint"][0]["recall"] == 1.0


def test_the_table_names_head_classes_base_rate_and_languages(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=120)
    evaluate_file(write(tmp_path, [*ROWS]), make_classifier(), base_rate=0.05, folds=5).render_table(console)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    for part in (
        "complaint, 50 texts, fake-1",
        "macro-F1",
        "cross-validated head",
        "5.0 % complaint",
        "by language",
        "de",
    ):
        assert part in shown


def test_the_plot_is_an_image_with_one_line_a_class(tmp_path: Path) -> None:
    rows = [
        {"text": "love", "label": "positive"},
        {"text": "refund", "label": "negative"},
        {"text": "x", "label": "neutral"},
    ]
    path = tmp_path / "plot.svg"
    evaluate_file(write(tmp_path, [*rows]), make_classifier()).write_plot(path)
    drawing = ET.parse(path)
    assert len(drawing.findall(".//{http://www.w3.org/2000/svg}polyline")) == 3


def test_a_file_name_cannot_write_into_the_plot(tmp_path: Path) -> None:
    source = write(tmp_path, [*ROWS]).rename(tmp_path / "<script>&.jsonl")
    evaluate_file(source, make_classifier()).write_plot(tmp_path / "plot.svg")
    assert "<script>" not in (tmp_path / "plot.svg").read_text(encoding="utf-8")


def test_true_and_false_are_labels_of_a_complaint(tmp_path: Path) -> None:
    texts = read_labelled(write(tmp_path, [{"text": "a", "complaint": True}, {"text": "b", "complaint": False}]))
    assert (texts.head, texts.truth.tolist()) == ("complaint", [1, 0])


BAD = {
    "no JSON": (["{"], r":1: it is not JSON"),
    "no text": ([{"label": "complaint"}], r":1: it holds no text"),
    "no label": ([{"text": "a"}], r":1: it holds neither a label nor complaint"),
    "labels of no head": ([{"text": "a", "label": "sports"}], r"its labels \(sports\) belong to no head; use one of"),
    "labels of two heads": (
        [{"text": "a", "label": "anger"}, {"text": "b", "label": "irony"}],
        r"its labels \(anger, irony\) belong to no head",
    ),
    "nothing": ([], r"it holds no labelled text"),
}


@pytest.mark.parametrize(("rows", "message"), BAD.values(), ids=BAD)
def test_a_bad_file_is_one_clear_error(rows: list[object], message: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(
        "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8"
    )
    with pytest.raises(BadLabelledFile, match=message):
        read_labelled(path)


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BadLabelledFile, match="it cannot be read: No such file"):
        read_labelled(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    ("options", "message"),
    [({"base_rate": 0.0}, "not between 0 and 1"), ({"folds": 1}, "folds: 1"), ({"folds": 51}, "folds: 51")],
)
def test_options_that_cannot_be_are_refused(options: dict[str, float], message: str, tmp_path: Path) -> None:
    with pytest.raises(BadLabelledFile, match=message):
        evaluate_file(write(tmp_path, [*ROWS]), make_classifier(), **options)  # type: ignore[arg-type]


def test_a_head_that_the_model_lacks_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, [{"text": "a", "label": "irony"}, {"text": "b", "label": "not_irony"}])
    with pytest.raises(BadLabelledFile, match="lexicon-vader-1 has no opinion on irony"):
        evaluate_file(path, load_classifier("lexicon"))


def test_a_base_rate_needs_two_labels(tmp_path: Path) -> None:
    with pytest.raises(BadLabelledFile, match="a base rate needs two labels"):
        evaluate_file(write(tmp_path, [{"text": "a", "label": "joy"}]), make_classifier(), base_rate=0.1)
