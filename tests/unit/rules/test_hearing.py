from models.classifier import SEVERITIES, Verdict
from monitor.domain import History, Level, Severity
from monitor.rules.decide import decide
from monitor.rules.hearing import CONFIRMED, HEARD, HEARD_PRESSING, PRESSING, doubt, hear
from monitor.rules.severity import Finding, Strength
from tests.builders import NOW, make_hit, make_mention, make_verdict
from tests.services import make_services

RULES = make_services().rules
SEEN = Finding(Severity.LEGAL, Strength.STRONG, "my solicitor")


def heard(complaint: float = 0.9, urgent: float = 0.1, **chances: float) -> Verdict:
    return make_verdict(complaint, severity=dict.fromkeys(SEVERITIES, 0.2) | chances, urgent=urgent)


def test_a_class_without_words_is_heard_from_the_threshold_on() -> None:
    (found,) = hear((), heard(safety=HEARD))
    assert (found.severity, found.heard, found.strong) == (Severity.SAFETY, True, True)
    assert f"{HEARD:.2f}" in found.evidence
    assert hear((), heard(safety=HEARD - 0.01)) == ()


def test_a_class_is_heard_sooner_in_a_post_that_cannot_wait() -> None:
    assert hear((), heard(safety=HEARD_PRESSING)) == ()
    assert hear((), heard(urgent=PRESSING, safety=HEARD_PRESSING))[0].severity is Severity.SAFETY


def test_trouble_that_is_not_grave_is_left_to_the_lists() -> None:
    assert hear((), heard(outage=0.99, money=0.99, churn=0.99)) == ()


def test_a_complaint_that_cannot_wait_is_urgent_and_says_so() -> None:
    hit = make_hit(make_mention("@lumo locked out in the rain with two kids"))
    decision = decide(hit, heard(urgent=PRESSING), History(), RULES, NOW)
    assert decision.level is Level.HIGH
    assert "cannot wait" in next(reason.evidence for reason in decision.reasons if reason.name == "floor")


def test_praise_that_sounds_pressing_stays_what_it_is() -> None:
    hit = make_hit(make_mention("@lumo so quick, thank you"))
    assert decide(hit, heard(0.02, urgent=0.99), History(), RULES, NOW).level is not Level.HIGH


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
