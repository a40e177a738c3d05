"""Lines are answered in order, bad ones in their place, and a slow stream line by line."""

import io
import os
from collections.abc import Iterator
from typing import Any

import pytest

from models.classify_lines import MAX_LINE, LineVerdict, classify_lines, read_lines
from tests.unit.models.fake_network import make_classifier


def classify(text: bytes, *, jsonl: bool = False) -> list[LineVerdict]:
    """Classify a stream that is already there."""
    return list(classify_lines(io.BytesIO(text), make_classifier(), jsonl=jsonl))


def test_every_line_is_answered_in_order() -> None:
    lines = [f"{'refund' if number % 7 == 0 else 'fine'} {number}" for number in range(1_000)]
    verdicts = classify("\n".join(lines).encode())
    assert [line.number for line in verdicts] == list(range(1, 1_001))
    assert [(line.verdict.complaint or 0) > 0.5 for line in verdicts if line.verdict] == [
        number % 7 == 0 for number in range(1_000)
    ]


def test_an_answer_has_the_five_groups() -> None:
    assert list(classify(b"refund")[0].to_json()) == ["sentiment", "complaint", "offensive", "irony", "emotion"]


def test_an_empty_stream_has_no_answers() -> None:
    assert classify(b"") == []


def test_an_empty_line_is_an_empty_text() -> None:
    assert [line.verdict is not None for line in classify(b"a\n\nb\n")] == [True, True, True]


def test_json_lines_hold_a_text_or_are_one() -> None:
    verdicts = classify(b'{"text": "refund", "id": 1}\n\n"refund"\n', jsonl=True)
    assert [(line.number, round(line.verdict.complaint or 0, 2)) for line in verdicts if line.verdict] == [
        (1, 0.88),
        (3, 0.88),
    ]


BAD = {
    "no JSON": (b"{text: 1}", "line 2: it is not JSON"),
    "nested without end": (b"[" * 200_000, "line 2: it is not JSON"),
    "a number of 5,000 digits": (b"9" * 5_000, "line 2: it is not JSON"),
    "no text": (b'{"txt": "a"}', "line 2: it holds no text; write"),
    "a text that is a number": (b'{"text": 5}', "line 2: it holds no text; write"),
    "too long": (b'{"text": "' + b"a" * (MAX_LINE + 5) + b'"}', "line 2: it is longer than 1,048,576 bytes"),
}


@pytest.mark.parametrize(("bad", "message"), BAD.values(), ids=BAD)
def test_a_bad_line_costs_itself_alone_and_is_named(bad: bytes, message: str) -> None:
    first, second, third = classify(b'{"text": "refund"}\n' + bad + b'\n{"text": "refund"}\n', jsonl=True)
    assert str(second.error).startswith(message)
    assert second.to_json() == {"error": str(second.error)}
    assert first.verdict == third.verdict != None  # noqa: E711 - one chain


def test_a_plain_line_without_end_is_cut_and_the_next_one_is_whole() -> None:
    lines = list(read_lines(io.BytesIO(b"a" * (3 * MAX_LINE) + b"\nrefund\n")))
    assert [(line.number, len(line.text or "")) for line in lines] == [(1, MAX_LINE + 1), (2, 6)]


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert [line.text for line in read_lines(io.BytesIO(b"\xef\xbb\xbfa\xff\r\nb"))] == ["a\ufffd", "b"]


def test_a_slow_stream_is_answered_before_it_ends() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb", buffering=0) as source:
        answers: Iterator[LineVerdict] = classify_lines(stream, make_classifier())
        source.write(b"refund\n")
        assert next(answers).number == 1
        source.write(b"fine\n")
        assert next(answers).number == 2
        source.close()
        assert list(answers) == []


def test_a_stream_that_breaks_is_answered_up_to_there_and_then_raises() -> None:
    class Breaking(io.BytesIO):
        def readline(self, *args: Any) -> bytes:
            line = super().readline(*args)
            if not line:
                raise OSError(5, "input/output error")
            return line

    answers = classify_lines(Breaking(b"a\nb\n"), make_classifier())
    assert [next(answers).number, next(answers).number] == [1, 2]
    with pytest.raises(OSError, match="input/output error"):
        next(answers)
