"""Sending from the card in a real browser: only where it may be, after a look at the words, once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from connectors.clock import utc_now
from connectors.options import XOptions
from connectors.x import XConnector
from monitor import desk
from monitor.answering.state import AnswerState
from monitor.desk import Command
from monitor.desk.voices import Voices
from monitor.domain import Level, Status
from tests.browser.inbox_site import InboxSite
from tests.browser.page import Page
from tests.browser.test_accessibility import AXE, CHECK, RULES
from tests.browser.test_card import press, stored
from tests.builders import minutes, store_case
from tests.fakes.server import HTML_ERROR
from tests.fakes.x import KEYS, TOKEN, FakeX

WORDS = "We are sorry. Which lamp is it?"


class SpeakingSite(InboxSite):
    """The inbox with one source that answers as @lumo, against a fake of X."""

    def __init__(self, path: Path, fake: FakeX) -> None:
        given: dict[str, Any] = {"reply_as": "lumo", **KEYS, "base_url": fake.url, "allow_private": True}
        self.voice = XConnector("birds", XOptions(kind="x", token=TOKEN, **given))
        super().__init__(path, connectors=lambda: {"birds": self.voice})
        lumo = self.settings.brands["lumo"]
        lumo = lumo.model_copy(update={"handles": {**lumo.handles, "x": ("lumo",)}})
        self.settings = self.settings.model_copy(update={"brands": {**self.settings.brands, "lumo": lumo}})

    def _execute(self, command: Command) -> dict[str, Any]:
        voices = Voices(lambda: {"birds": self.voice}, utc_now)
        return desk.execute(self.store, self.settings, command, utc_now(), voices=voices)

    def stop(self) -> None:
        super().stop()
        self.voice.close()


@pytest.fixture
def fake() -> Iterator[FakeX]:
    with FakeX(utc_now) as server:
        yield server


@pytest.fixture
def speaking(tmp_path: Path, fake: FakeX) -> Iterator[SpeakingSite]:
    opened = SpeakingSite(tmp_path / "speaking.db", fake)
    yield opened
    opened.stop()


@pytest.fixture
def ada(one_browser: "webdriver.Chrome", speaking: SpeakingSite) -> Page:
    return Page(one_browser, speaking)


def add_case(site: SpeakingSite, fake: FakeX, text: str = "@lumo my lamp is dead") -> int:
    now = utc_now()
    post = fake.publish(text, now - minutes(2))
    told = {"platform": "x", "native_id": post, "thread_id": post, "text": text}
    return store_case(site.store, Level.HIGH, now=now, posted_at=now - minutes(2), **told)


def said(fake: FakeX) -> list[str]:
    return [post.newest.text for post in fake.own_replies()]


@pytest.mark.parametrize("script", [True, False])
def test_words_are_looked_at_once_more_then_posted_with_a_name(
    speaking: SpeakingSite, fake: FakeX, ada: Page, script: bool
) -> None:
    case = add_case(speaking, fake)

    def go() -> None:
        ada.browser.get(f"{speaking.address}/cases/{case}")
        ada.write("#words", WORDS)
        press(ada, "Send as @lumo…")
        ada.wait(lambda: "look at them once more" in ada.text("#told"))
        assert said(fake) == []
        assert ada.text("#direct-answer blockquote") == WORDS
        assert "as @lumo; your name stands in the trail" in ada.text("#direct-answer")
        press(ada, "Post it as @lumo now")
        ada.wait(lambda: stored(speaking, case).status is Status.REPLIED)

    if script:
        go()
    else:
        with ada.without_script():
            go()
    assert said(fake) == [WORDS]
    (answer,) = speaking.store.answers_of_case(case)
    assert (answer.state, answer.sent_by) == (AnswerState.SENT, "ada")


def test_where_nobody_may_send_the_card_says_why(speaking: SpeakingSite, fake: FakeX, ada: Page) -> None:
    case = add_case(speaking, fake, "lumo lamps are dead")
    ada.open(f"/cases/{case}")
    assert "only those who addressed the account" in ada.text("#unsendable")
    assert "Send as @lumo" not in ada.text("#reply")


def test_what_was_perhaps_sent_asks_for_a_look_and_offers_no_second_button(
    speaking: SpeakingSite, fake: FakeX, ada: Page
) -> None:
    case = add_case(speaking, fake)
    fake.after_post = HTML_ERROR
    ada.open(f"/cases/{case}")
    ada.write("#words", WORDS)
    press(ada, "Send as @lumo…")
    ada.wait(lambda: "look at them once more" in ada.text("#told"))
    press(ada, "Post it as @lumo now")
    ada.wait(lambda: "Perhaps sent: look." in ada.text("#attempt"))
    assert "Post it as @lumo now" not in ada.text("#reply")
    ada.run(AXE)
    assert ada.browser.execute_async_script(CHECK, RULES) == []
    press(ada, "It is there")
    ada.wait(lambda: stored(speaking, case).status is Status.REPLIED)
    assert said(fake) == [WORDS]
