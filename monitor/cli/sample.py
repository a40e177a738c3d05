"""`sample`, `sample list`, `sample answer`, `sample status`: looking at dropped posts, to know what is missed."""

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.context import (
    DEFAULT_CONFIG,
    AsJson,
    AsName,
    ConfigFile,
    clock,
    known_brands,
    local_zone,
    order,
    reading,
)
from monitor.cli.output import plural, print_facts, print_json, print_table, say

if TYPE_CHECKING:
    from monitor.store.records import SampledDrop
    from monitor.store.store import Store

app = typer.Typer(
    help="Look at a few dropped posts a day, to know what is missed.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

Brand = Annotated[str | None, typer.Option(metavar="BRAND", help="Only this brand.")]

_KEYS = {"y": "yes", "n": "no", "s": "skip"}
_QUIT = {"q", "\x03", "\x04"}
_ASK = "a missed complaint? [y]es [n]o [s]kip [q]uit "
_TEXT = 90


@app.callback()
def look(context: typer.Context, config: ConfigFile = DEFAULT_CONFIG, who: AsName = "", brand: Brand = None) -> None:
    """Show the drawn posts one by one, and take a yes or no for each."""
    if context.invoked_subcommand is None:
        _look(config, who, brand)


def _look(config: Any, who: str, brand: str | None) -> None:
    from monitor.desk import waiting_samples  # noqa: PLC0415

    brands = [brand] if brand else []
    with reading(config) as (settings, store):
        known_brands(settings, brands)
        waiting = waiting_samples(store, clock(), brands=brands)
        if not waiting:
            say("no dropped post waits for a look; `complaint-monitor sample status` shows what the answers tell")
            return
        answered = 0
        for at, drop in enumerate(waiting, 1):
            if not _still_waits(store, drop):
                continue
            _show(drop, at, len(waiting))
            said = _ask()
            if said is None:
                break
            _keep(config, who, drop, said)
            answered += 1
        left = len(waiting_samples(store, clock(), brands=brands))
    say(f"{plural(answered, 'answer')} kept, {left} still waiting")


def _still_waits(store: "Store", drop: "SampledDrop") -> bool:
    """Whether no colleague has answered meanwhile, and the post is still there."""
    found = store.sample(drop.id)
    return found is not None and found.answer is None and found.native_id is not None


def _keep(config: Any, who: str, drop: "SampledDrop", said: str) -> None:
    kept = order(config, "answer-sample", who, sample=drop.id, answer=said)["sample"]
    say(f"  {said}; {_dropped_by(drop)}{_became(kept)}\n")


def _show(drop: "SampledDrop", at: int, number: int) -> None:
    """Show a post, without what the model or a rule thought of it: a person's own view is what is asked for."""
    from monitor.notify.text import ago, inert, safe_link  # noqa: PLC0415

    when = ago(drop.posted_at, clock(), local_zone()) if drop.posted_at else "unknown time"
    say(f"{at} of {number}: {inert(drop.author or '') or 'unknown'} on {inert(drop.platform or '')}, {when}, "
        f"for {drop.brand}")  # fmt: skip
    for line in inert((drop.text or "")[:2_000], newlines=True).split("\n"):
        say(f"  {line}")
    link = safe_link(drop.permalink)
    if link:
        say(f"  {link}")


def _ask() -> str | None:
    """Return yes, no or skip; None for the end. A terminal is asked for one key, anything else for a line."""
    while True:
        key = _press() if sys.stdin.isatty() else _line()
        print()
        pressed = key.strip()[:1].lower()
        if not key or pressed in _QUIT:
            return None
        if pressed in _KEYS:
            return _KEYS[pressed]


def _press() -> str:
    """Return one key, without waiting for the end of a line; what was typed ahead counts. "" at the end of input."""
    import termios  # noqa: PLC0415 - only terminals need it
    import tty  # noqa: PLC0415

    place = sys.stdin.fileno()
    before = termios.tcgetattr(place)
    try:
        tty.setcbreak(place, termios.TCSADRAIN)
        print(_ASK, end="", flush=True)
        pressed = os.read(place, 1)
    finally:
        termios.tcsetattr(place, termios.TCSADRAIN, before)
    return chr(pressed[0]) if pressed else ""


def _line() -> str:
    print(_ASK, end="", flush=True)
    return sys.stdin.readline()


@app.command("list")
def list_samples(
    config: ConfigFile = DEFAULT_CONFIG,
    as_json: AsJson = False,
    every: Annotated[bool, typer.Option("--all", help="Also those that were answered in the last 28 days.")] = False,
    brand: Brand = None,
) -> None:
    """List the drawn posts that wait for an answer."""
    from monitor.digest.missed import WINDOW  # noqa: PLC0415
    from monitor.notify.text import excerpt, inert  # noqa: PLC0415

    with reading(config) as (settings, store):
        known_brands(settings, [brand] if brand else [])
        found = store.samples(clock() - WINDOW, brands=[brand] if brand else [], waiting=not every)
    if as_json:
        print_json([drop.to_json() for drop in found])
        return
    if not found:
        say("no dropped post waits for a look")
        return
    rows = [
        (
            str(drop.id),
            drop.drawn_on,
            drop.brand,
            inert(excerpt(drop.text or "(deleted)", _TEXT)),
            drop.answer or "-",
            "" if drop.answer is None else drop.rule,
        )
        for drop in found
    ]
    print_table(["ID", "DRAWN", "BRAND", "TEXT", "ANSWER", "DROPPED BY"], rows, wide=["TEXT"])


@app.command("answer")
def answer(
    sample: Annotated[int, typer.Argument(metavar="ID", min=1, help="The number that `sample list` shows.")],
    said: Annotated[str, typer.Argument(metavar="yes|no|skip", help="Whether it is a missed complaint.")],
    config: ConfigFile = DEFAULT_CONFIG,
    who: AsName = "",
    as_json: AsJson = False,
) -> None:
    """Say of one drawn post whether it is a missed complaint; a yes makes a case of it at once."""
    if said not in _KEYS.values():
        raise typer.BadParameter(f"{said!r} is no answer; say yes, no or skip")
    kept = order(config, "answer-sample", who, sample=sample, answer=said)["sample"]
    if as_json:
        print_json(kept)
    else:
        say(f"sample {sample}: {said}{_became(kept)}")


@app.command("status")
def status(config: ConfigFile = DEFAULT_CONFIG, as_json: AsJson = False, brand: Brand = None) -> None:
    """Show what the answers of the last 28 days tell about missed complaints."""
    from monitor.digest.missed import WINDOW, read_missed  # noqa: PLC0415

    now = clock()
    with reading(config) as (settings, store):
        known_brands(settings, [brand] if brand else [])
        brands = [brand] if brand else []
        figures, waiting = read_missed(store, now, brands), store.waiting_samples(now - WINDOW, brands)
        last = store.last_draw()
    if as_json:
        print_json({**figures.to_json(), "waiting": waiting, "last_draw": last.local_date if last else None})
        return
    print_facts([
        ("estimated missed complaints", figures.sentence if last else "nothing was drawn yet"),
        ("answers", f"{figures.answers:,}, {figures.found:,} of them a missed complaint"),
        ("waiting", f"{waiting:,}" + (": `complaint-monitor sample`" if waiting else "")),
        ("last drawn", last.local_date if last else "never; the first time once there are enough dropped posts"),
    ])  # fmt: skip


def _dropped_by(drop: "SampledDrop") -> str:
    from monitor.notify.text import excerpt, inert  # noqa: PLC0415

    evidence = f" ({inert(excerpt(drop.evidence, _TEXT))})" if drop.evidence else ""
    return f"it was dropped by {drop.rule}{evidence}"


def _became(kept: dict[str, Any]) -> str:
    if kept["case_id"] is None:
        return "; it becomes a case as soon as it is read again" if kept["answer"] == "yes" else ""
    stays = "" if kept["answer"] == "yes" else " stays open: dismiss it, if it needs no answer"
    return f"; case {kept['case_id']}{stays}"
