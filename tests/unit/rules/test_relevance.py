"""Whether a post is about the brand: likeness to its sentences as a factor, and as a reason to drop."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.classifier import Embedding, Verdict
from monitor.config.schema import Brand
from monitor.domain import Decision, DropRule, History, Relevance, Severity
from monitor.rules.decide import decide
from monitor.rules.relevance import compare, embed_sentences, evidence_of, is_about_others, margin, share_of
from tests.unit.rules.posts import ANGRY, NOW, RULES, make_hit, rules_with

ABOUT, ELSEWHERE = "Lumo sells lamps", "Lumo is a choir"
SAYS = Brand(about=(ABOUT, "repairs of lamps"), not_about=(ELSEWHERE, "a school"))


def embed(texts: Sequence[str]) -> list[Embedding]:
    """Point each text somewhere on a circle, by its words alone: lamps one way, choirs the other."""
    angles = [0.0 if "lamp" in text else 2.0 if "choir" in text else 1.0 for text in texts]
    return [np.array([math.cos(angle), math.sin(angle)], dtype=np.float32) for angle in angles]


def relevance(about: float, not_about: float | None) -> Relevance:
    return Relevance("key", about, ABOUT, not_about, None if not_about is None else ELSEWHERE)


def judged(text: str, found: Relevance | None, verdict: Verdict = ANGRY, **history: object) -> Decision:
    known = replace(History(relevance=found), **history)  # type: ignore[arg-type]
    return decide(make_hit(text), verdict, known, RULES, NOW)


def test_a_post_is_as_near_as_the_nearest_sentence_of_each_list() -> None:
    sentences = embed_sentences({"lumo": SAYS}, embed, "model")["lumo"]
    found = compare(embed(["my lamp"])[0], sentences)
    assert (found.about, found.about_sentence) == (1.0, "repairs of lamps")
    assert found.not_about == pytest.approx(math.cos(1), abs=1e-3)
    assert found.not_about_sentence == "a school"
    assert margin(found) == pytest.approx(1 - math.cos(1), abs=1e-3)


def test_a_brand_without_sentences_has_none_embedded() -> None:
    assert embed_sentences({"lumo": Brand()}, embed, "model") == {}


def test_other_sentences_and_another_model_have_another_key() -> None:
    keys = {
        embed_sentences({"lumo": brand}, embed, model)["lumo"].key
        for brand, model in [(SAYS, "a"), (SAYS, "b"), (Brand(about=(ABOUT,)), "a"), (SAYS, "a")]
    }
    assert len(keys) == 3


def test_not_about_alone_is_refused() -> None:
    with pytest.raises(ValueError, match="say under `about` what the brand is"):
        Brand(not_about=(ELSEWHERE,))


def test_a_change_of_sentences_is_a_change_of_rules() -> None:
    assert rules_with(SAYS).version != rules_with(Brand(about=(ABOUT,))).version


def test_a_post_about_something_else_is_dropped_and_names_the_nearest_sentence() -> None:
    decision = judged("the lumo concert was cancelled, i am furious", relevance(0.1, 0.6))
    assert decision.drop is DropRule.NOT_US
    assert decision.evidence == 'not about "Lumo is a choir" 0.60, about "Lumo sells lamps" 0.10'
    assert decision.advice == "would be judged with not-us in triage.noise_off"


def test_a_post_that_is_only_a_little_nearer_to_something_else_is_judged() -> None:
    assert judged("my lumo is broken again", relevance(0.3, 0.45)).is_case


def test_nearness_adds_points_that_name_the_sentence_and_add_up() -> None:
    decision = judged("my lumo is broken again", relevance(0.6, 0.2))
    (reason,) = (reason for reason in decision.reasons if reason.name == "relevance")
    assert (reason.points, reason.evidence) == (6.0, 'about "Lumo sells lamps" 0.60, not about "Lumo is a choir" 0.20')
    assert sum(reason.points for reason in decision.reasons) == pytest.approx(decision.score)
    assert "relevance" not in {one.name for one in judged("my lumo is broken again", None).reasons}


def test_points_rise_with_the_margin_up_to_their_weight() -> None:
    assert [share_of(relevance(about, 0.2)) for about in (0.1, 0.2, 0.4, 0.6, 0.9)] == pytest.approx([0, 0, 0.5, 1, 1])


def test_what_a_brand_does_not_say_drops_nothing() -> None:
    far = relevance(0.0, None)
    assert not is_about_others(far)
    assert judged("my lumo is broken again", far).is_case
    assert evidence_of(far) == 'about "Lumo sells lamps" 0.00'


def test_grave_trouble_with_support_is_never_dropped_for_its_subject() -> None:
    decision = judged("my lumo lamp caught fire and burned my hand", relevance(0.0, 0.9))
    assert decision.is_case
    assert Severity.SAFETY in decision.severity


@pytest.mark.parametrize("text", ["@lumohelp the concert was cancelled, i am furious", "hey lumo, i am furious"])
def test_what_speaks_to_the_brand_is_about_it(text: str) -> None:
    assert judged(text, relevance(0.0, 0.9)).is_case


def test_a_further_post_of_an_open_case_is_about_the_same() -> None:
    assert judged("lumo concert cancelled", relevance(0.0, 0.9), open_case=3).is_case


def test_a_language_that_the_model_does_not_read_is_not_judged_by_likeness() -> None:
    text = "meine lumo lampe ist schon wieder kaputt und niemand vom kundendienst antwortet mir"
    assert judged(text, relevance(0.0, 0.9)).drop is not DropRule.NOT_US


def test_a_person_who_found_it_among_the_drops_is_right() -> None:
    assert judged("lumo concert cancelled", relevance(0.0, 0.9), found_missed=True).is_case


def test_the_rule_can_be_switched_off() -> None:
    rules = rules_with(noise_off=(DropRule.NOT_US,))
    known = History(relevance=relevance(0.0, 0.9))
    assert decide(make_hit("lumo concert cancelled, i am furious"), ANGRY, known, rules, NOW).is_case


def test_a_history_with_a_likeness_survives_storing() -> None:
    for history in (History(), History(relevance=relevance(0.1, 0.6)), History(relevance=relevance(0.1, None))):
        assert History.from_json(history.to_json()) == history
    older = History().to_json()
    del older["relevance"], older["found_missed"]
    assert History.from_json(older) == History()
