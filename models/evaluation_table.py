"""The figures of an evaluation as tables in a terminal."""

from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from models.metrics import Figures, Interval

if TYPE_CHECKING:
    from models.evaluate import Evaluation

_MISSING: Final = "-"


def render_evaluation(evaluation: "Evaluation", console: Console) -> None:
    """Print all the tables of an evaluation. Figures are percentages, with their 95 % interval in brackets."""
    console.print(_summary(evaluation))
    console.print(_classes(evaluation.figures))
    console.print(_confusion(evaluation))
    if evaluation.at_base_rate:
        console.print(_at_base_rate(evaluation))
    if len(evaluation.by_language) > 1:
        console.print(_languages(evaluation))


def _summary(evaluation: "Evaluation") -> Table:
    table = Table(
        title=f"{evaluation.head}, {evaluation.figures.count:,} texts, {evaluation.model}", title_justify="left"
    )
    for heading in ("", "model", *(["cross-validated head"] if evaluation.folded else [])):
        table.add_column(heading, justify="left" if not heading else "right")
    sets = [evaluation.figures, *([evaluation.folded] if evaluation.folded else [])]
    table.add_row("macro-F1", *(_interval(figures.macro_f1) for figures in sets))
    table.add_row("macro-recall", *(_interval(figures.macro_recall) for figures in sets))
    table.add_row("accuracy", *(_percent(figures.accuracy) for figures in sets))
    table.add_row("calibration error", *(_interval(figures.calibration_error) for figures in sets))
    for label, area in evaluation.average_precision.items():
        table.add_row(f"average precision, {label}", _percent(area), *([_MISSING] if evaluation.folded else []))
    return table


def _classes(figures: Figures) -> Table:
    table = Table(title="by class", title_justify="left")
    table.add_column("class")
    for heading in ("precision", "recall", "F1", "texts"):
        table.add_column(heading, justify="right")
    for row in figures.classes:
        table.add_row(row.label, _percent(row.precision), _percent(row.recall), _percent(row.f1), f"{row.support:,}")
    return table


def _confusion(evaluation: "Evaluation") -> Table:
    table = Table(title="true class by row, given class by column", title_justify="left")
    table.add_column("")
    for label in evaluation.labels:
        table.add_column(label, justify="right")
    for label, row in zip(evaluation.labels, evaluation.figures.confusion, strict=True):
        table.add_row(label, *(f"{cell:,}" for cell in row))
    return table


def _at_base_rate(evaluation: "Evaluation") -> Table:
    share = _percent(evaluation.base_rate)
    table = Table(title=f"in a stream with {share} % {evaluation.labels[1]}", title_justify="left")
    for heading in ("threshold", "precision", "recall", "alarms in 1,000"):
        table.add_column(heading, justify="right")
    for row in evaluation.at_base_rate:
        table.add_row(
            f"{row.threshold:.1f}", _percent(row.precision), _percent(row.recall), f"{row.alarms_per_1000:.1f}"
        )
    return table


def _languages(evaluation: "Evaluation") -> Table:
    table = Table(title="by language", title_justify="left")
    table.add_column("language")
    for heading in ("texts", "macro-F1", "macro-recall", "calibration error"):
        table.add_column(heading, justify="right")
    for code, figures in sorted(evaluation.by_language.items(), key=lambda entry: -entry[1].count):
        intervals = (figures.macro_f1, figures.macro_recall, figures.calibration_error)
        table.add_row(code, f"{figures.count:,}", *map(_interval, intervals))
    return table


def _interval(interval: Interval) -> str:
    return f"{_percent(interval.value)} [{_percent(interval.low)}–{_percent(interval.high)}]"


def _percent(share: float | None) -> str:
    return _MISSING if share is None else f"{100 * share:.1f}"
