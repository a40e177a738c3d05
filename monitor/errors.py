"""What can go wrong inside the monitor, as one small tree.

MonitorError              subject, cause, next step; permanent or worth another try; the exit code of a command
├── ConfigError           the config cannot be used; holds every problem (exit 78)
├── StoreError            the store cannot be opened, read or written
│   ├── Locked            another daemon holds the store
│   └── StoreTooNew       the store was written by a newer version (exit 78)
├── UnknownCase           no case, mention or source has this id
├── MoveRefused           a person's move that the state of the case does not allow
└── SendError             a receiver did not take a message; `reason` says in one word why
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.config.problem import Problem


class MonitorError(Exception):
    """A failure with a subject. `str()` gives one line: subject, cause, next step."""

    permanent = True
    next_step = ""
    exit_code = 1

    def __init__(self, subject: str, cause: str, next_step: str | None = None) -> None:
        super().__init__(subject, cause)
        self.subject = subject
        self.cause = cause
        self.next_step = type(self).next_step if next_step is None else next_step

    def __str__(self) -> str:
        return f"{self.subject}: {self.cause}" + (f"; {self.next_step}" if self.next_step else "")


class ConfigError(MonitorError):
    """The config cannot be used. `problems` holds all of them, in the order of the file."""

    exit_code = 78
    next_step = "correct the config, then try again"

    def __init__(self, subject: str, problems: Sequence["Problem"]) -> None:
        count = len(problems)
        super().__init__(subject, f"{count} problem{'' if count == 1 else 's'}")
        self.problems = tuple(problems)


class StoreError(MonitorError):
    """The store cannot be opened, read or written; `permanent` is False where waiting may help (full, locked)."""

    next_step = "see `complaint-monitor doctor`"

    def __init__(self, subject: str, cause: str, next_step: str | None = None, *, permanent: bool = True) -> None:
        super().__init__(subject, cause, next_step)
        self.permanent = permanent


class Locked(StoreError):
    """Another process holds the store. `pid` and `socket` name it, where they are known."""

    next_step = "stop it, or give this command another store"

    def __init__(self, subject: str, pid: int | None, socket: str | None = None) -> None:
        place = f"process {pid}" if pid is not None else "another process"
        super().__init__(subject, f"in use by {place}" + (f" (socket {socket})" if socket else ""), permanent=False)
        self.pid = pid
        self.socket = socket


class StoreTooNew(StoreError):
    """The store holds migrations that this version does not know."""

    exit_code = 78
    next_step = "install the version that wrote it, or restore the backup made before the upgrade"


class UnknownCase(MonitorError):
    """Nothing stored has this id."""

    next_step = "see `complaint-monitor queue list`"


class MoveRefused(MonitorError):
    """A move that the state of the case, or its owner, does not allow."""

    next_step = "see `complaint-monitor queue show` for where the case stands"


class SendReason(StrEnum):
    """Why a receiver did not take a message; a label of metrics and logs."""

    AUTH = "auth"
    RATE_LIMIT = "rate-limit"
    CLIENT = "client"
    SERVER = "server"
    NETWORK = "network"
    REFUSED = "refused"


class SendError(MonitorError):
    """A receiver did not take a message; never holds a secret.

    `permanent` means that the same message will fail again until somebody acts; `retry_after_s` is the receiver's own
    wish in seconds, where it gave one.
    """

    def __init__(
        self,
        subject: str,
        cause: str,
        *,
        reason: SendReason,
        permanent: bool,
        next_step: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        wish = "correct the receiver in the config, then reload" if permanent else "it is tried again by itself"
        super().__init__(subject, cause, wish if next_step is None else next_step)
        self.reason = reason
        self.permanent = permanent
        self.retry_after_s = retry_after_s
