"""What deserves a second look in templates of answers: names that are nearly those that the program fills in."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from monitor.config.check import Draft
from monitor.config.problem import Path, Problem


def check_answers(draft: Draft) -> Iterator[Problem]:
    """Return a warning for each name of a template that is probably a misspelt one."""
    places: list[tuple[Path, Any]] = [(("answers",), draft.section("answers"))]
    for brand, raw in draft.section("brands").items():
        if isinstance(raw, dict):
            places.append((("brands", brand, "answers"), raw.get("answers")))
    for path, section in places:
        for where, text in _texts(path, section):
            yield from _misspelt(draft, where, text)


def _texts(path: Path, section: Any) -> Iterator[tuple[Path, str]]:
    """Yield the templates of a section with their places; whatever is no text is told elsewhere."""
    if not isinstance(section, Mapping):
        return
    templates, holding = section.get("templates"), section.get("holding")
    wordings: list[tuple[Path, Any]] = []
    for name, template in templates.items() if isinstance(templates, Mapping) else ():
        text = template.get("text") if isinstance(template, Mapping) else None
        wordings.append(((*path, "templates", name, "text"), text))
    for name, text in holding.items() if isinstance(holding, Mapping) else ():
        wordings.append(((*path, "holding", name), text))
    for where, wording in wordings:
        if isinstance(wording, str):
            yield where, wording
        elif isinstance(wording, Mapping):
            yield from (((*where, code), text) for code, text in wording.items() if isinstance(text, str))


def _misspelt(draft: Draft, path: Path, text: str) -> Iterator[Problem]:
    from monitor.answering.templates import KNOWN, BadTemplate, check_template  # noqa: PLC0415 - only templates need Jinja

    try:
        names = check_template(text)
    except BadTemplate:
        return  # told by the schema
    for name in names:
        near = get_close_matches(name, KNOWN, n=1, cutoff=0.8) if name not in KNOWN else []
        if near:
            message = f"{name} is left for a person to fill in"
            yield draft.problem(path, message, f"did you mean {near[0]!r}?", warning=True)
