"""Read-only stores for many requests at once: a connection each, used again, none of them behind the writer's lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from monitor.store.sqlite import SqliteStore

KEPT = 16
"""Connections that stay open while nobody reads."""


class Readers:
    """Gives each reader a store of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._idle: list[SqliteStore] = []
        self._watcher: SqliteStore | None = None
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[SqliteStore]:
        """Give a store for the block alone. Raises StoreError."""
        with self._lock:
            store = self._idle.pop() if self._idle else None
        store = store or SqliteStore(self._path, read_only=True)
        try:
            yield store
        finally:
            with self._lock:
                keep = len(self._idle) < KEPT and not self._closed
                if keep:
                    self._idle.append(store)
            if not keep:
                store.close()

    def revision(self) -> int:
        """Return a number that is another one once another connection has written."""
        with self._lock:
            if self._watcher is None:
                self._watcher = SqliteStore(self._path, read_only=True)
            (row,) = self._watcher.connection.query("PRAGMA data_version", {})
        return int(row["data_version"])

    def close(self) -> None:
        """Close what nobody reads; what is being read is closed by its reader."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            if self._watcher is not None:
                idle.append(self._watcher)
                self._watcher = None
        for store in idle:
            store.close()
