"""Opens the store that a config names. Apart from `monitor/app.py` so that commands which only read start quickly."""

from monitor.config.schema import Settings
from monitor.store.sqlite import SqliteStore


def open_store(settings: Settings, *, read_only: bool = False) -> SqliteStore:
    """Open the store of a config; the writer migrates it. Raises StoreError."""
    return SqliteStore(settings.store_path, read_only=read_only)
