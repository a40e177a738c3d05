"""A person's turn at the desk: who acts, when, on what store, by which settings."""

from dataclasses import dataclass
from datetime import datetime

from monitor.config.keeper import ConfigKeeper
from monitor.config.schema import Settings
from monitor.desk.voices import SILENT, Voices
from monitor.store.store import Store


@dataclass(frozen=True, slots=True)
class Turn:
    """Who acts, when, on what store, by which settings.

    With `version` a move is refused where the case has changed since the person saw it. `keeper` changes the config
    files, where this process may. `voices` are who may answer customers from here.
    """

    store: Store
    settings: Settings
    who: str
    now: datetime
    version: int | None = None
    keeper: ConfigKeeper | None = None
    voices: Voices = SILENT
