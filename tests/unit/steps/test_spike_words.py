"""What explains a spike: words against the weeks before, posts that hold them, shares."""

from itertools import count

from monitor.domain import Level
from monitor.steps.spike_words import explain
from monitor.store.spikes import SpikePost
from tests.builders import NOW

_IDS = count(1)


def post(text: str, author: str = "", **changes: object) -> SpikePost:
    number = next(_IDS)
    values = {"platform": "x", "followers": None, "permalink": None, "posted_at": NOW, "cause": None, "level": None}
    return SpikePost(hit_id=number, case_id=number, author=author or f"a{number}", text=text, **{**values, **changes})  # type: ignore[arg-type]


BEFORE = [post("the parcel is late again"), post("delivery late and support rude"), post("refund takes weeks")] * 10


def words(posts: list[SpikePost], before: list[SpikePost] = BEFORE) -> list[str]:
    return [word.word for word in explain(posts, before, {"lumo"}).words]


def test_words_that_are_more_frequent_than_before_explain_it() -> None:
    found = words([post("lumo checkout fails"), post("checkout is dead, parcel late"), post("my checkout hangs")] * 5)
    assert "checkout" in found
    assert not {"parcel", "late", "lumo", "parcel late"} & set(found)


def test_one_author_who_repeats_himself_is_one_voice() -> None:
    found = words([post("checkout fails", "eve")] * 30 + [post("login dead"), post("no login"), post("login again")])
    assert "login" in found
    assert "checkout" not in found


def test_two_words_that_stand_together_are_told_together() -> None:
    found = words([post(f"cannot pay with {card}") for card in ("visa", "master", "amex", "cash", "giro")])
    assert "cannot pay" in found
    assert not {"cannot", "pay"} & set(found)


def test_without_anything_before_the_commonest_words_explain_it() -> None:
    assert words([post("checkout down")] * 3 + [post("app checkout")], [])[:1] == ["checkout"]


def test_posts_that_hold_the_words_explain_it_each_by_another_author_in_other_words() -> None:
    rising = [post(f"checkout broken number{at}, what now {chr(97 + at) * 5}") for at in range(12)]
    loud = post("checkout broken since the update today, nobody can pay", followers=90_000)
    echo = post("checkout broken since the update today, nobody can pay!")
    aside = post("nice weather in oslo")
    said = {entry.hit_id: entry for entry in [aside, *rising, loud, echo]}
    found = [said[hit] for hit in explain(list(said.values()), BEFORE).posts]
    assert 2 <= len(found) <= 3
    assert aside not in found
    assert not (loud in found and echo in found)


def test_urgent_posts_go_first_among_equals() -> None:
    calm, urgent = post("checkout broken"), post("broken checkout here", level=Level.CRITICAL)
    assert explain([calm, urgent], BEFORE).posts[0] == urgent.hit_id


def test_shares_of_platforms_and_causes() -> None:
    posts = [post("a b c", platform="x", cause="outage")] * 3 + [post("d e f", platform="reddit")]
    found = explain(posts, [])
    assert found.platforms == {"x": 0.75, "reddit": 0.25}
    assert found.causes == {"outage": 0.75, "unknown": 0.25}
    assert explain([post("a b c")], []).causes == {}


def test_nothing_explains_nothing() -> None:
    found = explain([], BEFORE)
    assert (found.words, found.posts, found.platforms) == ((), (), {})
