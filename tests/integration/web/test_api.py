"""What the inbox does, done by a program: over a real socket, with tokens and with a session."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.access.person import Deed
from monitor.desk.rights import NEEDS
from monitor.web.api import BODY_LIMIT
from monitor.web.operations import OPERATIONS
from tests.builders import NOW
from tests.integration.web.api_site import ApiSite
from tests.integration.web.test_api_description import SCHEMA
from tests.web_site import Browser

Ask = Callable[..., httpx.Response]
TABLE = {operation.name: operation for operation in OPERATIONS}
TO_COME = "2026-03-05T12:00:00+01:00"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ApiSite]:
    opened = ApiSite(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def address(site: ApiSite) -> Iterator[str]:
    with site.served() as address:
        yield address


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ApiSite, httpx.Client]]:
    """One site for all that is refused; nothing was ever executed on it."""
    opened = ApiSite(tmp_path_factory.mktemp("refusing"))
    with opened.served() as address:
        yield opened, opened.client(address, "ana")
    assert opened.executed == []
    opened.close()


def asker(site: ApiSite, address: str, name: str, *deeds: Deed) -> Ask:
    """Return how a person asks for an operation by name; every answer is held against the description."""
    client = site.client(address, name, deeds or tuple(Deed))

    def ask(operation: str, number: int | None = None, *, query: dict[str, Any] | None = None, **body: Any) -> Any:
        entry = TABLE[operation]
        path = entry.path.removeprefix("/api/v1").replace(f"{{{entry.subject}}}", str(number))
        answer = client.request(entry.method, path, params=query, json=body if entry.body else None)
        SCHEMA[entry.path][entry.method].validate_response(answer)
        return answer

    return ask


@pytest.fixture
def ana(site: ApiSite, address: str) -> Ask:
    return asker(site, address, "ana")


@pytest.fixture
def ben(site: ApiSite, address: str) -> Ask:
    return asker(site, address, "ben")


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["cause"]


# --- cases


def test_the_queue_comes_page_by_page_in_its_order(ana: Ask, site: ApiSite) -> None:
    found, after = [], None
    while True:
        page = ana("cases", query={"limit": 1, **({"after": after} if after else {})}).json()
        found += [row["case"]["id"] for row in page["rows"]]
        after = page["next"]
        if after is None:
            break
    everything = ana("cases").json()
    assert found == [row["case"]["id"] for row in everything["rows"]]
    assert found[0] == site.grave
    assert site.foreign not in found
    assert everything["counts"]["complaints"] == {"cases": 6, "critical": 1}


def test_the_queue_is_filtered_and_searched(ana: Ask, site: ApiSite) -> None:
    assert [row["case"]["id"] for row in ana("cases", query={"level": "normal"}).json()["rows"]] == [site.second]
    assert [row["case"]["id"] for row in ana("cases", query={"q": "fire"}).json()["rows"]] == [site.grave]
    ana("claim", site.first)
    assert [row["case"]["id"] for row in ana("cases", query={"mine": "true"}).json()["rows"]] == [site.first]
    assert ana("cases", query={"tab": "praise"}).json()["rows"] == []


def test_a_case_comes_with_its_thread_its_trail_and_why_it_is_here(ana: Ask, site: ApiSite) -> None:
    ana("note", site.first, text="called them")
    told = ana("case", site.first).json()
    assert told["case"]["thread"][0]["text"] == "my lumo lamp is broken"
    assert [entry["action"] for entry in told["case"]["trail"]][-1] == "note"
    assert told["explanations"][0]["outcome"] == "case"
    assert ana("explain", query={"post": "1001"}).json()["posts"][0]["case_id"] == site.first


def test_of_two_who_claim_one_is_told_who_has_it(ana: Ask, ben: Ask, site: ApiSite) -> None:
    assert ana("claim", site.first).json()["case"]["claimed_by"] == "ana"
    status, cause = error(ben("claim", site.first))
    assert status == 409
    assert cause.startswith("is claimed by ana")
    assert ben("take-over", site.first).json()["case"]["claimed_by"] == "ben"


def test_a_move_on_what_has_changed_since_is_refused(ana: Ask, ben: Ask, site: ApiSite) -> None:
    seen = ana("case", site.first).json()["case"]["version"]
    ben("claim", site.first)
    assert error(ana("dismiss", site.first, reason="spam", version=seen))[0] == 409


def test_a_case_goes_through_all_its_moves(ana: Ask, site: ApiSite) -> None:
    moves: list[tuple[str, dict[str, Any]]] = [
        ("claim", {}), ("release", {}), ("assign", {"to": "ben"}), ("take-over", {}), ("snooze", {"until": TO_COME}),
        ("escalate", {"reason": "press asks"}), ("cause", {"cause": "delivery"}), ("note", {"text": "they called"}),
        ("reply", {"text": "sorry!", "permalink": "https://x.com/lumo/status/7"}), ("resolve", {}), ("reopen", {}),
        ("dismiss", {"reason": "twice"}),
    ]  # fmt: skip
    for move, body in moves:
        assert ana(move, site.second, **body).status_code == 200, move
    assert ana("case", site.second).json()["case"]["dismissed_reason"] == "twice"
    assert {command.who for command in site.executed} == {"ana"}


def test_feedback_is_given_and_taken_back(ana: Ask, site: ApiSite) -> None:
    assert ana("feedback", site.first, said="not-a-complaint").json()["case"]["status"] == "dismissed"
    assert ana("feedback-undo", site.first).json()["case"]["status"] == "new"
    assert error(ana("feedback-undo", site.first))[0] == 400


# --- answers


def test_an_answer_is_drafted_linted_approved_by_a_second_person_and_opened(ana: Ask, ben: Ask, site: ApiSite) -> None:
    offered = ana("drafts", site.grave).json()
    assert offered["drafts"][0]["name"] == "holding:safety"
    assert offered["playbooks"][0]["severity"] == "safety"
    assert ana("lint", site.grave, text="Dear [name]").json()["stopped"]
    words = "We're sorry about your lamp. Please unplug it; a colleague looks into it right now."
    assert not ana("lint", site.grave, text=words).json()["stopped"]
    assert ana("answer-write", site.grave, text=words).json()["answer"]["state"] == "draft"
    assert error(ana("answer-open", site.grave))[0] == 409
    assert ana("answer-ask", site.grave).json()["answer"]["state"] == "waiting"
    assert [one["text"] for one in ben("answers").json()["answers"]] == [words]
    assert error(ana("answer-approve", site.grave))[0] == 409
    assert ben("answer-approve", site.grave).json()["answer"]["approved_by"] == "ben"
    assert ana("answer-open", site.grave).json()["text"] == words
    assert ana("reply", site.grave, text=words).json()["case"]["status"] == "replied"
    assert ana("case-answers", site.grave).json()["history"][0]["state"] == "sent"


def test_an_answer_is_rejected_held_and_withdrawn(ana: Ask, ben: Ask, site: ApiSite) -> None:
    ana("answer-write", site.grave, text="We look into it at once and come back to you.")
    ana("answer-ask", site.grave)
    assert ben("answer-reject", site.grave, reason="too cold").json()["answer"]["reason"] == "too cold"
    assert ana("answer-hold", site.grave).json()["answer"]["kind"] == "holding"
    assert ana("answer-withdraw", site.grave).json()["answer"]["state"] == "withdrawn"


# --- incidents, silences, samples


def test_an_incident_is_owned_answered_split_merged_fixed_and_over(ana: Ask, site: ApiSite) -> None:
    (listed,) = ana("incidents").json()["incidents"]
    assert listed["id"] == site.incident
    assert [one["id"] for one in ana("incident", site.incident).json()["cases"]] == site.members
    assert ana("incident-own", site.incident).json()["incident"]["owner"] == "ana"
    assert ana("incident-answer", site.incident, text="We know.").json()["incident"]["answer"] == "We know."
    part = ana("incident-split", site.incident, cases=site.members[:1]).json()["incident"]["id"]
    assert ana("incidents", query={"limit": 1}).json()["next"] == part
    assert ana("incidents", query={"after": part}).json()["incidents"][0]["id"] == site.incident
    assert ana("incident-merge", part, into=site.incident).json()["incident"]["count"] == 3
    assert ana("incident-remove", site.incident, cases=site.members[:1]).json()["incident"]["count"] == 2
    assert ana("incident-fix", site.incident).json()["incident"]["state"] == "fixed"
    assert ana("incident-over", site.incident).json()["incident"]["state"] == "over"
    assert ana("incidents").json()["incidents"] == []
    assert len(ana("incidents", query={"all": "true"}).json()["incidents"]) == 2


def test_a_silence_is_made_listed_and_ended(site: ApiSite, address: str, ana: Ask) -> None:
    number = ana("silence", matchers={"brand": ["lumo"]}, reason="launch day", until=TO_COME).json()["silence"]
    (told,) = ana("silences").json()["silences"]
    assert (told["id"], told["author"], told["reason"]) == (number, "ana", "launch day")
    assert ana("end-silence", number).json() == {}
    assert ana("silences").json()["silences"] == []
    root = asker(site, address, "root")
    whole = root("silence", matchers={"level": ["high"]}, reason="drill", until=TO_COME).json()["silence"]
    assert error(ana("end-silence", whole))[0] == 403, "it holds for every brand"
    assert root("end-silence", whole).json() == {}


def test_a_missed_complaint_is_found_among_the_dropped_posts(ana: Ask, site: ApiSite) -> None:
    listed = ana("samples").json()
    assert (listed["samples"][0]["id"], listed["waiting"]) == (site.sample, 1)
    told = ana("answer-sample", site.sample, answer="yes").json()["sample"]
    assert told["answered_by"] == "ana"
    assert ana("samples").json() == {"samples": [], "waiting": 0}


# --- who may


def test_the_table_asks_for_what_the_desk_asks_for() -> None:
    commands = {"feedback-undo": "feedback"}
    for operation in OPERATIONS:
        if operation.changes:
            assert operation.deeds == NEEDS[commands.get(operation.name, operation.name)], operation.name


def test_a_token_may_no_more_than_its_deeds(site: ApiSite, address: str) -> None:
    only_seeing = asker(site, address, "ana", Deed.SEE)
    assert only_seeing("me").json()["brands"] == [{"brand": "lumo", "deeds": ["see"]}]
    assert only_seeing("case", site.first).status_code == 200
    assert error(only_seeing("claim", site.first))[0] == 403
    assert site.executed == []


def test_a_token_may_no_more_than_its_person(site: ApiSite, address: str) -> None:
    vera = asker(site, address, "vera")
    assert vera("cases").status_code == 200
    assert error(vera("note", site.first, text="x"))[0] == 403
    assert error(vera("silence", matchers={"brand": ["lumo"]}, reason="x", until=TO_COME))[0] == 403


def test_a_case_of_another_brand_is_as_if_it_were_none(ana: Ask, site: ApiSite) -> None:
    body: dict[str, Any] = {"to": "x", "until": TO_COME, "reason": "x", "cause": "delivery", "version": 1}
    body |= {"text": "x", "said": "not-us"}
    for operation in OPERATIONS:
        if operation.subject == "case":
            known = operation.body.model_fields if operation.body else {}
            answer = ana(operation.name, site.foreign, **{name: body[name] for name in body if name in known})
            assert answer.status_code == 404, operation.name
            assert "anvil" not in answer.text
    assert site.executed == []


def test_lists_hold_nothing_of_other_brands(ana: Ask, site: ApiSite, address: str) -> None:
    asker(site, address, "root")("silence", matchers={"brand": ["acme"]}, reason="secret", until=TO_COME)
    for name in ("cases", "answers", "incidents", "silences", "samples"):
        assert "acme" not in ana(name).text
    assert error(ana("cases", query={"brand": "acme"}))[0] == 403
    assert error(ana("explain", query={"post": str(site.foreign)}))[0] == 404


def test_somebody_without_any_brand_sees_empty_lists(site: ApiSite, address: str) -> None:
    site.add("nobody", retired="manager")
    nobody = asker(site, address, "nobody")
    assert nobody("cases").json()["rows"] == []
    assert nobody("samples").json()["samples"] == []
    assert nobody("answers").json() == {"answers": []}
    assert nobody("incidents").json()["incidents"] == []


def test_without_a_token_nothing_is_told(address: str, site: ApiSite) -> None:
    answer = httpx.get(f"{address}/api/v1/cases/{site.first}", trust_env=False)
    assert answer.status_code == 401
    assert answer.json()["error"]["retryable"] is False


def test_a_session_needs_its_key_for_what_changes_something(address: str, site: ApiSite) -> None:
    with Browser(address) as browser:
        browser.log_in("ana")
        path = f"/api/v1/cases/{site.first}/claim"
        assert browser.get("/api/v1/me").json()["name"] == "ana"
        assert browser.post(path, json={}).status_code == 403
        assert browser.post(path, json={}, headers={"X-CSRF-Token": "wrong"}).status_code == 403
        assert site.executed == []
        key = browser.csrf()
        assert browser.post(path, json={}, headers={"X-CSRF-Token": key}).status_code == 200


# --- what is wrong with a request


def test_errors_say_what_why_and_what_to_do(ana: Ask, site: ApiSite) -> None:
    told = ana("snooze", site.first).json()["error"]
    assert told["subject"] == "body"
    assert told["cause"] == "until: Field required"
    assert told["next_step"] == "see /api/openapi.json"
    assert told["retryable"] is False


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 30_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"text": "x", "texts": 1}', "application/json", 422),
        (b'{"text": 7}', "application/json", 422),
        (b'{"text": " "}', "application/json", 422),
        (b'{"text": "x", "version": true}', "application/json", 422),
        (b'{"text": "x"}', "text/plain", 415),
        (b'{"text": "x"}', "application/x-www-form-urlencoded", 415),
        (b'{"text": "' + b"x" * BODY_LIMIT + b'"}', "application/json", 413),
        (b'{"text": "' + b"x" * 600_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_is_none_of_ours_is_refused(
    content: bytes, kind: str, status: int, refusing: tuple[ApiSite, httpx.Client]
) -> None:
    site, client = refusing
    answer = client.post(f"/cases/{site.first}/note", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"type", "subject", "cause", "next_step", "retryable"}
    assert site.executed == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "colour=red", "level=huge", "after=1_2", "mine=2", "q=" + "x" * 201]
)
def test_a_query_that_makes_no_sense_is_refused(query: str, refusing: tuple[ApiSite, httpx.Client]) -> None:
    assert refusing[1].get(f"/cases?{query}").status_code == 422


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "x", "9223372036854775808", "1" * 400, "%00", "\u0661"])
def test_a_number_that_is_none_leads_nowhere(number: str, refusing: tuple[ApiSite, httpx.Client]) -> None:
    assert refusing[1].get(f"/cases/{number}").status_code == 404


def test_another_method_is_told_which_one_fits(refusing: tuple[ApiSite, httpx.Client]) -> None:
    site, client = refusing
    answer = client.delete(f"/cases/{site.first}")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert client.get(f"/cases/{site.first}/claim").status_code == 405
    assert client.get("/cases/").status_code == 404
    assert client.head("/cases").status_code == 200


def test_times_far_off_or_without_a_zone_are_refused(ana: Ask, site: ApiSite) -> None:
    for until in ("9999-12-31T23:59:59-14:00", "2026-03-05T12:00:00", "2026-03-05", "1772712000", NOW.timestamp()):
        assert error(ana("snooze", site.first, until=until))[0] == 422
