"""Tuning a brand: its watches and exclusions, what a draft of them would do, and writing it into the config."""

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.config.brand_draft import BrandDraft, WatchDraft, read_draft, write_draft
from monitor.config.edit import EditRefused
from monitor.config.keeper import Change, ConfigKeeper, problem_key
from monitor.config.load import LoadedConfig
from monitor.config.problem import Problem
from monitor.config.schema import Settings
from monitor.desk.configs import keeper_of, without_words
from monitor.desk.turn import Turn
from monitor.errors import MonitorError, MoveRefused
from monitor.lab.preview import MOST_POSTS, Preview, preview
from monitor.lab.report import Question, Report, Span, make_report
from monitor.lab.unheard import Version
from monitor.store.lab import StoredPost
from monitor.store.store import Store

LAB_SPAN = timedelta(days=30)
PREVIEW_SPAN = timedelta(days=30)
COUNT_SPAN = timedelta(days=7)
MOST_COUNTED = 20_000
"""Hits that are counted by watch, the newest."""

_NOTE = 200

Brands = tuple[str, ...] | None
"""The brands whose posts somebody may read, beside those that no brand has heard; None for every post."""

Ask = Callable[[LoadedConfig, LoadedConfig, Sequence[Version], Span], Question]
"""Builds what a replay compares: `monitor.app.ask_lab`."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A brand as it stands in the config on disk: its draft, and the hash of the config that it was read from."""

    draft: BrandDraft
    seen: str


@dataclass(frozen=True, slots=True)
class Past:
    """What the watches and exclusions of a brand were in an accepted version, and what it changed of them."""

    hash: str
    who: str
    at: datetime
    note: str
    changes: tuple[str, ...]
    draft: BrandDraft
    tried: bool
    """Whether the lab's report was kept with it."""


class Workshop:
    """Where drafts are tried before they are written; nothing here changes a file."""

    def __init__(
        self, keeper: ConfigKeeper, ask: Ask, versions: Callable[[Store, datetime], Sequence[Version]]
    ) -> None:
        self._keeper = keeper
        self._ask = ask
        self._versions = versions

    def bench(self, brand: str) -> Bench:
        """Return a brand as it stands on disk. Raises EditRefused and MonitorError where it cannot be read."""
        loaded = self._keeper.load()
        return Bench(read_draft(self._keeper.texts(loaded), self._keeper.main, brand), loaded.hash)

    def config_of(self, draft: BrandDraft) -> LoadedConfig:
        """Return the config as it would be with a draft, its problems in it."""
        return self._keeper.with_files(self._files(draft))

    def problems(self, draft: BrandDraft) -> tuple[Problem, ...]:
        """Return what is wrong, or only deserves a second look, with a draft and not with the config as it stands."""
        known = {problem_key(problem) for problem in self._keeper.load().problems}
        return tuple(found for found in self.config_of(draft).problems if problem_key(found) not in known)

    def preview(self, store: Store, draft: BrandDraft, now: datetime, brands: Brands = None) -> Preview:
        """Return what a draft would do to stored posts. Raises ConfigError where it cannot be read."""
        present, changed = self._keeper.load().usable(), self.config_of(draft).usable()
        posts = recent_posts(store, now, brands)
        return preview(draft.brand, present.brands[draft.brand], changed.brands[draft.brand], posts)

    def replay(
        self, store: Store, draft: BrandDraft, now: datetime, advance: Callable[[int], None], brands: Brands = None
    ) -> Report:
        """Have the lab replay the stored posts of 30 days through a draft. Raises ConfigError and ModelError.

        The brand is replayed alone, with its own pins: whoever tunes one brand reads nothing of another's posts.
        """
        span = Span(now - LAB_SPAN, now)
        new, present = (alone(loaded, draft.brand) for loaded in (self.config_of(draft), self._keeper.load()))
        question = self._ask(new, present, self._versions(store, span.since), span)
        return make_report(store, replace(question, brands=brands), advance)

    def patch(self, draft: BrandDraft, around: int = 3) -> str:
        """Return a draft as a unified diff of the files that it changes, for whoever may write them.

        `around` is how many lines are shown around each change: they may be of other brands, or tell a secret.
        """
        before = self._keeper.texts()
        return "".join(
            "".join(
                difflib.unified_diff(
                    before[name].splitlines(keepends=True),
                    text.splitlines(keepends=True),
                    f"a/{name}",
                    f"b/{name}",
                    n=around,
                )
            )
            for name, text in self._files(draft).items()
        )

    def past(self, store: Store, brand: str) -> list[Past]:
        """Return the accepted versions that changed a brand's watches or exclusions, newest first."""
        known = [(entry, found) for entry in store.config_history() if (found := self._draft_in(entry, brand))]
        older = [draft for _, draft in known[1:]]
        told: list[Past] = []
        for (entry, draft), before in zip(known, [*older, None], strict=True):
            changes = draft.differences(before) if before else ("the first version",)
            if changes:
                report = entry["report"] is not None
                told.append(Past(entry["hash"], entry["who"], entry["at"], entry["note"], changes, draft, report))
        return told

    def _draft_in(self, entry: Mapping[str, Any], brand: str) -> BrandDraft | None:
        files = entry["files"] or {self._keeper.main: entry["text"]}
        texts = {name: text for name, text in files.items() if text is not None}
        try:
            return read_draft(texts, self._keeper.main, brand) if self._keeper.main in texts else None
        except EditRefused:
            return None

    def _files(self, draft: BrandDraft) -> dict[str, str]:
        return write_draft(self._keeper.texts(), self._keeper.main, draft)


def alone(loaded: LoadedConfig, brand: str) -> LoadedConfig:
    """Return a config with one brand and its pins alone. Raises ConfigError where it cannot be used."""
    settings = loaded.usable()
    only = settings.model_copy(update={"brands": {brand: settings.brands[brand]}})
    return replace(loaded, settings=only, pins=tuple(pin for pin in loaded.pins if pin.brand == brand))


def recent_posts(store: Store, now: datetime, brands: Brands = None) -> list[StoredPost]:
    """Return the stored posts of 30 days in the order of their arrival; of many, the newest."""
    since = now - PREVIEW_SPAN
    return store.lab_posts(since, now, store.lab_newest(since, MOST_POSTS), MOST_POSTS, brands)


def tune_brand(turn: Turn, draft: BrandDraft, seen: str, report: str | None) -> dict[str, Any]:
    """Write a draft into the config and have a running daemon follow it; `seen` is the config that it was made from.

    Raises MoveRefused where somebody has changed the config since, ConfigError where a query cannot be read or a pin
    breaks, EditRefused and Unwritable where the files cannot be changed. Everything is then as before.
    """
    keeper = keeper_of(turn)
    with keeper.lock:
        loaded = keeper.settled(turn.store)
        if loaded.hash != seen:
            raise MoveRefused("the config", "was changed meanwhile", "look at what stands there now, then try again")
        texts = keeper.texts(loaded)
        before = read_draft(texts, keeper.main, draft.brand)
        files = write_draft(texts, keeper.main, draft)
        if not files:
            return {"hash": loaded.hash, "changed": False}
        refuse_more(loaded.usable(), keeper.with_files(files).settings, draft.brand)
        note = f"{draft.brand}: {'; '.join(draft.differences(before))}"[:_NOTE]
        change = Change(files, turn.who, "tune", note, without_words(report) if report else None)
        kept = keeper.put(turn.store, change, turn.now, edit=True)
        return {"hash": kept.hash, "changed": kept.changed}


def refuse_more(before: Settings, after: Settings | None, brand: str) -> None:
    """Raise EditRefused where two configs differ in anything but the watches and the exclusions of a brand.

    None is a config that cannot be used, which is refused by whoever takes it up, with its problems.
    """
    if after is not None and _untuned(before, brand) != _untuned(after, brand):
        raise EditRefused("the draft", f"would change more than the watches and exclusions of {brand}")


def _untuned(settings: Settings, brand: str) -> Settings:
    own = settings.brands[brand].model_copy(update={"watches": (), "exclude": ()})
    return settings.model_copy(update={"brands": {**settings.brands, brand: own}})


def draft_in(brand: str, watches: Any, exclude: Any) -> BrandDraft:
    """Read a draft as it came with a command. Raises MonitorError for what is none."""
    listed = watches if isinstance(watches, list) else [None]
    known = [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("name"), str)]
    words = [entry for entry in exclude if isinstance(entry, str)] if isinstance(exclude, list) else None
    told = all(isinstance(entry.get("query"), str | None) for entry in known)
    if len(known) < len(listed) or not told or words is None or len(words) < len(exclude):
        raise MonitorError(f"brand {brand}", "has no watches and exclusions", "send lists of both")
    return BrandDraft(brand, tuple(WatchDraft(entry["name"], entry.get("query")) for entry in known), tuple(words))


def report_json(report: Report) -> str:
    """Return a report as it is kept with a version."""
    return json.dumps(report.to_json(), ensure_ascii=False)


def versions_beside(config: Path, environ: Mapping[str, str]) -> Callable[[Store, datetime], Sequence[Version]]:
    """Return what reads the configs that were in force since a time, as `Workshop` asks for it."""
    from monitor.lab.versions import versions_in_force  # noqa: PLC0415

    return lambda store, since: versions_in_force(store, config, environ, since)
