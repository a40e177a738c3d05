"""What a config says in languages of its own: watch queries, severity phrases, names of models."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.errors import UnknownModel
from models.registry import parse_spec
from monitor.config.check import Draft
from monitor.config.parts import model_spec
from monitor.config.problem import Path, Problem
from monitor.config.queries import check_queries
from monitor.domain import Severity
from monitor.rules.phrase import PhraseError
from monitor.rules.severity import make_book


def check_language(draft: Draft) -> Iterator[Problem]:
    """Return queries, phrases and model names that cannot be read, each at its place."""
    yield from check_queries(draft)
    yield from _phrases(draft)
    yield from _models(draft)


def _phrases(draft: Draft) -> Iterator[Problem]:
    """Phrases that the rules cannot read; each is tried alone only where all together fail."""
    found = list(_phrase_entries(draft))
    if not found:
        return
    try:
        make_book(_as_lists(phrase for _, phrase in found))
    except PhraseError:
        yield from _bad_phrases(draft, found)


def _bad_phrases(draft: Draft, found: list[tuple[Path, str]]) -> Iterator[Problem]:
    for path, phrase in found:
        try:
            make_book(_as_lists([phrase]))
        except PhraseError as error:
            message, _, hint = str(error).partition("; ")
            yield draft.problem(path, message, hint)


def _as_lists(phrases: Any) -> Mapping[Severity, Mapping[str, list[str]]]:
    return {Severity.MONEY: {"en": list(phrases)}}


def _phrase_entries(draft: Draft) -> Iterator[tuple[Path, str]]:
    classes = draft.section("triage").get("phrases")
    for severity, languages in classes.items() if isinstance(classes, dict) else ():
        for language, phrases in languages.items() if isinstance(languages, dict) else ():
            where: Path = ("triage", "phrases", severity, language)
            if isinstance(phrases, str):
                yield where, phrases
            for index, phrase in enumerate(phrases if isinstance(phrases, list) else ()):
                if isinstance(phrase, str):
                    yield (*where, index), phrase


def _models(draft: Draft) -> Iterator[Problem]:
    triage = draft.section("triage")
    others = triage.get("models")
    named: list[tuple[Path, Any]] = [(("triage", "model"), triage.get("model"))]
    named += [(("triage", "models", key), name) for key, name in others.items()] if isinstance(others, dict) else []
    for path, name in named:
        try:
            parse_spec(model_spec(name, draft.origin.base) if isinstance(name, str) else "lexicon")
        except UnknownModel as error:
            yield draft.problem(path, error.cause, error.next_step)
