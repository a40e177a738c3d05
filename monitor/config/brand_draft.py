"""What a brand manager may change of a brand from a page: its watches' queries, and its exclusions.

A draft is read from the files of a config and written back as edits of their text (`edit.py`): whatever it does not
name stays byte for byte. Nothing else of a config can be changed this way: no secret, no address, no other brand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor.config import edit
from monitor.errors import MonitorError

MOST_WATCHES = 50
MOST_EXCLUSIONS = 500
QUERY_LIMIT = 20_000
"""Characters of a query, as the query language itself bounds them."""


@dataclass(frozen=True, slots=True)
class WatchDraft:
    """A watch and its query; None for one that is written by language, which is changed in the file alone."""

    name: str
    query: str | None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrandDraft:
    """The watches and the exclusions of a brand, as somebody wants them."""

    brand: str
    watches: tuple[WatchDraft, ...]
    exclude: tuple[str, ...]

    def differences(self, before: "BrandDraft") -> tuple[str, ...]:
        """Say what has changed since another draft of the brand, a line each."""
        mine = _as_written(self, before)
        old, new = ({watch.name: watch.query for watch in draft.watches} for draft in (before, mine))
        return (
            *(f"watch {name}: added" for name in new if name not in old),
            *(f"watch {name}: removed" for name in old if name not in new),
            *(f"watch {name}: {old[name]} → {new[name]}" for name in new if name in old and old[name] != new[name]),
            *(f"exclude: {entry}" for entry in mine.exclude if entry not in before.exclude),
            *(f"no longer exclude: {entry}" for entry in before.exclude if entry not in mine.exclude),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the draft as a command carries it."""
        watches = [{"name": watch.name, "query": watch.query} for watch in self.watches]
        return {"brand": self.brand, "watches": watches, "exclude": list(self.exclude)}


def read_draft(texts: Mapping[str, str], main: str, brand: str) -> BrandDraft:
    """Return what the files say of a brand. Raises EditRefused where the brand, or its place, cannot be read."""
    name, path = edit.place_of_brand(texts, main, brand)
    watches = edit.value_at(texts[name], (*path, "watches"))
    excluded = edit.value_at(texts[name], (*path, "exclude"))
    known = [entry for entry in watches or () if isinstance(entry, dict) and entry.get("name")]
    listed = excluded if isinstance(excluded, list) else [excluded] if excluded else []
    return BrandDraft(brand, tuple(map(_watch, known)), tuple(str(entry) for entry in listed))


def write_draft(texts: Mapping[str, str], main: str, draft: BrandDraft) -> dict[str, str]:
    """Return the files that a draft changes, with their new texts; none where they say so already.

    Raises EditRefused where a text cannot be edited safely, MonitorError for a draft that is too long.
    """
    _refuse_excess(draft)
    name, path = edit.place_of_brand(texts, main, draft.brand)
    before, text = read_draft(texts, main, draft.brand), texts[name]
    draft = _as_written(draft, before)
    text = _write_watches(text, (*path, "watches"), before.watches, draft.watches)
    for entry in before.exclude:
        if entry not in draft.exclude:
            text = edit.take_back(text, (*path, "exclude"), entry)
    for entry in draft.exclude:
        if entry not in before.exclude:
            text = edit.add_entry(text, (*path, "exclude"), entry)
    return {} if text == texts[name] else {name: text}


def _as_written(draft: BrandDraft, before: BrandDraft) -> BrandDraft:
    """Return a draft with the present words wherever it differs in white space alone: folded lines stay folded."""
    queries = {(watch.name, one_line(watch.query or "")): watch.query for watch in before.watches}
    excluded = {one_line(entry): entry for entry in before.exclude}
    watches = (
        replace(watch, query=queries.get((watch.name, one_line(watch.query)), watch.query)) if watch.query else watch
        for watch in draft.watches
    )
    lines = (excluded.get(one_line(entry), entry) for entry in draft.exclude)
    return replace(draft, watches=tuple(watches), exclude=tuple(lines))


def one_line(text: str) -> str:
    """Return a text with single spaces, as the fields of a form give it back."""
    return " ".join(text.split())


def _watch(entry: Mapping[str, Any]) -> WatchDraft:
    query, sources = entry.get("query"), entry.get("sources")
    listed = sources if isinstance(sources, list) else [sources] if sources else []
    return WatchDraft(str(entry["name"]), query if isinstance(query, str) else None, tuple(map(str, listed)))


def _write_watches(text: str, path: edit.Keys, before: Sequence[WatchDraft], after: Sequence[WatchDraft]) -> str:
    old, new = {watch.name: watch for watch in before}, {watch.name: watch for watch in after}
    for name, watch in new.items():
        if name not in old:
            text = edit.add_entry(text, path, {"name": name, "query": watch.query or ""})
        elif watch.query is not None and watch.query != old[name].query:
            text = edit.set_in_entry(text, path, ("name", name), "query", watch.query)
    for name in old:
        if name not in new:
            entry = next(entry for entry in edit.value_at(text, path) if entry.get("name") == name)
            text = edit.remove_entry(text, path, entry)
    return text


def _refuse_excess(draft: BrandDraft) -> None:
    names = [watch.name for watch in draft.watches]
    if len(names) > MOST_WATCHES or len(draft.exclude) > MOST_EXCLUSIONS:
        cause = f"has more than {MOST_WATCHES} watches or {MOST_EXCLUSIONS} exclusions"
        raise MonitorError(f"brand {draft.brand}", cause, "change the file by hand")
    if len(set(names)) < len(names):
        raise MonitorError(f"brand {draft.brand}", "has two watches of one name", "give each a name of its own")
    if any(len(entry) > QUERY_LIMIT for entry in (*draft.exclude, *(watch.query or "" for watch in draft.watches))):
        raise MonitorError(f"brand {draft.brand}", f"has a query of over {QUERY_LIMIT:,} characters", "say it shorter")
