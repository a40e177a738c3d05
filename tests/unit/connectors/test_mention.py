import json
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import BadMention
from connectors.mention import (
    LINE_LIMIT,
    TEXT_LIMIT,
    Author,
    Mention,
    Metrics,
    clean_text,
    format_time,
    parse_mention,
    parse_time,
)

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
REQUIRED = {"platform": "x", "native_id": "1", "author": {"handle": "ann"}, "text": "hi", "posted_at": NOON.isoformat()}
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
keys = st.sampled_from(
    ["platform", "native_id", "author", "text", "posted_at", "permalink", "lang", "parent_id", "metrics", "rating"]
)


@given(st.dictionaries(keys, json_values, max_size=4))
def test_any_record_is_a_mention_or_a_bad_mention(values: dict[str, Any]) -> None:
    try:
        mention = parse_mention({**REQUIRED, **values})
    except BadMention as error:
        assert len(str(error)) < 400  # noqa: PT017 - either outcome is right
    else:
        assert parse_mention(json.loads(json.dumps(mention.to_json()))) == mention


@given(st.text(max_size=200))
def test_cleaned_text_can_be_stored_and_is_stable(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert clean_text(cleaned) == cleaned


def test_nul_lone_surrogates_and_non_characters_become_replacement_characters() -> None:
    assert clean_text("a\x00b\ud800c\ufffed\U0001f469\u200d\U0001f680") == (
        "a\ufffdb\ufffdc\ufffdd\U0001f469\u200d\U0001f680"
    )


@pytest.mark.parametrize("text", ["a\u0301\u0302" * 100_000, "e" + "\u0301" * 1_000_000, "\ufdfa" * 1_000_000])
def test_masses_of_marks_are_cut_in_no_time(text: str) -> None:
    began = time.process_time()
    cleaned = clean_text(text)
    assert time.process_time() - began < 0.25
    assert len(cleaned) <= TEXT_LIMIT
    assert "\u0301" * 9 not in cleaned


def test_ids_beyond_53_bits_stay_text_and_long_ones_are_bounded() -> None:
    assert parse_mention({**REQUIRED, "native_id": 2**64 + 1}).native_id == "18446744073709551617"
    assert len(parse_mention({**REQUIRED, "native_id": "9" * 1_000}).native_id) == LINE_LIMIT


def test_unknown_is_none_and_never_zero() -> None:
    mention = parse_mention(REQUIRED)
    assert (mention.metrics, mention.author.followers, mention.lang) == (Metrics(), None, None)
    assert mention.metrics.engagement is None
    assert Metrics(likes=0, views=9).engagement == 0


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//host", "https://" + "x" * 3_000])
def test_links_that_are_not_plain_http_are_unknown(link: str) -> None:
    assert parse_mention({**REQUIRED, "permalink": link}).permalink is None


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-06-01T12:00:00Z", NOON),
        ("2026-06-01T14:00:00+02:00", NOON),
        ("2026-06-01 12:00", NOON),
        ("2026-06-01T12:00:00.250Z", NOON + timedelta(milliseconds=250)),
        (NOON.timestamp(), NOON),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        ("2286-11-20T17:46:40Z", datetime(2286, 11, 20, 17, 46, 40, tzinfo=UTC)),
    ],
)
def test_times_are_aware_utc_whatever_their_form(value: object, moment: datetime) -> None:
    assert parse_time(value) == moment
    assert parse_time(value).tzinfo is UTC


@pytest.mark.parametrize(
    "value", ["", "soon", "2026-06-30T23:59:60Z", "0001-01-01T00:00:00+14:00", 1e300, float("nan"), True, None, [1], {}]
)
def test_what_is_no_time_is_a_bad_mention(value: object) -> None:
    with pytest.raises(BadMention, match="posted_at"):
        parse_time(value)


def test_times_are_written_in_utc_with_z() -> None:
    assert format_time(NOON.astimezone(timezone(timedelta(hours=5)))) == "2026-06-01T12:00:00Z"
    assert format_time(NOON + timedelta(microseconds=5)) == "2026-06-01T12:00:00.000005Z"


def test_the_key_of_a_mention_is_its_platform_and_id() -> None:
    assert Mention("x", "1", Author("ann"), "hi", NOON).key == ("x", "1")
