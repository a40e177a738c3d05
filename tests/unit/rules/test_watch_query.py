from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.triage_quality import read_stream
from connectors.mention import Mention
from monitor.config.schema import Brand, Context, Pack, Settings, Watch
from monitor.domain import DropRule
from monitor.rules import noise
from monitor.rules.exclusions import read_pack
from monitor.rules.folded import fold_mention
from monitor.rules.match import Matcher, parse_watches
from monitor.rules.noise import find_noise
from monitor.rules.query import QueryError, parse_query
from monitor.rules.query_advice import advise_on, common_words
from monitor.rules.watch_query import read_watch
from tests.unit.rules.posts import CALM, judge, make_hit, make_post, rules_with


def found(watch: Watch, text: str, **facts: Any) -> bool:
    return read_watch(watch, {"gear": ("lamp", "bulb")}).matches(fold_mention(make_post(text, **facts)))


AMBIGUOUS = Watch(
    name="name", query="lumo", context=Context(any=("app", "{gear}", "customer service"), none=("aluminium", "=LP"))
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("the lumo app", True),
        ("my lumo bulb", True),
        ("lumo customer service", True),
        ("lumo", False),
        ("the app", False),
        ("lumo lamp of aluminium", False),
        ("the lumo app on LP", False),
        ("the lumo app on lp", True),
    ],
)
def test_an_ambiguous_name_needs_its_context(text: str, wanted: bool) -> None:
    assert found(AMBIGUOUS, text) is wanted


BLOCKS = Watch(name="name", query={"any": "lumo", "de": "leuchte kaputt", "fr": "ampoule"})


@pytest.mark.parametrize(
    ("text", "lang", "wanted"),
    [
        ("lumo", "es", True),
        ("leuchte kaputt", "de", True),
        ("leuchte kaputt", "de-CH", True),
        ("leuchte kaputt", "en", False),
        ("ampoule", "de", False),
        ("ampoule", "fr", True),
        ("ampoule", None, True),
    ],
)
def test_a_block_counts_for_its_language_and_where_nobody_told_one(text: str, lang: str | None, wanted: bool) -> None:
    assert found(BLOCKS, text, lang=lang) is wanted


def test_a_watch_prints_as_one_query_that_reads_back() -> None:
    lists = {"gear": ("lamp", "bulb")}
    for watch in (AMBIGUOUS, BLOCKS, Watch(name="n", query={"de": "a OR b"}, context=AMBIGUOUS.context)):
        query = read_watch(watch, lists)
        assert str(parse_query(str(query), lists)) == str(query)


def test_what_stands_at_the_top_is_for_every_brand_and_a_brands_own_list_hides_it() -> None:
    watch = Watch(name="name", query="{gear}")
    settings = Settings(
        lists={"gear": ("lamp",), "other": ("x",)},
        exclude=("festival",),
        packs=(Pack.LYRICS,),
        brands={
            "lumo": Brand(watches=(watch,)),
            "hive": Brand(watches=(watch,), lists={"gear": ("hub",)}, exclude=("festival", "bee")),
        },
    )
    matcher = Matcher(parse_watches(settings.brands))
    assert matcher.match(make_post("a lamp and a hub"), "x") == (("lumo", ("name",)), ("hive", ("name",)))
    assert matcher.match(make_post("a hub"), "x") == (("hive", ("name",)),)
    assert settings.brands["hive"].exclude == ("festival", "bee")
    assert settings.brands["lumo"].packs == (Pack.LYRICS,)


def test_a_list_may_hold_ten_thousand_words_and_no_more() -> None:
    many = tuple(f"word{number}" for number in range(10_000))
    assert len(Brand(lists={"many": many}).lists["many"]) == 10_000
    with pytest.raises(ValueError, match="10000"):
        Brand(lists={"many": (*many, "one")})


# Exclusions

EXCLUDING = rules_with(
    Brand(watches=(Watch(name="name", query="lumo"),), lists={"bands": ("the lumos",)}, exclude=("festival", "{bands}"))
)
ROOT = Path(__file__).parents[3]
PACKED = rules_with(Brand(watches=(Watch(name="name", query="lumo"),), packs=tuple(Pack)))


def drop_of(text: str, rules: Any) -> tuple[DropRule, str] | None:
    hit = make_hit(text)
    return find_noise(hit, fold_mention(hit.mention), rules)


def test_an_excluded_post_is_dropped_by_name_with_the_query_that_did_it() -> None:
    assert drop_of("lumo at the festival", EXCLUDING) == (DropRule.EXCLUDED, "exclude has the query festival")
    assert drop_of("The Lumos play lumo", EXCLUDING) == (DropRule.EXCLUDED, "exclude has the query {bands}")
    assert drop_of("lumo at home", EXCLUDING) is None
    decision = judge("lumo at the festival", CALM, rules=EXCLUDING)
    assert decision.drop is DropRule.EXCLUDED
    assert "exclude" in decision.advice


def test_grave_words_are_heard_in_an_excluded_post() -> None:
    text = "@lumo your lamp caught fire at the festival and burned my daughter"
    assert drop_of(text, EXCLUDING) is not None
    assert judge(text, rules=EXCLUDING, verdict=CALM.__class__(sentiment=CALM.sentiment, complaint=0.9)).is_case


def test_exclusions_follow_the_switch() -> None:
    rules = rules_with(Brand(exclude=("festival",)), noise_off=(DropRule.EXCLUDED,))
    assert drop_of("lumo at the festival", rules) is None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Lumo is hiring! Remote role in support. Apply now: https://jobs.example/1", DropRule.JOB_AD),
        ("Lumo sucht dich, jetzt bewerben, Vollzeit", DropRule.JOB_AD),
        ("Big lumo GIVEAWAY, follow us and retweet", DropRule.GIVEAWAY),
        ("Concours lumo : suivez et RT pour gagner", DropRule.GIVEAWAY),
        ("Lumo deal with promo code GLOW https://a.example", DropRule.COUPON),
        ("20% off lumo lamps https://a.example", DropRule.COUPON),
        ("$LUMO shares look bullish", DropRule.STOCK_TIP),
        ("Lumo Aktie jetzt kaufen, Kursziel 90", DropRule.STOCK_TIP),
        ("#nowplaying Lumo by The Lamps", DropRule.LYRICS),
        ("🎵 lumo, lumo, light my way 🎵 lyrics on spotify", DropRule.LYRICS),
    ],
)
def test_each_pack_knows_its_kind(text: str, rule: DropRule) -> None:
    dropped = drop_of(text, PACKED)
    assert dropped is not None
    assert dropped[0] is rule


@pytest.mark.parametrize(
    "text",
    [
        "won your giveaway, followed and retweeted, never got the lamp @lumo",
        "the promo code in your mail https://a.example doesn't work @lumo",
        "lumo is my favourite lamp",
        "I love the song of my lumo alarm",
        "is lumo out of stock again?",
        "I applied lumo stickers to my door",
        "do you sell the lumo bulbs one by one?",
    ],
)
def test_no_pack_drops_a_customer(text: str) -> None:
    assert drop_of(text, PACKED) is None


def test_every_shipped_pack_can_be_read_and_has_no_query_too_many() -> None:
    for pack in Pack:
        entries = read_pack(pack)
        assert entries
        assert [str(one.query) for one in entries if advise_on(one.query) and "#" not in str(one.query)] == []


# Second looks


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("lumo -lumo", "never match"),
        ("lumo -lumo*", "never match"),
        ('"lumo lamp" -lumo', "never match"),
        ("=LUMO -lumo", "never match"),
        ("#lumo -lumo", "never match"),
        ("lumo -(band OR lumo)", "never match"),
        ("{gear} -lamp -bulb -{gear}", "never match"),
        ("lumo lang:de lang:en", "never match"),
        ("lumo from:a from:b", "never match"),
        ("lumo followers>=10 followers<=9", "never match"),
        ("lumo rating>2 rating<2", "never match"),
        ("(lumo -lumo) OR (lang:de lang:fr)", "never match"),
        ("apple", "very common"),
        ("lumo OR apple", "very common"),
        ("the", "very common"),
        ("apple lang:en", "very common"),
        ("apple -pie", "very common"),
        ("re*", "very common"),
        ("lang:en", "without any word"),
        ("has:link is:reply", "without any word"),
        ("lumo OR followers>=10", "without any word"),
        ("re2:/\\w+/", "nearly everything"),
        ("lumo or lamp", "small letters"),
    ],
)
def test_a_query_that_finds_nothing_or_far_too_much_gets_a_second_look(query: str, words: str) -> None:
    advice = advise_on(parse_query(query, {"gear": ("lamp", "bulb")}))
    assert words in " ".join(one.problem for one in advice)
    assert all(one.hint and one.about in query for one in advice)


@pytest.mark.parametrize(
    "query",
    [
        *(
            "lumo",
            "apple app",
            '"apple store"',
            "=APPLE",
            "#apple",
            "@apple",
            "apple NEAR/3 order",
            "from:jo",
            "in:lumo",
        ),
        *("lumo -band", "lumo lang:de? lang:en?", "lumo lang:de lang:de-AT", "lumo -(lumo band)", "lumo -=LUMO"),
        *(
            "lumo rating>=2 rating<=2",
            "lumo* -lumo",
            "lumo -from:lumo",
            "re2:/lumo\\d/",
            "lumo source:a OR lumo source:b",
        ),
    ],
)
def test_a_sensible_query_gets_none(query: str) -> None:
    assert advise_on(parse_query(query)) == []


def test_the_common_words_are_words_as_they_are_compared() -> None:
    assert len(common_words()) > 500
    assert {"apple", "the", "und", "très"} <= common_words()


def test_a_context_that_cannot_be_read_names_its_entry() -> None:
    watch = Watch(name="name", query="lumo", context=Context(any=("app", "or(")))
    with pytest.raises(QueryError, match=r"'or\('"):
        read_watch(watch, {})


@pytest.mark.parametrize("stream", ["connectors/samples/lumo.jsonl", "bench/streams/second.jsonl"])
def test_no_pack_drops_a_post_that_is_labelled_as_work(stream: str) -> None:
    posts = [post for post in read_stream(ROOT / stream) if post.case is not None]
    dropped = [post for post in posts if is_packed(post.mention)]
    assert len(dropped) >= 10
    assert [post.mention.text for post in dropped if post.case] == []


def is_packed(mention: Mention) -> bool:
    hit = replace(make_hit("x"), mention=mention)
    return bool(noise._excluded(hit, fold_mention(mention), PACKED.of("lumo")))
