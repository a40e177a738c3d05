from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answer import (
    LONGEST_WAIT,
    SHORTEST_WAIT,
    parse_json,
    parse_reset,
    parse_retry_after,
    platform_detail,
    raise_for_status,
    redacted,
)
from connectors.errors import BadAnswer, BadQuery, ConnectorError, RateLimited, SourceGone, Unauthorized

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@given(st.text(max_size=40))
def test_any_retry_after_is_none_or_within_bounds(value: str) -> None:
    wait = parse_retry_after(value, NOW)
    assert wait is None or SHORTEST_WAIT <= wait <= LONGEST_WAIT


@pytest.mark.parametrize("value", ["٣", "３", "²", "1_0", "+5", "0x10", "Mon, 01 Jun 2026 12:00:30", "2026-06-01"])
def test_what_is_neither_ascii_digits_nor_an_http_date_is_no_wait(value: str) -> None:
    assert parse_retry_after(value, NOW) is None


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        (str(int(NOW.timestamp()) + 90), timedelta(seconds=90)),
        (str(int(NOW.timestamp()) - 90), SHORTEST_WAIT),
        (str(int(NOW.timestamp()) + 365 * 86_400), LONGEST_WAIT),
        ("999999999999999999", LONGEST_WAIT),
        ("soon", None),
        ("٣", None),
        (None, None),
    ],
)
def test_a_reset_in_unix_seconds_is_clamped(value: str | None, wait: timedelta | None) -> None:
    assert parse_reset(value, NOW) == wait


@given(st.integers(100, 999), st.dictionaries(st.sampled_from(["retry-after"]), st.text(max_size=10)))
def test_every_status_but_2xx_is_one_of_our_errors(status: int, headers: dict[str, str]) -> None:
    if 200 <= status < 300:
        raise_for_status("x", status, headers, NOW)
        return
    with pytest.raises(ConnectorError):
        raise_for_status("x", status, headers, NOW)


def test_only_a_429_carries_a_wait_and_404_is_gone_where_the_caller_says_so() -> None:
    with pytest.raises(RateLimited) as raised:
        raise_for_status("x", 429, {"retry-after": "30"}, NOW)
    assert raised.value.retry_after == timedelta(seconds=30)
    with pytest.raises(BadAnswer):
        raise_for_status("x", 404, {}, NOW)
    with pytest.raises(SourceGone):
        raise_for_status("x", 404, {}, NOW, gone=(404, 410))


def test_the_platforms_own_words_are_shown_without_secrets() -> None:
    body = b'{"title": "Bad", "detail": "token s3cr3t-token\\u001b[31m\\nis wrong"}'
    with pytest.raises(Unauthorized) as raised:
        raise_for_status("x", 401, {}, NOW, body=body, secrets=["s3cr3t-token"])
    assert str(raised.value) == (
        "x: the platform does not accept the credentials (401): token *** [31m is wrong; "
        "renew the credentials, then reload"
    )


@pytest.mark.parametrize("body", [b"<h1>no</h1>", b"[]", b'"text"', b'{"detail": 7}', b"{}", b"\xff"])
def test_no_words_are_made_up_where_the_platform_gives_none(body: bytes) -> None:
    assert platform_detail(body) is None
    with pytest.raises(BadQuery, match=r"refuses the query \(400\); correct"):
        raise_for_status("x", 400, {}, NOW, body=body)


@given(st.text(max_size=2_000))
def test_redacted_text_is_one_bounded_printable_line(text: str) -> None:
    shown = redacted(text, ["secret"])
    assert len(shown) <= 200
    assert shown.isprintable()
    assert "secret" not in shown


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_a_bad_answer(body: bytes) -> None:
    try:
        parse_json("x", body)
    except BadAnswer as error:
        assert error.subject == "x"  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"  <!DOCTYPE html><p>", "HTML instead of JSON"),
        (b"", "is empty"),
        (b'{"a": ', "broken JSON at character 6"),
        (b"NaN", "number that no platform documents"),
        (b"-Infinity", "number that no platform documents"),
        (b"1e999", "number that no platform documents"),
        (b"9" * 5_000, "number that no platform documents"),
        (b"[" * 200_000, "nested too deeply"),
        (b"\xff\xfe", "not in UTF-8"),
    ],
)
def test_bad_json_says_what_is_wrong_with_it(body: bytes, cause: str) -> None:
    with pytest.raises(BadAnswer, match=cause):
        parse_json("x", body)
