"""Causes: phrases first, then likeness; a brand adds, replaces and switches off."""

import json
from pathlib import Path

import pytest

from models import registry
from models.hashed import hashed_embedding
from monitor.config.causes import CauseOptions, combine_causes, known_causes, shipped_causes
from monitor.config.schema import Settings
from monitor.rules.causes import CauseBook, make_book
from monitor.rules.folded import fold_mention
from tests.builders import make_mention

LABELLED = Path(__file__).parents[2] / "data/causes.jsonl"
LEAST_RIGHT = 0.65
"""Share of the labelled texts: none of them, nor any of their words, had a part in the examples."""


def book(**causes: CauseOptions) -> CauseBook:
    return make_book(causes, lambda texts: [hashed_embedding(text) for text in texts], "test")


def find(made: CauseBook, text: str, *, read: bool = True) -> tuple[str, str]:
    found = made.find(fold_mention(make_mention(text)), hashed_embedding(text) if read else None)
    return found.name, found.evidence


PARCEL = CauseOptions(examples=("my parcel is lost", "parcel never came"), phrases=("parcel NEAR/3 lost",))
MONEY = CauseOptions(examples=("refund my money", "charged my card twice"), phrases=("refund",))


def test_a_phrase_settles_the_cause() -> None:
    assert find(book(parcel=PARCEL, money=MONEY), "you lost my parcel") == ("parcel", "phrase parcel NEAR/3 lost")


def test_without_a_phrase_the_nearest_examples_do() -> None:
    name, evidence = find(book(parcel=PARCEL, money=MONEY), "my card was charged")
    assert name == "money"
    assert evidence.startswith('like "charged my card twice"')


def test_phrases_of_two_causes_are_settled_by_likeness() -> None:
    text = "you lost my parcel, my parcel never came, so refund it"
    assert find(book(parcel=PARCEL, money=MONEY), text)[0] == "parcel"


def test_what_is_like_nothing_more_than_another_is_other() -> None:
    name, evidence = find(book(parcel=PARCEL, money=MONEY), "zzz qqq")
    assert name == "other"
    assert evidence.startswith("between")


def test_without_a_meaning_only_phrases_count() -> None:
    made = book(parcel=PARCEL, money=MONEY)
    assert find(made, "refund me", read=False) == ("money", "phrase refund")
    assert find(made, "my card was charged", read=False) == ("other", "no phrase of a cause")


def test_causes_without_examples_are_found_by_their_phrases() -> None:
    made = book(parcel=CauseOptions(phrases=("parcel",)))
    assert find(made, "my parcel")[0] == "parcel"
    assert find(made, "my lamp")[0] == "other"


def test_a_brand_adds_replaces_and_switches_off() -> None:
    base = {"a": CauseOptions(description="first", examples=("one",)), "b": CauseOptions(), "c": CauseOptions()}
    own = {"a": CauseOptions(examples=("two",)), "b": CauseOptions(enabled=False),
           "c": CauseOptions(examples=("three",), replace=True), "d": CauseOptions(phrases=("four",))}  # fmt: skip
    found = combine_causes(base, own)
    assert list(found) == ["a", "c", "d"]
    assert (found["a"].description, found["a"].examples) == ("first", ("one", "two"))
    assert found["c"].examples == ("three",)


def test_other_can_always_be_given() -> None:
    assert known_causes({"other": CauseOptions(enabled=False), "battery": CauseOptions()})[-2:] == ("other", "battery")
    assert "price" not in known_causes({"price": CauseOptions(enabled=False)})


def test_a_brands_own_causes_lie_over_those_for_all() -> None:
    settings = Settings.model_validate(
        {"causes": {"price": {"enabled": False}}, "brands": {"lumo": {"causes": {"battery": {"phrases": "battery"}}}}}
    )
    assert "price" not in settings.causes_of("lumo")
    assert settings.causes_of("lumo")["battery"].phrases == ("battery",)
    assert settings.cause_names("lumo") == tuple(settings.causes_of("lumo"))


def test_shipped_causes_say_what_they_are() -> None:
    for name, cause in shipped_causes().items():
        assert cause.description, name
        assert len(cause.examples) >= 30, name
        assert len(set(cause.examples)) == len(cause.examples), name


@pytest.fixture(scope="module")
def labelled() -> list[dict[str, str]]:
    return [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]


def test_no_labelled_text_is_an_example(labelled: list[dict[str, str]]) -> None:
    examples = {sentence for cause in shipped_causes().values() for sentence in cause.examples}
    assert len(labelled) >= 150
    assert not examples & {record["text"] for record in labelled}


def test_the_shipped_model_finds_the_causes_of_labelled_texts(labelled: list[dict[str, str]]) -> None:
    classifier = registry.load_or_fall_back().classifier
    made = make_book(shipped_causes(), classifier.embed, classifier.fingerprint)
    vectors = classifier.embed([record["text"] for record in labelled])
    found = [
        made.find(fold_mention(make_mention(record["text"])), vector).name == record["cause"]
        for record, vector in zip(labelled, vectors, strict=True)
    ]
    assert sum(found) / len(found) >= LEAST_RIGHT
