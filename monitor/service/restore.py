"""Put a backup in the place of a store: checked first, the old file kept aside, replaced in one step."""

import os
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from monitor.errors import StoreError, StoreTooNew
from monitor.service.lock import StoreLock
from monitor.store.sqlite import SqliteStore


def restore_store(backup: Path, store: Path, now: datetime) -> Path | None:
    """Replace `store` by `backup`; returns where the old store was put, None where there was none.

    Raises Locked while a daemon holds the store, StoreError for a backup that is missing, damaged or no store.
    """
    with StoreLock(store):
        _check(backup)
        partial = store.with_name(f"{store.name}.restoring")
        shutil.copyfile(backup, partial)
        partial.chmod(0o600)
        _sync(partial)
        aside = _put_aside(store, now)
        partial.replace(store)
        _sync(store.parent)
    return aside


def _check(backup: Path) -> None:
    if not backup.is_file():
        raise StoreError(str(backup), "no such file", "name a file that `complaint-monitor backup` wrote")
    store = SqliteStore(backup, read_only=True)
    try:
        damage = store.check_file()
        if damage:
            raise StoreError(str(backup), f"is damaged: {damage:.200}", "take an older backup")
        _, unknown = store.missing_migrations()
    finally:
        store.close()
    if unknown:
        raise StoreTooNew(str(backup), f"was written by a newer version (migration {', '.join(unknown)})")


def _put_aside(store: Path, now: datetime) -> Path | None:
    """Fold the log into the old file and rename it; a file so damaged that it cannot be opened is renamed as it is."""
    if not store.exists():
        return None
    aside = store.with_name(f"{store.name}.before-restore-{now:%Y%m%d-%H%M%S}")
    try:
        connection = sqlite3.connect(store)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        pass  # it is replaced because it is broken
    store.replace(aside)
    for rest in ("-wal", "-shm"):
        left = store.with_name(store.name + rest)
        if left.exists():
            left.replace(aside.with_name(aside.name + rest))
    return aside


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
