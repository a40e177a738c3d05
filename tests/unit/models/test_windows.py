"""Texts of any length become windows, and windows become groups that waste little."""

from hypothesis import given
from hypothesis import strategies as st

from models.windows import MAX_WINDOWS, group_by_length, share_out, split_windows


def test_a_short_text_is_one_window() -> None:
    windows = split_windows([1, 2, 3], 8)
    assert windows.tokens == ([1, 2, 3],)
    assert not windows.truncated


def test_an_empty_text_has_a_window_too() -> None:
    assert split_windows([], 8).tokens == ([],)


@given(st.integers(9, 90), st.integers(8, 20))
def test_windows_cover_the_text_and_overlap(length: int, size: int) -> None:
    windows = split_windows(list(range(length)), size)
    assert all(len(window) <= size for window in windows.tokens)
    if not windows.truncated:
        assert {token for window in windows.tokens for token in window} == set(range(length))
        assert all(left[-1] >= right[0] for left, right in zip(windows.tokens, windows.tokens[1:], strict=False))


def test_of_an_endless_text_the_beginning_and_the_end_are_read() -> None:
    windows = split_windows(list(range(10_000)), 100)
    assert len(windows.tokens) == MAX_WINDOWS
    assert windows.truncated
    assert windows.tokens[0][0] == 0
    assert windows.tokens[-1][-1] == 9_999


@given(st.lists(st.integers(1, 130), max_size=80))
def test_groups_hold_every_text_once_within_the_budget(lengths: list[int]) -> None:
    groups = group_by_length(lengths, budget=256)
    assert sorted(place for group in groups for place in group) == list(range(len(lengths)))
    assert all(len(group) == 1 or len(group) * max(lengths[at] for at in group) <= 256 for group in groups)


@given(st.lists(st.integers(1, 130), max_size=80), st.integers(1, 9))
def test_shares_hold_every_text_once_and_about_the_same_work(lengths: list[int], count: int) -> None:
    shares = share_out(lengths, count)
    assert sorted(place for share in shares for place in share) == list(range(len(lengths)))
    work = [sum(lengths[place] for place in share) for share in shares]
    assert all(shares)
    assert max(work, default=0) - min(work, default=0) <= max(lengths, default=0)
