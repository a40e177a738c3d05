"""Classify a stream of lines, in order and in batches, while it is still being written.

A line that cannot be read costs itself alone: its place in the output says why. Lines are bounded, and what comes in
faster than it can be read waits in a bounded queue.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from typing import Any, BinaryIO, Final

from models.classifier import Classifier, Verdict
from models.errors import BadLine

MAX_LINE: Final = 1_048_576  # bytes
_BATCH: Final = 64
_QUEUED: Final = 1_024
_NOT_LONGER: Final = f"it is longer than {MAX_LINE:,} bytes"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the input, counted from 1. `error` says why there is no text."""

    number: int
    text: str | None
    error: BadLine | None = None


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What became of one line: exactly one of `verdict` and `error` is there."""

    number: int
    verdict: Verdict | None
    error: BadLine | None

    def to_json(self) -> dict[str, Any]:
        """Return the five answers, or `{"error": …}` in their place."""
        return self.verdict.to_json() if self.verdict else {"error": str(self.error)}


def classify_lines(stream: BinaryIO, classifier: Classifier, *, jsonl: bool = False) -> Iterator[LineVerdict]:
    """Yield the verdict on each line of ``stream``: a text, or with ``jsonl`` an object that holds one as `text`.

    An empty line is an empty text; with ``jsonl`` it is nothing. A batch is whatever is there, so that a slow stream is
    answered line by line.

    Raises:
        InferenceFailed: the model broke down.
        OSError: the stream could not be read further; what came before has been answered.
    """
    queue: Queue[Line | OSError | None] = Queue(_QUEUED)
    Thread(target=_feed, args=(stream, queue, jsonl), name="read-lines", daemon=True).start()
    more: OSError | bool = True
    while more is True:
        batch, more = _take(queue)
        yield from _classify_batch(batch, classifier)
    if isinstance(more, OSError):
        raise more


def read_lines(stream: BinaryIO, *, jsonl: bool = False) -> Iterator[Line]:
    """Yield the lines of a stream; of one that is too long only the beginning is kept in memory."""
    number = 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        too_long = len(raw) > MAX_LINE and not raw.endswith(b"\n")
        if too_long:
            _skip_rest(stream)
        text = raw.decode("utf-8", "replace").rstrip("\r\n").removeprefix("\ufeff" if number == 1 else "")
        if not jsonl:
            yield Line(number, text)  # models read less than a line may hold
        elif too_long:
            yield Line(number, None, BadLine(f"line {number}", _NOT_LONGER))
        elif text.strip():
            yield _parse(number, text)


def _parse(number: int, text: str) -> Line:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Line(number, None, BadLine(f"line {number}", f"it is not JSON ({error!s:.100})"))
    found = record.get("text") if isinstance(record, dict) else record
    if not isinstance(found, str):
        return Line(number, None, BadLine(f"line {number}", "it holds no text", 'write {"text": "…"} on each line'))
    return Line(number, found)


def _skip_rest(stream: BinaryIO) -> None:
    while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
        pass


def _feed(stream: BinaryIO, queue: Queue[Line | OSError | None], jsonl: bool) -> None:
    end: OSError | None = None
    try:
        for line in read_lines(stream, jsonl=jsonl):
            queue.put(line)
    except OSError as error:
        end = error  # raised where the lines are read, not in this thread
    finally:
        queue.put(end)


def _take(queue: Queue[Line | OSError | None]) -> tuple[list[Line], OSError | bool]:
    """Wait for one line, then take what is there; also return whether there is more, or what ended the stream."""
    batch: list[Line] = []
    line = queue.get()
    while isinstance(line, Line):
        batch.append(line)
        if len(batch) == _BATCH:
            return batch, True
        try:
            line = queue.get_nowait()
        except Empty:
            return batch, True
    return batch, line or False


def _classify_batch(batch: list[Line], classifier: Classifier) -> Iterator[LineVerdict]:
    verdicts = iter(classifier.classify([line.text for line in batch if line.text is not None]))
    for line in batch:
        yield LineVerdict(line.number, None if line.text is None else next(verdicts), line.error)
