import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connectors.errors import BadQuery
from connectors.mention import Mention
from models.fold import fold
from monitor.config.schema import Brand, Settings, Watch
from monitor.rules.compile import CompileError, compile_for, source_queries
from monitor.rules.folded import fold_mention
from monitor.rules.match import Matcher, ParsedWatch, parse_watches
from monitor.rules.query import parse_query
from tests.unit.rules.platform_queries import hackernews_finds, reddit_finds, x_finds
from tests.unit.rules.posts import make_post
from tests.unit.rules.random_queries import LISTS, posts, queries

BRANDS = {
    "lumo": Brand(watches=(Watch(name="name", query="lumo"), Watch(name="danger", query="lumo smoke", sources=("x",)))),
    "hive": Brand(watches=(Watch(name="tag", query="#hive"), Watch(name="pattern", query="re2:/hive\\d/"))),
}


def test_one_post_gives_each_brand_its_watches() -> None:
    matcher = Matcher(parse_watches(BRANDS))
    assert matcher.match(make_post("lumo smoke and #hive hive7"), "x") == (
        ("lumo", ("name", "danger")),
        ("hive", ("tag", "pattern")),
    )


def test_a_watch_hears_only_its_sources() -> None:
    assert Matcher(parse_watches(BRANDS)).match(make_post("lumo smoke"), "reddit") == (("lumo", ("name",)),)


def test_no_watch_means_no_hit() -> None:
    assert Matcher(()).match(make_post("lumo"), "x") == ()


@given(queries(), posts())
def test_the_matcher_finds_what_the_query_alone_finds(text: str, post: Mention) -> None:
    query = parse_query(text, LISTS)
    found = Matcher([ParsedWatch("lumo", "name", query)]).match(post, "x")
    assert bool(found) is query.matches(fold_mention(post, "x"))


EVALUATORS = {"x": x_finds, "reddit": reddit_finds, "hackernews": hackernews_finds}


@pytest.mark.parametrize("kind", list(EVALUATORS))
@settings(max_examples=600, deadline=None)
@given(st.data())
def test_a_platform_is_asked_for_at_least_what_the_matcher_wants(kind: str, data: st.DataObject) -> None:
    parsed = [parse_query(text, LISTS) for text in data.draw(st.lists(queries(), min_size=1, max_size=3))]
    post = data.draw(posts(kind))
    assume(fold(post.text).text == " ".join(post.text.casefold().split()))
    try:
        asked = compile_for(kind, parsed, source="forum")
    except CompileError:
        return
    wanted = any(query.matches(fold_mention(post, "forum")) for query in parsed)
    found = [EVALUATORS[kind](query, post) for query in asked]
    assert any(found) or not wanted


@pytest.mark.parametrize("kind", ["x", "reddit"])
def test_queries_are_split_to_the_platforms_limit(kind: str) -> None:
    compiled = compile_for(kind, [parse_query(" OR ".join(f"product{n}" for n in range(200)))], ["lumo", "lumohelp"])
    assert len(compiled) > 1
    assert max(map(len, compiled)) <= 512
    assert all(any(f"product{n}" in query for query in compiled) for n in range(200))


def test_own_posts_are_not_paid_for_on_x() -> None:
    assert compile_for("x", [parse_query("lumo")], ["lumohelp"]) == ["(lumo OR @lumo OR #lumo) -from:lumohelp"]


def test_sources_without_a_search_are_asked_nothing() -> None:
    assert compile_for("rss", [parse_query("lumo")]) == []


def test_hackernews_takes_one_alternative_at_a_time() -> None:
    assert compile_for("hackernews", [parse_query('lumo -band OR "smart lamp"')]) == ["lumo", '"smart lamp"']


def test_a_query_without_a_plain_word_stops_only_its_source() -> None:
    config = Settings(brands={"lumo": Brand(watches=(Watch(name="all", query="re2:/lum[o0]/"),))})
    with pytest.raises(BadQuery, match="plain word"):
        source_queries(config, "x", "x")
