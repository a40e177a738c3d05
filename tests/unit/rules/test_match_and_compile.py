from itertools import product
from random import Random

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
from monitor.rules.query_pattern import required_runs
from tests.unit.rules.platform_queries import hackernews_finds, reddit_finds, x_finds
from tests.unit.rules.posts import make_post
from tests.unit.rules.random_queries import LEAVES, LISTS, chance_post, posts, queries

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


def is_unchanged_by_folding(post: Mention) -> bool:
    return fold(post.text).text == " ".join(post.text.casefold().split())


EVALUATORS = {"x": x_finds, "reddit": reddit_finds, "hackernews": hackernews_finds}


@pytest.mark.parametrize("kind", list(EVALUATORS))
@settings(max_examples=600, deadline=None)
@given(st.data())
def test_a_platform_is_asked_for_at_least_what_the_matcher_wants(kind: str, data: st.DataObject) -> None:
    parsed = [parse_query(text, LISTS) for text in data.draw(st.lists(queries(), min_size=1, max_size=3))]
    post = data.draw(posts(kind))
    assume(is_unchanged_by_folding(post))
    try:
        asked = compile_for(kind, parsed, source="forum")
    except CompileError:
        return
    wanted = any(query.matches(fold_mention(post, "forum")) for query in parsed)
    found = [EVALUATORS[kind](query, post) for query in asked]
    assert any(found) or not wanted


@pytest.mark.parametrize("kind", list(EVALUATORS))
def test_every_two_parts_of_the_language_beside_the_name_lose_nothing(kind: str) -> None:
    chance = Random(20260304)
    for one, other in product(LEAVES, LEAVES):
        query = parse_query(f"lumo {one} {chance.choice(['', '', '-', 'OR '])}{other}", LISTS)
        try:
            asked = compile_for(kind, [query], source="forum")
        except CompileError:
            continue
        for post in (chance_post(chance, kind) for _ in range(25)):
            if not is_unchanged_by_folding(post):
                continue
            found = any(EVALUATORS[kind](text, post) for text in asked)
            assert found or not query.matches(fold_mention(post, "forum")), (str(query), asked, post)


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


MANY = " OR ".join(f"context{number}" for number in range(60))
BANDS = " ".join(f"-band{number}" for number in range(60))


@pytest.mark.parametrize("kind", list(EVALUATORS))
def test_a_long_context_is_split_and_stays_a_condition(kind: str) -> None:
    query = parse_query(f"lumo ({MANY}) -fake")
    asked = compile_for(kind, [query])
    posts = [make_post(f"lumo context{number}") for number in range(60)]
    assert all(any(EVALUATORS[kind](one, post) for one in asked) for post in posts)
    if kind != "hackernews":
        assert max(map(len, asked)) <= 512
        assert not any(EVALUATORS[kind](one, make_post("lumo alone")) for one in asked)
        assert all("fake" in one for one in asked)


def test_two_long_choices_leave_one_out_before_they_make_a_hundred_searches() -> None:
    other = " OR ".join(f"other{number}" for number in range(60))
    asked = compile_for("x", [parse_query(f"lumo ({MANY}) ({other})")])
    assert 1 <= len(asked) <= 60
    assert any(x_finds(one, make_post("lumo context3 other7")) for one in asked)


def test_exclusions_take_no_more_than_a_third_of_a_search() -> None:
    (asked,) = compile_for("x", [parse_query(f"lumo {BANDS}")])
    assert len(asked) <= 512
    assert "-band0" in asked
    assert "-band59" not in asked


def test_a_phrase_that_no_search_can_hold_is_refused() -> None:
    with pytest.raises(CompileError, match="shorten"):
        compile_for("x", [parse_query(f'"{" ".join(["word"] * 200)}"')])


@pytest.mark.parametrize(
    ("kind", "query", "asked"),
    [
        ("x", "lumo -band", ["(lumo OR @lumo OR #lumo) -band -#band"]),
        ("x", "lumo lang:de?", [("(lumo OR @lumo OR #lumo) (lang:de OR lang:und OR lang:zxx OR lang:art OR lang:qam OR"
                               " lang:qct OR lang:qht OR lang:qme OR lang:qst)")]),
        ("x", "#lumo -is:repost -is:quote -followers>=10", ["#lumo -is:retweet"]),
        ("x", "#lumo -(a b)", ["#lumo"]),
        ("x", "#lumo has:link has:hashtag has:mention has:media is:repost is:quote", ["#lumo"]),
        ("x", "#lumo -has:link -has:media", ["#lumo -has:links"]),
        ("x", "#lumo re2:/x+/", ["#lumo"]),
        ("x", "#lumo OR #glow -band", ["#lumo OR (#glow -band -#band)"]),
        ("x", "#a #b OR #a", ["#a"]),
        ("x", "🔥 #a", ["🔥 #a"]),
        ("x", "#a source:reddit", []),
        ("reddit", "lumo in:lamps -from:troll", ["lumo subreddit:lamps -author:troll"]),
        ("reddit", "lumo -band", ["lumo -title:band -selftext:band"]),
        ("reddit", "lumo (followers>=10 OR lang:de)", []),
        ("reddit", "lumo lang:de?", ["lumo"]),
        ("hackernews", "lumo (app OR lamp*) -band", ["lumo app", "lumo lamp"]),
        ("hackernews", "lamp* smart", ["smart lamp"]),
        ("hackernews", '"smart lamp" THEN/3 fire', ['"smart lamp" fire']),
    ],
)  # fmt: skip
def test_each_platform_is_asked_in_its_own_words(kind: str, query: str, asked: list[str]) -> None:
    assert compile_for(kind, [parse_query(query)], source="main") == asked


@pytest.mark.parametrize(
    ("kind", "query"),
    [("x", "lang:de"), ("x", "lumo OR has:link"), ("x", "lamp*"), ("x", "re2:/a+/"), ("hackernews", "in:lumo")],
)
def test_what_cannot_be_searched_alone_is_refused(kind: str, query: str) -> None:
    with pytest.raises(CompileError, match="plain word"):
        compile_for(kind, [parse_query(query)])


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (r"lumo-?\d+", ["lumo"]),
        (r"(?i)lumo+", ["lumo"]),
        (r"lumos?", ["lumo"]),
        (r"lum[o0]", ["lum"]),
        (r"[\]lumo]abc", ["abc"]),
        (r"(lumo)?abc", ["abc"]),
        (r"lumo|glow", []),
        (r"\x6cumo", []),
        (r"lumo{0,3}", ["lum"]),
        (r"größe", []),
    ],
)
def test_a_pattern_names_only_words_that_every_match_holds(source: str, words: list[str]) -> None:
    assert [run for run in required_runs(source) if len(run) >= 3] == words


KINDS_OF_WATCH = (
    '"late parcel" brand{}', "#brand{}", "@brand{}", "brand{} NEAR/3 broken", "re2:/brand{}-?[0-9]+/i", "from:brand{}",
    "=Brand{}", "brand{0} OR other{0}*", "brand{} lang:de", "to:brand{}", "brand{} followers>=10", "{{gear}} brand{}",
)  # fmt: skip


def test_of_a_thousand_watches_only_those_that_a_post_speaks_of_are_looked_at() -> None:
    texts = [KINDS_OF_WATCH[at % len(KINDS_OF_WATCH)].format(f"x{at}y") for at in range(1_000)]
    watches = [ParsedWatch("lumo", str(at), parse_query(text, LISTS)) for at, text in enumerate(texts)]
    matcher = Matcher([*watches, ParsedWatch("lumo", "name", parse_query("lumo"))])
    assert list(matcher._candidates(fold_mention(make_post("my lumo lamp, bought by @jo #tag")))) == [1_000]
    assert list(matcher._candidates(fold_mention(make_post("#brandx1y is lumo")))) == [1, 1_000]
