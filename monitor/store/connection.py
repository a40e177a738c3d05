"""The SQLite connection: pragmas, one writer, `write()` as BEGIN IMMEDIATE, migrations, backup.

Why BEGIN IMMEDIATE: a deferred transaction that reads and then writes fails with SQLITE_BUSY_SNAPSHOT at once,
without honouring the busy time-out. Why one writer: SQLite before 3.51.3 can corrupt a WAL that several writers reset
(https://sqlite.org/changes.html).
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from monitor.errors import StoreError, StoreTooNew
from monitor.store.statements import script, statement

if TYPE_CHECKING:
    from sqlite_utils import Database

Row = dict[str, Any]
MIGRATIONS = (
    "schema_1",
    "schema_2",
    "schema_3",
    "schema_4",
    "schema_5",
    "schema_6",
    "schema_7",
    "schema_8",
    "schema_9",
    "schema_10",
    "schema_11",
    "schema_12",
    "schema_13",
    "schema_14",
    "schema_15",
    "schema_16",
)
"""Names of `sql/*.sql` in the order they are applied; forward only."""

_OUR_FAULT = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ms(moment: datetime) -> int:
    """Return an aware time as milliseconds since 1970, as the tables keep it."""
    return round((moment - _EPOCH).total_seconds() * 1000)


def at(value: int) -> datetime:
    """Return stored milliseconds as an aware UTC time."""
    return datetime.fromtimestamp(value / 1000, UTC)


def maybe_at(value: int | None) -> datetime | None:
    """Return `at`, or None for None."""
    return None if value is None else at(value)


class Connection:
    """One SQLite database, read and written by name of statement.

    `write()` may be nested: inner blocks join the outer transaction. The lock is held for the whole block, so nothing
    that waits for a network or a model belongs inside. Raises StoreError for what an operator can mend.
    """

    def __init__(self, path: Path | None, *, read_only: bool = False) -> None:
        self.path = path
        self._lock = RLock()
        self._depth = 0
        self._guard = _Guard(path)
        self._raw = _connect(path, read_only=read_only)
        if not read_only:
            self._migrate()

    @contextmanager
    def write(self) -> Iterator[None]:
        """Run the block in one transaction: all of it or nothing."""
        with self._lock:
            if self._depth:
                yield
                return
            with self._guard:
                self._raw.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
                with self._guard:
                    self._raw.execute("COMMIT")
            except BaseException:
                if self._raw.in_transaction:
                    self._raw.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0

    def rows(self, name: str, /, **values: object) -> list[Row]:
        """Run a named statement and return its rows."""
        return self.query(statement(name), values)

    def row(self, name: str, /, **values: object) -> Row | None:
        """Return the first row of a named statement, or None."""
        found = self.rows(name, **values)
        return found[0] if found else None

    def value(self, name: str, /, **values: object) -> Any:
        """Return the first column of the first row, or None."""
        row = self.row(name, **values)
        return next(iter(row.values())) if row else None

    def query(self, sql: str, values: Mapping[str, object]) -> list[Row]:
        """Run SQL that is put together from named parts; values are always bound."""
        with self._lock, self._guard:
            cursor = self._raw.execute(sql, dict(values))
            if cursor.description is None:
                return []
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def tuples(self, name: str, /, **values: object) -> list[tuple[Any, ...]]:
        """Run a named statement and return its rows as they come: for the hundred thousands of a report."""
        with self._lock, self._guard:
            return self._raw.execute(statement(name), values).fetchall()

    def run(self, name: str, /, **values: object) -> int:
        """Run a named statement that changes rows; returns how many it changed. Only inside `write()`."""
        with self._lock, self._guard:
            return self._raw.execute(statement(name), values).rowcount

    def insert(self, name: str, /, **values: object) -> int:
        """Run a named INSERT; returns the new row's id. Only inside `write()`."""
        with self._lock, self._guard:
            return int(self._raw.execute(statement(name), values).lastrowid or 0)

    def run_many(self, name: str, values: Sequence[Mapping[str, object]]) -> None:
        """Run a named statement for each set of values. Only inside `write()`."""
        with self._lock, self._guard:
            self._raw.executemany(statement(name), values)

    def close(self) -> None:
        """Close the database; the writer folds its log into the file."""
        with self._lock:
            self._raw.close()

    def backup(self, target: Path) -> None:
        """Write a consistent copy to `target` while the daemon goes on; replaced in one step."""
        partial = target.with_suffix(target.suffix + ".partial")
        partial.unlink(missing_ok=True)
        with self._lock, self._guard:
            copy = sqlite3.connect(partial)
            try:
                self._raw.backup(copy)
            finally:
                copy.close()
        partial.replace(target)

    def _migrate(self) -> None:
        from sqlite_utils import Database  # noqa: PLC0415  (150 ms that read-only commands do without)
        from sqlite_utils.migrations import Migrations  # noqa: PLC0415

        database = Database(self._raw)
        migrations = Migrations("complaint-monitor")
        for name in MIGRATIONS:
            migrations(name=name)(_applier(name))
        unknown = {row.name for row in migrations.applied(database)} - set(MIGRATIONS)
        if unknown:
            raise StoreTooNew(
                str(self.path), f"was written by a newer version (migration {', '.join(sorted(unknown))})"
            )
        if self.path and migrations.applied(database) and migrations.pending(database):
            self.backup(self.path.with_suffix(f".before-{migrations.pending(database)[0].name}.db"))
        migrations.apply(database)


def _connect(path: Path | None, *, read_only: bool) -> sqlite3.Connection:
    with _Guard(path):
        if path is None:
            raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        elif read_only:
            raw = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None,
                                  check_same_thread=False)  # fmt: skip
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        raw.execute("PRAGMA busy_timeout = 5000")
        raw.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            raw.execute("PRAGMA journal_mode = WAL")
            raw.execute("PRAGMA synchronous = FULL")
        return raw


def _applier(name: str) -> Any:
    def apply(database: "Database") -> None:
        for part in script(name).split(";\n"):
            if part.strip():
                database.execute(part)

    return apply


class _Guard:
    """Turns what an operator can mend into StoreError; programming errors pass as they are.

    A class and not a generator: it is entered some fifteen times a post.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if not isinstance(error, sqlite3.Error) or isinstance(error, _OUR_FAULT):
            return
        message = str(error)
        if "syntax error" in message or "no such column" in message:
            return
        passing = "full" in message or "locked" in message
        subject = str(self._path or "the store in memory")
        raise StoreError(subject, message, _advice(message), permanent=not passing) from error


def _advice(message: str) -> str:
    if "full" in message:
        return "free some disk space; nothing that was acknowledged is lost"
    if "locked" in message:
        return "another process holds the store; it is tried again by itself"
    if "no such table" in message:
        return "an older version wrote it: start `complaint-monitor run` once, which brings it up to date"
    if "unable to open" in message:
        return "check that the file exists and may be read; the daemon makes it with its first run"
    if "malformed" in message or "not a database" in message:
        return "restore the newest backup"
    return "run doctor"


def dump(value: object) -> str:
    """Return JSON for a column, compact and with readable letters."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
