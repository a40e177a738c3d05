"""What changing a config needs of a store: what is remembered by name, and the configs that were accepted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class VersionStore(Protocol):
    """Remembered values and versions of the config."""

    def meta(self, key: str) -> str | None:
        """Return a remembered value."""
        ...

    def set_meta(self, key: str, value: str) -> None:
        """Remember a value."""
        ...

    def add_config(
        self,
        digest: str,
        text: str,
        who: str,
        now: datetime,
        *,
        action: str = "apply",
        note: str = "",
        files: Mapping[str, str | None] | None = None,
        report: str | None = None,
    ) -> None:
        """Keep an accepted config; the same one twice in a row is kept once.

        `files` are its files by name, where it has more than one; `report` is what the lab said of it, as JSON.
        """
        ...

    def config_history(self) -> list[dict[str, Any]]:
        """Return accepted configs, newest first: hash, text, who, at, action, note, files, report."""
        ...
