"""The queries of a config: watches, their context, lists, exclusions. Each is read, and looked at as a whole."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from connectors.registry import KINDS
from monitor.config.check import Draft
from monitor.config.problem import Path, Problem, problem_at, suggestion
from monitor.config.schema import Watch
from monitor.config.values import QUERY_LIMIT
from monitor.rules.compile import CompileError, compile_for, left_out
from monitor.rules.query import Lists, Query, QueryError, parse_entries, parse_query
from monitor.rules.query_advice import advise_on, covers, demanded_facts, named_sources
from monitor.rules.query_fields import is_untold
from monitor.rules.watch_query import read_watch

_MANY_SEARCHES = 40
"""Searches of one source for one watch from which each poll takes long."""


def check_queries(draft: Draft) -> Iterator[Problem]:
    """Return queries that cannot be read, that a platform cannot search for, and that deserve a second look."""
    shared = _lists_at(draft.document.value)
    yield from _entries_of_lists(draft, ("lists",), shared)
    yield from _exclusions(draft, ("exclude",), draft.document.value, shared)
    yield from _phrases_of_causes(draft, ("causes",), shared)
    for brand, raw in draft.section("brands").items():
        where: Path = ("brands", brand)
        if not isinstance(raw, dict):
            continue
        own = _lists_at(raw)
        lists = {**shared, **own}
        yield from _entries_of_lists(draft, (*where, "lists"), own)
        yield from _exclusions(draft, (*where, "exclude"), raw, lists)
        yield from _phrases_of_causes(draft, (*where, "causes"), lists)
        for path, watch in draft.entries(*map(str, where), "watches"):
            yield from _watch(draft, path, watch, lists)


def _lists_at(raw: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the lists of a part of the config, as far as they are lists of texts."""
    lists = raw.get("lists")
    found = lists.items() if isinstance(lists, dict) else ()
    return {str(name): [entry for _, entry in _texts((), entries)] for name, entries in found}


def _texts(path: Path, raw: Any) -> list[tuple[Path, str]]:
    """Return the texts of a list, or the one text in its place, each with its path."""
    entries = [(path, raw)] if isinstance(raw, str) else []
    if isinstance(raw, list):
        entries = [((*path, index), entry) for index, entry in enumerate(raw)]
    return [(where, entry) for where, entry in entries if isinstance(entry, str) and 0 < len(entry) <= QUERY_LIMIT]


def _entries_of_lists(draft: Draft, path: Path, lists: Lists) -> Iterator[Problem]:
    for name in lists:
        yield from _entries(draft, (*path, name), _value(draft, (*path, name)), {})


def _value(draft: Draft, path: Path) -> Any:
    found: Any = draft.document.value
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _entries(draft: Draft, path: Path, raw: Any, lists: Lists) -> Iterator[Problem]:
    for where, entry in _texts(path, raw):
        try:
            parse_entries([entry], lists)
        except QueryError as error:
            yield _mistake(draft, where, error)


def _phrases_of_causes(draft: Draft, path: Path, lists: Lists) -> Iterator[Problem]:
    causes = _value(draft, path)
    for name, cause in causes.items() if isinstance(causes, dict) else ():
        if isinstance(cause, dict):
            yield from _entries(draft, (*path, name, "phrases"), cause.get("phrases"), lists)


def _exclusions(draft: Draft, path: Path, raw: Mapping[str, Any], lists: Lists) -> Iterator[Problem]:
    """Read exclusions, and warn of those that would drop a whole watch, or nearly everything, or nothing."""
    yield from _entries(draft, path, raw.get("exclude"), lists)
    read = [(where, query) for where, entry in _texts(path, raw.get("exclude")) if (query := _read([entry], lists))]
    watches = [(watch.get("name"), _read_watch(watch, lists)) for watch in _watches_under(draft, path)] if read else []
    for where, query in read:
        for advice in advise_on(query):
            if not advice.loose:
                hint = "it would drop far too much, or nothing at all; write more beside it"
                yield draft.problem(where, advice.problem, hint, warning=True)
        dropped = [str(name) for name, wanted in watches if wanted and covers(query, wanted)]
        if dropped:
            message = f"it drops everything that the watch {dropped[0]} finds"
            yield draft.problem(where, message, "leave it out, or write more beside it", warning=True)


def _watches_under(draft: Draft, path: Path) -> list[Mapping[str, Any]]:
    """Return the watches that exclusions at a place concern: those of their brand, or all."""
    brands = [str(path[1])] if path[0] == "brands" else list(draft.section("brands"))
    return [watch for brand in brands for _, watch in draft.entries("brands", brand, "watches")]


def _read(entries: list[str], lists: Lists) -> Query | None:
    try:
        return Query(parse_entries(entries, lists))
    except QueryError:
        return None


def _read_watch(raw: Mapping[str, Any], lists: Lists) -> Query | None:
    try:
        return read_watch(Watch.model_validate(raw), lists)
    except (ValidationError, QueryError):
        return None


def _mistake(draft: Draft, path: Path, error: QueryError) -> Problem:
    return problem_at(draft.document.inner_place(path, error.position), path, error.problem, error.hint)


def _watch(draft: Draft, path: Path, raw: Mapping[str, Any], lists: Lists) -> Iterator[Problem]:
    """Read a watch part by part, so that a mistake is told at its place; then look at it as a whole."""
    problems = list(_parts(draft, path, raw, lists))
    yield from problems
    query = _read_watch(raw, lists)
    if problems or query is None:
        return
    watch = Watch.model_validate(raw)
    for unknown in sorted(named_sources(query) - set(draft.sources.read) - set(KINDS)):
        hint = suggestion(unknown, list(draft.sources.read))
        yield draft.problem((*path, "query"), f"source:{unknown} is no source of the config", hint, warning=True)
    for advice in advise_on(query):
        place = draft.document.inner_place((*path, "query"), max(0, str(raw.get("query")).find(advice.about)))
        yield problem_at(place, (*path, "query"), advice.problem, advice.hint, warning=True)
    for name in watch.sources or tuple(draft.sources.read):
        yield from _search(draft, (*path, "query"), query, name)


def _parts(draft: Draft, path: Path, raw: Mapping[str, Any], lists: Lists) -> Iterator[Problem]:
    text, context = raw.get("query"), raw.get("context")
    blocks = [((*path, "query", str(key)), part) for key, part in text.items()] if isinstance(text, dict) else []
    for where, part in blocks or [((*path, "query"), text)]:
        if isinstance(part, str) and 0 < len(part) <= QUERY_LIMIT:
            try:
                parse_query(part, lists)
            except QueryError as error:
                yield _mistake(draft, where, error)
    if isinstance(context, dict):
        for key in ("any", "none"):
            yield from _entries(draft, (*path, "context", key), context.get(key), lists)


def _search(draft: Draft, path: Path, query: Query, name: str) -> Iterator[Problem]:
    """What a source could never find, or be asked for."""
    source = draft.sources.read.get(name)
    if source is None:
        return
    for fact in sorted(fact for fact in demanded_facts(query) if is_untold(source.kind, fact)):
        message = f"source {name}: {source.kind} does not tell {fact}, so that the watch finds nothing there"
        yield draft.problem(path, message, "name other sources for it, or leave the field out", warning=True)
    if getattr(source, "user_id", None) or not getattr(source, "search", True):
        return
    try:
        asked = compile_for(source.kind, [query], source=name)
    except CompileError as error:
        yield draft.problem(path, f"source {name}: {error.problem}", error.hint, scope=f"source:{name}")
        return
    if unsearched := left_out(source.kind, query):
        message = f"source {name}: {source.kind} cannot search for {', '.join(unsearched[:3])}, and is asked for more"
        yield draft.problem(path, message, "write the words out, such as account OR accounts", warning=True)
    if len(asked) > _MANY_SEARCHES:
        message = f"source {name}: each poll makes {len(asked)} searches for it"
        yield draft.problem(path, message, "shorten its lists, or make it two watches", warning=True)
