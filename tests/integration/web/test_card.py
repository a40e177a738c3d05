"""The card of a case over a real socket: what it shows, what can be done there, and what is refused."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from monitor.answering.state import AnswerKind, AnswerState
from monitor.domain import Case, Cause, Level, Meaning, Severity, Status
from monitor.store._mentions import purge
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_decision, make_mention, make_verdict, minutes, store_case, store_mentions
from tests.incident_cases import MODEL, direction, store_complaint, store_incident
from tests.integration.web.api_site import BRANDS
from tests.web_site import Browser, WebSite

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)> \u202ejavascript:alert(1)'


@pytest.fixture
def site(tmp_path: Path) -> Iterator[WebSite]:
    opened = WebSite(tmp_path, brands=BRANDS)
    for name, role in (("ana", "agent"), ("ben", "approver"), ("vera", "viewer"), ("tom", "tuner")):
        opened.add(name, lumo=role)
    opened.add("fred", acme="agent")
    yield opened
    opened.close()


class Desk:
    """One logged-in person at cards."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.csrf = ""

    def see(self, case: int, query: str = "") -> str:
        answer = self.browser.get(f"/cases/{case}{query}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, case: int, deed: str, **fields: str) -> httpx.Response:
        self.csrf = self.csrf or self.browser.csrf()
        return self.browser.post(f"/cases/{case}/{deed}", data={"csrf": self.csrf, **fields})

    def do(self, case: int, deed: str, **fields: str) -> str:
        answer = self.post(case, deed, **fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def ask_json(self, case: int, deed: str, **fields: str) -> httpx.Response:
        self.browser.headers["Accept"] = "application/json"
        try:
            return self.post(case, deed, **fields)
        finally:
            self.browser.headers["Accept"] = "text/html"


@pytest.fixture
def enter(site: WebSite) -> Iterator[Callable[[str], Desk]]:
    """Let people in; a server and their browsers are closed at the end."""
    with ExitStack() as opened:
        address = opened.enter_context(site.served())

        def let_in(name: str) -> Desk:
            desk = Desk(opened.enter_context(Browser(address)))
            assert desk.browser.log_in(name).status_code == 303
            return desk

        yield let_in


@pytest.fixture
def ana(enter: Callable[[str], Desk]) -> Desk:
    return enter("ana")


@pytest.fixture
def ben(enter: Callable[[str], Desk]) -> Desk:
    return enter("ben")


def stored(site: WebSite, case_id: int) -> Case:
    case = site.store.case(case_id)
    assert case is not None
    return case


def grave_case(store: SqliteStore, text: str = "my lumo lamp caught fire", **mention: object) -> int:
    store_mentions(store, [make_mention(text, permalink="https://x.example/1", **mention)])
    ((hit, _),) = store.claim_hits(NOW, 60, 10)
    decision = make_decision(Level.CRITICAL, 90, severity=(Severity.SAFETY,))
    assert store.save_decision(hit, decision, make_verdict(), store.history(hit, NOW, ()), "r1", NOW)
    return store.open_case(hit, decision, NOW + minutes(5), NOW, Cause("product", "example 3"), "A lamp burns.")


def words_of(page: str) -> str:
    """Return what a person reads of a page, spaces folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# --- what it shows


def test_a_card_shows_everything_that_is_known(site: WebSite, ana: Desk) -> None:
    store = site.store
    before = store_complaint(store, text="lumo lamp is late", author="carl", thread_id="old")
    sent = store.add_answer(before, AnswerKind.ANSWER, AnswerState.DRAFT, "it is on its way", "ben", NOW)
    store.update_answer(sent, state=AnswerState.SENT, sent_by="ben", sent_at=NOW)
    store.update_case(before, status=Status.RESOLVED, cause="delivery", closed_at=NOW)
    case = store_complaint(store, text="my lumo lamp is late again", author="carl", followers=1200, thread_id="t",
                           permalink="https://x.example/7", metrics={"likes": 4})  # fmt: skip
    store.update_case(case, cause="delivery", cause_by="monitor", cause_why="late", summary="A lamp comes late.")
    store_mentions(store, [make_mention("mine too", thread_id="t", posted_at=NOW)])
    incident = store_incident(store, [case])
    store.audit(case, "ana", "note", NOW, text="spoke to the depot")
    page = ana.see(case)
    told = words_of(page)
    for words in (
        "my lumo lamp is late again", "@carl", "1.2k followers", "likes 4", "mine too", "it is on its way",
        "In our words: A lamp comes late.", f"incident {incident}", "delivery by monitor: late", "spoke to the depot",
        "alike by meaning and cause", "posted", "fetched", "decided", "told not yet", "claimed not yet",
    ):  # fmt: skip
        assert words in told, words
    assert f'href="/cases/{before}"' in page
    assert 'href="https://x.example/7" target="_blank" rel="noopener noreferrer"' in page
    assert page.count("<h1") == 1


def test_the_bars_are_the_reasons_and_end_at_the_score(site: WebSite, ana: Desk) -> None:
    page = ana.see(store_case(site.store))
    rows = re.findall(r'class="points">([^<]+)<', page)
    assert rows == ["+70", "70"]
    assert 'x="0.00" y="0" width="70.00"' in page


def test_what_is_not_known_looks_unknown(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store, native_id="gone", author="carl")
    site.store.update_case(case, summary=None)
    purge(site.store.connection, "x", "x", ["gone"], NOW)
    page = ana.see(case)
    told = words_of(page)
    for words in (
        "author unknown", "reach unknown", "likes and replies unknown", "The post was deleted", "no summary was kept",
        "the platform gives no address of the post", "Cause unknown", "None with an answer that is kept.",
    ):  # fmt: skip
        assert words in told, words
    assert "carl" not in page
    assert 'value="block-author"' not in page, "nobody is left to block"


def test_hostile_words_are_only_ever_text(site: WebSite, ana: Desk) -> None:
    case = store_case(
        site.store, text=f"lumo {HOSTILE}", author=HOSTILE, thread_id="t", permalink="javascript:alert(1)"
    )
    store_mentions(site.store, [make_mention(HOSTILE, thread_id="t", author=HOSTILE)])
    site.store.update_case(case, summary=HOSTILE, cause=HOSTILE, cause_by=HOSTILE, cause_why=HOSTILE)
    site.store.audit(case, HOSTILE, "note", NOW, text=HOSTILE)
    for page in (ana.see(case), ana.post(case, "lint", text=HOSTILE).text, ana.post(case, "open", text=HOSTILE).text):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert 'href="javascript' not in page
        assert "&lt;script&gt;" in page


def test_a_case_of_another_brand_is_not_even_there(site: WebSite, enter: Callable[[str], Desk]) -> None:
    case = store_case(site.store)
    fred = enter("fred")
    assert fred.browser.get(f"/cases/{case}").status_code == 404
    for deed in ("claim", "lint", "undo", "write", "feedback"):
        assert fred.post(case, deed, text="x", said="not-us").status_code == 404
    assert stored(site, case).status is Status.NEW
    assert fred.browser.get("/cases/99999").status_code == 404
    assert fred.browser.get(f"/cases/{2**64}").status_code == 404


def test_a_viewer_sees_but_may_do_nothing(site: WebSite, enter: Callable[[str], Desk]) -> None:
    case, vera = store_case(site.store), enter("vera")
    page = vera.see(case)
    assert "Your role lets you look, not work on it." in page
    assert f'action="/cases/{case}/' not in page
    for deed in ("claim", "dismiss", "write", "feedback", "approve"):
        assert vera.post(case, deed, text="x", reason="x", said="not-us").status_code == 403
    assert stored(site, case).status is Status.NEW


# --- moves


def test_every_move_goes_by_a_form_and_comes_back(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store)
    assert ana.do(case, "claim") == f"/cases/{case}?did=claim"
    assert stored(site, case).claimed_by == "ana"
    assert "The case is yours." in ana.see(case, "?did=claim")
    ana.do(case, "snooze", minutes="60")
    assert stored(site, case).snoozed_until == site.now + minutes(60)
    ana.do(case, "assign", to="ben")
    assert stored(site, case).claimed_by == "ben"
    ana.do(case, "take-over")
    assert stored(site, case).claimed_by == "ana"
    ana.do(case, "escalate", reason="a journalist writes")
    assert stored(site, case).level is Level.CRITICAL
    ana.do(case, "note", text="called them")
    ana.do(case, "cause", cause="delivery")
    ana.do(case, "release")
    ana.do(case, "reply", text="we are sorry", permalink="https://x.example/9", native="1")
    assert stored(site, case).status is Status.REPLIED
    ana.do(case, "resolve")
    ana.do(case, "reopen")
    ana.do(case, "dismiss", reason="a joke")
    assert (stored(site, case).status, stored(site, case).dismissed_reason) == (Status.DISMISSED, "a joke")
    assert {"called them", "delivery"} <= set(re.findall(r"called them|delivery", ana.see(case)))


def test_a_form_of_the_queue_leads_back_to_it_and_nowhere_else(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store)
    assert ana.do(case, "claim", back="/queue?tab=complaints") == "/queue?tab=complaints"
    for back in ("https://evil.example", "//evil.example", "/queue\\@evil", "/queue?\r\nX: y", "/cases/../x"):
        assert ana.do(case, "note", text="x", back=back).startswith(f"/cases/{case}?")


def test_a_refused_move_is_told_on_the_card_and_in_json(site: WebSite, ana: Desk, ben: Desk) -> None:
    case = store_case(site.store)
    ben.do(case, "claim")
    refused = ana.post(case, "claim")
    assert refused.status_code == 409
    assert f"case {case}: is claimed by ben" in words_of(refused.text)
    assert 'id="refused"' in refused.text
    told = ana.ask_json(case, "claim")
    assert (told.status_code, told.json()["error"]["type"]) == (409, "MoveRefused")
    assert "is claimed by ben" in told.json()["error"]["cause"]
    assert ana.post(case, "dismiss", reason=" ").status_code == 400
    assert ana.post(case, "snooze", minutes="-5").status_code == 400
    assert ana.post(case, "fly").status_code == 404
    assert stored(site, case).claimed_by == "ben"


def test_a_form_without_the_key_of_the_session_changes_nothing(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store)
    assert ana.browser.post(f"/cases/{case}/claim", data={"csrf": "forged"}).status_code == 403
    assert stored(site, case).status is Status.NEW


def test_keys_get_json(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store)
    done = ana.ask_json(case, "claim")
    assert (done.status_code, done.json()["case"]["claimed_by"]) == (200, "ana")


def test_an_impostor_is_named_and_cleared(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store)
    store_mentions(site.store, [make_mention("dm me", author="LumoHelp_")])
    ((hit, _),) = site.store.claim_hits(NOW, 60, 10)
    assert site.store.add_impostor(case, hit, NOW)
    assert "@LumoHelp_ posed as us in this thread" in words_of(ana.see(case))
    ana.do(case, "not-impostor", handle="LumoHelp_")
    assert "posed as us" not in ana.see(case)
    assert ana.post(case, "not-impostor", handle="LumoHelp_").status_code == 409


# --- feedback, and taking back


@pytest.mark.parametrize("said", ["not-us", "not-a-complaint"])
def test_feedback_is_one_click_and_so_is_its_undoing(site: WebSite, ana: Desk, said: str) -> None:
    case = store_case(site.store)
    ana.do(case, "claim")
    assert f'name="said" value="{said}"' in ana.see(case)
    ana.do(case, "feedback", said=said)
    assert stored(site, case).dismissed_reason == said
    assert f'action="/cases/{case}/undo"' in ana.see(case, "?did=feedback")
    ana.do(case, "undo")
    assert (stored(site, case).status, stored(site, case).claimed_by) == (Status.CLAIMED, "ana")


@pytest.mark.parametrize(
    ("deed", "fields", "status"),
    [("claim", {}, Status.NEW), ("dismiss", {"reason": "a joke"}, Status.NEW), ("resolve", {}, Status.NEW)],
)
def test_the_last_deed_can_be_taken_back(
    site: WebSite, ana: Desk, deed: str, fields: dict[str, str], status: Status
) -> None:
    case = store_case(site.store)
    ana.do(case, deed, **fields)
    ana.do(case, "undo")
    assert stored(site, case).status is status


def test_after_a_reopening_old_feedback_is_not_what_is_taken_back(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store)
    ana.do(case, "feedback", said="not-us")
    ana.do(case, "reopen")
    assert f'action="/cases/{case}/undo"' not in ana.see(case)
    ana.do(case, "claim")
    ana.do(case, "undo")
    assert (stored(site, case).status, stored(site, case).claimed_by) == (Status.NEW, None)


def test_nobody_takes_back_what_another_did(site: WebSite, ana: Desk, ben: Desk) -> None:
    case = store_case(site.store)
    assert ana.post(case, "undo").status_code == 409
    ben.do(case, "dismiss", reason="a joke")
    assert ana.post(case, "undo").status_code == 409
    assert f'action="/cases/{case}/undo"' not in ana.see(case)
    assert stored(site, case).status is Status.DISMISSED


def test_who_tunes_gives_feedback_without_working_cases(site: WebSite, enter: Callable[[str], Desk]) -> None:
    case, tom = store_case(site.store), enter("tom")
    assert 'value="not-us"' in tom.see(case)
    assert tom.post(case, "claim").status_code == 403
    tom.do(case, "feedback", said="not-us")
    assert stored(site, case).status is Status.DISMISSED


# --- answering


def test_a_draft_is_chosen_by_a_link_and_nothing_is_kept_by_it(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store)
    link = re.search(r'href="(/cases/\d+\?draft=[^"#]+)', ana.see(case))
    assert link is not None
    page = ana.browser.get(link[1].replace("&amp;", "&")).text
    written = re.search(r'<textarea id="words"[^>]*>([^<]+)</textarea>', page)
    assert written is not None
    assert len(written[1]) > 20
    assert site.store.answers_of_case(case) == []


def test_the_lint_is_told_as_json_and_on_the_card(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store)
    told = ana.ask_json(case, "lint", text="Dear [name], mail ana@example.org").json()
    assert {"unfilled", "mail-address"} <= {one["rule"] for one in told["findings"]}
    assert (told["length"], told["limit"]) == (45, 280), "an address counts as X counts links"
    page = ana.post(case, "lint", text="Dear [name]").text
    assert "Dear [name]</textarea>" in page
    assert "unfilled" in page
    assert site.store.answers_of_case(case) == []


def test_an_answer_goes_by_copy_open_and_sent(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store, permalink="https://x.example/5")
    text = "We are sorry about your lamp.\nPlease tell us by direct message when you bought it."
    assert ana.do(case, "open", text=text.replace("\n", "\r\n")) == f"/cases/{case}?did=open#reply"
    page = ana.see(case)
    assert "I have sent it" in page
    assert 'href="https://x.example/5"' in page
    assert stored(site, case).replied_at is None, "opening is not answering"
    ana.do(case, "reply", text=text, permalink="https://x.example/6")
    assert stored(site, case).status is Status.REPLIED
    (sent,) = site.store.answers_of_case(case)
    assert (sent.state, sent.text, sent.sent_by) == (AnswerState.SENT, text, "ana")


def test_words_that_the_lint_stops_stay_in_the_field_and_open_nothing(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store)
    refused = ana.post(case, "open", text="Dear [name], we are sorry.")
    assert refused.status_code == 409
    assert "Dear [name], we are sorry.</textarea>" in refused.text
    (kept,) = site.store.answers_of_case(case)
    assert kept.state is AnswerState.DRAFT


def test_a_grave_answer_needs_a_second_person_who_sees_these_very_words(site: WebSite, ana: Desk, ben: Desk) -> None:
    case = grave_case(site.store)
    page = ana.see(case)
    assert "a second person approves the words" in words_of(page)
    assert "Playbook: safety" in page
    assert ana.post(case, "open", text="We are sorry.").status_code == 409
    ana.do(case, "ask", text="We are sorry. Please unplug the lamp now.", version=version_in(ana.see(case)))
    assert 'id="approve"' not in ana.see(case), "whoever wrote it does not approve it"
    assert ana.post(case, "approve").status_code == 403
    seen = ben.see(case)
    assert "Please unplug the lamp now.</blockquote>" in seen
    old = version_in(seen)
    ana.do(case, "ask", text="We are sorry. Please unplug it at once.", version=old)
    assert ben.post(case, "approve", version=old).status_code == 409, "these words were never seen"
    ben.do(case, "approve", version=version_in(ben.see(case)))
    ana.do(case, "open", version=version_in(ana.see(case)))
    ana.do(case, "reply", text="We are sorry. Please unplug it at once.")
    assert stored(site, case).status is Status.REPLIED
    assert site.store.answers_of_case(case)[0].approved_by == "ben"


def test_a_rejected_answer_says_why(site: WebSite, ana: Desk, ben: Desk) -> None:
    case = grave_case(site.store)
    ana.do(case, "ask", text="We are sorry.")
    ben.do(case, "reject", reason="too short for a fire", version=version_in(ben.see(case)))
    page = ana.see(case)
    assert "ben rejected it: too short for a fire" in words_of(page)
    assert "We are sorry.</textarea>" in page
    ana.do(case, "withdraw")
    assert site.store.live_answer(case, AnswerKind.ANSWER) is None


def test_the_approver_who_writes_does_not_approve(site: WebSite, ben: Desk) -> None:
    case = grave_case(site.store)
    ben.do(case, "ask", text="We are sorry.")
    assert 'id="approve"' not in ben.see(case)
    assert ben.post(case, "approve").status_code == 409


def test_a_holding_reply_stops_the_first_clock_and_the_answer_is_still_to_come(site: WebSite, ana: Desk) -> None:
    case = grave_case(site.store)
    ana.do(case, "hold")
    page = ana.see(case)
    assert "Copy this holding reply" in page
    held = site.store.live_answer(case, AnswerKind.HOLDING)
    assert held is not None
    ana.do(case, "reply", text=held.text)
    after = stored(site, case)
    assert (after.status, after.replied_by) == (Status.CLAIMED, "ana")


def test_an_answer_given_on_the_platform_is_marked_where_nobody_approved_it(site: WebSite, ana: Desk) -> None:
    case = grave_case(site.store)
    assert ana.post(case, "reply", text="We are sorry.").status_code == 409
    ana.do(case, "reply", text="We are sorry.", native="1")
    assert "without approval" in ana.see(case)


def test_two_who_write_at_once_do_not_overwrite_each_other(site: WebSite, ana: Desk, ben: Desk) -> None:
    case = store_case(site.store)
    ana.do(case, "write", text="We are sorry.")
    refused = ben.post(case, "write", text="Hello there.")
    assert refused.status_code == 409
    assert "Hello there.</textarea>" in refused.text
    kept = site.store.live_answer(case, AnswerKind.ANSWER)
    assert kept is not None
    assert kept.text == "We are sorry."


def test_the_card_asks_for_no_more_than_its_page(site: WebSite, ana: Desk) -> None:
    case = store_case(site.store, author="carl", thread_id="t")
    site.store.keep_meaning(case, stored(site, case).hit_id, Meaning(MODEL, direction(0)))
    store_mentions(site.store, [make_mention("x" * 9_000, thread_id="t") for _ in range(90)])
    assert len(ana.see(case)) < 200_000


def version_in(page: str) -> str:
    """Return the version of the answer that a page shows, "" where it shows none."""
    found = re.search(r'name="version" value="(\d+)"', page)
    return found[1] if found else ""
