from dataclasses import replace

import pytest

from monitor.answering.draft import DraftSource
from monitor.answering.lint import LintContext, lint, stopped
from monitor.answering.offer import LANGUAGES, AgreedAnswer, Subject, holding_reply, offers
from monitor.answering.playbooks import playbooks
from monitor.answering.sections import read_sections
from monitor.config.answers import Answers, BrandAnswers
from monitor.config.causes import SHIPPED
from monitor.domain import Kind, Severity

GRAVE = tuple(severity for severity in Severity if severity.grave)
SUBJECT = Subject(7, "lumo", "x", "kim", Kind.COMPLAINT, cause="delivery", language="en")
OWN = {
    "any": {"text": "for everything"},
    "parcel": {"text": {"en": "a parcel", "de": "ein Paket"}, "causes": ["delivery"]},
    "money": {"text": "about money", "causes": ["billing"]},
    "danger": {"text": "about danger", "severity": ["safety"]},
    "forum": {"text": "on reddit", "platforms": ["reddit"]},
}


def answers(**values: object) -> Answers:
    return Answers.model_validate(values)


def names(subject: Subject, found: Answers | None = None) -> list[str]:
    return [draft.name for draft in offers(subject, found or Answers())]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_shipped_for_every_cause_kind_and_class(language: str) -> None:
    wanted = {*SHIPPED, "question", "praise"}
    wanted |= {f"{word} {severity}" for severity in GRAVE for word in ("class", "holding")}
    assert set(read_sections(language)) == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_text_fits_x_and_passes_the_lint_but_for_what_only_people_know(language: str) -> None:
    for section in read_sections(language):
        for case in range(20):
            for draft in offers(_subject(section, case, language), Answers()):
                place = LintContext("x", 280, classed=True)
                stops = {finding.rule.value for finding in stopped(lint(draft.text, place))}
                assert stops == ({"unfilled"} if draft.unfilled else set()), (section, draft.text)
                assert set(draft.unfilled) <= {"answer", "impostor"}
                assert draft.language == language
                assert not draft.problem


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", SHIPPED)
def test_fifty_answers_do_not_read_as_copies(language: str, cause: str) -> None:
    texts = [offers(_subject(cause, case, language), Answers())[0].text for case in range(50)]
    assert len(set(texts)) >= 15
    assert max(texts.count(text) for text in set(texts)) <= 8


def test_what_was_agreed_on_for_the_incident_comes_first() -> None:
    first, *_ = offers(SUBJECT, answers(templates=OWN), AgreedAnswer(3, "We are on it.", "ana"))
    assert (first.name, first.source, first.text) == ("incident:3", DraftSource.INCIDENT, "We are on it.")
    assert "by ana" in first.why


def test_the_teams_templates_come_before_the_shipped_ones_the_most_special_first() -> None:
    assert names(SUBJECT, answers(templates=OWN)) == ["parcel", "any", "shipped:delivery"]
    assert names(replace(SUBJECT, platform="reddit"), answers(templates=OWN))[:2] == ["parcel", "forum"]
    assert names(SUBJECT, answers(templates=OWN, shipped=False)) == ["parcel", "any"]


def test_a_template_speaks_the_language_of_the_case() -> None:
    texts = {draft.name: draft.text for draft in offers(replace(SUBJECT, language="de"), answers(templates=OWN))}
    assert (texts["parcel"], texts["any"]) == ("ein Paket", "for everything")
    assert "Lieferung" in texts["shipped:delivery"] or "Bestell" in texts["shipped:delivery"]
    assert "parcel" not in names(replace(SUBJECT, language="es"), answers(templates=OWN))


def test_a_grave_case_is_offered_its_holding_reply_and_no_words_about_parcels() -> None:
    grave = replace(SUBJECT, severity=(Severity.SAFETY, Severity.MONEY))
    assert names(grave, answers(templates=OWN)) == ["holding:safety", "danger", "parcel", "any", "shipped:safety"]
    assert names(replace(SUBJECT, severity=(Severity.MONEY,))) == ["shipped:delivery"]


def test_holding_replies_and_classes_are_the_teams_to_decide() -> None:
    grave = replace(SUBJECT, severity=(Severity.LEGAL,))
    own = answers(holding={"legal": "We have passed it on. {{ signature }}"}, signature="Ana")
    reply = holding_reply(grave, own)
    assert reply is not None
    assert reply.text == "We have passed it on. Ana"
    assert holding_reply(grave, answers(approval={"classes": ["safety"]})) is None


def test_a_holding_reply_is_word_by_word_the_same_for_everybody() -> None:
    found = {holding_reply(_subject("class fraud", case, "en"), Answers()) for case in range(9)}
    assert len({reply.text for reply in found if reply}) == 1


def test_a_brand_has_a_channel_signature_and_templates_of_its_own() -> None:
    own = BrandAnswers.model_validate(
        {
            "channel": "on our forum",
            "signature": {"en": "Bo"},
            "templates": {"x": {"text": "{{ channel }}, {{ signature }}"}},
        }
    )
    found = answers(channel="by mail", templates=OWN, domains=["a.example"]).of_brand(own)
    assert offers(replace(SUBJECT, cause="price"), found)[0].name == "any"
    assert {draft.name: draft.text for draft in offers(SUBJECT, found)}["x"] == "on our forum, Bo"


def test_a_template_that_cannot_be_filled_in_says_so_and_spoils_no_other() -> None:
    broken = answers(templates={"odd": {"text": "{% if author > 3 %}a{% endif %}"}})
    odd, shipped = offers(SUBJECT, broken)
    assert (odd.text, shipped.problem) == ("", "")
    assert "template odd cannot be filled in" in odd.problem


def test_languages_without_shipped_texts_are_offered_english() -> None:
    (draft,) = offers(replace(SUBJECT, language="pl"), Answers())
    assert draft.language == "en"


def test_playbooks_are_shipped_for_each_grave_class_and_may_be_replaced() -> None:
    assert [book.severity for book in playbooks(Answers(), [*GRAVE, Severity.MONEY])] == list(GRAVE)
    assert all(len(book.steps) >= 4 for book in playbooks(Answers(), GRAVE))
    (own,) = playbooks(answers(playbooks={"safety": ["call the boss"]}), [Severity.SAFETY])
    assert own.steps == ("call the boss",)


def _subject(section: str, case: int, language: str) -> Subject:
    word, _, name = section.partition(" ")
    if name:
        return Subject(case, "lumo", "x", "kim", Kind.COMPLAINT, (Severity(name),), None, language)
    kind = Kind(word) if word in {"question", "praise"} else Kind.COMPLAINT
    return Subject(case, "lumo", "x", "kim", kind, (), word, language)
