"""Which drops are drawn, and with what chance."""

from collections import Counter
from itertools import count

import pytest

from monitor.domain import DropRule
from monitor.rules.recall import Drop, Stratum, chances_of, draw


def drop(number: int, complaint: float | None = 0.01, rule: DropRule = DropRule.NOT_A_COMPLAINT) -> Drop:
    return Drop(number, "lumo", "x", rule, complaint)


def a_day(near: int = 10, far: int = 150, reposts: int = 300, bots: int = 1) -> list[Drop]:
    numbers = count(1)
    return [
        *(drop(next(numbers), 0.4) for _ in range(near)),
        *(drop(next(numbers)) for _ in range(far)),
        *(drop(next(numbers), 0.9, DropRule.REPOST) for _ in range(reposts)),
        *(drop(next(numbers), 0.0, DropRule.BOT) for _ in range(bots)),
    ]


def test_chances_add_up_to_what_is_wanted_and_none_is_zero() -> None:
    chances = chances_of(a_day(), 20)
    assert sum(chances) == pytest.approx(20)
    assert 0 < min(chances) <= max(chances) <= 1


def test_every_drop_is_drawn_where_there_are_no_more_than_wanted() -> None:
    few = [drop(number) for number in range(1, 13)]
    assert {entry.probability for entry in draw(few, 20, "k")} == {1.0}
    assert len(draw(few, 20, "k")) == 12
    assert draw([], 20, "k") == []


def test_near_misses_are_drawn_more_often_than_sure_drops() -> None:
    day = a_day()
    chances = {entry.hit_id: chance for entry, chance in zip(day, chances_of(day, 20), strict=True)}
    near, far, repost = chances[1], chances[11], chances[161]
    assert near > 2 * far > 2 * repost


def test_a_rare_rule_has_its_share_beside_a_frequent_one() -> None:
    day = a_day()
    chances = chances_of(day, 20)
    bots = [chance for entry, chance in zip(day, chances, strict=True) if entry.rule is DropRule.BOT]
    assert bots[0] > 0.5, "one drop of a rule with hundreds of others: looked at every other day"


def test_no_drop_stands_for_more_than_twice_its_even_share() -> None:
    day = a_day(near=100, far=10_000, reposts=5_000)
    assert 1 / min(chances_of(day, 20)) <= 2 * len(day) / 20


def test_each_drop_is_drawn_as_often_as_its_chance_says() -> None:
    day = a_day(near=5, far=20, reposts=10)
    counted: Counter[int] = Counter()
    rounds = 2_000
    for number in range(rounds):
        counted.update(entry.drop.hit_id for entry in draw(day, 8, f"round {number}"))
    for entry, chance in zip(day, chances_of(day, 8), strict=True):
        deviation = (chance * (1 - chance) / rounds) ** 0.5
        assert abs(counted[entry.hit_id] / rounds - chance) < 5 * deviation + 1e-9


def test_the_same_key_draws_the_same_sample_whatever_the_order_of_the_drops() -> None:
    day = a_day()
    drawn = draw(day, 20, "2026-03-04")
    assert draw(day[::-1], 20, "2026-03-04") == drawn
    assert draw(day, 20, "2026-03-05") != drawn
    assert len(drawn) in {19, 20, 21}
    assert len({entry.drop.hit_id for entry in drawn}) == len(drawn)


def test_a_drop_without_an_opinion_of_the_model_counts_as_a_near_miss() -> None:
    assert drop(1, None).stratum is Stratum.NEAR
    assert drop(1, None, DropRule.SPAM).stratum is Stratum.NAMED
    unknown, far = chances_of([drop(1, None), *(drop(number) for number in range(2, 100))], 5)[:2]
    assert unknown > far
