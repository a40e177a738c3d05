"""`explain`: why a post became a case, or did not, and what would change it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.context import DEFAULT_CONFIG, AsJson, ConfigFile, clock, local_zone, reading
from monitor.cli.output import print_facts, print_json, say, warn

if TYPE_CHECKING:
    from models.explain import WordWeight
    from monitor.config.schema import Settings

_WORDS = 8


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("explain")(explain)


def explain(
    post: Annotated[
        str, typer.Argument(metavar="URL-OR-ID", help="A post's link or id, PLATFORM:ID, or a case number.")
    ],
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
    words: Annotated[bool, typer.Option(help="Ask the model which words carried the probability.")] = True,
) -> None:
    """Say why a post became a case, or did not. Every factor, or the rule, and what would change it."""
    from monitor import desk  # noqa: PLC0415
    from monitor.explanation import explanation_json  # noqa: PLC0415

    with reading(config) as (settings, store):
        found = desk.explain(store, post)
    weights = _words(settings, found[0].text) if words and any(entry.verdict for entry in found) else None
    told = [explanation_json(entry, settings.triage.levels, weights) for entry in found]
    if as_json:
        print_json(told if len(told) > 1 else told[0])
        return
    for at, entry in enumerate(told):
        if at:
            say("")
        _print(entry)


def _words(settings: "Settings", text: str) -> "list[WordWeight] | None":
    """Ask the model; without one the explanation goes on without words."""
    from models.errors import ModelError  # noqa: PLC0415
    from models.explain import explain_complaint  # noqa: PLC0415
    from monitor.app import load_model  # noqa: PLC0415

    try:
        return explain_complaint(load_model(settings.triage), text)
    except ModelError as error:
        warn(f"no words: {error}")
        return None


def _print(told: dict[str, Any]) -> None:
    from monitor.cli.cases import print_reasons  # noqa: PLC0415
    from monitor.domain import Reason  # noqa: PLC0415

    print_facts(_facts(told))
    if told["factors"]:
        say("\nfactors")
        print_reasons([Reason(**factor) for factor in told["factors"]], told["score"])
        near = told["nearest_level"]
        side = "above" if near["points_to_line"] < 0 else "below"
        distance = f"{abs(near['points_to_line']):g} points {side}" if near["points_to_line"] else "just on it"
        say(f"\nnearest line: {near['level']} begins at {near['line']:g}; this is {distance}")
    if told["advice"]:
        say(f"what would change it: {told['advice']}")
    if told["words"]:
        say("\nwords that carried the complaint probability, in points")
        _print_words(told["words"])


def _facts(told: dict[str, Any]) -> list[tuple[str, str]]:
    from connectors.mention import parse_time  # noqa: PLC0415
    from monitor.notify.text import ago, excerpt, inert, safe_link  # noqa: PLC0415

    now, zone = clock(), local_zone()
    facts = [
        ("post", f"{inert(told['platform'])}:{inert(told['native_id'])}"),
        ("link", safe_link(told["permalink"]) or ""),
        ("author", inert(told["author"]) or "unknown"),
        ("text", inert(excerpt(told["text"], 300)) or "(deleted)"),
        ("posted", ago(parse_time(told["posted_at"]), now, zone)),
        ("brand", told["brand"] or ""),
        ("outcome", _outcome(told)),
        ("severity", ", ".join(told["severity"])),
        ("language", f"{inert(told['lane'])}, which the model does not serve" if told["lane"] else ""),
        ("model", _verdict(told["verdict"])),
    ]
    return [(name, value) for name, value in facts if value]


def _outcome(told: dict[str, Any]) -> str:
    from connectors.mention import parse_time  # noqa: PLC0415
    from monitor.notify.text import ago, inert  # noqa: PLC0415

    when = f" {ago(parse_time(told['decided_at']), clock(), local_zone())}" if told["decided_at"] else ""
    match told["outcome"]:
        case "case":
            review = ", for review" if told["review"] else ""
            return f"case {told['case_id']}: {told['kind']}, {told['level']}{review}, decided{when}"
        case "drop":
            return f"dropped{when} by the rule {told['drop']['rule']}: {inert(told['drop']['evidence'])}"
        case "parked":
            return f"parked after three failures: {inert(told['parked'])}"
        case "waiting":
            return "waits for its decision"
        case _:
            return f"no case: {told['drop']['evidence']}"


def _verdict(verdict: dict[str, Any] | None) -> str:
    if verdict is None:
        return ""
    parts = [f"complaint {verdict['complaint']:.2f}"] if verdict.get("complaint") is not None else []
    if verdict.get("sentiment"):
        parts.append(f"negative {verdict['sentiment']['negative']:.2f}")
    if verdict.get("emotion"):
        parts.append(f"anger {verdict['emotion']['anger']:.2f}")
    return ", ".join(parts)


def _print_words(words: list[dict[str, Any]]) -> None:
    from monitor.notify.text import excerpt, inert  # noqa: PLC0415

    heaviest = sorted(words, key=lambda word: -abs(word["weight"]))[:_WORDS]
    for word in sorted(heaviest, key=lambda word: word["start"]):
        say(f"  {word['points']:+6.1f}  {inert(excerpt(word['word'], 60))}")
