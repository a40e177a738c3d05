"""The preview of a draft: what it marks, and that it ends, whatever the query."""

from collections.abc import Iterator
from datetime import timedelta

from monitor.config.schema import Brand, Watch
from monitor.lab.preview import MOST_SECONDS, pieces_of, preview
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, store_mentions

BEFORE = Brand(watches=(Watch(name="name", query="lumo"),))
AFTER = BEFORE.model_copy(update={"exclude": ("festival",)})


def clock(*times: float) -> Iterator[float]:
    yield from times
    while True:
        yield times[-1]


def test_a_preview_that_takes_too_long_tells_of_the_newest_posts() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(f"lumo festival {day}") for day in range(4)])
    posts = store.lab_posts(NOW - timedelta(days=1), NOW + timedelta(days=1), 0, 10)
    store.close()
    ticks = clock(0.0, 1.0, 2.0, MOST_SECONDS + 1.0)
    cut = preview("lumo", BEFORE, AFTER, posts, lambda: next(ticks))
    assert (cut.posts, [post.text for post in cut.lost]) == (2, ["lumo festival 3", "lumo festival 2"])
    assert preview("lumo", BEFORE, AFTER, posts).lost_total == 4


def test_the_words_that_decide_are_marked_whatever_their_case() -> None:
    assert pieces_of("The FESTIVAL of lamps", ("festival",)) == (
        ("The ", False),
        ("FESTIVAL", True),
        (" of lamps", False),
    )
    assert pieces_of("", ("festival",)) == ()


def test_a_text_whose_letters_move_when_folded_is_left_unmarked() -> None:
    assert pieces_of("Straße festival", ("festival",)) == (("Straße festival", False),)
