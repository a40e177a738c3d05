"""Pins at the desk: a person keeps a post, in words of their own, as a test of the config, or takes one back."""

from typing import Any

from connectors.mention import clean_text
from monitor.config.document import Refused, parse_document, read_text
from monitor.config.edit import Keys, remove_entry, value_at
from monitor.config.keeper import Unwritable, replace_file
from monitor.config.pins import TEXT_LIMIT, Expect, Pin, add_pin, next_id, read_pins, today
from monitor.desk.configs import keeper_of
from monitor.desk.reads import explain
from monitor.desk.turn import Turn
from monitor.domain import Level
from monitor.errors import MonitorError


def pin_add(turn: Turn, brand: str, expect: str, text: str, post: str, because: str, level: str) -> dict[str, Any]:
    """Keep a post, in a person's own words, as a test of the config. Raises MonitorError, UnknownCase."""
    if brand not in turn.settings.brands or expect not in list(Expect) or level not in ("", *Level):
        raise MonitorError("pin", "names no brand, wish and level of ours", "choose them from the lists")
    found = [entry for entry in explain(turn.store, post) if entry.brand in {brand, "", None}]
    if not found:
        raise MonitorError("post", f"is none of {brand}", "give the id of a post of this brand")
    words, file = _own_words(text, found[0].text), turn.settings.pins_path
    with keeper_of(turn).lock:
        pins, problems = read_pins(file, file.name)
        if problems:
            raise MonitorError(file.name, str(problems[0]), "correct the file first")
        known_as = f"{found[0].platform}:{found[0].native_id}"
        least = Level(level) if level and expect == Expect.ALERT else None
        pin = Pin(next_id(pins), brand, Expect(expect), words, known_as, because, turn.who, today(turn.now), least)
        try:
            add_pin(file, pin)
        except OSError as error:
            raise Unwritable(file.name, f"cannot be written: {error.strerror}") from error
    return {"pin": pin.id}


def _own_words(text: str, post: str) -> str:
    from monitor.lab.verbatim import is_verbatim  # noqa: PLC0415 - the lab imports the desk's neighbours

    words = clean_text(" ".join(text.split()), TEXT_LIMIT)
    if is_verbatim(words, post):
        cause = "repeats the post word for word"
        raise MonitorError("the text", cause, "say it in your own words: what people post is not ours to keep")
    return words


def pin_remove(turn: Turn, brand: str, pin_id: str) -> dict[str, Any]:
    """Take a pin of a brand out of its file; comments and order stay. Raises MonitorError."""
    file = turn.settings.pins_path
    with keeper_of(turn).lock:
        try:
            text = read_text(file, file.name) if file.exists() else ""
            value = parse_document(text, file.name).value
        except Refused as refusal:
            raise MonitorError(file.name, str(refusal.problem), "correct the file first") from refusal
        path: Keys = ("pins",) if isinstance(value, dict) else ()
        entries = value_at(text, path) or []
        mine = [entry for entry in entries if str(entry.get("id")) == pin_id and entry.get("brand") == brand]
        if not mine:
            raise MonitorError(f"pin {pin_id[:40]}", f"is none of {brand}", "see the list of pins")
        replace_file(file, remove_entry(text, path, mine[0]))
    return {"pin": pin_id}
