"""Whether everything stands as it should: checks of ops, each with a limit of its own and what to do next."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from models.classifier import Classifier
from models.errors import ModelError
from monitor.config.load import LoadedConfig, load_config
from monitor.config.schema import Settings, Triage
from monitor.errors import StoreError
from monitor.notify.text import span
from monitor.service.lock import holder_of
from monitor.steps.auditor import lost_chains, lost_reason
from monitor.store.records import SourceState
from monitor.store.store import Store

DISK_RED, DISK_YELLOW = 200 * 2**20, 2**30
"""Free bytes: below the first the store may stop writing within a day."""

HIT_YELLOW, HIT_RED = timedelta(minutes=10), timedelta(minutes=30)
URGENT_YELLOW, URGENT_RED = timedelta(minutes=2), timedelta(minutes=5)

SQLITE_SAFE = (3, 51, 3)
"""From here on SQLite has no WAL-reset bug; before it one writer alone is safe, which the lock sees to."""

OpenStore = Callable[[Settings], Store]
LoadModel = Callable[[Triage], Classifier]

_FALLBACK = "lexicon"
"""How the fingerprint of the classifier begins that stands in where the model is damaged."""


class Health(StrEnum):
    """How a check went. Red makes `doctor` exit with 1."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, how it went, what was seen, what to do."""

    name: str
    health: Health
    detail: str
    next_step: str = ""


def examine(config: Path, open_store: OpenStore, load_model: LoadModel, now: datetime) -> Iterator[Finding]:
    """Run every check, in the order in which one would look; a check that fails hides none of the others."""
    loaded = load_config(config, environ=os.environ)
    yield _config(loaded)
    yield _packages()
    if loaded.settings is None:
        return
    settings = loaded.settings
    yield _daemon(settings)
    yield _disk(settings)
    yield from _store(settings, open_store, now)
    yield _model(settings, load_model)


def _config(loaded: LoadedConfig) -> Finding:
    parts = [*loaded.broken_sources, *loaded.broken_receivers]
    if loaded.settings is None:
        return Finding("config", Health.RED, f"cannot be used: {loaded.file}", "run check")
    if parts:
        return Finding("config", Health.RED, f"left out: {', '.join(parts)}", "run check")
    if loaded.warnings:
        return Finding("config", Health.YELLOW, f"to look at: {len(loaded.warnings)} in {loaded.file}", "run check")
    return Finding("config", Health.GREEN, loaded.file)


def _packages() -> Finding:
    """Our packages have common names: another one of the same name must not stand before them."""
    places = {name: _place(name) for name in ("monitor", "connectors", "models")}
    ours = places["monitor"]
    foreign = [name for name, place in places.items() if place != ours]
    if foreign:
        detail = f"foreign package {', '.join(foreign)} at {places[foreign[0]]}"
        return Finding("packages", Health.RED, detail, "install into an environment of its own")
    return Finding("packages", Health.GREEN, str(ours))


def _place(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent.parent if spec and spec.origin else None


def _daemon(settings: Settings) -> Finding:
    held = holder_of(settings.store_path)
    if held is None:
        return Finding("daemon", Health.YELLOW, "not running", "start it with `complaint-monitor run`")
    return Finding("daemon", Health.GREEN, held.cause)


def _disk(settings: Settings) -> Finding:
    folder = settings.store_path.parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    health = Health.RED if free < DISK_RED else Health.YELLOW if free < DISK_YELLOW else Health.GREEN
    return Finding("disk", health, f"{free / 2**30:.1f} GiB free", "" if health is Health.GREEN else "free some space")


def _store(settings: Settings, open_store: OpenStore, now: datetime) -> Iterator[Finding]:
    if not settings.store_path.is_file():
        yield Finding("store", Health.YELLOW, f"none yet at {settings.store_path}", "run `complaint-monitor run` first")
        return
    try:
        store = open_store(settings)
        try:
            yield from _inside(store, settings, now)
        finally:
            store.close()
    except StoreError as error:
        yield Finding("store", Health.RED, error.cause, error.next_step)


def _inside(store: Store, settings: Settings, now: datetime) -> Iterator[Finding]:
    damage = store.check_file()
    if damage:
        yield Finding("store", Health.RED, f"damaged: {damage:.200}", "stop the daemon, then restore the newest backup")
        return
    yield Finding("store", Health.GREEN, "sound: {mentions:,} mentions, {cases:,} cases".format(**store.totals()))
    yield _schema(store)
    yield _sqlite()
    yield _sources(store, now)
    yield from _waits(store, now)
    yield _escalation(store, settings, now)


def _schema(store: Store) -> Finding:
    missing, unknown = store.missing_migrations()
    if unknown:
        detail = f"written by a newer version ({', '.join(unknown)})"
        return Finding("schema", Health.RED, detail, "install that version, or restore the backup made before it")
    if missing:
        return Finding("schema", Health.YELLOW, f"lacks {', '.join(missing)}", "the daemon migrates at its next start")
    return Finding("schema", Health.GREEN, "current")


def _sqlite() -> Finding:
    note = "" if sqlite3.sqlite_version_info >= SQLITE_SAFE else "; one writer alone, which the lock sees to"
    return Finding("sqlite", Health.GREEN, f"{sqlite3.sqlite_version}{note}")


def _sources(store: Store, now: datetime) -> Finding:
    states = store.sources(now)
    if not states:
        return Finding("sources", Health.YELLOW, "none polled yet", "run `complaint-monitor run`")
    down = {state.name: state for state in states if state.state in {SourceState.STOPPED, SourceState.FAILING}}
    if not down:
        return Finding("sources", Health.GREEN, "all listen" if len(states) > 1 else "listens")
    worst = Health.RED if any(state.state is SourceState.STOPPED for state in down.values()) else Health.YELLOW
    detail = "; ".join(f"{name} {state.state}: {state.reason or 'unknown reason':.120}" for name, state in down.items())
    return Finding("sources", worst, detail, "see `complaint-monitor sources`")


def _waits(store: Store, now: datetime) -> Iterator[Finding]:
    waits = store.waits()
    yield _age("triage", "oldest undecided hit", waits["oldest_hit_at"], now, HIT_YELLOW, HIT_RED)
    yield _age("alerts", "oldest unsent urgent", waits["oldest_urgent_at"], now, URGENT_YELLOW, URGENT_RED)
    dead = waits["messages"].get("dead", 0)
    if dead:
        yield Finding("outbox", Health.RED, f"{dead} given up", "see `complaint-monitor outbox list`, then replay them")
    else:
        yield Finding("outbox", Health.GREEN, "nothing given up")
    if waits["parked"]:
        step = "see the daemon's log, then `complaint-monitor outbox replay --parked`"
        yield Finding("parked", Health.YELLOW, f"{waits['parked']} hits failed three times", step)


def _escalation(store: Store, settings: Settings, now: datetime) -> Finding:
    """Look whether every urgent case that nobody has taken still has a step to come."""
    lost = lost_chains(store, settings, now)
    if lost:
        more = f", and {len(lost) - 1} more" if len(lost) > 1 else ""
        step = "take these cases, see whether the daemon runs, and its log"
        return Finding("escalation", Health.RED, f"{lost_reason(lost[0])}{more}", step)
    levels = ", ".join(settings.escalation.levels)
    return Finding("escalation", Health.GREEN, f"goes on for {levels}" if levels else "no chain is set")


def _age(name: str, what: str, since: datetime | None, now: datetime, yellow: timedelta, red: timedelta) -> Finding:
    if since is None:
        return Finding(name, Health.GREEN, "nothing waits")
    age = now - since
    health = Health.RED if age > red else Health.YELLOW if age > yellow else Health.GREEN
    step = "" if health is Health.GREEN else "see whether the daemon runs, and its log"
    return Finding(name, health, f"{what} waits for {span(age)}", step)


def _model(settings: Settings, load_model: LoadModel) -> Finding:
    wanted = settings.triage.model
    try:
        classifier = load_model(settings.triage)
        classifier.classify(["does it answer?"])
    except ModelError as error:
        return Finding("model", Health.RED, f"{error.subject}: {error.cause}", error.next_step)
    if classifier.fingerprint.startswith(_FALLBACK) and not wanted.startswith(_FALLBACK):
        return Finding("model", Health.RED, f"{wanted} cannot be loaded; judging by word lists", "install it again")
    return Finding("model", Health.GREEN, classifier.fingerprint)
