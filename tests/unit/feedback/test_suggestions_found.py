"""What answers speak for: a line, exclusions and keywords; only from sources that may be learned from."""

import pytest

from connectors.options import ReplayOptions
from monitor.config.schema import Brand, Settings, Triage, Watch
from monitor.domain import DropRule, Kind, Status
from monitor.feedback.answers import Answered, gather_answers
from monitor.feedback.find import find_suggestions
from monitor.feedback.log_odds import compare_terms
from monitor.feedback.terms import count_names, count_terms
from monitor.feedback.threshold import advise
from monitor.rules.recall import Answer, Stratum
from monitor.store.feedback import JudgedPost, Suggestion
from monitor.store.records import SampledDrop
from tests.builders import NOW
from tests.services import make_settings


def config(*, may_train: bool = True) -> Settings:
    source = ReplayOptions(kind="replay", path="posts.jsonl", may_train=may_train)
    brand = Brand(handles={"x": ("lumo",)}, watches=(Watch(name="name", query="lumo"),))
    return make_settings(sources={"x": source}, brands={"lumo": brand})


def said(text: str, at: int, *, wanted: bool, probability: float = 0.8) -> Answered:
    return Answered("lumo", "x", f"author{at}", text, probability, wanted, wanted)


def drop(number: int, *, missed: bool, probability: float, weight: float = 10) -> Answered:
    return Answered("lumo", "x", f"d{number}", "", probability, missed, missed, weight, dropped=True)


FESTIVAL = [said(f"lumo festival tickets sold out, what a pity {at}", at, wanted=False) for at in range(8)]
TRUE = [said(f"my Lumo Glow20 #lumofail flickers, refund please {at}", at, wanted=True) for at in range(40)]
OTHER = [said(f"random complaint about weather number {at}", at, wanted=False) for at in range(6)]


def found(*answers: Answered, kind: str) -> list[Suggestion]:
    return [entry for entry in find_suggestions(config(), answers, NOW) if entry.kind == kind]


def test_terms_of_dismissed_cases_that_no_true_one_has_are_suggested_as_exclusions() -> None:
    suggested = found(*FESTIVAL, *TRUE, kind="exclusion")
    assert '"festival tickets"' in {entry.value for entry in suggested} | {
        f'"{entry.value} tickets"' for entry in suggested
    }
    assert all("lumo" not in entry.value for entry in suggested), "the brand's own name is in every post"
    assert suggested[0].evidence["dismissed_authors"] == 8
    assert suggested[0].evidence["confirmed_authors"] == 0


def test_a_term_that_one_loud_author_repeats_is_one_voice() -> None:
    loud = [said(f"lumo festival tickets {at}", 1, wanted=False) for at in range(50)]
    assert found(*loud, *TRUE, kind="exclusion") == []


def test_a_term_that_a_true_complaint_has_as_well_is_never_excluded() -> None:
    both = [said("the lumo festival lamp broke", 99, wanted=True)]
    values = {entry.value for entry in found(*FESTIVAL, *TRUE, *both, kind="exclusion")}
    assert "festival" not in values


def test_tags_and_names_in_true_complaints_that_no_watch_asks_for_are_keywords() -> None:
    suggested = found(*FESTIVAL, *TRUE, *OTHER, kind="keyword")
    assert {entry.value["query"] for entry in suggested} == {"#lumofail", "glow20"}
    assert suggested[0].value["name"].startswith("suggested-")


def test_a_source_that_may_not_be_learned_from_gives_nothing() -> None:
    judged = JudgedPost(1, "lumo", "x", "eve", "lumo", None, 0.9, Status.RESOLVED, Kind.COMPLAINT, None)
    assert len(gather_answers(config(), [judged], [])) == 1
    assert gather_answers(config(may_train=False), [judged], []) == ()


def sampled(answer: Answer, rule: DropRule = DropRule.NOT_A_COMPLAINT) -> SampledDrop:
    blank = dict.fromkeys(SampledDrop.__dataclass_fields__)
    known = {"brand": "lumo", "source": "x", "rule": rule, "stratum": Stratum.NEAR, "probability": 0.25}
    return SampledDrop(**{**blank, **known, "complaint": 0.3, "answer": answer, "text": "t"})  # type: ignore[arg-type]


def test_a_sampled_drop_stands_for_as_many_as_its_chance_says_and_a_skip_for_none() -> None:
    missed, no = gather_answers(config(), [], [sampled(Answer.YES), sampled(Answer.NO), sampled(Answer.SKIP)])
    assert (missed.complaint, missed.weight, no.complaint, no.dropped) == (True, 4, False, True)


def test_what_is_about_something_else_says_nothing_about_complaints() -> None:
    def judged(kind: Kind, status: Status, reason: str | None) -> bool | None:
        post = JudgedPost(1, "lumo", "x", "eve", "lumo", None, 0.9, status, kind, reason)
        (answer,) = gather_answers(config(), [post], [])
        return answer.complaint

    assert judged(Kind.COMPLAINT, Status.DISMISSED, "not-us") is None
    assert judged(Kind.QUESTION, Status.REPLIED, None) is None
    assert judged(Kind.COMPLAINT, Status.DISMISSED, "not-a-complaint") is False
    assert judged(Kind.COMPLAINT, Status.REPLIED, None) is True


def test_a_higher_line_spares_dismissed_cases_and_loses_at_most_one_in_a_hundred() -> None:
    low = [said("", at, wanted=False, probability=0.52) for at in range(12)]
    high = [said("", at, wanted=True, probability=0.9) for at in range(40)]
    (advice,) = advise([*low, *high], make_settings())
    assert advice.line == pytest.approx(0.53)
    assert (advice.evidence["spared"], advice.evidence["lost"], advice.evidence["of_confirmed"]) == (12, 0, 40)
    mixed = [said("", at, wanted=True, probability=0.51) for at in range(3)]
    assert advise([*low, *mixed, *high], make_settings()) == []
    assert advise([*low, *high[:9]], make_settings()) == [], "too few were judged"


def test_a_lower_line_is_proposed_where_sampled_drops_below_it_were_missed() -> None:
    missed = [drop(at, missed=True, probability=0.45) for at in range(4)]
    rest = [drop(at, missed=False, probability=0.2) for at in range(60)]
    (advice,) = advise([*missed, *rest], make_settings())
    assert 0.2 < advice.line <= 0.45
    assert (advice.evidence["missed"], advice.evidence["stand_for_missed"]) == (4, 40)
    assert advise([*missed[:2], *rest], make_settings()) == []
    assert advise([*missed, *rest], make_settings(triage=Triage(complaint=0.4))) == []


def test_log_odds_find_what_stands_out_and_forgive_what_is_common() -> None:
    first, second = {"festival": 20, "broken": 30}, {"broken": 60, "refund": 40, "festival": 1}
    best, *_, last = compare_terms(first, second)
    assert (best.term, best.first, best.second, last.term) == ("festival", 20, 1, "refund")
    assert best.z > 1.96 > -1.96 > last.z
    assert compare_terms({}, second) == compare_terms(first, {}) == []


def test_log_odds_turn_their_sign_with_the_sides() -> None:
    first, second = {"a": 9, "b": 30}, {"a": 2, "b": 35}
    there = {term.term: term.z for term in compare_terms(first, second)}
    back = {term.term: term.z for term in compare_terms(second, first)}
    assert there == {term: pytest.approx(-z) for term, z in back.items()}


def test_terms_leave_links_marks_and_small_words_out() -> None:
    (answer,) = [said("the @lumo Festival https://t.co/abc TICKETS are #gone", 1, wanted=False)]
    assert dict(count_terms([answer])) == {"festival": 1, "tickets": 1}
    assert set(count_names([answer], ["lumo"])) == {"#gone", "festival"}
