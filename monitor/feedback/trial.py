"""The config that a suggestion would make, read and tried as a reload would: refused where a pin or a query breaks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from monitor.config.edit import EditRefused
from monitor.config.keeper import problem_key, texts_of
from monitor.config.load import LoadedConfig, load_config
from monitor.config.schema import Settings
from monitor.feedback.change import accept
from monitor.feedback.cost import MakeSide
from monitor.lab.pins import broken, run_pins
from monitor.lab.side import Side
from monitor.store.feedback import Suggestion

Build = Callable[[str, Settings, Side], Side]
"""Builds a side of the lab: name, settings, and the side whose model it may share."""


def trial_sides(present: LoadedConfig, environ: Mapping[str, str], base: Side, build: Build, now: datetime) -> MakeSide:
    """Return what makes a side of the lab of a suggestion; None for a config that a reload would refuse."""
    path = Path(present.file)
    texts, known = texts_of(present), {problem_key(problem) for problem in present.errors}

    def make_side(suggestion: Suggestion) -> Side | None:
        try:
            files, _ = accept(texts, path.name, suggestion)
        except EditRefused:
            return None
        given: dict[Path, str | None] = {(path.absolute().parent / name).absolute(): files[name] for name in files}
        tried = load_config(path, environ=environ, secrets=False, texts=given)
        worse = any(problem_key(problem) not in known for problem in tried.errors)
        if not files or worse or tried.settings is None:
            return None
        side = build(f"{suggestion.kind} {suggestion.value}", tried.settings, base)
        return None if broken(run_pins(tried.pins, side, now)) else side

    return make_side
