"""What the tutor thinks of texts, once it has learned: of general questions, and of complaints.

Each opinion comes from a tutor that has not seen what it must not: the general one no complaint post, that of a fold
none of the rows that the fold measures. Opinions are remembered in the work folder, under what they were made from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from models.train.batches import Places, draw
from models.train.corpus import Row
from models.train.digests import digest
from models.train.loop import counts
from models.train.losses import labelled, prior_shifts
from models.train.metrics import Scores
from models.train.recipe import HEADS, Recipe, TutorStage
from models.train.tutor import Tutor, fresh_tutor, tutor_ids
from models.train.tutor_loop import Loss, Read, ask, instruct, read

GENERAL = {head: len(labels) for head, labels in HEADS.items() if head != "complaint"}
COMPLAINT = {"complaint": len(HEADS["complaint"])}


@dataclass(frozen=True)
class Tutoring:
    """The tutor's lessons over a fixed set of texts."""

    recipe: Recipe
    texts: tuple[str, ...]
    folder: Path

    def general(self, rows: Sequence[Row]) -> dict[str, Scores]:
        """Return logits by head, complaints excepted, for all texts, from a tutor that has learned ``rows``."""
        return self._remembered(f"tutor-general-{self._general_mark(rows)}", lambda: self._ask(self._taught(rows)))

    def complaints(self, general: Sequence[Row], rows: Sequence[Row], wanted: Sequence[str], name: str) -> Scores:
        """Return logits of the complaint head for ``wanted``, from the general tutor when it has learned ``rows``."""
        stage = self.recipe.tutor.complaint
        mark = digest(self._general_mark(general), repr(asdict(stage)), repr(rows), repr(wanted))

        def made() -> dict[str, Scores]:
            tutor = self._again(general, COMPLAINT)
            self._instruct(tutor, rows, stage, f"{name}, tutor")
            return self._ask(tutor, wanted)

        return self._remembered(f"tutor-{name}-{mark}", made)["complaint"]

    def _general_mark(self, rows: Sequence[Row]) -> str:
        recipe = self.recipe
        shaping = (recipe.tutor.layers, asdict(recipe.tutor.general), recipe.balance, recipe.smoothing, recipe.seed)
        return digest(repr(shaping), repr(rows))

    def _taught(self, rows: Sequence[Row]) -> Tutor:
        """Return the tutor of the general questions, taught now or by an earlier run."""
        tutor = self._fresh(GENERAL)
        path = self.folder / f"tutor-{self._general_mark(rows)}.pt"
        if path.exists():
            _adopt(tutor, torch.load(path, weights_only=True))
            return tutor
        self._instruct(tutor, rows, self.recipe.tutor.general, "tutor")
        torch.save({name: weight.detach() for name, weight in tutor.own().items()}, path)
        return tutor

    def _again(self, general: Sequence[Row], outputs: Mapping[str, int]) -> Tutor:
        """Return a tutor with the general one's layers and new questions."""
        upper = {name: weight for name, weight in self._taught(general).own().items() if name.startswith("upper.")}
        tutor = self._fresh(outputs)
        _adopt(tutor, {name: weight.detach() for name, weight in upper.items()})
        return tutor

    def _fresh(self, outputs: Mapping[str, int]) -> Tutor:
        torch.manual_seed(self.recipe.seed)
        return fresh_tutor(self.folder, self.recipe.tutor.layers, outputs)

    def _instruct(self, tutor: Tutor, rows: Sequence[Row], stage: TutorStage, title: str) -> None:
        seed = self.recipe.seed
        places = draw([row.corpus for row in rows], stage.repeats, np.random.default_rng(seed))
        shifts = prior_shifts(counts(rows, places), self.recipe.balance)
        loss = _row_loss(rows, shifts, tutor.names, self.recipe.smoothing)
        instruct(tutor, self._read([row.text for row in rows]), places, loss, stage, seed, title)

    def _ask(self, tutor: Tutor, wanted: Sequence[str] | None = None) -> dict[str, Scores]:
        texts = self.texts if wanted is None else wanted
        return ask(tutor, self._read(texts), range(len(texts)), "tutor, opinions")

    def _read(self, texts: Sequence[str]) -> Read:
        """Return the lower half's states of texts; those of the fixed set are computed once."""
        known, places = self._known, self._places
        others = list(dict.fromkeys(text for text in texts if text not in places))
        new = dict(zip(others, self._states(others), strict=True)) if others else {}
        return Read(tuple(new[text] if text in new else known[places[text]] for text in texts))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {text: place for place, text in enumerate(self.texts)}

    @cached_property
    def _known(self) -> tuple[Tensor, ...]:
        return self._states(self.texts)

    def _states(self, texts: Sequence[str]) -> tuple[Tensor, ...]:
        return read(self._fresh(GENERAL), tutor_ids(self.folder, texts, self.recipe.max_length)).states

    def _remembered(self, name: str, made: Callable[[], dict[str, Scores]]) -> dict[str, Scores]:
        path = self.folder / f"{name}.npz"
        if not path.exists():
            np.savez(path, **made())  # type: ignore[arg-type]
        with np.load(path) as found:
            return {head: found[head] for head in found.files}


def _row_loss(rows: Sequence[Row], shifts: Mapping[str, Tensor], names: Sequence[str], smoothing: float) -> Loss:
    heads = np.array([names.index(row.head) for row in rows])
    labels = torch.tensor([row.label for row in rows])

    def loss(said: Mapping[str, Tensor], places: Places) -> Tensor:
        total = torch.zeros(())
        for number, name in enumerate(names):
            own = torch.from_numpy(heads[places] == number) & (labels[places] >= 0)
            if own.any():
                total = total + labelled(said[name][own] + shifts[name], labels[places][own], smoothing)
        return total / len(places)

    return loss


def _adopt(tutor: Tutor, weights: Mapping[str, Any]) -> None:
    with torch.no_grad():
        for name, weight in tutor.own().items():
            if name in weights:
                weight.copy_(weights[name])
