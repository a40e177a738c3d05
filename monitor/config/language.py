"""What a config says in languages of its own: watch queries, severity phrases, names of models."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.errors import UnknownModel
from models.registry import parse_spec
from monitor.config.check import Draft
from monitor.config.parts import model_spec
from monitor.config.problem import Path, Problem, problem_at
from monitor.domain import Severity
from monitor.rules.compile import CompileError, compile_for
from monitor.rules.phrase import PhraseError
from monitor.rules.query import LENGTH_LIMIT, Query, QueryError, parse_query
from monitor.rules.severity import make_book


def check_language(draft: Draft) -> Iterator[Problem]:
    """Return queries, phrases and model names that cannot be read, each at its place."""
    for path, watch in draft.watches():
        text = watch.get("query")
        if isinstance(text, str) and 0 < len(text) <= LENGTH_LIMIT:
            yield from _query(draft, (*path, "query"), text, watch.get("sources"))
    yield from _phrases(draft)
    yield from _models(draft)


def _query(draft: Draft, path: Path, text: str, sources: Any) -> Iterator[Problem]:
    """A query that does not parse, at the very character, or that a platform cannot search for."""
    try:
        query = parse_query(text)
    except QueryError as error:
        yield problem_at(draft.document.inner_place(path, error.position), path, error.problem, error.hint)
        return
    named = [sources] if isinstance(sources, str) else sources or list(draft.sources.read)
    for name in named if isinstance(named, list) else []:
        yield from _search(draft, path, query, name)


def _search(draft: Draft, path: Path, query: Query, name: Any) -> Iterator[Problem]:
    source = draft.sources.read.get(name) if isinstance(name, str) else None
    if source is None or getattr(source, "user_id", None) or not getattr(source, "search", True):
        return
    try:
        compile_for(source.kind, [query])
    except CompileError as error:
        yield draft.problem(path, f"source {name}: {error.problem}", error.hint, scope=f"source:{name}")


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
