"""What happens next, against the fakes and with the real client libraries: answers, further words, impostors."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from monitor import desk
from monitor.desk.answers import drafts_for
from monitor.desk.impostors import clear_impostor
from monitor.desk.turn import Turn
from monitor.domain import Level, Severity, Status
from monitor.errors import MoveRefused
from tests.fakes.server import HTML_ERROR
from tests.watching import NOW, Scene, watching

OURS = {"x": "lumohelp", "reddit": "lumo_official"}
FAKE_OF_OURS = {"x": "lumo_support24", "reddit": "lumo-support"}
BROKEN = "my lumo desk lamp is broken"


@pytest.fixture(params=["x", "reddit"])
def platform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def scene(platform: str) -> Iterator[Scene]:
    with watching(platform) as made:
        yield made


def turn(scene: Scene, who: str = "kim") -> Turn:
    return Turn(scene.store, scene.services.settings, who, scene.clock())


def opened(scene: Scene, platform: str, text: str = BROKEN) -> str:
    post = scene.begin(platform, text)
    scene.poll()
    assert scene.case().status is Status.NEW
    return post


def test_a_native_answer_is_seen_one_follow_later_and_stops_the_clock_from_its_own_time(
    scene: Scene, platform: str
) -> None:
    post = opened(scene, platform)
    desk.claim(turn(scene), scene.case().id)
    scene.clock.advance(minutes=9)
    scene.answer(platform, post, "@ann_b sorry! Which model is it?", OURS[platform], minutes=4)
    answered_at = scene.clock() - timedelta(minutes=4)

    scene.follow(minutes=5)

    case = scene.case()
    assert (case.status, case.replied_at, case.replied_by) == (Status.REPLIED, answered_at, "kim")
    assert (case.ping_at, case.release_at) == (None, None)
    (seen,) = [entry for entry in scene.store.audit_trail(case.id) if entry.action == "answer-seen"]
    assert (seen.who, seen.detail["by"], seen.detail["note"]) == ("monitor", "kim", "seen on the platform")
    assert "without_approval" not in seen.detail


def test_an_answer_to_a_case_that_nobody_claimed_names_our_account(scene: Scene, platform: str) -> None:
    post = opened(scene, platform)
    scene.answer(platform, post, "sorry!", OURS[platform])
    scene.follow(minutes=6)
    assert (scene.case().status, scene.case().replied_by) == (Status.REPLIED, f"@{OURS[platform]}")


def test_a_native_answer_to_a_grave_case_is_marked_as_sent_without_approval(scene: Scene, platform: str) -> None:
    post = opened(scene, platform, "@lumo my lumo desk lamp is broken, it caught fire and burned my hand")
    scene.answer(platform, post, "sorry!", OURS[platform])
    scene.follow(minutes=6)
    (seen,) = [entry for entry in scene.store.audit_trail(scene.case().id) if entry.action == "answer-seen"]
    assert seen.detail["without_approval"] is True


def test_what_we_answer_to_strangers_in_the_thread_answers_no_case(scene: Scene, platform: str) -> None:
    post = opened(scene, platform)
    stranger = scene.answer(platform, post, "where can one buy these", "bob")
    scene.answer(platform, stranger, "in our shop!", OURS[platform])
    scene.follow(minutes=20)
    assert scene.case().status is Status.NEW


def test_thanks_after_an_answer_show_that_the_customer_calmed_down(scene: Scene, platform: str) -> None:
    post = opened(scene, platform, "my lumo desk lamp is BROKEN AGAIN")
    answer = scene.answer(platform, post, "sorry! a new one is on its way", OURS[platform])
    scene.follow(minutes=6)
    scene.answer(platform, answer, "oh thanks, that is kind", "ann_b")
    scene.follow(minutes=15)
    case = scene.case()
    (view,) = scene.store.case_views([case.id])
    assert (case.status, view.mood) == (Status.REPLIED, "calmer")
    (words,) = [entry for entry in scene.store.audit_trail(case.id) if entry.action == "customer-answered"]
    assert words.detail["before"] > words.detail["after"]


def test_a_further_angry_post_reopens_the_case_for_its_owner_and_starts_the_next_reply_clock(
    scene: Scene, platform: str
) -> None:
    post = opened(scene, platform)
    desk.claim(turn(scene), scene.case().id)
    answer = scene.answer(platform, post, "sorry! switch it off and on", OURS[platform])
    scene.follow(minutes=6)
    first_due, replied_at = scene.case().first_due_at, scene.case().replied_at
    scene.clock.advance(minutes=50)
    scene.answer(platform, answer, "I did that THREE TIMES and it is STILL BROKEN", "ann_b", minutes=2)
    asked_at = scene.clock() - timedelta(minutes=2)
    scene.follow(minutes=1)
    case = scene.case()
    (view,) = scene.store.case_views([case.id])
    assert (case.status, case.claimed_by, view.mood) == (Status.CLAIMED, "kim", "angrier")
    assert case.clock_at == asked_at
    assert case.due_at == asked_at + scene.services.settings.triage.sla.of(case.level)
    assert (case.first_due_at, case.replied_at) == (first_due, replied_at), "reports measure the first promise"
    assert "reopened" in scene.actions()

    scene.answer(platform, post, "we are so sorry, we send a new one", OURS[platform])
    scene.follow(minutes=6)
    assert (scene.case().status, scene.case().replied_at) == (Status.REPLIED, replied_at)


def test_a_warning_to_the_customer_is_drafted(scene: Scene, platform: str) -> None:
    post = opened(scene, platform)
    scene.answer(platform, post, "Please DM us your phone number", FAKE_OF_OURS[platform])
    scene.follow(minutes=16)
    drafts = drafts_for(scene.store, scene.services.settings, scene.case().id, scene.clock())
    (warning,) = [draft for draft in drafts if draft.name == "shipped:impostor"]
    assert f"@{FAKE_OF_OURS[platform]}" in warning.text
    assert warning.unfilled == ()


def test_an_impostor_in_the_thread_makes_the_case_critical_and_tells_the_receivers(scene: Scene, platform: str) -> None:
    post = opened(scene, platform)
    scene.answer(platform, post, "@ann_b Please DM us your phone number, we can help", FAKE_OF_OURS[platform])
    scene.answer(platform, post, "@ann_b DM me, I had the same and can help", "helpful_hank")
    scene.follow(minutes=16)
    case = scene.case()
    (view,) = scene.store.case_views([case.id])
    assert (case.level, view.author, view.text.startswith(BROKEN)) == (Level.CRITICAL, "ann_b", True)
    assert Severity.IMPOSTOR in view.severity
    assert sum(reason.points for reason in view.reasons) == pytest.approx(view.score)
    messages = scene.store.messages_to_seal(scene.clock() + timedelta(minutes=1), 10)
    assert [message.event for message in messages] == ["case.opened"]
    assert [one["handle"] for one in scene.store.impostors()] == [FAKE_OF_OURS[platform]]


def test_an_impostor_is_seen_for_seven_days_after_the_case_was_resolved(scene: Scene, platform: str) -> None:
    post = opened(scene, platform)
    desk.resolve(turn(scene), scene.case().id)
    scene.follow(minutes=20)
    scene.clock.advance(days=3)
    scene.answer(platform, post, "Hi, we can refund you: https://lumo-refund.example/form", FAKE_OF_OURS[platform])
    scene.follow(hours=1)
    assert (scene.case().status, scene.case().level) == (Status.NEW, Level.CRITICAL)
    assert "impostor" in scene.actions()


def test_an_impostor_is_known_from_then_on_until_somebody_says_that_it_is_none(scene: Scene, platform: str) -> None:
    post = opened(scene, platform)
    scene.answer(platform, post, "Please DM us your phone number", FAKE_OF_OURS[platform])
    scene.follow(minutes=16)
    elsewhere = scene.begin(platform, "lumo is the best, all fine here", FAKE_OF_OURS[platform])
    scene.clock.advance(minutes=5)
    scene.poll()
    (explained,) = scene.store.explain(elsewhere)
    assert explained.decision is not None
    assert "impostor" in explained.decision["severity"]
    case_id = scene.case_of(post)
    with pytest.raises(MoveRefused, match=FAKE_OF_OURS[platform]):
        clear_impostor(turn(scene), case_id, "@helpful_hank")
    clear_impostor(turn(scene), case_id, f"@{FAKE_OF_OURS[platform].upper()}")
    assert scene.store.audit_trail(case_id)[-1].action == "not-an-impostor"
    again = scene.begin(platform, "lumo is still the best, as ever", FAKE_OF_OURS[platform])
    scene.clock.advance(minutes=5)
    scene.poll()
    (explained,) = scene.store.explain(again)
    assert explained.decision is not None
    assert "impostor" not in explained.decision["severity"]
    in_thread = scene.answer(platform, post, "our shop is at https://partner.example", FAKE_OF_OURS[platform])
    scene.follow(minutes=20)
    assert all(not found.history or not found.history["guarded"] for found in scene.store.explain(in_thread))


def test_reading_threads_is_paid_from_the_budget_of_the_source() -> None:
    with watching("x", posts_per_day=12) as scene:
        post = opened(scene, "x")
        for number in range(30):
            scene.answer("x", post, f"me too {number}", f"user{number}")
        scene.follow(minutes=20)
        assert scene.store.spent_posts("x", scene.clock()) >= 12
        bought = len(scene.fakes["x"].returned)
        scene.follow(hours=1)
        assert len(scene.fakes["x"].returned) == bought, "nothing is read until tomorrow"
        assert bought <= 12 + 10, "X gives at least ten posts a page"


def test_a_platform_that_fails_is_asked_again_later_and_loses_nothing(scene: Scene, platform: str) -> None:
    post = opened(scene, platform)
    scene.answer(platform, post, "sorry!", OURS[platform])
    scene.fakes[platform].fail_next(*[HTML_ERROR] * 12)
    scene.follow(minutes=6)
    assert scene.case().status is Status.NEW
    for _ in range(6):
        scene.follow(minutes=20)
    assert scene.case().status is Status.REPLIED


def test_threads_are_looked_into_no_longer_than_a_week_after_the_case_is_resolved(scene: Scene, platform: str) -> None:
    opened(scene, platform)
    desk.resolve(turn(scene), scene.case().id)
    for _ in range(40):
        scene.follow(hours=6)
    rows: list[dict[str, Any]] = scene.store.connection.query("SELECT * FROM watched_places", {})
    assert rows == []
    assert scene.clock() > NOW + timedelta(days=9)
