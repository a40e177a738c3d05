import pytest

from monitor.rules.compile import compile_for
from monitor.rules.folded import fold_mention
from monitor.rules.watch_query import read_watch
from tests.unit.rules.common_word import WATCHES, read_posts
from tests.unit.rules.platform_queries import hackernews_finds, reddit_finds, x_finds

FINDERS = {"x": x_finds, "reddit": reddit_finds, "hackernews": hackernews_finds}


@pytest.mark.parametrize("kind", list(FINDERS))
@pytest.mark.parametrize("name", list(WATCHES))
def test_little_more_is_fetched_than_kept_and_nothing_less(name: str, kind: str) -> None:
    query = read_watch(WATCHES[name], {})
    asked = compile_for(kind, [query])
    posts = [post for _, post in read_posts()]
    kept = [post for post in posts if query.matches(fold_mention(post))]
    fetched = [post for post in posts if any(FINDERS[kind](one, post) for one in asked)]
    assert set(map(id, kept)) <= set(map(id, fetched))
    assert len(fetched) <= 1.5 * len(kept)


def test_its_context_finds_the_brand_and_leaves_the_herb() -> None:
    query = read_watch(WATCHES["with its context"], {})
    found = [about for about, post in read_posts() if query.matches(fold_mention(post))]
    assert found == [about for about, _ in read_posts() if about]


def test_without_context_most_of_what_is_fetched_is_something_else() -> None:
    query = read_watch(WATCHES["name alone"], {})
    found = [about for about, post in read_posts() if query.matches(fold_mention(post))]
    assert found.count(False) > found.count(True)
