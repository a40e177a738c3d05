"""`queue …`: the cases, and what people do with them. Nothing here ever posts to a customer."""

from typing import Annotated, Any

import typer

from monitor.cli.context import (
    DEFAULT_CONFIG,
    AsJson,
    AsName,
    CaseNumber,
    ConfigFile,
    clock,
    known_brands,
    local_zone,
    moment_after,
    order,
    reading,
)
from monitor.cli.output import print_json, say

app = typer.Typer(help="The cases: list them, take them, answer them.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_cases(
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="Print all open cases as JSON.")] = False,
    brand: Annotated[str | None, typer.Option(metavar="BRAND", help="Only this brand.")] = None,
    lane: Annotated[
        str | None, typer.Option(metavar="LANG", help="Only a language that the model does not serve: de, …, unknown.")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="At most so many; --json has no limit.")] = 50,
) -> None:
    """List the open cases with reasons, the most urgent first."""
    from monitor.cli.cases import print_lanes, print_queue  # noqa: PLC0415
    from monitor.notify.text import visible  # noqa: PLC0415

    now = clock()
    with reading(config) as (settings, store):
        cases = store.queue(now, brand=brand, lane=lane, limit=None if as_json else limit)
        known_brands(settings, [brand] if brand and not cases else [])
        lanes = store.open_by_lane(now, brand)
        polled = any(source.polled_at for source in store.sources(now)) if not cases else True
    if as_json:
        print_json([case.to_json() for case in cases])
        return
    if cases:
        print_queue(cases, now, local_zone(), demo=settings.demo)
        still = lanes[lane][0] if lane else sum(cases for cases, _ in lanes.values())
        if len(cases) < still:
            only = "".join(f" --{name} {value}" for name, value in (("brand", brand), ("lane", lane)) if value)
            say(f"{still - len(cases)} more: `complaint-monitor queue list{only} --limit {still}`")
    elif polled:
        of = "".join(f" of {value}" for value in (brand, lane and visible(lane)) if value)
        say(f"the queue{of} is empty: every case is answered; `complaint-monitor sources` shows what is heard")
    else:
        say("no post was read yet: run `complaint-monitor run` first")
    print_lanes(lanes, lane)


@app.command("show")
def show(case: CaseNumber, config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show one case: posts, reasons, and what was done."""
    from monitor import desk  # noqa: PLC0415
    from monitor.cli.cases import print_case  # noqa: PLC0415
    from monitor.desk.chains import chain_view  # noqa: PLC0415

    now = clock()
    with reading(config) as (settings, store):
        found = desk.show(store, case)
        chain = chain_view(store, settings, found.case, now)
    if as_json:
        print_json({**found.to_json(), "chain": chain.to_json() if chain else None})
    else:
        print_case(found, now, local_zone(), chain)


@app.command("draft")
def draft(
    case: CaseNumber,
    template: Annotated[str | None, typer.Option(metavar="NAME", help="Only this one.")] = None,
    variant: Annotated[int, typer.Option(metavar="N", min=0, max=1_000, help="Other wordings.")] = 0,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Print the texts that are offered to whoever answers a case, the best first; nothing is kept or sent."""
    from monitor.cli.answers import print_drafts  # noqa: PLC0415
    from monitor.desk.answers import drafts_for  # noqa: PLC0415

    with reading(config) as (settings, store):
        drafts = drafts_for(store, settings, case, clock(), variant=variant)
    if template is not None:
        names = ", ".join(draft.name for draft in drafts)
        drafts = tuple(draft for draft in drafts if draft.name == template)
        if not drafts:
            raise typer.BadParameter(f"no template {template!r} is for case {case}; there are: {names or 'none'}")
    if as_json:
        print_json([draft.to_json() for draft in drafts])
    elif drafts:
        print_drafts(drafts)
    else:
        say("no template is for this case; write some under `answers.templates`")


@app.command("claim")
def claim(
    case: CaseNumber,
    who: AsName = "",
    take_over: Annotated[bool, typer.Option("--take-over", help="Also from a colleague who has claimed it.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Take a case, so that nobody else answers it too."""
    _act(config, "take-over" if take_over else "claim", who, as_json, case=case)


@app.command("assign")
def assign(
    case: CaseNumber,
    to: Annotated[str, typer.Argument(metavar="NAME", help="Who shall answer.")],
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Give a case to a colleague."""
    _act(config, "assign", who, as_json, case=case, to=to)


@app.command("release")
def release(case: CaseNumber, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Give a case back to the queue."""
    _act(config, "release", who, as_json, case=case)


@app.command("snooze")
def snooze(
    case: CaseNumber,
    until: Annotated[str, typer.Argument(metavar="UNTIL", help="A span (2h), or a time (2026-11-18T09:00).")],
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Put a case behind the others until then; its clock runs on."""
    _act(config, "snooze", who, as_json, case=case, until=moment_after(until, clock()).isoformat())


@app.command("reply")
def reply(
    case: CaseNumber,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="What was answered.")] = "",
    link: Annotated[str | None, typer.Option(metavar="URL", help="Where the answer stands.")] = None,
    native: Annotated[
        bool, typer.Option("--native", help="It stands there already, whether or not anybody approved it.")
    ] = False,
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Record that a person has answered; nothing is posted."""
    _act(config, "reply", who, as_json, case=case, text=text, permalink=link, native=native)


@app.command("resolve")
def resolve(case: CaseNumber, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Close a case: the customer is helped."""
    _act(config, "resolve", who, as_json, case=case)


@app.command("dismiss")
def dismiss(
    case: CaseNumber,
    reason: Annotated[str, typer.Argument(metavar="REASON", help="Why it needs no answer; others read it.")],
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Close a case that needs no answer."""
    _act(config, "dismiss", who, as_json, case=case, reason=reason)


@app.command("reopen")
def reopen(case: CaseNumber, who: AsName = "", config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Open a closed or answered case again."""
    _act(config, "reopen", who, as_json, case=case)


@app.command("escalate")
def escalate(
    case: CaseNumber,
    reason: Annotated[str, typer.Argument(metavar="[REASON]", help="Why; whoever is told reads it.")] = "",
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Raise a case by one level, and tell its receivers."""
    _act(config, "escalate", who, as_json, case=case, reason=reason)


@app.command("feedback")
def feedback(
    case: CaseNumber,
    said: Annotated[
        str,
        typer.Argument(
            metavar="WHAT", help="not-us, not-a-complaint, block-author, mute-thread; or undo, which takes it back."
        ),
    ],
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Dismiss a case and say why in a word that is learned from; blocks and mutes become part of the config."""
    _act(config, "feedback", who, as_json, case=case, said=said)


@app.command("cause")
def cause(
    case: CaseNumber,
    name: Annotated[
        str, typer.Argument(metavar="CAUSE", help="delivery, billing, product, outage, …, other: those of the brand.")
    ],
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Correct what a complaint is about."""
    _act(config, "cause", who, as_json, case=case, cause=name)


@app.command("not-impostor")
def not_impostor(
    case: CaseNumber,
    handle: Annotated[str, typer.Argument(metavar="HANDLE", help="The account that was taken for an impostor.")],
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Say that an account is no impostor after all; from then on its posts are judged like any other's."""
    _act(config, "not-impostor", who, as_json, case=case, handle=handle)


@app.command("note")
def note(
    case: CaseNumber,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What colleagues should know.")],
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """Write a note into the trail of a case."""
    _act(config, "note", who, as_json, case=case, text=text)


def _act(config: Any, name: str, who: str, as_json: bool, **arguments: Any) -> None:
    from monitor.cli.cases import moved_line  # noqa: PLC0415

    answer = order(config, name, who, **arguments)
    if as_json:
        print_json(answer["case"])
    else:
        say(moved_line(answer["case"], clock(), local_zone()))
