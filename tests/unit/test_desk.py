from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor import desk
from monitor.desk import Command, Turn
from monitor.domain import Case, Level, Status
from monitor.errors import MonitorError, MoveRefused, UnknownCase
from monitor.rules.moves import MOVES, Action
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, minutes, store_case
from tests.services import make_settings


@pytest.fixture
def store() -> SqliteStore:
    return SqliteStore(None)


def turn(store: SqliteStore, who: str = "ana", now: datetime = NOW, version: int | None = None) -> Turn:
    return Turn(store, make_settings(), who, now, version)


def stored(store: SqliteStore, case_id: int) -> Case:
    case = store.case(case_id)
    assert case is not None
    return case


def actions(store: SqliteStore, case_id: int) -> list[tuple[str, str]]:
    return [(entry.who, entry.action) for entry in store.audit_trail(case_id)]


def test_a_claim_names_its_owner_and_is_pinged_at_half_of_the_remaining_time(store: SqliteStore) -> None:
    case_id = store_case(store, Level.HIGH)
    desk.claim(turn(store), case_id)
    case = stored(store, case_id)
    assert (case.status, case.claimed_by, case.claimed_at) == (Status.CLAIMED, "ana", NOW)
    assert (case.ping_at, case.release_at) == (NOW + minutes(15), NOW + minutes(30))
    assert case.escalate_at == case.ping_at


def test_a_claim_of_a_critical_case_ends_after_five_minutes(store: SqliteStore) -> None:
    case_id = store_case(store, Level.CRITICAL)
    assert desk.claim(turn(store), case_id).release_at == NOW + minutes(5)


def test_of_two_who_claim_one_wins_and_the_other_is_told_who(store: SqliteStore) -> None:
    case_id = store_case(store)
    desk.claim(turn(store, "ana"), case_id)
    with pytest.raises(MoveRefused, match="claimed by ana since 12:00 UTC; take it over"):
        desk.claim(turn(store, "ben"), case_id)
    assert stored(store, case_id).claimed_by == "ana"
    assert actions(store, case_id) == [("ana", "claim")]


def test_claiming_ones_own_case_again_changes_nothing(store: SqliteStore) -> None:
    case_id = store_case(store)
    desk.claim(turn(store), case_id)
    before = stored(store, case_id)
    assert desk.claim(turn(store, now=NOW + minutes(5)), case_id) == before
    assert len(actions(store, case_id)) == 1


def test_taking_over_moves_the_owner_and_leaves_a_trace_of_the_former(store: SqliteStore) -> None:
    case_id = store_case(store)
    desk.claim(turn(store, "ana"), case_id)
    desk.take_over(turn(store, "ben"), case_id)
    assert stored(store, case_id).claimed_by == "ben"
    assert store.audit_trail(case_id)[-1].detail == {"from": "ana"}


def test_assigning_starts_the_claim_of_the_named_person(store: SqliteStore) -> None:
    case_id = store_case(store)
    desk.assign(turn(store), case_id, "cleo")
    case = stored(store, case_id)
    assert (case.status, case.claimed_by, case.claimed_at) == (Status.CLAIMED, "cleo", NOW)


def test_releasing_gives_the_case_back_and_ends_the_claim(store: SqliteStore) -> None:
    case_id = store_case(store)
    desk.claim(turn(store), case_id)
    desk.release(turn(store), case_id)
    case = stored(store, case_id)
    assert (case.status, case.claimed_by, case.ping_at, case.release_at) == (Status.NEW, None, None, None)
    assert case.escalate_at == case.due_at


def test_snoozing_stops_no_clock(store: SqliteStore) -> None:
    case_id = store_case(store)
    due = stored(store, case_id).due_at
    desk.snooze(turn(store), case_id, NOW + timedelta(hours=2))
    case = stored(store, case_id)
    assert (case.snoozed_until, case.due_at, case.escalate_at) == (NOW + timedelta(hours=2), due, due)


def test_snoozing_into_the_past_is_refused(store: SqliteStore) -> None:
    with pytest.raises(MoveRefused, match="into the past"):
        desk.snooze(turn(store), store_case(store), NOW)


def test_a_reply_is_recorded_once_with_words_and_place(store: SqliteStore) -> None:
    case_id = store_case(store)
    desk.reply(turn(store, "ana", NOW + minutes(5)), case_id, "we are on it", "https://x.example/1")
    desk.reply(turn(store, "ben", NOW + minutes(9)), case_id, "and again", None)
    case = stored(store, case_id)
    assert (case.status, case.replied_at, case.replied_by) == (Status.REPLIED, NOW + minutes(5), "ana")
    assert store.audit_trail(case_id)[0].detail == {"text": "we are on it", "permalink": "https://x.example/1"}
    assert case.escalate_at == NOW + minutes(9) + timedelta(hours=72)


def test_resolving_and_dismissing_close_the_case(store: SqliteStore) -> None:
    solved, noise = store_case(store), store_case(store)
    desk.resolve(turn(store), solved)
    desk.dismiss(turn(store), noise, "spam")
    assert (stored(store, solved).status, stored(store, solved).closed_at) == (Status.RESOLVED, NOW)
    assert (stored(store, noise).status, stored(store, noise).dismissed_reason) == (Status.DISMISSED, "spam")
    assert store.queue(NOW) == []
    assert stored(store, solved).escalate_at is None


def test_reopening_starts_a_new_clock(store: SqliteStore) -> None:
    case_id = store_case(store, Level.HIGH)
    desk.resolve(turn(store), case_id)
    desk.reopen(turn(store, now=NOW + timedelta(hours=5)), case_id)
    case = stored(store, case_id)
    assert (case.status, case.closed_at) == (Status.NEW, None)
    assert case.due_at == NOW + timedelta(hours=5, minutes=30)


def test_reopening_is_refused_where_the_thread_goes_on_in_another_case(store: SqliteStore) -> None:
    first = store_case(store, author="kim")
    desk.resolve(turn(store), first)
    second = store_case(store, author="kim")
    with pytest.raises(MoveRefused, match=f"goes on as case {second}"):
        desk.reopen(turn(store), first)


def test_escalating_raises_the_level_moves_the_due_time_earlier_and_tells(store: SqliteStore) -> None:
    case_id = store_case(store, Level.HIGH)
    due = stored(store, case_id).due_at
    desk.escalate(turn(store), case_id, "a journalist asks")
    case = stored(store, case_id)
    assert (case.level, case.escalation_step, case.told_level) == (Level.CRITICAL, 1, Level.CRITICAL)
    assert case.due_at < due
    (message,) = store.messages_to_seal(NOW, 10)
    assert (message.event, [view.id for view in message.cases]) == ("case.escalated", [case_id])
    assert store.audit_trail(case_id)[-1].detail == {"was": "high", "to": "critical", "reason": "a journalist asks"}


def test_escalating_a_reopened_case_counts_from_its_reopening_not_from_the_old_post(store: SqliteStore) -> None:
    case_id = store_case(store, Level.HIGH)
    later = NOW + timedelta(days=2)
    desk.resolve(turn(store), case_id)
    reopened = desk.reopen(turn(store, now=later), case_id)
    raised = desk.escalate(turn(store, now=later + minutes(2)), case_id, "")
    assert later < raised.due_at == later + minutes(7) < reopened.due_at
    assert desk.escalate(turn(store, now=later + minutes(4)), case_id, "").due_at == raised.due_at


@pytest.mark.parametrize(
    "link",
    [
        "https://x.com/mia/status/77", "https://x.com/mia/status/77/", "http://www.x.com/mia/status/77?s=20#m",
        "https://twitter.com/mia/status/77", "https://mobile.x.com/i/web/status/77/photo/1", "x:77", " 77 ",
    ],
)  # fmt: skip
def test_a_post_is_found_by_its_link_however_it_was_copied(store: SqliteStore, link: str) -> None:
    store_case(store, native_id="77", permalink="https://x.com/mia/status/77")
    assert desk.explain(store, link)[0].native_id == "77"


def test_a_link_to_a_comment_means_the_comment_and_not_its_thread(store: SqliteStore) -> None:
    for number in ("t3_abc", "t1_def"):
        store_case(store, platform="reddit", native_id=number, author=number)
    store_case(store, platform="hackernews", native_id="42", author="h")
    base = "https://old.reddit.com/r/lumo/comments/abc/my_lamp"
    assert desk.explain(store, f"{base}/?share=1")[0].native_id == "t3_abc"
    assert desk.explain(store, f"{base}/def/?context=3")[0].native_id == "t1_def"
    assert desk.explain(store, "https://news.ycombinator.com/item?id=42#up")[0].native_id == "42"
    for nothing in (f"{base}/nope/", "https://x.com/", "https://[", "https://x.com/mia/status/78"):
        with pytest.raises(UnknownCase):
            desk.explain(store, nothing)


def test_a_note_changes_nothing_but_the_trail(store: SqliteStore) -> None:
    case_id = store_case(store)
    desk.resolve(turn(store), case_id)
    before = stored(store, case_id)
    desk.note(turn(store), case_id, "called them")
    assert stored(store, case_id) == before
    assert store.audit_trail(case_id)[-1].detail == {"text": "called them"}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("action", ["claim", "assign", "release", "snooze", "reply", "resolve", "dismiss", "reopen"])
def test_what_the_table_forbids_is_refused_naming_what_it_allows(
    store: SqliteStore, status: Status, action: str
) -> None:
    case_id = store_case(store)
    store.update_case(case_id, status=status, claimed_by=None if status is Status.NEW else "zoe")
    arguments = {"case": case_id, "to": "cleo", "until": "2027-01-01T00:00:00Z", "reason": "spam"}
    command = Command(action, "ana", arguments)
    if status in MOVES[Action(action)].sources:
        answer = desk.execute(store, make_settings(), command, NOW)
        assert answer["case"]["id"] == case_id
        return
    with pytest.raises(MoveRefused) as refusal:
        desk.execute(store, make_settings(), command, NOW)
    assert refusal.value.next_step.startswith(("possible: ", "take it over"))
    assert stored(store, case_id).status is status
    assert actions(store, case_id) == []


def test_a_move_on_an_outdated_view_is_refused(store: SqliteStore) -> None:
    case_id = store_case(store)
    seen = stored(store, case_id).version
    desk.claim(turn(store, "ben"), case_id)
    with pytest.raises(MoveRefused, match="changed by somebody else"):
        desk.resolve(turn(store, "ana", version=seen), case_id)


def test_a_move_that_fails_half_way_leaves_no_trace(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = store_case(store)
    before = stored(store, case_id)

    def full(*_: Any, **__: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(store, "audit", full)
    with pytest.raises(OSError, match="disk full"):
        desk.claim(turn(store), case_id)
    assert stored(store, case_id) == before


def test_an_unknown_case_is_named(store: SqliteStore) -> None:
    with pytest.raises(UnknownCase, match="case 7: there is no such case"):
        desk.show(store, 7)
    with pytest.raises(UnknownCase, match="no stored post"):
        desk.explain(store, "https://nowhere.example/1")


def test_a_case_file_holds_posts_trail_and_the_moves_people_may_make(store: SqliteStore) -> None:
    case_id = store_case(store, text="my lumo lamp burns")
    desk.claim(turn(store), case_id)
    file = desk.show(store, case_id)
    assert [post["text"] for post in file.posts] == ["my lumo lamp burns"]
    assert "reply" in file.allowed
    assert not {"expire", "follow-up", "presume-resolved"} & set(file.allowed)
    assert file.to_json()["trail"][0]["action"] == "claim"


def test_commands_survive_the_journey_as_json() -> None:
    command = Command("note", "ana", {"case": 3, "text": "hello"})
    assert Command.from_json(command.to_json()) == command


@pytest.mark.parametrize("record", [None, [], {}, {"name": 1, "who": "a"}, {"name": "a", "who": "b", "arguments": []}])
def test_what_is_no_command_is_refused(record: object) -> None:
    with pytest.raises(MonitorError):
        Command.from_json(record)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("fly", {}, "is unknown"),
        ("claim", {}, "argument case: is missing"),
        ("claim", {"case": "1"}, "is no number"),
        ("claim", {"case": True}, "is no number"),
        ("claim", {"case": 2**70}, "is no number"),
        ("dismiss", {"case": 1, "reason": "  "}, "argument reason: is empty"),
        ("note", {"case": 1, "text": 5}, "is no text"),
        ("reply", {"case": 1, "permalink": "javascript:alert(1)"}, "is no link"),
        ("snooze", {"case": 1, "until": "soon"}, "argument until"),
        ("silence", {"matchers": {"level": "high"}, "reason": "x", "until": "2027-01-01T00:00:00Z"}, "is no list"),
        ("silence", {"matchers": {}, "reason": "x", "until": "2027-01-01T00:00:00Z"}, "matches everything"),
        (
            "silence",
            {"matchers": {"mood": ["bad"]}, "reason": "x", "until": "2027-01-01T00:00:00Z"},
            "cannot match mood",
        ),
        ("end-silence", {"silence": 9}, "is not in force"),
        ("replay-dead", {"message": None}, "nothing was given up"),
    ],
)
def test_bad_arguments_are_refused_by_name(
    store: SqliteStore, name: str, arguments: dict[str, Any], message: str
) -> None:
    store_case(store)
    with pytest.raises(MonitorError, match=message):
        desk.execute(store, make_settings(), Command(name, "ana", arguments), NOW)


def test_a_command_without_a_name_of_its_giver_is_refused(store: SqliteStore) -> None:
    with pytest.raises(MonitorError, match="who wants it"):
        desk.execute(store, make_settings(), Command("claim", " ", {"case": store_case(store)}), NOW)


@pytest.mark.parametrize(
    ("matchers", "problem"),
    [
        ({"level": ["hihg"]}, "no level is named 'hihg'; did you mean 'high'"),
        ({"kind": ["rant"]}, "no kind is named 'rant'"),
        ({"brand": ["lumos"]}, "no brand is named 'lumos'; did you mean 'lumo'"),
        ({"case": ["1", "two"]}, "'two' is no case"),
        ({"incident": ["seven"]}, "'seven' is no incident"),
        ({"severity": ["safty"]}, "no severity is named 'safty'; did you mean 'safety'"),
        ({"cause": ["biling"]}, "no cause is named 'biling'; did you mean 'billing'"),
    ],
)
def test_a_silence_that_could_mute_nothing_is_refused(
    store: SqliteStore, matchers: dict[str, list[str]], problem: str
) -> None:
    with pytest.raises(MonitorError, match=problem):
        desk.silence(turn(store), matchers, "x", NOW + minutes(60))
    assert store.active_silences(NOW) == []


def test_a_silence_begins_and_ends(store: SqliteStore) -> None:
    arguments = {"matchers": {"level": ["high"]}, "reason": "drill", "until": "2026-03-04T14:00:00Z"}
    answer = desk.execute(store, make_settings(), Command("silence", "ana", arguments), NOW)
    (silence,) = store.active_silences(NOW)
    assert (silence["author"], silence["matchers"]) == ("ana", {"level": ["high"]})
    desk.execute(store, make_settings(), Command("end-silence", "ana", {"silence": answer["silence"]}), NOW)
    assert store.active_silences(NOW) == []


def test_the_end_of_a_silence_wakes_what_it_held_back(store: SqliteStore) -> None:
    silence = desk.silence(turn(store), {"severity": ["safety"], "cause": ["unknown"]}, "drill", NOW + minutes(60))
    held = store.add_to_message("desk", "g#held", "case.opened", store_case(store), Level.HIGH, NOW + minutes(60), NOW)
    store.mark_held(held, "silence 1 by ana")
    assert store.messages_to_seal(NOW, 10) == []
    desk.end_silence(turn(store), silence)
    assert [message.id for message in store.messages_to_seal(NOW, 10)] == [held]


def test_a_dead_message_is_sent_again_on_request(store: SqliteStore) -> None:
    store.add_sealed("desk", "digest", {}, "key", NOW, urgent=False)
    message = store.claim_message(["desk"], NOW, 60)
    assert message is not None
    store.kill_message(message, "401")
    answer = desk.execute(store, make_settings(), Command("replay-dead", "ana", {"message": message.id}), NOW)
    assert answer == {"replayed": 1}
    again = store.claim_message(["desk"], NOW, 60)
    assert again is not None
    assert again.idempotency_key == message.idempotency_key


def test_forgetting_an_author_erases_words_and_name(store: SqliteStore) -> None:
    case_id = store_case(store, author="Kim", text="my lumo lamp hurt my child")
    other = store_case(store, author="lee", text="my lumo lamp is broken")
    answer = desk.execute(store, make_settings(), Command("forget", "ana", {"author": "@kim"}), NOW)
    assert answer == {"forgotten": 1}
    erased, kept = store.export_mentions()
    assert (erased["author_handle"], erased["text"], kept["author_handle"]) == ("", "", "lee")
    assert "child" not in str(desk.show(store, case_id).to_json())
    assert desk.show(store, other).posts[0]["author"] == "lee"
    assert ("ana", "forget") in actions(store, case_id)


def test_what_was_given_up_about_an_erased_post_is_erased_too(store: SqliteStore) -> None:
    case_id = store_case(store, native_id="88", text="my lumo lamp hurt my child")
    message_id = store.add_to_message("desk", "g", "case.opened", case_id, Level.HIGH, NOW, NOW)
    store.seal_message(message_id, {"text": "my lumo lamp hurt my child"}, "key", NOW)
    message = store.claim_message(["desk"], NOW, 60)
    assert message is not None
    store.kill_message(message, "401")
    assert desk.execute(store, make_settings(), Command("forget", "ana", {"post": "x:88"}), NOW) == {"forgotten": 1}
    assert store.connection.query("SELECT state, body FROM outbox", {}) == [{"state": "muted", "body": None}]
    assert store.dead_messages() == []


def test_a_process_without_the_config_file_changes_no_config(store: SqliteStore) -> None:
    with pytest.raises(MonitorError, match="cannot be changed from here"):
        desk.execute(store, make_settings(), Command("config-apply", "ana", {"text": "demo: true"}), NOW)
    assert store.config_history() == []


def test_a_claimed_case_that_is_escalated_keeps_its_owner_for_a_whole_claim(store: SqliteStore) -> None:
    case_id = store_case(store, Level.HIGH)
    desk.claim(turn(store), case_id)
    later = NOW + minutes(20)
    case = desk.escalate(turn(store, now=later), case_id, "")
    assert (case.claimed_by, case.release_at) == ("ana", later + minutes(5))
