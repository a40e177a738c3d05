"""Queries and posts by chance, for properties that must hold of all of them."""

from random import Random
from typing import Any

from hypothesis import strategies as st

from connectors.mention import Mention
from tests.unit.rules.posts import make_post

LISTS = {"gear": ("lamp", "smart lamp", "bulb*"), "trouble": ("fire", '"on fire"', "=BROKEN", "#fail")}
WORDS = ("lumo", "lamp", "smart", "fire", "band", "größe", "on", "24", "glow", "lumo_help")
LEAVES = (
    *WORDS,
    *(
        "lamp*",
        "lum*",
        "=LUMO",
        "=Lamp",
        "#tag",
        "#lumo",
        "@jo",
        "@lumo",
        "from:jo",
        "to:lumo",
        "🔥",
        "👍",
        '"smart lamp"',
    ),
    *(
        "{gear}",
        "{trouble}",
        "lang:de",
        "lang:de?",
        "in:lumo",
        "has:link",
        "has:hashtag",
        "has:mention",
        "is:reply",
        "is:repost",
    ),
    *("followers>=1000", "rating<=2", "source:x", "source:forum", "re2:/lumo-?[0-9]/", "re2:/(?i)fire|smoke/"),
    *("lumo NEAR/3 fire", "lamp THEN/2 (fire OR smoke)", '"smart lamp" NEAR/0 lumo', "{gear} NEAR/4 on"),
)


def queries() -> st.SearchStrategy[str]:
    """Return queries that are valid, of every part of the language."""
    return st.recursive(st.sampled_from(LEAVES), _joined, max_leaves=10)


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    both = st.builds("({} {} {})".format, inner, st.sampled_from(["", "OR", "AND"]), inner)
    without = st.builds("(lumo {}({}))".format, st.sampled_from(["-", "NOT "]), inner)
    return both | without


TOKENS = (
    *WORDS,
    *(
        "LUMO",
        "Lamp",
        "lampshade",
        "lamps",
        "#tag",
        "#lumo",
        "#fail",
        "@jo",
        "@lumo",
        "BROKEN",
        "smoke",
        "lumo-7",
        "🔥",
    ),
    *("@lumo_help", "#lumo_help", "#24", "@nobody_has_a_name_so_long", "#größe", "größe"),
    *("https://t.co/abc", "the", "is", "bulbs", "again."),
)


def chance_post(chance: Random, platform: str) -> Mention:
    """Return a post that names lumo, by a generator of chance numbers: much quicker than a strategy."""
    text = " ".join(["lumo", *chance.choices(TOKENS, k=chance.randrange(5))])
    facts: dict[str, Any] = {"author": chance.choice(["jo", "lumo", "kim"]), "followers": None, "platform": platform}
    facts["parent_id"] = chance.choice([None, "7"])
    if platform == "x":
        facts |= {"lang": chance.choice([None, "de", "en"]), "followers": chance.choice([None, 10, 5000])}
        facts["repost_of"] = chance.choice([None, "8"])
    return make_post(text, **facts)


@st.composite
def posts(draw: st.DrawFn, platform: str = "x") -> Mention:
    """Return posts as a platform tells them."""
    text = " ".join(draw(st.lists(st.sampled_from(TOKENS), max_size=9)))
    facts: dict[str, Any] = {"author": draw(st.sampled_from(["jo", "lumo", "kim"])), "platform": platform}
    facts["parent_id"] = draw(st.sampled_from([None, "7"]))
    if platform == "x":
        facts["lang"] = draw(st.sampled_from([None, "de", "en", "de-AT"]))
        facts["followers"] = draw(st.sampled_from([None, 10, 5000]))
        facts["repost_of"] = draw(st.sampled_from([None, "8"]))
    else:
        facts["followers"] = None
    if platform == "reddit":
        name = draw(st.sampled_from(["lumo", "lamps"]))
        facts["permalink"] = f"https://www.reddit.com/r/{name}/comments/1/x/"
    return make_post(text, **facts)
