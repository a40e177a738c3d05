"""Secrets by reference: `env:NAME`, `file:PATH`, `credential:NAME`. Nothing here ever puts a secret into a message."""

import re
import stat
from collections.abc import Mapping
from pathlib import Path

from monitor.config.problem import suggestion

SCHEMES = ("env", "file", "credential")

_SIZE_LIMIT = 65_536
_REFERENCE = re.compile(r"^(env|file|credential):(.*)$", re.DOTALL)
_NAME = re.compile(r"^[A-Za-z0-9_.-]{1,128}$")


class SecretMissing(Exception):
    """A reference that leads nowhere; `cause` and `hint` may be shown, the value never is."""

    def __init__(self, cause: str, hint: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.hint = hint


def is_reference(value: str) -> bool:
    """Whether a value names a secret instead of being one."""
    return _REFERENCE.match(value) is not None


def resolve(value: str, *, environ: Mapping[str, str], base: Path) -> str:
    """Return the secret that `value` refers to, or `value` itself; raises SecretMissing.

    `base` is the folder that `file:` paths are relative to; `credential:` looks in $CREDENTIALS_DIRECTORY.
    """
    match = _REFERENCE.match(value)
    if match is None:
        return value
    scheme, name = match[1], match[2].strip()
    if scheme == "env":
        return _from_environment(name, environ)
    return _from_file(base / name, name) if scheme == "file" else _from_credential(name, environ)


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    secret = environ.get(name, "")
    if not secret.strip():
        state = "is empty" if name in environ else "is not set"
        near = suggestion(name, [known for known in environ if known[:1] == name[:1]])
        hint = near if near.startswith("did you mean") else "export it, or use file:PATH or credential:NAME"
        raise SecretMissing(f"environment variable {name} {state}", hint)
    return secret.strip()


def _from_credential(name: str, environ: Mapping[str, str]) -> str:
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise SecretMissing(
            f"credential {name} cannot be read outside the service",
            "LoadCredential= of the unit provides it; use env: or file: elsewhere",
        )
    if not _NAME.match(name):
        raise SecretMissing("a credential's name is one word", "write credential:NAME as in LoadCredential=NAME:PATH")
    return _content(Path(folder) / name, f"credential {name}", "add LoadCredential= to the unit")


def _from_file(path: Path, name: str) -> str:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        cause = (error.strerror or "unknown error").lower()
        raise SecretMissing(f"secret file {name} cannot be read: {cause}", "paths are relative to the config") from None
    if not stat.S_ISREG(mode):
        raise SecretMissing(f"secret file {name} is no plain file", "give the file that holds nothing but the secret")
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SecretMissing(f"secret file {name} can be read by others (mode {mode & 0o777:04o})", f"chmod 600 {name}")
    return _content(path, f"secret file {name}", "check who may read it")


def _content(path: Path, subject: str, hint: str) -> str:
    try:
        with path.open("rb") as stream:
            secret = stream.read(_SIZE_LIMIT).decode().strip()
    except UnicodeDecodeError:
        raise SecretMissing(f"{subject} is not UTF-8", "write it as text") from None
    except OSError as error:
        raise SecretMissing(f"{subject} cannot be read: {(error.strerror or 'unknown error').lower()}", hint) from None
    if not secret:
        raise SecretMissing(f"{subject} is empty", "write the secret into it")
    return secret
