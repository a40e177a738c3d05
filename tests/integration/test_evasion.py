"""What evasion costs us: the default model on hand-made texts, plain and in ten disguises."""

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from models.classifier import Classifier
from models.registry import load_classifier
from tests.integration.evasions import TRANSFORMS, evade

ADVERSARIAL = Path(__file__).parents[1] / "data/adversarial.jsonl"
THRESHOLD = 0.5
FLOORS = {"recall": 0.52, "precision": 0.82, "macro-F1": 0.68}


@lru_cache(maxsize=1)
def model() -> Classifier:
    """The default model, loaded once."""
    return load_classifier("complaint-minilm")


@lru_cache(maxsize=1)
def rows() -> tuple[tuple[str, bool], ...]:
    """The hand-made texts, and whether each is a complaint."""
    records = [json.loads(line) for line in ADVERSARIAL.read_text(encoding="utf-8").splitlines()]
    return tuple((record["text"], record["complaint"]) for record in records)


def flagged(texts: list[str]) -> list[bool]:
    """Whether each text would become a case."""
    return [(verdict.complaint or 0) >= THRESHOLD for verdict in model().classify(texts)]


def recall(transform: Callable[[str], str] | None = None) -> float:
    """The share of the complaints that are found, in disguise or without."""
    complaints = [text for text, complaint in rows() if complaint]
    found = flagged([evade(transform, text) if transform else text for text in complaints])
    return sum(found) / len(found)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_disguise_costs_at_most_five_points_of_recall(name: str) -> None:
    plain, disguised = recall(), recall(TRANSFORMS[name])
    assert disguised >= plain - 0.05, f"{name}: {plain:.3f} → {disguised:.3f}"


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_disguise_changes_the_text(name: str) -> None:
    assert evade(TRANSFORMS[name], "@lumo give my refund http://x.example") not in (
        "@lumo give my refund http://x.example",
    )
    assert evade(TRANSFORMS[name], "@lumo http://x.example").startswith("@lumo http")


def test_the_figures_on_hard_texts_stay_above_their_floors() -> None:
    found = flagged([text for text, _ in rows()])
    truth = [complaint for _, complaint in rows()]
    hits = sum(map(lambda guess, true: guess and true, found, truth))
    misses, false = sum(truth) - hits, sum(found) - hits
    right = len(truth) - hits - misses - false
    figures = {
        "recall": hits / (hits + misses),
        "precision": hits / (hits + false),
        "macro-F1": (2 * hits / (2 * hits + misses + false) + 2 * right / (2 * right + misses + false)) / 2,
    }
    assert {name: round(figures[name], 3) for name, floor in FLOORS.items() if figures[name] < floor} == {}


def test_a_complaint_inside_much_praise_is_found_in_a_long_text() -> None:
    praise = "I really love this shop, everyone is so kind and the food is great. " * 40
    complaint = "But my order never arrived, nobody answers my mails and I want a refund now! "
    assert flagged([praise + complaint * 3 + praise]) == [True]
