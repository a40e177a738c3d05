"""Files that a source reads: opened with our own errors, read by lines of bounded length, known by more than a name."""

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.errors import BadSettings, Forbidden, SourceGone, Unreachable

LONGEST_LINE = 1_000_000
"""Bytes of a line; a longer one is passed over without being kept in memory."""

_HEAD = 1024
"""Bytes at the start of a file by which it is known again."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, where the next begins, its bytes (None if too long), whether a newline ends it."""

    number: int
    end: int
    body: bytes | None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells an appended file from a replaced one: its inode and its first bytes."""

    inode: int
    head_length: int
    head: str

    @classmethod
    def of(cls, file: BinaryIO) -> "Identity":
        """Take the identity of an open file."""
        file.seek(0)
        start = file.read(_HEAD)
        return cls(os.fstat(file.fileno()).st_ino, len(start), hashlib.sha256(start).hexdigest())

    def still_fits(self, file: BinaryIO) -> bool:
        """Whether `file` is the one this was taken of, perhaps with more at its end."""
        if os.fstat(file.fileno()).st_ino != self.inode:
            return False
        file.seek(0)
        return hashlib.sha256(file.read(self.head_length)).hexdigest() == self.head


def open_file(source: str, path: Path) -> BinaryIO:
    """Open a regular file for reading bytes.

    Raises SourceGone, Forbidden, BadSettings (a directory, a pipe) or Unreachable.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise BadSettings(source, f"{path} is not a regular file")
        return path.open("rb")
    except (FileNotFoundError, NotADirectoryError):
        raise SourceGone(source, f"there is no file {path}") from None
    except PermissionError:
        raise Forbidden(source, f"{path} may not be read", "let the service's user read it") from None
    except (OSError, ValueError) as error:
        raise Unreachable(source, f"{path} cannot be opened ({error})") from error


def read_lines(file: BinaryIO, offset: int = 0, number: int = 1) -> Iterator[Line]:
    """Read on from `offset`, where line `number` begins."""
    file.seek(offset)
    while body := file.readline(LONGEST_LINE + 1):
        offset += len(body)
        if len(body) <= LONGEST_LINE or body.endswith(b"\n"):
            yield Line(number, offset, body, body.endswith(b"\n"))
        else:
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                offset += len(rest)
            offset += len(rest)
            yield Line(number, offset, None)
        number += 1
