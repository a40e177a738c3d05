"""`pin`: a text that must, or must not, become a case, made from a case or a dropped post."""

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.context import (
    DEFAULT_CONFIG,
    AsName,
    ConfigFile,
    clock,
    known_brands,
    login_name,
    order,
    read_config,
    reading,
)
from monitor.cli.output import progress, say
from monitor.errors import MonitorError

if TYPE_CHECKING:
    from monitor.config.load import LoadedConfig
    from monitor.config.pins import Pin
    from monitor.config.schema import Settings
    from monitor.store.records import Explanation


class Wish(StrEnum):
    """What a pin wants: `monitor.config.pins.Expect`, without what it takes to load it."""

    ALERT = "alert"
    IGNORE = "ignore"


class Least(StrEnum):
    """The levels: `monitor.domain.Level`, likewise."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("pin")(pin)
    app.command("unpin")(unpin)


def pin(
    post: Annotated[str, typer.Argument(metavar="ID", help="A case number, or a post's link or id.")],
    expect: Annotated[Wish, typer.Argument(metavar="alert|ignore", help="Must it become a case, or must it not?")],
    because: Annotated[str, typer.Option(metavar="WORDS", help="Why; whoever breaks the pin reads it.")],
    text: Annotated[str, typer.Option(metavar="TEXT", help="The post in your own words; asked for unless given.")] = "",
    level: Annotated[
        Least | None, typer.Option(metavar="LEVEL", help="With alert: the level that it must reach at least.")
    ] = None,
    brand: Annotated[str, typer.Option(metavar="BRAND", help="Whose pin, where the post does not tell.")] = "",
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Keep a post, in your own words, as a test of the config. `check`, `lab run` and each reload run it."""
    from monitor.config.pins import Expect, Pin, next_id, today  # noqa: PLC0415 - `--help` needs no YAML
    from monitor.domain import Level  # noqa: PLC0415

    if level is not None and expect is Wish.IGNORE:
        raise typer.BadParameter("--level says nothing about a text that must not alert")
    if not because.strip():
        raise typer.BadParameter("--because is empty: say it in a few words")
    loaded = read_config(config, thorough=True, secrets=False)
    settings = loaded.usable()
    found = _stored(config, post)
    known_brands(settings, [brand] if brand else [])
    words = _own_words(text, found)
    kept = Pin(
        id=next_id(loaded.pins),
        brand=brand or _brand_of(settings, found),
        expect=Expect(expect),
        text=words,
        post=f"{found.platform}:{found.native_id}",
        because=because.strip(),
        who=who or login_name(),
        when=today(clock()),
        level=Level(level) if level else None,
    )
    _write(settings.pins_path, kept)
    say(f"{settings.pins_path.name}: pin {kept.id} is kept")
    _try(loaded, kept, clock())


def unpin(
    pin_id: Annotated[str, typer.Argument(metavar="ID", help="The pin's id, as its file and `check` name it.")],
    who: AsName = "",
    config: ConfigFile = DEFAULT_CONFIG,
) -> None:
    """Take a pin back; the comments and the order of its file stay."""
    loaded = read_config(config, thorough=True, secrets=False)
    known = {pin.id: pin for pin in loaded.pins}
    if pin_id not in known:
        raise MonitorError(f"pin {pin_id[:40]}", "there is none", "see the file of pins")
    order(config, "pin-remove", who, brand=known[pin_id].brand, pin=pin_id)
    say(f"{loaded.usable().pins_path.name}: pin {pin_id} is taken back")


def _stored(config: Path, post: str) -> "Explanation":
    """Return the stored post of a case, a link or an id. Raises UnknownCase."""
    from monitor import desk  # noqa: PLC0415

    with reading(config) as (_, store):
        return desk.explain(store, post)[0]


def _brand_of(settings: "Settings", found: "Explanation") -> str:
    """Return the brand of a post; of one that no watch wanted, the only brand that there is."""
    if found.brand in settings.brands:
        return found.brand
    if len(settings.brands) != 1:
        raise typer.BadParameter("no watch wanted this post: say whose pin it is with --brand")
    return next(iter(settings.brands))


def _own_words(text: str, found: "Explanation") -> str:
    """Return a person's own rewording, asked for on a terminal. Raises MonitorError for a copy of the post."""
    from connectors.mention import clean_text  # noqa: PLC0415
    from monitor.config.pins import TEXT_LIMIT  # noqa: PLC0415
    from monitor.lab.verbatim import is_verbatim  # noqa: PLC0415
    from monitor.notify.text import excerpt, inert  # noqa: PLC0415

    if not text and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise typer.BadParameter("say the post in your own words with --text")
    if not text:
        say(f"the post: {inert(excerpt(found.text, 500)) or '(deleted)'}")
        text = typer.prompt("In your own words, keeping what matters")
    words = clean_text(" ".join(text.split()), TEXT_LIMIT)
    if not words:
        raise typer.BadParameter("--text is empty: say the post in your own words")
    if is_verbatim(words, found.text):
        cause = "repeats the post word for word"
        raise MonitorError("the text", cause, "say it in your own words: what people post is not ours to keep")
    return words


def _write(file: Path, kept: "Pin") -> None:
    from monitor.config.document import Refused  # noqa: PLC0415
    from monitor.config.pins import add_pin  # noqa: PLC0415

    try:
        add_pin(file, kept)
    except Refused as refusal:
        raise MonitorError(str(file), str(refusal.problem), "correct the file, then pin again") from refusal


def _try(loaded: "LoadedConfig", kept: "Pin", now: datetime) -> None:
    """Run a new pin through the config, and say how it stands."""
    from monitor.app import build_side  # noqa: PLC0415 - the model
    from monitor.lab.pins import run_pins  # noqa: PLC0415
    from monitor.notify.text import visible  # noqa: PLC0415

    with progress("running the pin", None):
        (result,) = run_pins([kept], build_side("config", loaded.usable()), now)
    if result.holds:
        say(f"it holds: {visible(result.found)}")
    else:
        say(f"it does not hold yet: {visible(result.found)}")
        say("until the config is changed, `check` and each reload refuse it")
