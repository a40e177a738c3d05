from models.classifier import SEVERITIES
from monitor.domain import History, Level, Severity
from monitor.rules.decide import decide
from monitor.rules.hearing import CONFIRMED, HEARD, doubt, hear
from monitor.rules.severity import Finding, Strength
from tests.builders import NOW, make_hit, make_mention, make_verdict
from tests.services import make_services

RULES = make_services().rules
SEEN = Finding(Severity.LEGAL, Strength.STRONG, "my solicitor")


def heard(complaint: float = 0.9, **chances: float) -> object:
    return make_verdict(complaint, severity=dict.fromkeys(SEVERITIES, 0.2) | chances)


def test_a_class_without_words_is_heard_from_the_threshold_on() -> None:
    (found,) = hear((), heard(safety=HEARD))
    assert (found.severity, found.heard, found.strong) == (Severity.SAFETY, True, True)
    assert "0.95" in found.evidence
    assert hear((), heard(safety=HEARD - 0.01)) == ()


def test_what_a_list_found_is_not_found_twice() -> None:
    assert hear((SEEN,), heard(legal=0.99)) == (SEEN,)


def test_a_weak_word_is_meant_where_the_model_hears_its_class() -> None:
    weak = Finding(Severity.FRAUD, Strength.WEAK, "stole")
    assert hear((weak,), heard(fraud=CONFIRMED))[0].strong
    assert not hear((weak,), heard())[0].strong


def test_the_head_supports_doubts_or_has_no_say() -> None:
    assert doubt(SEEN, heard(legal=0.9)) == 1
    assert doubt(SEEN, heard(legal=0.001)) == -1
    assert doubt(SEEN, heard(legal=0.2)) == 0
    assert doubt(SEEN, make_verdict()) == 0


def test_the_head_never_speaks_against_a_handle_that_looks_alike() -> None:
    impostor = Finding(Severity.IMPOSTOR, Strength.STRONG, "lumo_help looks like @lumohelp")
    assert doubt(impostor, heard(impostor=0.001)) == 0


def test_a_model_without_the_head_changes_nothing() -> None:
    assert hear((SEEN,), make_verdict()) == (SEEN,)


def test_heard_danger_is_urgent_and_wakes_nobody() -> None:
    hit = make_hit(make_mention("@lumo the strap gave way again this morning"))
    decision = decide(hit, heard(safety=0.99), History(), RULES, NOW)
    assert decision.level is Level.HIGH
    assert decision.severity == (Severity.SAFETY,)


def test_heard_danger_that_nothing_supports_is_kept_for_review() -> None:
    hit = make_hit(make_mention("the lumo strap gave way again this morning"))
    decision = decide(hit, heard(0.05, safety=0.96), History(), RULES, NOW)
    assert decision.is_case
    assert decision.review
