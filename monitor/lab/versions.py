"""The configs that were in force in a span, as the store keeps them."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from monitor.config.load import settings_of_version
from monitor.lab.unheard import Version
from monitor.store.versions import VersionStore

_LOOKED_AT = 50
"""Versions that are looked through for when a term was first asked for."""


def versions_in_force(store: VersionStore, beside: Path, environ: Mapping[str, str], since: datetime) -> list[Version]:
    """Return the configs that were in force since a time, newest first, as far as they can be read."""
    found: list[Version] = []
    for entry in store.config_history()[:_LOOKED_AT]:
        settings = settings_of_version(entry["text"], beside, environ, secrets=False)
        if settings is None:
            break
        found.append(Version(entry["at"], settings))
        if entry["at"] <= since:
            break
    return found
