"""Log lines: a sentence for people, a slug and fields for machines; never the text of a post, never a secret.

On a terminal a line is plain; under journald, or with `--log json`, it is one JSON object.
"""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Any

_SECRETS: set[str] = set()
_NOISY = (
    "tweepy", "praw", "prawcore", "httpx", "httpcore", "urllib3", "apprise", "apscheduler", "transformers", "uvicorn",
)  # fmt: skip
"""Libraries that print headers, bearer tokens among them, or every request at DEBUG: they stay at WARNING."""


def hide(secret: str) -> None:
    """Never print this value; called for every secret that the config resolves."""
    if len(secret) >= 4:
        _SECRETS.add(secret)


class Log:
    """Writes log lines. `action` is a slug such as `poll_done`."""

    def __init__(self) -> None:
        self._logger = logging.getLogger("complaint-monitor")

    def info(self, action: str, sentence: str, **fields: Any) -> None:
        """Something happened as it should."""
        self._logger.info(sentence, extra={"action": action, "fields": fields})

    def warning(self, action: str, sentence: str, **fields: Any) -> None:
        """Something wants a look."""
        self._logger.warning(sentence, extra={"action": action, "fields": fields})

    def error(self, action: str, sentence: str, **fields: Any) -> None:
        """Something wants a person."""
        self._logger.error(sentence, extra={"action": action, "fields": fields})

    def failure(self, action: str, sentence: str, error: BaseException, **fields: Any) -> None:
        """Something broke that nobody foresaw: the line carries the traceback."""
        self._logger.error(sentence, exc_info=error, extra={"action": action, "fields": fields})


class _Lines(logging.Formatter):
    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        sentence = _one_line(record.getMessage())
        action = getattr(record, "action", record.name)
        if record.exc_info:
            sentence += " | " + _one_line(self.formatException(record.exc_info))
        moment = datetime.fromtimestamp(record.created, UTC)
        if not self._as_json:
            return _redacted(f"{moment:%H:%M:%S} {record.levelname.lower():7} {sentence}")
        fields = getattr(record, "fields", {})
        line = {"at": moment.isoformat(), "level": record.levelname.lower(), "action": action, "message": sentence}
        return _redacted(json.dumps({**line, **fields}, ensure_ascii=True, default=str))


def set_up(*, as_json: bool | None = None, debug: bool = False) -> None:
    """Send log lines to stderr; JSON under journald unless `as_json` says otherwise."""
    handler = logging.StreamHandler(sys.stderr)
    under_journald = "JOURNAL_STREAM" in os.environ
    handler.setFormatter(_Lines(as_json=under_journald if as_json is None else as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _one_line(text: str) -> str:
    """Keep a line one line: control characters of foreign texts are shown, not obeyed."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _redacted(line: str) -> str:
    for secret in _SECRETS:
        line = line.replace(secret, "***")
    return line


log = Log()
