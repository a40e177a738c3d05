"""The arguments of a command, read with suspicion: they come through a socket or from a page."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from connectors.errors import BadMention
from connectors.mention import clean_text, parse_time
from monitor.errors import MonitorError

TEXT_LIMIT, REASON_LIMIT, NAME_LIMIT, LINK_LIMIT = 10_000, 500, 100, 2_000
"""The longest text, reason, name and link in characters; what is longer is cut, as at intake."""


class Values:
    """Named values; each reader raises MonitorError that names the argument and what to give."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def number(self, key: str) -> int:
        found = self.number_or_none(key)
        if found is None:
            raise MonitorError(f"argument {key}", "is missing", "give a number")
        return found

    def number_or_none(self, key: str) -> int | None:
        value = self._values.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63):
            raise MonitorError(f"argument {key}", "is no number from 1", "give a number")
        return value

    def numbers(self, key: str) -> list[int]:
        value = self._values.get(key)
        if not isinstance(value, list) or not all(_is_number(entry) for entry in value):
            raise MonitorError(f"argument {key}", "is no list of numbers from 1", "give numbers")
        return list(dict.fromkeys(value))

    def text(self, key: str, limit: int = TEXT_LIMIT) -> str:
        value = self._values.get(key) or ""
        if not isinstance(value, str):
            raise MonitorError(f"argument {key}", "is no text", "give words")
        return clean_text(value.strip(), limit)

    def anything(self, key: str) -> Any:
        """Return a value unread: whoever takes it looks at it with suspicion."""
        return self._values.get(key)

    def raw_or_none(self, key: str, limit: int) -> str | None:
        """Return a text as it is, none where none is given; one that is too long is refused, never cut."""
        value = self._values.get(key)
        if value is not None and (not isinstance(value, str) or len(value) > limit):
            raise MonitorError(f"argument {key}", f"is no text of at most {limit:,} characters", "give less")
        return value

    def words(self, key: str, limit: int = TEXT_LIMIT) -> str:
        found = self.text(key, limit)
        if not found:
            raise MonitorError(f"argument {key}", "is empty", "say it in a few words")
        return found

    def flag(self, key: str) -> bool:
        value = self._values.get(key)
        if value is not None and not isinstance(value, bool):
            raise MonitorError(f"argument {key}", "is neither true nor false", "give true, or leave it out")
        return bool(value)

    def link(self, key: str) -> str | None:
        found = self.text(key, LINK_LIMIT)
        if found and not found.startswith(("https://", "http://")):
            raise MonitorError(f"argument {key}", "is no link", "give the address of the answer, https://…")
        return found or None

    def moment(self, key: str) -> datetime:
        try:
            return parse_time(self._values.get(key))
        except BadMention as error:
            raise MonitorError(f"argument {key}", error.cause, "give ISO 8601 with a zone") from error

    def day_or_none(self, key: str) -> date | None:
        value = self._values.get(key)
        try:
            return date.fromisoformat(value) if isinstance(value, str) and value else None
        except ValueError:
            raise MonitorError(f"argument {key}", "is no date", "write it as 2026-11-18") from None

    def day(self, key: str) -> date:
        found = self.day_or_none(key)
        if found is None:
            raise MonitorError(f"argument {key}", "is missing", "write a date as 2026-11-18")
        return found

    def lists(self, key: str) -> dict[str, list[str]]:
        value = self._values.get(key)
        if not isinstance(value, dict) or not all(_are_words(part) for part in value.values()):
            raise MonitorError(f"argument {key}", "is no list of keys and values", "write level=high")
        return {str(name): [clean_text(word, NAME_LIMIT) for word in part] for name, part in value.items()}


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _are_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
