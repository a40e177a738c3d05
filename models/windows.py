"""How texts of any length become batches that waste little: windows of tokens, and groups of windows of like length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

T = TypeVar("T")

MAX_WINDOWS: Final = 32  # of one text: 1,500 tokens, or about 7,000 letters
_LAST_KEPT: Final = 4  # when a text has more, its end is read all the same: people put the demand there


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of one text, and whether some of the text fell outside of them."""

    tokens: tuple[Sequence[int], ...]
    truncated: bool


def split_windows(tokens: Sequence[int], size: int, *, cut: bool = False) -> Windows:
    """Cut tokens into windows of at most ``size``, each sharing a quarter with the one before.

    Every text has at least one window, be it empty. A text has at most `MAX_WINDOWS`: the first ones and the last four.
    ``cut`` says that the text had been longer.
    """
    if len(tokens) <= size:
        return Windows((tokens,), truncated=cut)
    step = size - size // 4
    starts = [*range(0, len(tokens) - size, step), len(tokens) - size]
    kept = choose_windows(starts)
    return Windows(tuple(tokens[start : start + size] for start in kept), truncated=cut or len(kept) < len(starts))


def choose_windows(windows: Sequence[T]) -> Sequence[T]:
    """Return the windows of a text that are read: all, or the first ones and the last four."""
    if len(windows) <= MAX_WINDOWS:
        return windows
    return [*windows[: MAX_WINDOWS - _LAST_KEPT], *windows[-_LAST_KEPT:]]


def group_by_length(lengths: Sequence[int], *, budget: int) -> list[list[int]]:
    """Return groups of positions whose texts are of like length; each group's padded size stays within ``budget``.

    A text that alone is above the budget makes a group of its own.
    """
    groups: list[list[int]] = []
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        longest = lengths[position]  # so far: they come in order
        if groups and (len(groups[-1]) + 1) * longest <= budget:
            groups[-1].append(position)
        else:
            groups.append([position])
    return groups


def share_out(lengths: Sequence[int], shares: int) -> list[list[int]]:
    """Deal positions out in shares of about the same work; none is empty."""
    by_length = sorted(range(len(lengths)), key=lengths.__getitem__)
    return [by_length[first::shares] for first in range(min(shares, len(lengths)))]
