"""What is taken out of the tables that quote a post, when the post is deleted: trails, messages, reports, suggestions.

Times, decisions, the summary in words of ours, and who did what and when all stay. Only inside `write()`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.rules.folded import split_spoken
from monitor.store.connection import Connection, dump

ERASED = "deleted"
"""What stands in the place of words that are gone."""

_PIECE, _STRIDE = 30, 10
"""A quotation is recognised by any such piece of the text, in letters."""

_LEAST_NAME = 4
_WORDS_OF_PEOPLE = ("text", "permalink", "body", "words")
"""Keys of the audit trail that hold what a person wrote, and may repeat what the customer did."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a post in all its versions, and what gives a quotation of it away."""

    texts: tuple[str, ...]
    quotable: tuple[str, ...]


def words_of(connection: Connection, mention_id: int) -> Words:
    """Return the words of a post and of its author, while they are still there."""
    found = connection.row("words_of_mention", id=mention_id) or {}
    older = [row["text"] for row in connection.rows("old_words_of_mention", id=mention_id)]
    texts = (found.get("text", ""), *older)
    names = (found.get("author_handle"), found.get("author_name"))
    return Words(texts, tuple(_quotable(texts, names, found.get("permalink"))))


def erase_quotations(connection: Connection, mention_id: int, words: Words) -> None:
    """Take the words and the author of a post out of whatever still quotes them."""
    quoted, texts = words.quotable, words.texts
    connection.run("purge_errors", id=mention_id)
    connection.run("purge_feedback", id=mention_id)
    connection.run("forget_impostor_handle", id=mention_id)
    _erase_trail(connection, mention_id, quoted)
    _erase_answers(connection, mention_id, quoted)
    if quoted:
        _erase_messages(connection, quoted)
        _erase_reports(connection, quoted)
        _erase_suggestions(connection, quoted)
    _erase_spike_words(connection, mention_id, texts)


def _quotable(texts: Sequence[str], names: Sequence[str | None], permalink: str | None) -> Iterator[str]:
    """Yield what gives a quotation away: pieces of the texts, the author's names, the link."""
    for text in texts:
        plain = " ".join(text.split()).casefold()
        if len(plain) >= _LEAST_NAME:
            yield from dict.fromkeys(
                plain[at : at + _PIECE] for at in range(0, max(len(plain) - _PIECE, 0) + 1, _STRIDE)
            )
            yield plain[-_PIECE:]
    yield from (name.casefold() for name in names if name and len(name) >= _LEAST_NAME)
    if permalink:
        yield permalink.casefold()


def _quotes(text: str, quoted: Sequence[str]) -> bool:
    plain = " ".join(text.split()).casefold()
    return any(piece in plain for piece in quoted)


def _redacted(value: Any, quoted: Sequence[str]) -> Any:
    """Return JSON with every text that quotes the post replaced."""
    if isinstance(value, str):
        return ERASED if _quotes(value, quoted) else value
    if isinstance(value, list):
        return [_redacted(part, quoted) for part in value]
    if isinstance(value, dict):
        return {(ERASED if _quotes(name, quoted) else name): _redacted(part, quoted) for name, part in value.items()}
    return value


def _erase_trail(connection: Connection, mention_id: int, quoted: Sequence[str]) -> None:
    """Take quotations out of the trail; where the post is the one that the case is shown by, whatever people wrote."""
    for row in connection.rows("trail_of_mention", id=mention_id):
        detail = json.loads(row["detail"])
        kept = _redacted(detail, quoted)
        if row["face"]:
            kept |= {name: ERASED for name in _WORDS_OF_PEOPLE if kept.get(name)}
        if kept != detail:
            connection.run("rewrite_trail", id=row["id"], detail=dump(kept))


def _erase_answers(connection: Connection, mention_id: int, quoted: Sequence[str]) -> None:
    """Take the words of answers out that quote the post, or answer it; what was not sent has nobody to go to."""
    for row in connection.rows("answers_of_mention", id=mention_id):
        if row["face"] or _quotes(f"{row['text']} {row['reason'] or ''}", quoted):
            connection.run("erase_answer", id=row["id"], erased=ERASED)


def _erase_messages(connection: Connection, quoted: Sequence[str]) -> None:
    """Have messages about an incident or a spike rendered anew; others that quote the post are not sent."""
    for row in connection.rows("waiting_bodies"):
        if not _quotes(json.dumps(json.loads(row["body"]), ensure_ascii=False), quoted):
            continue
        if row["subject"] is None or not connection.run("reopen_subject_message", id=row["id"]):
            connection.run("empty_message", id=row["id"])


def _erase_reports(connection: Connection, quoted: Sequence[str]) -> None:
    for row in connection.rows("kept_reports"):
        report = json.loads(row["report"])
        kept = _redacted(report, quoted)
        if kept != report:
            connection.run("rewrite_report", id=row["id"], report=dump(kept))


def _erase_suggestions(connection: Connection, quoted: Sequence[str]) -> None:
    """Drop suggestions that name the author; one that was accepted is part of the config, which people keep."""
    for row in connection.rows("waiting_suggestions"):
        if any(_quotes(row[name] or "", quoted) for name in ("value", "evidence", "cost")):
            connection.run("drop_suggestion", id=row["id"])


def _erase_spike_words(connection: Connection, mention_id: int, texts: Sequence[str]) -> None:
    """Take the words of a post out of what explains a spike; they come back with the next look, from other posts."""
    spoken = {word for text in texts for word in split_spoken(text.casefold())}
    for row in connection.rows("told_words", id=mention_id):
        words = json.loads(row["words"])
        kept = [word for word in words if spoken.isdisjoint(str(word.get("word", "")).split())]
        if kept != words:
            connection.run("rewrite_spike_words", id=row["id"], words=dump(kept))
