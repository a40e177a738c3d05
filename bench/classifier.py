"""Speed and size of the classifiers, side by side: `python -m bench.classifier`.

The texts are the hand-made posts of the tests, repeated. The RoBERTa row is a transformers pipeline over a network of
RoBERTa-base's size with random weights, which costs what trained weights cost; it needs torch and is left out without.
Speeds are the fastest of three runs, since other programs only take away; load time and memory are the medians of three
fresh processes.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from models.cores import usable_cores
from models.registry import load_classifier

ROOT: Final = Path(__file__).parents[1]
TEXTS: Final = ROOT / "tests/data/adversarial.jsonl"
RESULTS: Final = ROOT / "bench/results/classifier.md"
LONGEST: Final = 280  # characters: a post of the platforms that count them

Classify = Callable[[Sequence[str]], object]

FRESH: Final = """
import json, sys, time
started = time.perf_counter()
from models.registry import load_classifier
load_classifier(sys.argv[1]).classify(["my parcel never arrived, I want a refund"])
elapsed = time.perf_counter() - started
with open("/proc/self/status") as status:
    memory = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in status if line.startswith(("VmRSS", "VmHWM"))}
print(json.dumps({"elapsed": elapsed, "resident": memory["VmRSS"], "peak": memory["VmHWM"]}))
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one classifier; None: not measured."""

    name: str
    batch_1: float
    batch_32: float
    load_s: float | None
    resident_mb: float | None
    peak_mb: float | None


def main() -> None:
    """Measure, print and write the table."""
    texts = read_texts()
    subjects: list[tuple[str, Callable[[], Classify], str | None, int]] = [
        ("complaint-minilm", lambda: load_classifier("complaint-minilm").classify, "complaint-minilm", 1_024),
        ("lexicon (VADER)", lambda: load_classifier("lexicon").classify, "lexicon", 4_096),
    ]
    if has_torch():
        subjects.append(("RoBERTa-base pipeline", roberta_pipeline, None, 64))
    rows = [measure(*subject, texts) for subject in track(subjects, "measuring", console=Console(stderr=True))]
    Console().print(as_table(rows))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(as_markdown(rows), encoding="utf-8")


def read_texts() -> list[str]:
    """Return the posts of the hand-made set that are as long as a post."""
    records = [json.loads(line) for line in TEXTS.read_text(encoding="utf-8").splitlines()]
    return [record["text"] for record in records if len(record["text"]) <= LONGEST]


def measure(name: str, load: Callable[[], Classify], spec: str | None, count: int, texts: Sequence[str]) -> Row:
    """Measure one classifier on ``count`` posts a run."""
    posts = [texts[number % len(texts)] for number in range(count)]
    classify = load()
    classify(posts[:64])
    fresh = median_fresh(spec) if spec else {}
    return Row(
        name,
        batch_1=posts_per_second(classify, posts[: max(16, count // 4)], 1),
        batch_32=posts_per_second(classify, posts, 32),
        load_s=fresh.get("elapsed"),
        resident_mb=fresh.get("resident"),
        peak_mb=fresh.get("peak"),
    )


def posts_per_second(classify: Classify, posts: Sequence[str], batch: int) -> float:
    """Return the fastest of three runs over the posts, ``batch`` at a time."""
    speeds = []
    for _ in range(3):
        started = time.perf_counter()
        for first in range(0, len(posts), batch):
            classify(posts[first : first + batch])
        speeds.append(len(posts) / (time.perf_counter() - started))
    return max(speeds)


def median_fresh(spec: str) -> dict[str, float]:
    """Return load time to the first verdict and memory of a fresh process: the medians of three."""
    runs: list[dict[str, float]] = []
    for _ in range(3):
        command = [sys.executable, "-c", FRESH, spec]
        runs.append(json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout))
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def has_torch() -> bool:
    """Whether the peer can be built here."""
    try:
        import torch  # noqa: F401, PLC0415
    except ImportError:
        Console(stderr=True).print("torch is not installed: the RoBERTa pipeline is left out")
        return False
    return True


def roberta_pipeline() -> Classify:
    """Return a text-classification pipeline over a network of RoBERTa-base's size."""
    import torch  # noqa: PLC0415
    from transformers import (  # noqa: PLC0415
        PreTrainedTokenizerFast,
        RobertaConfig,
        RobertaForSequenceClassification,
        pipeline,
    )

    torch.set_num_threads(usable_cores())
    torch.manual_seed(0)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(str(ROOT / "models/weights/complaint-minilm"))
    sizes: dict[str, Any] = {"vocab_size": 50_265, "max_position_embeddings": 514, "num_labels": 3}
    config = RobertaConfig(**sizes)
    network: Any = RobertaForSequenceClassification(config)
    network.eval()
    classify = pipeline("text-classification", model=network, tokenizer=tokenizer, top_k=None, device="cpu")
    return lambda posts: classify(list(posts), batch_size=len(posts), truncation=True, max_length=128)


def as_cells(rows: Sequence[Row]) -> list[list[str]]:
    """Return the table's cells; the ratio is ours to the row's at batch 32."""
    ours = rows[0].batch_32
    return [
        [
            row.name,
            f"{row.batch_1:,.0f}",
            f"{row.batch_32:,.0f}",
            f"{ours / row.batch_32:.2g}" if row.batch_32 > ours else f"{ours / row.batch_32:,.1f}",
            *(f"{value:,.{digits}f}" if value is not None else "-" for value, digits in
              ((row.load_s, 2), (row.resident_mb, 0), (row.peak_mb, 0))),
        ]
        for row in rows
    ]  # fmt: skip


HEADINGS: Final = (
    "classifier", "posts/s alone", "posts/s by 32", "ours : it", "first verdict, s", "resident, MB", "peak, MB",
)  # fmt: skip


def as_table(rows: Sequence[Row]) -> Table:
    """Return the table for a terminal."""
    table = Table(title=f"{usable_cores()} cores, {describe_machine()}", title_justify="left")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "classifier" else "right")
    for cells in as_cells(rows):
        table.add_row(*cells)
    return table


def as_markdown(rows: Sequence[Row]) -> str:
    """Return the table for a file."""
    lines = [HEADINGS, ["---"] + ["---:"] * (len(HEADINGS) - 1), *as_cells(rows)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    load = os.getloadavg()[0]
    return (
        f"# Classifiers, side by side\n\nWritten by `python -m bench.classifier` on {datetime.now(UTC):%Y-%m-%d}: "
        f"{usable_cores()} cores, {describe_machine()}, load average {load:.1f} at the end.\n\n{table}\n\n"
        "Speeds are the fastest of three runs, the ratio is of batches of 32. Posts are the hand-made ones of the "
        "tests, up to 280 characters. The RoBERTa row has random weights of that model's size, run by a transformers "
        "pipeline under torch.\n"
    )


def describe_machine() -> str:
    """Return Python, processor type and the versions that decide the speed."""
    import onnxruntime  # noqa: PLC0415
    import transformers  # noqa: PLC0415

    return (
        f"{platform.machine()}, Python {platform.python_version()}, onnxruntime {onnxruntime.__version__}, "
        f"transformers {transformers.__version__}"
    )


if __name__ == "__main__":
    main()
