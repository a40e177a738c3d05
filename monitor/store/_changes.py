"""Changes of cases on SQLite: triggers write them, so that no move can be forgotten."""

import json
from collections.abc import Mapping
from typing import Any

from monitor.store._base import Tables
from monitor.store.changes import CaseChange
from monitor.store.connection import at, maybe_at
from monitor.store.records import stamp

_FLAG = "case_changes"
_TIMES = ("due_at", "snoozed_until")


class ChangeTables(Tables):
    """What has changed about cases."""

    def follow_changes(self, wanted: bool) -> None:
        """Keep changes from now on, or keep none; what waits then is dropped."""
        value = "followed" if wanted else "ignored"
        known = self.connection.value("get_meta", key=_FLAG) or "ignored"
        if known != value:
            with self.write():
                self.connection.run("set_meta", key=_FLAG, value=value)
                self.connection.run("forget_case_changes", upto=2**63 - 1)

    def case_changes(self, limit: int) -> list[CaseChange]:
        """Return the changes that wait to be passed on, the oldest first."""
        return [
            CaseChange(**{
                **row, "before": _state(row["before"]), "after": _state(row["after"]) or {}, "at": maybe_at(row["at"])
            })
            for row in self.connection.rows("case_changes", limit=limit)
        ]  # fmt: skip

    def forget_case_changes(self, upto: int) -> None:
        """Drop the changes up to and with that number."""
        with self.write():
            self.connection.run("forget_case_changes", upto=upto)


def _state(text: str | None) -> Mapping[str, Any] | None:
    """Return a state with its times as ISO 8601."""
    if text is None:
        return None
    known = json.loads(text)
    return {**known, **{name: stamp(at(known[name])) for name in _TIMES if known[name] is not None}}
