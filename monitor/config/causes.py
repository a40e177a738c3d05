"""Causes of the config: what complaints are about, by example sentences and by phrases that settle it.

The causes that every brand starts with stand in `causes_shipped`, a file each: its first line describes the cause,
lines that begin with a question mark are phrases, all others examples.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from monitor.config.section import Section
from monitor.config.values import Entries, Name, Sentence, one_or_many

OTHER = "other"
"""The cause of a complaint that fits none."""

SHIPPED = ("delivery", "billing", "product", "outage", "staff", "account", "privacy", "price", OTHER)

_FOLDER = Path(__file__).with_name("causes_shipped")

Examples = Annotated[tuple[Sentence, ...], BeforeValidator(one_or_many), Field(max_length=100)]


class CauseOptions(Section):
    """One cause of complaints. A shipped cause of the same name is added to, unless `replace` says otherwise."""

    description: str = Field("", max_length=300, description="what belongs to it, in a sentence for people")
    examples: Examples = Field((), description="sentences that customers might write; the model compares with them")
    phrases: Entries = Field((), description="queries; a complaint that matches one has this cause")
    replace: bool = Field(False, description="true: examples and phrases that it had so far are not used")
    enabled: bool = Field(True, description="false: no complaint is given this cause")


Causes = Mapping[Name, CauseOptions]


def combine_causes(*layers: Causes) -> dict[str, CauseOptions]:
    """Return the causes of later layers laid over those of earlier ones, without those that are switched off."""
    found: dict[str, CauseOptions] = {}
    for layer in layers:
        for name, cause in layer.items():
            known = found.get(name)
            found[name] = cause if known is None or cause.replace else _added(known, cause)
    return {name: cause for name, cause in found.items() if cause.enabled}


@cache
def shipped_causes() -> dict[str, CauseOptions]:
    """Return the causes that every brand starts with."""
    return {name: read_cause((_FOLDER / f"{name}.txt").read_text("utf-8")) for name in SHIPPED}


def read_cause(text: str) -> CauseOptions:
    """Return the cause that a shipped file holds."""
    first, *lines = text.splitlines()
    return CauseOptions(
        description=first.removeprefix("# "),
        examples=tuple(line for line in lines if not line.startswith("? ")),
        phrases=tuple(line.removeprefix("? ") for line in lines if line.startswith("? ")),
    )


def known_causes(*layers: Causes) -> tuple[str, ...]:
    """Return the names that a complaint may be given; `other` is always one of them. Reads no file."""
    disabled = {name for layer in layers for name, cause in layer.items() if not cause.enabled}
    named = (*SHIPPED, *(name for layer in layers for name in layer))
    return tuple(name for name in dict.fromkeys(named) if name not in disabled or name == OTHER)


def _added(known: CauseOptions, more: CauseOptions) -> CauseOptions:
    changes = {
        "description": more.description or known.description,
        "examples": tuple(dict.fromkeys((*known.examples, *more.examples))),
        "phrases": tuple(dict.fromkeys((*known.phrases, *more.phrases))),
        "enabled": more.enabled,
    }
    return known.model_copy(update=changes)
