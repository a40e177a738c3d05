"""`suggestions find/list/accept/revert`: what people's answers say about the config, each with its cost."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.context import DEFAULT_CONFIG, AsJson, AsName, ConfigFile, clock, order, reading, span_of
from monitor.cli.output import plural, print_json, print_table, progress, say, warn

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.store.feedback import Suggestion

app = typer.Typer(
    help="Changes of the config that people's answers speak for, each with its cost.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Number = Annotated[int, typer.Argument(metavar="ID", min=1, help="The number that `suggestions list` shows.")]
_WIDTH = 60


@app.command("find")
def find(
    config: ConfigFile = DEFAULT_CONFIG,
    since: Annotated[str, typer.Option(metavar="SPAN", help="How far back answers and posts are read.")] = "90d",
    who: AsName = "",
    as_json: AsJson = False,
) -> None:
    """Look for suggestions in answers and dismissals, and have the lab measure what each would lose."""
    from monitor.desk import suggestion_json  # noqa: PLC0415

    found = _find(config, since)
    records = [suggestion_json(entry) for entry in found]
    order(config, "keep-suggestions", who, found=records)
    _print_waiting(config, as_json)


@app.command("list")
def list_suggestions(
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
    every: Annotated[bool, typer.Option("--all", help="Also those that were accepted or reverted.")] = False,
) -> None:
    """List the suggestions that wait, with their counts and what each would lose."""
    _print_waiting(config, as_json, every=every)


@app.command("accept")
def accept(number: Number, config: ConfigFile = DEFAULT_CONFIG, who: AsName = "", as_json: AsJson = False) -> None:
    """Write a suggestion into the config, comments and order kept; a running daemon follows it."""
    _settle(config, "accept-suggestion", number, who, as_json)


@app.command("revert")
def revert(number: Number, config: ConfigFile = DEFAULT_CONFIG, who: AsName = "", as_json: AsJson = False) -> None:
    """Take an accepted suggestion out of the config again."""
    _settle(config, "revert-suggestion", number, who, as_json)


def _find(config: "Path", since: str) -> "list[Suggestion]":
    from monitor.app import build_side  # noqa: PLC0415 - the model, only here
    from monitor.cli.context import read_config  # noqa: PLC0415
    from monitor.feedback.answers import gather_answers, trainable_sources  # noqa: PLC0415
    from monitor.feedback.cost import measure  # noqa: PLC0415
    from monitor.feedback.find import find_suggestions  # noqa: PLC0415
    from monitor.feedback.trial import trial_sides  # noqa: PLC0415

    now, start = clock(), span_of(since)
    present = read_config(config, thorough=True, secrets=False)
    sources = sorted(trainable_sources(present.usable()))
    if not sources:
        warn("no source may be learned from: `may_train: true` at a source whose terms allow it")
    with reading(config) as (_, store):
        judged, sampled = store.judged_posts(start, sources), store.samples(start, waiting=False)
        answers = gather_answers(present.usable(), judged, sampled)
        found = find_suggestions(present.usable(), answers, now)
        if not found:
            return []
        with progress("loading the model", None):
            base = build_side("present", present.usable())
        make_side = trial_sides(present, os.environ, base, build_side, now)
        with progress("replaying", store.lab_count(start, now)) as advance:
            return measure(store, base, found, make_side, start, now, advance)


def _settle(config: "Path", name: str, number: int, who: str, as_json: bool) -> None:
    answer = order(config, name, who, suggestion=number)["suggestion"]
    if as_json:
        print_json(answer)
    else:
        say(f"suggestion {number} is {answer['state']}; `complaint-monitor config history` shows the version")


def _print_waiting(config: "Path", as_json: bool, *, every: bool = False) -> None:
    from monitor.desk import suggestion_json  # noqa: PLC0415
    from monitor.notify.text import excerpt, inert  # noqa: PLC0415
    from monitor.store.feedback import SuggestionState  # noqa: PLC0415

    with reading(config) as (_, store):
        found = store.suggestions(None if every else SuggestionState.WAITING)
    if as_json:
        print_json([suggestion_json(entry) for entry in found])
        return
    if not found:
        say("nothing is suggested; `complaint-monitor suggestions find` looks at the answers again")
        return
    rows = [
        (
            str(entry.id),
            entry.kind,
            inert("/".join(filter(None, (entry.brand, entry.source))) or "all"),
            inert(excerpt(_words(entry.value), _WIDTH)),
            inert(_words(entry.evidence)),
            inert(_cost(entry.cost)),
            entry.state,
        )
        for entry in found
    ]
    print_table(["ID", "KIND", "FOR", "VALUE", "COUNTS", "BY THE LAB", "STATE"], rows, wide=["COUNTS", "BY THE LAB"])
    waiting = sum(entry.state is SuggestionState.WAITING for entry in found)
    say(f"{plural(waiting, 'suggestion')} waiting: `complaint-monitor suggestions accept ID`")


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {entry}" for key, entry in value.items())
    return str(value)


def _cost(cost: Any) -> str:
    if not cost:
        return "not measured"
    told = f"loses {cost['lost']} ({cost['lost_true']} true, {cost['spared']} dismissed), finds {cost['gained']}"
    return f"{told}; lost: {', '.join(cost['worst_lost'])}" if cost["worst_lost"] else told
