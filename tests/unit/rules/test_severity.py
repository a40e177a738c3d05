import json
from pathlib import Path

import pytest

from monitor.domain import Severity
from monitor.rules.folded import fold_mention
from monitor.rules.phrase import PhraseBook, PhraseError
from monitor.rules.severity import Finding, Strength, find_severity, make_book
from tests.unit.rules.posts import make_post

BOOK = make_book()
CASES = [json.loads(line) for line in Path("tests/data/severity_cases.jsonl").read_text(encoding="utf-8").splitlines()]


def find(text: str) -> dict[Severity, Finding]:
    return {found.severity: found for found in find_severity(fold_mention(make_post(text)), BOOK)}


def strong(text: str) -> set[str]:
    return {severity.value for severity, found in find(text).items() if found.strong and severity.grave}


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_the_lists_know_nearly_all_of_the_collected_grave_texts(language: str) -> None:
    wanted = [case for case in CASES if case["lang"] == language and case["severity"]]
    missed = [case["text"] for case in wanted if not set(case["severity"]) & strong(case["text"])]
    assert len(missed) <= len(wanted) * 0.03, missed


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_the_lists_leave_nearly_all_idioms_alone(language: str) -> None:
    idioms = [case["text"] for case in CASES if case["lang"] == language and not case["severity"]]
    fooled = [text for text in idioms if strong(text)]
    assert len(fooled) <= max(1, len(idioms) * 0.03), fooled


@pytest.mark.parametrize(
    "text",
    [
        "the charger suddenly caught fire",
        "my kid got a shock from the lamp",
        "ended up in the ER after one bite",
        "it smells of burning",
        "there's a gas leak",
        "swollen battery",
        "my dad was almost electrocuted",
        "the plug exploded",
        "smoke coming out of the socket",
        "allergic reaction all over my face",
    ],
)
def test_danger_is_heard(text: str) -> None:
    assert "safety" in strong(text)


@pytest.mark.parametrize(
    "text",
    [
        "this deal is fire",
        "killer app",
        "dying laughing",
        "I'd sue for more flavour lol",
        "shocked how good this is",
        "explosive growth",
        "burned into my brain",
        "what a smoking deal",
        "it never caught fire, no smoke, great lamp",
        "press the button to start",
    ],
)
def test_figures_of_speech_are_not_heard(text: str) -> None:
    assert strong(text) == set()


def test_a_hypothetical_danger_is_weak() -> None:
    assert find("could this thing explode?")[Severity.SAFETY].strength is Strength.WEAK


def test_a_threat_with_a_condition_stays_a_threat() -> None:
    assert find("if you don't refund me I'll sue you")[Severity.LEGAL].strength is Strength.SURE


def test_what_only_sounds_like_a_negation_takes_nothing_back() -> None:
    assert "safety" in strong("I can't believe it caught fire")


def test_evidence_quotes_the_words_and_counts_what_does_not_overlap() -> None:
    found = find("my charger melted and then there were sparks coming out of the wall")[Severity.SAFETY]
    assert "melted" in found.evidence
    assert found.phrases == 2


def test_own_phrases_are_added_to_the_shipped_ones() -> None:
    book = make_book({Severity.FRAUD: {"en": ("goldfinger gang",)}})
    found = find_severity(fold_mention(make_post("the Goldfinger gang again")), book)
    assert [one.severity for one in found] == [Severity.FRAUD]


@pytest.mark.parametrize("phrase", ["..3 fire", "fire ..3", "[my] fire", "<nobody> fire", "a||b"])
def test_a_phrase_that_cannot_be_read_is_named(phrase: str) -> None:
    with pytest.raises(PhraseError, match="phrase"):
        PhraseBook([("x", phrase)])


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("caught|catch* fire", "catches fire", True),
        ("lamp ..2 smoke", "lamp made some smoke", True),
        ("lamp ..2 smoke", "lamp made a lot of smoke", False),
        ("sue [the] shop", "sue shop", True),
        ("sue [the] shop", "sue the shop", True),
        ("aufgebläht", "aufgeblaeht", True),
        ("can't wait", "cant wait", True),
        ("ampoule", "l'ampoule", True),
        ("a b", "a . b", False),
    ],
)
def test_the_phrase_language(phrase: str, text: str, found: bool) -> None:
    words = fold_mention(make_post(text)).spoken
    assert bool(PhraseBook([("x", phrase)]).find(words)) is found


def test_a_hostile_text_costs_bounded_time() -> None:
    assert find("charger " * 1_200) is not None
    assert find("smoke fire " * 900) is not None
