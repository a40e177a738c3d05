"""Labelled posts: read with a clear error, split so that nothing measured was learned."""

import json
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="training needs the extra train")

from models.train.corpus import (
    LIVE_STREAM,
    CorpusError,
    Row,
    bucket,
    folds,
    implied_sentiment,
    read,
    split,
    without,
)


def rows_of(count: int, label: int = 0) -> list[Row]:
    return [Row(f"post number {place}", "complaint", label, "complaint") for place in range(count)]


def test_a_label_that_the_head_does_not_know_names_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "irony.val.jsonl"
    path.write_text('{"text": "a", "label": "irony"}\n{"text": "b", "label": "sarcasm"}\n', "utf-8")

    with pytest.raises(CorpusError, match=r"irony\.val\.jsonl:2: not a labelled post"):
        read(path, "irony")


def test_a_missing_file_says_how_to_name_the_folder(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="--data"):
        read(tmp_path / "emotion.train.jsonl", "emotion")


def test_texts_are_normalised_while_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "emotion.train.jsonl"
    path.write_text(json.dumps({"text": "so  glad @someone\nhttps://a.example/x", "label": "joy"}), "utf-8")

    assert read(path, "emotion") == [Row("so glad @user http", "emotion", 1, "emotion")]


def test_a_row_stays_on_its_side_when_rows_are_added() -> None:
    _, apart = split(rows_of(200), 10)
    _, more = split(rows_of(400), 10)

    assert 5 < len(apart) < 40
    assert set(apart) <= set(more)


def test_case_and_punctuation_do_not_move_a_text_to_another_drawer() -> None:
    assert bucket("Still NO refund!!", 1000) == bucket("still no refund", 1000)


def test_a_measured_text_is_not_learned_in_another_spelling() -> None:
    learn = [Row("What a Day!", "emotion", 1, "emotion"), Row("other", "emotion", 0, "emotion")]

    assert without(learn, [Row("what a day", "emotion", 1, "emotion")]) == learn[1:]


def test_folds_measure_every_row_once_and_keep_equal_texts_together() -> None:
    rows = rows_of(40) + rows_of(20, 1)[:10] + [Row("POST NUMBER 3", "complaint", 0, "complaint")]

    parts = folds(rows, 5, seed=1)

    assert sorted(row.text for _, measure in parts for row in measure) == sorted(row.text for row in rows)
    for learn, measure in parts:
        assert not {row.text.lower() for row in learn} & {row.text.lower() for row in measure}


def test_complaints_imply_negative_sentiment_and_other_posts_imply_nothing() -> None:
    rows = [
        Row("it broke", "complaint", 1, "complaint"),
        Row("which size", "complaint", 0, "complaint"),
        Row("love it", "complaint", 0, "live_stream", "praise"),
    ]

    assert [(row.text, row.label) for row in implied_sentiment(rows)] == [("it broke", 0), ("love it", 2)]
    assert {row.head for row in implied_sentiment(rows)} == {"sentiment"}


def test_the_hand_written_rows_are_distinct_and_of_many_kinds() -> None:
    rows = read(LIVE_STREAM, "live_stream")

    assert len({row.text for row in rows}) == len(rows) >= 400
    assert len({row.kind for row in rows}) >= 20
    assert 0.3 < sum(row.label for row in rows) / len(rows) < 0.5
