"""What every part of the SQLite store shares."""

from contextlib import AbstractContextManager

from monitor.store.connection import Connection


class Tables:
    """A part of the store: named statements over one connection."""

    connection: Connection

    def write(self) -> AbstractContextManager[None]:
        """Group calls into one transaction; nested blocks join the outer one."""
        return self.connection.write()
