"""One process per store: a lock file beside it, held with flock, that names its holder.

The kernel lets go of the lock when its holder dies, however it dies; so there is no stale lock, and the file stays
where it is. Its text (`{"pid": …, "socket": …}`) only serves to tell others whom to talk to.
"""

import fcntl
import json
import os
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self
from weakref import WeakSet

from monitor.errors import Locked, StoreError

_HELD: "WeakSet[StoreLock]" = WeakSet()
_TEXT_LIMIT = 4096


class StoreLock:
    """The right to write a store. `path` is the store's file; the lock file stands beside it, with `.lock` appended.

    The descriptor is closed on exec by the kernel, and after a fork by us: a child never holds the lock. `socket` is
    where the holder takes commands. `wait_s` bridges the moment in which a short command holds the lock.
    """

    def __init__(self, path: Path, socket: Path | None = None, *, wait_s: float = 0.5) -> None:
        self.path = path.with_name(path.name + ".lock")
        self._store = path
        self._socket = socket
        self._wait_s = wait_s
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises Locked, naming the holder, where another process has it."""
        descriptor = self._open()
        deadline = monotonic() + self._wait_s
        while not _take(descriptor):
            if monotonic() >= deadline:
                pid, socket = _holder(descriptor)
                os.close(descriptor)
                raise Locked(str(self._store), pid, socket)
            sleep(0.02)
        self._descriptor = descriptor
        _HELD.add(self)
        text = json.dumps({"pid": os.getpid(), "socket": str(self._socket) if self._socket else None})
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)

    def release(self) -> None:
        """Let go; a lock that is not held is left alone."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            self.abandon()

    def abandon(self) -> None:
        """Close the descriptor and leave the file alone, as a forked child must."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
            _HELD.discard(self)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            cause = f"cannot be opened: {(error.strerror or str(error)).lower()}"
            raise StoreError(str(self.path), cause, "check who owns the folder of the store") from error


def holder_of(path: Path) -> Locked | None:
    """Return who holds the lock of a store, as the error that taking it would raise; None where nobody does."""
    try:
        descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return Locked(str(path), *_holder(descriptor))
    finally:
        os.close(descriptor)
    return None


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> tuple[int | None, str | None]:
    """Return pid and socket from the text of a lock file; a holder that has not written it yet is unknown."""
    try:
        found = json.loads(os.pread(descriptor, _TEXT_LIMIT, 0))
    except ValueError:
        return None, None
    if not isinstance(found, dict):
        return None, None
    pid, socket = found.get("pid"), found.get("socket")
    return (pid if isinstance(pid, int) else None), (socket if isinstance(socket, str) else None)


def _leave_to_parent() -> None:
    for lock in list(_HELD):
        lock.abandon()


os.register_at_fork(after_in_child=_leave_to_parent)
