"""Sending from the desk with the real tweepy and praw: once, by name, never without an approval, never by guessing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.connector import Connector
from connectors.http import HttpLimits
from connectors.mention import Mention
from connectors.options import RedditOptions, XOptions
from connectors.reddit import RedditConnector
from connectors.x import XConnector
from monitor import desk
from monitor.answering.state import AnswerKind, AnswerState
from monitor.config.schema import Brand
from monitor.desk import Command
from monitor.desk.replies import settle
from monitor.desk.turn import Turn
from monitor.desk.voices import Voices, speaker_for
from monitor.domain import MONITOR, Case, Level, Severity, Status
from monitor.errors import MonitorError, MoveRefused
from monitor.store.sendings import SendingState
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, store_case
from tests.fakes import reddit as fake_reddit
from tests.fakes import x as fake_x
from tests.fakes.reddit import OWN, FakeReddit
from tests.fakes.server import HANG, HTML_ERROR, Clock
from tests.fakes.x import CLIENT_FORBIDDEN, FakeX, rate_limited
from tests.services import make_settings

WORDS = "We are sorry. Which lamp is it?"
QUICK = HttpLimits(connect=0.5, read=0.3, total=0.5)


class Platforms:
    """A store, a desk, and the sources birds (X) and snoo (Reddit) with accounts that answer."""

    def __init__(self, folder: Path, x: FakeX, reddit: FakeReddit, clock: Clock) -> None:
        self.x, self.reddit, self.clock = x, reddit, clock
        self.store = SqliteStore(folder / "desk.db")
        self.settings = make_settings()
        lumo = self.settings.brands["lumo"]
        handles: dict[str, Any] = {**lumo.handles, "x": ("lumo",), "reddit": (f"u/{OWN}",)}
        brands: dict[str, Brand] = {**self.settings.brands, "lumo": lumo.model_copy(update={"handles": handles})}
        self.settings = self.settings.model_copy(update={"brands": brands})
        self.connectors: dict[str, Connector] = {"birds": self._birds(), "snoo": self._snoo()}

    def _birds(self) -> XConnector:
        given: dict[str, Any] = {"reply_as": "lumo", **fake_x.KEYS, "base_url": self.x.url, "allow_private": True}
        return XConnector("birds", XOptions(kind="x", token=fake_x.TOKEN, **given), clock=self.clock, limits=QUICK)

    def _snoo(self) -> RedditConnector:
        given: dict[str, Any] = {"reply_as": OWN, "reply_approved": True, "reply_password": fake_reddit.PASSWORD}
        options = RedditOptions(
            kind="reddit", client_id=fake_reddit.CLIENT_ID, client_secret=fake_reddit.CLIENT_SECRET,
            user_agent=fake_reddit.USER_AGENT, base_url=self.reddit.url, allow_private=True, **given,
        )  # fmt: skip
        return RedditConnector("snoo", options, clock=self.clock, limits=QUICK)

    def act(self, name: str, case_id: int, who: str = "ana", **values: Any) -> dict[str, Any]:
        voices = Voices(lambda: self.connectors, self.clock)
        command = Command(name, who, {"case": case_id, **values})
        return desk.execute(self.store, self.settings, command, self.clock(), voices=voices)

    def case(self, platform: str = "x", text: str = "@lumo my lamp is dead", *severity: Severity) -> int:
        at = self.clock() - timedelta(minutes=5)
        post = self.x.publish(text, at) if platform == "x" else self.reddit.submit(text, at)
        number = store_case(
            self.store, Level.HIGH, now=self.clock(), platform=platform, native_id=post, thread_id=post, text=text
        )
        self.store.update_case(number, severity=severity)
        return number

    def written(self, case_id: int, text: str = WORDS) -> int:
        version: int = self.act("answer-write", case_id, text=text)["answer"]["version"]
        return version

    def known(self, case_id: int) -> Case:
        case = self.store.case(case_id)
        assert case is not None
        return case

    def states(self, case_id: int) -> list[SendingState]:
        return [one.stands(self.clock()) for one in self.store.sendings_of_case(case_id)]

    def actions(self, case_id: int) -> list[tuple[str, str]]:
        return [(entry.action, entry.who) for entry in self.store.audit_trail(case_id)]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def places(tmp_path: Path, clock: Clock) -> Iterator[Platforms]:
    with FakeX(clock) as x, FakeReddit(clock) as reddit:
        opened = Platforms(tmp_path, x, reddit, clock)
        yield opened
        for connector in opened.connectors.values():
            connector.close()
        opened.store.close()


def posts(places: Platforms, platform: str) -> list[str]:
    if platform == "x":
        return [post.newest.text for post in places.x.own_replies()]
    return [comment.text for comment in places.reddit.own_comments()]


@pytest.mark.parametrize("platform", ["x", "reddit"])
def test_a_person_sends_the_very_words_and_the_case_is_replied(places: Platforms, platform: str) -> None:
    case_id = places.case(platform)
    done = places.act("answer-send", case_id, version=places.written(case_id))
    assert posts(places, platform) == [WORDS]
    assert done["sending"]["state"] == "sent"
    assert places.known(case_id).status is Status.REPLIED
    (answer,) = places.store.answers_of_case(case_id)
    assert (answer.state, answer.sent_by, answer.unapproved) == (AnswerState.SENT, "ana", False)
    assert answer.permalink
    named = [entry for entry in places.actions(case_id) if entry[0] in {"answer-sending", "answer-sent", "reply"}]
    assert named == [("answer-sending", "ana"), ("answer-sent", "ana"), ("reply", "ana")]


def test_a_second_click_and_concurrent_requests_post_once(places: Platforms) -> None:
    case_id = places.case()
    version = places.written(case_id)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda who: places.act("answer-send", case_id, who, version=version), ["ana", "ben"] * 4))
    assert posts(places, "x") == [WORDS]
    assert len({one["sending"]["id"] for one in done}) == 1
    places.act("answer-send", case_id, version=version)
    assert posts(places, "x") == [WORDS]


@pytest.mark.parametrize("values", [{}, {"version": 99}])
def test_words_that_nobody_saw_are_never_sent(places: Platforms, values: dict[str, Any]) -> None:
    case_id = places.case()
    places.written(case_id)
    with pytest.raises(MoveRefused, match=r"name their version|was changed meanwhile"):
        places.act("answer-send", case_id, **values)
    assert (posts(places, "x"), places.states(case_id)) == ([], [])


@pytest.mark.parametrize("who", ["", "  ", "\t"])
def test_nothing_is_sent_without_a_name(places: Platforms, who: str) -> None:
    case_id = places.case()
    with pytest.raises(MonitorError, match="does not say who wants it"):
        places.act("answer-send", case_id, who, version=places.written(case_id))
    assert posts(places, "x") == []


def test_x_is_not_answered_where_the_author_did_not_address_the_account(places: Platforms) -> None:
    case_id = places.case(text="lumo lamps are dead")
    with pytest.raises(MoveRefused, match="only those who addressed the account"):
        places.act("answer-send", case_id, version=places.written(case_id))
    assert (posts(places, "x"), places.states(case_id)) == ([], [])


def test_an_account_answers_for_its_own_brand_alone(places: Platforms) -> None:
    case_id = places.case()
    handles = {"x": ("someone_else",)}
    lumo = places.settings.brands["lumo"].model_copy(update={"handles": handles})
    places.settings = places.settings.model_copy(update={"brands": {**places.settings.brands, "lumo": lumo}})
    with pytest.raises(MoveRefused, match="lumo is no handle of lumo"):
        places.act("answer-send", case_id, version=places.written(case_id))
    assert posts(places, "x") == []


def test_a_grave_answer_waits_for_its_approval(places: Platforms) -> None:
    case_id = places.case("x", "@lumo my lamp burns", Severity.SAFETY)
    version = places.written(case_id)
    with pytest.raises(MoveRefused, match="is not approved"):
        places.act("answer-send", case_id, version=version)
    places.act("answer-ask", case_id)
    approved = places.act("answer-approve", case_id, "ben")["answer"]["version"]
    places.act("answer-send", case_id, version=approved)
    (answer,) = places.store.answers_of_case(case_id)
    assert posts(places, "x") == [WORDS]
    assert (answer.sent_by, answer.approved_by, answer.unapproved) == ("ana", "ben", False)


def test_a_holding_reply_is_sent_as_agreed_and_leaves_the_answer_to_come(places: Platforms) -> None:
    case_id = places.case("x", "@lumo my lamp burns", Severity.SAFETY)
    held = places.act("answer-hold", case_id)
    places.act("answer-send", case_id, version=held["answer"]["version"], kind="holding")
    assert posts(places, "x") == [held["text"]]
    assert places.known(case_id).replied_at is not None
    assert places.store.answers_of_case(case_id)[0].kind is AnswerKind.HOLDING
    assert places.known(case_id).status is not Status.REPLIED


def test_the_lint_stops_words_here_as_everywhere(places: Platforms) -> None:
    case_id = places.case()
    with pytest.raises(MoveRefused, match="unfilled"):
        places.act("answer-send", case_id, version=places.written(case_id, "Dear [name], sorry."))
    assert posts(places, "x") == []


@pytest.mark.parametrize("reply", [CLIENT_FORBIDDEN, rate_limited(int(NOW.timestamp()) + 60)])
def test_a_clear_refusal_is_not_sent_and_can_be_tried_again_by_hand(places: Platforms, reply: Any) -> None:
    case_id = places.case()
    version = places.written(case_id)
    places.x.fail_next(reply)
    with pytest.raises(MoveRefused, match="was not sent"):
        places.act("answer-send", case_id, version=version)
    assert places.states(case_id) == [SendingState.NOT_SENT]
    assert places.known(case_id).status is not Status.REPLIED
    places.act("answer-send", case_id, version=version)
    assert posts(places, "x") == [WORDS]
    assert places.states(case_id) == [SendingState.NOT_SENT, SendingState.SENT]


@pytest.mark.parametrize("platform", ["x", "reddit"])
@pytest.mark.parametrize("reply", [HANG, HTML_ERROR])
def test_what_fails_after_the_post_was_made_waits_for_a_look_and_posts_no_second(
    places: Platforms, platform: str, reply: Any
) -> None:
    case_id = places.case(platform)
    version = places.written(case_id)
    places.x.after_post = places.reddit.after_post = reply
    assert places.act("answer-send", case_id, version=version)["sending"]["state"] == "perhaps sent"
    assert places.act("answer-send", case_id, version=version)["sending"]["state"] == "perhaps sent"
    for name, values in (("answer-open", {}), ("answer-write", {"text": "other words"}), ("answer-withdraw", {})):
        with pytest.raises(MoveRefused, match="was perhaps sent"):
            places.act(name, case_id, **values)
    assert posts(places, platform) == [WORDS]
    places.act("answer-is-there", case_id, "ben", permalink="https://x.com/lumo/status/5")
    (answer,) = places.store.answers_of_case(case_id)
    assert (answer.state, answer.sent_by, answer.permalink) == (AnswerState.SENT, "ana", "https://x.com/lumo/status/5")
    assert places.known(case_id).status is Status.REPLIED
    assert ("answer-sent", "ben") in places.actions(case_id)


@pytest.mark.parametrize("platform", ["x", "reddit"])
def test_not_there_is_believed_only_after_a_look_at_the_thread(places: Platforms, platform: str, clock: Clock) -> None:
    case_id = places.case(platform)
    places.x.after_post = places.reddit.after_post = HTML_ERROR
    places.act("answer-send", case_id, version=places.written(case_id))
    clock.advance(minutes=2)
    done = places.act("answer-is-not-there", case_id)
    assert done["sending"]["state"] == "sent"
    assert places.known(case_id).status is Status.REPLIED
    assert posts(places, platform) == [WORDS]


@pytest.mark.parametrize("platform", ["x", "reddit"])
def test_what_is_not_there_can_be_sent_again(places: Platforms, platform: str, clock: Clock) -> None:
    case_id = places.case(platform)
    version = places.written(case_id)
    places.x.fail_next(HTML_ERROR)
    places.reddit.fail_next(None, None, HTML_ERROR)
    assert places.act("answer-send", case_id, version=version)["sending"]["state"] == "perhaps sent"
    clock.advance(minutes=2)
    assert places.act("answer-is-not-there", case_id)["sending"]["state"] == "not sent"
    places.act("answer-send", case_id, version=version)
    assert posts(places, platform) == [WORDS]


class Killed(BaseException):
    """The process ends here."""


def test_a_crash_in_between_leaves_a_row_that_asks_for_a_look(
    places: Platforms, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = places.case()
    version = places.written(case_id)
    real = places.connectors["birds"].reply  # type: ignore[attr-defined]

    def cut(mention: Mention, text: str, key: str) -> None:
        assert places.states(case_id) == [SendingState.SENDING], "the row comes before the call"
        real(mention, text, key)
        raise Killed

    monkeypatch.setattr(places.connectors["birds"], "reply", cut)
    with pytest.raises(Killed):
        places.act("answer-send", case_id, version=version)
    with pytest.raises(MoveRefused, match="is just being sent"):
        places.act("answer-is-there", case_id)
    clock.advance(minutes=2)
    assert places.states(case_id) == [SendingState.PERHAPS]
    monkeypatch.undo()
    assert places.act("answer-send", case_id, version=version)["sending"]["state"] == "perhaps sent"
    assert posts(places, "x") == [WORDS]


def test_the_call_is_made_in_no_transaction(places: Platforms, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = places.case()
    version = places.written(case_id)
    real = places.connectors["birds"].reply  # type: ignore[attr-defined]
    other = places.case(text="@lumo another lamp")

    def busy(mention: Mention, text: str, key: str) -> Any:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(places.act, "claim", other, "ben").result(timeout=5)
        return real(mention, text, key)

    monkeypatch.setattr(places.connectors["birds"], "reply", busy)
    places.act("answer-send", case_id, version=version)
    assert places.known(other).claimed_by == "ben"


def test_a_reply_recorded_by_hand_settles_what_was_perhaps_sent(places: Platforms) -> None:
    case_id = places.case()
    places.x.after_post = HTML_ERROR
    places.act("answer-send", case_id, version=places.written(case_id))
    places.act("reply", case_id, text=WORDS, native=True)
    assert places.states(case_id) == [SendingState.SENT]


def test_every_platform_without_a_voice_says_why_on_the_card(places: Platforms) -> None:
    def reason(case_id: int) -> str:
        return speaker_for(places.store, places.settings, places.connectors, places.known(case_id))[1]

    store_case(places.store, Level.HIGH, now=NOW, platform="rss", native_id="a")
    (rss,) = (case_id for case_id in (1,) if places.store.case(case_id))
    assert reason(rss) == "no running source of rss can send"
    assert reason(places.case()) == ""


def test_a_post_that_is_gone_is_not_answered(places: Platforms) -> None:
    case_id = places.case()
    version = places.written(case_id)
    face = places.store.face_of_case(case_id)
    assert face is not None
    places.store.connection.query("UPDATE mentions SET deleted_at = 1 WHERE native_id = :id", {"id": face.native_id})
    with pytest.raises(MoveRefused, match="the post is gone"):
        places.act("answer-send", case_id, version=version)
    assert posts(places, "x") == []


def test_our_own_post_seen_in_the_thread_settles_what_was_perhaps_sent(places: Platforms) -> None:
    case_id = places.case()
    places.x.after_post = HTML_ERROR
    places.act("answer-send", case_id, version=places.written(case_id))
    turn = Turn(places.store, places.settings, MONITOR, places.clock())
    with places.store.write():
        settle(turn, places.known(case_id), f"@kim {WORDS}", "https://x.com/lumo/status/9", native=True)
    (answer,) = places.store.answers_of_case(case_id)
    assert places.states(case_id) == [SendingState.SENT]
    assert (answer.state, answer.sent_by, answer.permalink) == (AnswerState.SENT, "ana", "https://x.com/lumo/status/9")
