"""Text files read up to a bound, so that no file, however large or odd, costs more than a message."""

from enum import StrEnum
from pathlib import Path

from monitor.errors import MonitorError


class Fault(StrEnum):
    """Why a file was not read."""

    MISSING = "missing"
    REFUSED = "refused"
    TOO_LARGE = "too-large"
    NO_UTF8 = "no-utf8"


class Unreadable(MonitorError):
    """A file that is no text within the bound. `line` is the first that is not UTF-8, else 1."""

    def __init__(self, file: Path, fault: Fault, cause: str, next_step: str, line: int = 1) -> None:
        super().__init__(str(file), cause, next_step)
        self.fault = fault
        self.line = line


def read_bounded(file: Path, limit: int) -> str:
    """Return the UTF-8 text of a file of at most `limit` bytes, without a byte order mark; raises Unreadable."""
    try:
        with file.open("rb") as stream:
            raw = stream.read(limit + 1)
    except OSError as error:
        fault = Fault.MISSING if isinstance(error, FileNotFoundError) else Fault.REFUSED
        cause = f"cannot be read: {(error.strerror or str(error)).lower()}"
        raise Unreadable(file, fault, cause, "name a file that is there") from error
    if len(raw) > limit:
        raise Unreadable(file, Fault.TOO_LARGE, f"is larger than {limit:,} bytes", "give a smaller one")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Unreadable(file, Fault.NO_UTF8, "is not UTF-8", "save it as UTF-8", line) from error
