"""Named SQL statements: `sql/*.sql` holds them, each under a line `-- name: claim_hits`."""

import re
from functools import cache
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def statement(name: str) -> str:
    """Return the statement of that name; KeyError where no file holds it."""
    return _all()[name]


def script(name: str) -> str:
    """Return a whole file of SQL, such as a migration."""
    return (files("monitor.store") / "sql" / f"{name}.sql").read_text("utf-8")


@cache
def _all() -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted((files("monitor.store") / "sql").iterdir(), key=lambda entry: entry.name):
        parts = _NAME.split(file.read_text("utf-8"))[1:]
        for name, text in zip(parts[::2], parts[1::2], strict=True):
            if name in found:
                raise KeyError(f"two statements are named {name}")
            found[name] = text.strip()
    return found
