import json
import math
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mention import Metrics
from models.classifier import Verdict
from monitor.domain import Decision, DropRule, History, Kind, Level, Severity
from tests.unit.rules.posts import ANGRY, CALM, HAPPY, NOW, judge, rules_with

SAFETY_TEXTS = [
    json.loads(line)["text"]
    for line in Path("tests/data/safety_de_fr_es.jsonl").read_text(encoding="utf-8").splitlines()
]


def reason(decision: Decision, name: str) -> float:
    return sum(one.points for one in decision.reasons if one.name == name)


@pytest.mark.parametrize("text", SAFETY_TEXTS)
def test_safety_texts_in_unserved_languages_are_critical(text: str) -> None:
    decision = judge(text)
    assert decision.level is Level.CRITICAL
    assert Severity.SAFETY in decision.severity
    assert decision.lane is not None


def test_a_complaint_is_a_case_with_reasons_that_add_up() -> None:
    decision = judge("@lumo my lamp arrived broken", ANGRY)
    assert decision.kind is Kind.COMPLAINT
    assert {"complaint", "negativity", "addressed", "post_sale"} <= {one.name for one in decision.reasons}
    assert decision.score == round(math.fsum(one.points for one in decision.reasons), 1)


def test_a_drop_says_which_line_it_missed_and_what_would_change_it() -> None:
    decision = judge("saw a lumo lamp today", Verdict(complaint=0.31))
    assert decision.drop is DropRule.NOT_A_COMPLAINT
    assert decision.evidence == "complaint 0.31 < 0.50"
    assert decision.advice == "would be queued if triage.complaint were 0.31 or lower, or if it addressed us"


def test_a_question_to_us_is_a_case_but_not_urgent() -> None:
    decision = judge("@lumo does the lamp work without the app?")
    assert (decision.kind, decision.level) == (Kind.QUESTION, Level.LOW)


@pytest.mark.parametrize("text", ["hey lumo, any news on this", "Lumo, please add a dimmer"])
def test_we_are_addressed_by_name_too(text: str) -> None:
    assert judge(text).is_case


def test_kind_words_about_an_outage_that_others_report_are_a_complaint() -> None:
    scorn = Verdict(sentiment={"negative": 0.1, "neutral": 0.1, "positive": 0.8}, complaint=0.2)
    assert judge("lumo app is down again, great", scorn).kind is not Kind.COMPLAINT
    assert judge("lumo app is down again, great", scorn, History(outages=20)).kind is Kind.COMPLAINT


def test_praise_about_us_is_dropped_and_praise_to_us_is_a_low_case() -> None:
    assert judge("love my lumo", HAPPY).drop is DropRule.NOT_A_COMPLAINT
    assert judge("love it @lumo, best lamp", HAPPY).kind is Kind.PRAISE


def test_danger_with_a_complaint_is_critical_and_names_its_floor() -> None:
    decision = judge("the lumo charger caught fire and burned my hand", ANGRY)
    assert decision.level is Level.CRITICAL
    assert decision.score >= 80
    assert reason(decision, "safety") > 0


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("@lumo you will hear from my lawyer", Severity.LEGAL),
        ("@lumo I'm a journalist with the Post, can I get a comment for my story?", Severity.PRESS),
        ("@lumo unauthorised charge on my card, someone used my account", Severity.FRAUD),
        ("@lumo a fake account is pretending to be your support", Severity.IMPOSTOR),
    ],
)
def test_grave_classes_are_at_least_high_and_never_critical_alone(text: str, severity: Severity) -> None:
    decision = judge(text, ANGRY)
    assert decision.level is Level.HIGH
    assert severity in decision.severity


def test_a_phrase_that_nothing_supports_is_kept_for_review_and_wakes_nobody() -> None:
    decision = judge("they say that a lumo lamp exploded at the fair", CALM)
    assert decision.level is Level.NORMAL
    assert decision.review


def test_a_grave_complaint_beats_noise_and_plain_noise_does_not() -> None:
    giveaway = "GIVEAWAY follow and tag to win a lumo kit"
    assert judge(giveaway, CALM).drop is DropRule.GIVEAWAY
    assert judge(f"{giveaway} - the last one exploded in my hand", ANGRY).level is Level.CRITICAL


def test_own_posts_are_dropped_whatever_they_say() -> None:
    assert judge("smoke coming out? unplug it", ANGRY, author="lumohelp").drop is DropRule.OWN_HANDLE


def test_reposts_and_copies_join_the_first_case() -> None:
    assert judge("RT @jo: lumo is broken", ANGRY).drop is DropRule.REPOST
    assert judge("RT @jo: lumo is broken", ANGRY, History(copy_of=7)).copy_of == 7
    assert judge("lumo is broken", ANGRY, History(copies=1, copy_of=7)).copy_of == 7


def test_a_look_alike_that_offers_help_is_an_impostor() -> None:
    decision = judge("Dear customer, kindly DM us your card number for the refund", CALM, author="lumo_he1p")
    assert Severity.IMPOSTOR in decision.severity
    assert decision.level is Level.HIGH
    assert Severity.IMPOSTOR not in judge("dear all, I love my lumo", CALM, author="jo").severity


def test_a_post_that_goes_from_nothing_to_5000_likes_is_urgent_even_from_below_the_line() -> None:
    text, near = (
        "lumo lamps are a joke",
        Verdict(complaint=0.31, sentiment={"negative": 0.6, "neutral": 0.3, "positive": 0.1}),
    )
    first = judge(text, near)
    assert first.drop is DropRule.NOT_A_COMPLAINT
    viral = Metrics(likes=5_000)
    again = judge(text, near, History(velocity=10_000.0), metrics=viral, seen_at=NOW + timedelta(minutes=30))
    assert again.level is not None
    assert again.level.urgent


def test_praise_may_spread_without_waking_anybody() -> None:
    assert judge("love my lumo", HAPPY, History(velocity=10_000.0)).drop is DropRule.NOT_A_COMPLAINT


def test_reach_vips_and_repetition_add_points() -> None:
    plain = judge("lumo lamp broken", ANGRY).score
    assert judge("lumo lamp broken", ANGRY, followers=200_000).score > plain
    assert judge("lumo lamp broken", ANGRY, author="Star").score > plain
    assert judge("lumo lamp broken", ANGRY, History(complaints_30d=2)).score > plain


def test_unknown_reach_is_no_reason_at_all() -> None:
    assert "reach" not in {one.name for one in judge("lumo lamp broken", ANGRY, followers=None).reasons}


def test_large_sums_owed_are_urgent() -> None:
    assert judge("@lumo still waiting for my refund of 840 €", ANGRY).level is Level.HIGH


def test_switched_off_weights_give_no_points() -> None:
    rules = rules_with(weights={"anger": 0})
    assert reason(judge("lumo broken", ANGRY, rules=rules), "anger") == 0


def test_the_version_of_the_rules_follows_what_decides() -> None:
    assert rules_with().version == rules_with().version
    assert rules_with().version != rules_with(complaint=0.4).version


probability = st.floats(0, 1)


@settings(max_examples=150)
@given(
    text=st.sampled_from(
        [*SAFETY_TEXTS[:5], "@lumo broken", "lumo exploded", "lumo refund 900 €", "nice lumo", "lumo"]
    ),
    complaint=st.none() | probability,
    negative=probability,
    followers=st.none() | st.integers(0, 10**9),
    velocity=st.none() | st.floats(0, 10**7),
    before=st.integers(0, 50),
)
def test_points_always_add_up_and_stay_on_the_scale(
    text: str, complaint: float | None, negative: float, followers: int | None, velocity: float | None, before: int
) -> None:
    verdict = Verdict(
        sentiment={"negative": negative, "neutral": (1 - negative) / 2, "positive": (1 - negative) / 2},
        complaint=complaint,
        emotion={"anger": negative, "joy": 1 - negative, "optimism": 0.0, "sadness": 0.0},
    )
    decision = judge(text, verdict, History(complaints_30d=before, velocity=velocity), followers=followers)
    assert decision.score == round(math.fsum(one.points for one in decision.reasons), 1)
    assert 0 <= decision.score <= 100
    assert (decision.level is None) == (decision.drop is not None)
    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision
