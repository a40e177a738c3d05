"""`match`, `classify` and `eval`: try a query or the model on texts; no store, and no config but for its lists."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.context import AsJson, read_config
from monitor.cli.output import is_plain, json_line, print_json, progress

Model = Annotated[
    str,
    typer.Option("--model", metavar="MODEL", help="complaint-minilm, lexicon, hub:OWNER/NAME@REVISION or a folder."),
]
DEFAULT_MODEL = "complaint-minilm"


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("match")(match)
    app.command("classify")(classify)
    app.command("eval")(evaluate)


def match(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A query as in `watches`.")],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Each line is a mention as JSON.")] = False,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="The config whose lists the query names.")
    ] = None,
) -> None:
    """Print the lines of stdin that a query matches. Exit 1 if none did."""
    from monitor.match_lines import match_lines  # noqa: PLC0415 - the parser takes a tenth of a second
    from monitor.rules.query import QueryError, parse_query  # noqa: PLC0415

    try:
        parsed = parse_query(query, _lists_of(config) if config else {})
    except QueryError as error:
        raise typer.BadParameter(f"character {error.position + 1}: {error.problem}; {error.hint}") from error
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    found = False
    for line in match_lines(parsed, sys.stdin, jsonl=jsonl):
        found = True
        print(line, flush=True)
    if not found:
        raise typer.Exit(1)


def _lists_of(config: Path) -> dict[str, tuple[str, ...]]:
    """Return the lists of a config and of all its brands; of two with one name the later brand's."""
    settings = read_config(config, secrets=False).usable()
    lists = dict(settings.lists)
    for brand in settings.brands.values():
        lists |= brand.lists
    return lists


def classify(
    jsonl: Annotated[bool, typer.Option("--jsonl", help='Each line is {"text": …}.')] = False,
    model: Model = DEFAULT_MODEL,
) -> None:
    """Print probabilities for each line of stdin. A JSON object a line, in order."""
    from models.classify_lines import classify_lines  # noqa: PLC0415 - no other command needs a model to start
    from models.registry import load_classifier  # noqa: PLC0415

    failed = False
    for answer in classify_lines(sys.stdin.buffer, load_classifier(model), jsonl=jsonl):
        failed = failed or answer.error is not None
        print(json_line(answer.to_json()), flush=True)
    if failed:
        raise typer.Exit(1)


def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Labelled texts: JSON lines with text and label.")],
    model: Model = DEFAULT_MODEL,
    base_rate: Annotated[
        float | None,
        typer.Option(metavar="SHARE", min=0, max=1, help="The share of complaints in the stream you have in mind."),
    ] = None,
    folds: Annotated[int | None, typer.Option(metavar="N", min=2, max=20, help="Cross-validate a light head.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="SVG", help="Write precision and recall as curves.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure the model on a file of labelled texts."""
    from rich.console import Console  # noqa: PLC0415 - no other command needs these

    from models.evaluate import evaluate_file  # noqa: PLC0415
    from models.registry import load_classifier  # noqa: PLC0415

    with progress(f"reading {file.name}", None):
        evaluation = evaluate_file(file, load_classifier(model), base_rate=base_rate, folds=folds)
    if plot is not None:
        evaluation.write_plot(plot)
    if as_json:
        print_json(evaluation.to_json())
    else:
        evaluation.render_table(Console(no_color=is_plain(), highlight=False, emoji=False))
