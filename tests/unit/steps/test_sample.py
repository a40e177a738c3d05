from datetime import timedelta

import pytest

from models.classifier import Verdict
from monitor import desk
from monitor.config.schema import Brand, Recall
from monitor.desk import Command, Turn
from monitor.digest.missed import read_missed
from monitor.domain import Decision, DropRule, History, Kind, Level
from monitor.errors import MonitorError
from monitor.rules.recall import Answer, Stratum
from monitor.steps.sample import sample, zone_of
from monitor.steps.triage import triage
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes, store_mentions
from tests.services import make_services, make_settings

DAY = timedelta(days=1)
SOON = NOW + minutes(20)


def chatter(number: int = 30) -> list[str]:
    return [f"lumo opened shop number {at} in oslo" for at in range(number)]


def store_drops(texts: list[str]) -> SqliteStore:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(text) for text in texts])
    triage(store, make_services(), NOW)
    return store


def answer(store: SqliteStore, said: Answer, at: int = 0) -> int:
    wanted = desk.waiting_samples(store, SOON)[at]
    desk.answer_sample(Turn(store, make_settings(), "ana", SOON), wanted.id, said)
    return wanted.id


def test_as_many_drops_as_configured_are_drawn_once_a_local_day() -> None:
    store = store_drops(chatter())
    services = make_services(recall=Recall(per_day=8))
    assert sample(store, services, SOON).count == 8
    assert sample(store, services, SOON + minutes(5)).count == 0
    assert len(desk.waiting_samples(store, SOON)) == 8
    assert sum(store.recall_frame(NOW - DAY).values()) == 30


def test_a_drop_is_drawn_from_once_however_often_it_is_decided() -> None:
    store = store_drops(chatter())
    services = make_services(recall=Recall(per_day=8))
    sample(store, services, SOON)
    store.connection.query("UPDATE hits SET state = 'new', attempts = 0", {})
    triage(store, make_services(), SOON)
    store_mentions(store, [make_mention("lumo sponsors a race")], now=NOW + minutes(60))
    triage(store, make_services(), NOW + minutes(61))
    assert sample(store, services, NOW + DAY).count == 1
    assert sum(store.recall_frame(NOW - DAY).values()) == 31


def test_the_day_changes_at_midnight_of_the_brand() -> None:
    store = store_drops(chatter(1))
    services = make_services(recall=Recall(per_day=1), brands={"lumo": Brand(zone="Asia/Tokyo")})
    assert sample(store, services, SOON).count == 1
    store_mentions(store, [make_mention("lumo in tokyo")], now=NOW + minutes(60))
    triage(store, make_services(), NOW + minutes(60))
    assert sample(store, services, NOW + minutes(3 * 60 - 1)).count == 0, "23:59 in Tokyo"
    assert sample(store, services, NOW + minutes(3 * 60)).count == 1


def test_the_zone_of_the_sample_goes_before_that_of_a_brand() -> None:
    brands = {"lumo": Brand(zone="Asia/Tokyo")}
    assert str(zone_of(make_settings(brands=brands))) == "Asia/Tokyo"
    assert str(zone_of(make_settings(brands=brands, recall=Recall(zone="Europe/Berlin")))) == "Europe/Berlin"
    assert str(zone_of(make_settings())) == "UTC"


def test_the_first_day_waits_for_enough_drops_and_later_days_do_not() -> None:
    store = store_drops(chatter(5))
    services = make_services()
    assert sample(store, services, SOON).count == 0
    assert sample(store, services, NOW + DAY).count == 5


def test_a_run_that_ends_draws_at_once() -> None:
    store = store_drops(chatter(5))
    assert sample(store, make_services(), NOW).count == 0
    assert sample(store, make_services(), NOW, at_once=True).count == 5


def test_what_still_waits_for_triage_is_left_to_the_next_day() -> None:
    store = store_drops(chatter())
    store_mentions(store, [make_mention()], now=NOW - minutes(1))
    assert sample(store, make_services(), SOON).count == 0


def test_nothing_is_drawn_where_nothing_is_wanted() -> None:
    store = store_drops(chatter())
    assert sample(store, make_services(recall=Recall(per_day=0)), SOON).count == 0
    assert store.last_draw() is None


def test_a_miss_becomes_a_case_at_once_with_reasons_that_add_up() -> None:
    store = store_drops(["lumo opened a shop without a ramp, so much for that"])
    sample(store, make_services(), SOON, at_once=True)
    number = answer(store, Answer.YES)
    (case,) = store.queue(SOON)
    assert (case.kind, case.level) == (Kind.COMPLAINT, Level.NORMAL)
    assert sum(reason.points for reason in case.reasons) == pytest.approx(case.score)
    (found,) = (reason for reason in case.reasons if reason.name == "recall-sample")
    assert found.evidence == "found by the recall sample: a person calls it a complaint"
    assert found.points == pytest.approx(30 * 0.95, abs=0.05)
    assert [(entry.who, entry.action) for entry in store.audit_trail(case.id)] == [
        ("monitor", "opened"), ("ana", "found-by-sample")
    ]  # fmt: skip
    kept = store.sample(number)
    assert kept is not None
    assert (kept.case_id, kept.answer, kept.answered_by) == (case.id, Answer.YES, "ana")


def test_a_miss_that_a_noise_rule_dropped_becomes_a_case_as_well() -> None:
    store = store_drops(["   "])
    sample(store, make_services(), SOON, at_once=True)
    assert desk.waiting_samples(store, SOON)[0].rule is DropRule.EMPTY
    answer(store, Answer.YES)
    assert len(store.queue(SOON)) == 1


def test_a_grave_miss_is_told_like_any_case() -> None:
    store = SqliteStore(None)
    text = "@lumo giveaway: follow us and tag a friend to win! my lumo lamp caught fire and burned my hand"
    store_mentions(store, [make_mention(text, author="lumo")])
    services = make_services()
    triage(store, services, NOW)
    assert store.queue(NOW) == [], "an own handle"
    sample(store, services, SOON, at_once=True)
    answer(store, Answer.YES)
    (message,) = store.messages_to_seal(SOON + minutes(1), 10)
    assert message.cases[0].level.urgent


def test_a_found_miss_stays_a_case_when_it_is_decided_again() -> None:
    store = store_drops(["lumo opened a shop without a ramp, so much for that"])
    sample(store, make_services(), SOON, at_once=True)
    answer(store, Answer.YES)
    store.connection.query("UPDATE hits SET state = 'new', attempts = 0", {})
    triage(store, make_services(), SOON)
    (case,) = store.queue(SOON)
    assert "would-be-dropped" not in [entry.action for entry in store.audit_trail(case.id)]


def test_a_miss_whose_text_was_edited_since_is_read_again_and_then_becomes_a_case() -> None:
    store = SqliteStore(None)
    mention = make_mention("lumo opened a shop")
    store_mentions(store, [mention])
    triage(store, make_services(), NOW)
    sample(store, make_services(), SOON, at_once=True)
    store.connection.query("UPDATE mentions SET version = 2, text = 'lumo closed a shop, sadly'", {})
    answer(store, Answer.YES)
    assert store.queue(SOON) == []
    triage(store, make_services(), SOON)
    assert len(store.queue(SOON)) == 1


def test_a_yes_that_is_taken_back_leaves_the_case_to_be_dismissed() -> None:
    store = store_drops(["lumo opened a shop"])
    sample(store, make_services(), SOON, at_once=True)
    number = answer(store, Answer.YES)
    kept = desk.answer_sample(Turn(store, make_settings(), "ben", SOON), number, Answer.NO)
    assert (kept.answer, kept.case_id) == (Answer.NO, store.queue(SOON)[0].id)
    assert read_missed(store, SOON).found == 0


def test_the_answers_tell_what_was_missed() -> None:
    store = store_drops(chatter(10))
    sample(store, make_services(), SOON, at_once=True)
    for said in [Answer.YES, *[Answer.NO] * 9]:
        answer(store, said)
    figures = read_missed(store, SOON)
    assert figures.sentence == "1 of 10 (95 % 1–1)"
    assert store.recall_frame(NOW) == {Stratum.FAR: 10}
    assert read_missed(store, SOON + 29 * DAY).drops == 0, "pooled over 28 days"


def test_a_skipped_drop_is_no_answer() -> None:
    store = store_drops(chatter(10))
    sample(store, make_services(), SOON, at_once=True)
    answer(store, Answer.SKIP)
    assert read_missed(store, SOON).sentence == "too few answers (0 of 10)"


def test_an_answer_through_the_socket_is_checked() -> None:
    store = store_drops(["lumo opened a shop"])
    sample(store, make_services(), SOON, at_once=True)
    (waiting,) = desk.waiting_samples(store, SOON)

    def send(**arguments: object) -> dict[str, object]:
        return desk.execute(store, make_settings(), Command("answer-sample", "ana", arguments), SOON)

    with pytest.raises(MonitorError, match="say yes, no, skip"):
        send(sample=waiting.id, answer="perhaps")
    with pytest.raises(MonitorError, match="never drawn"):
        send(sample=99, answer="no")
    told = send(sample=waiting.id, answer="no")["sample"]
    assert isinstance(told, dict)
    assert (told["answer"], told["answered_by"]) == ("no", "ana")
    store.forget_mention(str(waiting.platform), str(waiting.native_id), "ana", SOON)
    with pytest.raises(MonitorError, match="is deleted"):
        send(sample=waiting.id, answer="yes")


def test_a_model_without_an_opinion_hinders_no_case() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention("lumo opened a shop")])
    ((hit, _),) = store.claim_hits(NOW, 60, 1)
    drop = Decision(None, None, 0, drop=DropRule.NOT_A_COMPLAINT, evidence="the model gave no opinion")
    store.save_decision(hit, drop, Verdict(model="test"), History(), "r", NOW)
    sample(store, make_services(), SOON, at_once=True)
    answer(store, Answer.YES)
    assert len(store.queue(SOON)) == 1
