"""Passwords: argon2id with OWASP's least cost (19 MiB, 2 passes, 1 lane), a few at a time.

https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
"""

from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from monitor.errors import MonitorError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 200

_AT_ONCE = BoundedSemaphore(4)
"""Bounds the memory that a flood of logins takes: 4 × 19 MiB."""


def check_password(password: str, name: str) -> None:
    """Raise MonitorError for a password that is too short, too long, or the person's name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise MonitorError("password", f"has not {SHORTEST} to {LONGEST} characters", "choose another one")
    if name.casefold() in password.casefold() and len(password) < len(name) + SHORTEST // 2:
        raise MonitorError("password", "is little more than the name", "choose another one")


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, with a salt of its own."""
    with _AT_ONCE:
        return _hasher().hash(_encoded(password))


def is_password(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. Without a hash it takes as long as with one, and is never."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415 - only logins need it

    with _AT_ONCE:
        try:
            fits = _hasher().verify(password_hash or _nobody(), _encoded(password)[: 4 * LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return fits and password_hash is not None


def _encoded(password: str) -> bytes:
    # a form may hold half a letter, which UTF-8 cannot write
    return password.encode("utf-8", "surrogatepass")


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # noqa: PLC0415 - see above

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobody() -> str:
    """A hash that stands in for people who do not exist, so that their absence cannot be measured."""
    return _hasher().hash(b"nobody")
