"""The verdict over figures: red with every reason, or ok."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.service.figures import Figures, Machinery
from monitor.service.health import FREE_BYTES, PARKED_HITS, judge_health
from monitor.service.loop import LoopState
from monitor.service.reload import Reload
from monitor.store.receivers import CanaryRun, ReceiverState
from monitor.store.records import SourceState, SourceStatus
from tests.unit.service.parts import NOON

SOURCE = SourceStatus(
    "x", "x", SourceState.OK, None, NOON + timedelta(minutes=1), NOON, NOON, failures=0, returned=5, skipped=0,
    returned_today=5,
)  # fmt: skip
WELL = Figures(
    at=NOON,
    machinery=Machinery(loops=(LoopState("triage", 3, 0, 1.0, 30.0),), reload=Reload(NOON)),
    sources=(SOURCE,),
    waiting_hits=0,
    parked_hits=0,
    free_bytes=10 * FREE_BYTES,
)


def with_source(**changes: object) -> Figures:
    return replace(WELL, sources=(replace(SOURCE, **changes),))  # type: ignore[arg-type]


def with_machinery(**changes: object) -> Figures:
    return replace(WELL, machinery=replace(WELL.machinery, **changes))  # type: ignore[arg-type]


def test_is_ok_while_all_is_well() -> None:
    health = judge_health(WELL)
    assert health.ok
    assert health.to_json() == {"status": "ok", "reasons": [], "notes": []}


CANARY = CanaryRun(7, "desk", NOON - timedelta(minutes=20), NOON - timedelta(minutes=10), NOON, None, None)

RED = {
    "a canary that nobody acknowledged": (
        replace(WELL, canary=CANARY),
        "the test alert to desk is not acknowledged after 20 min",
    ),
    "a stopped source": (with_source(state=SourceState.STOPPED, reason="wrong token"), "source x is stopped: wrong"),
    "a source that keeps failing": (
        with_source(state=SourceState.FAILING, failures=3, reason="503", ok_at=NOON - timedelta(hours=1)),
        "source x fails for the 3rd time: 503",
    ),
    "a source nobody polls": (with_source(due_at=NOON - timedelta(minutes=11)), "source x was due 11 min ago"),
    "a post nobody decides": (
        replace(WELL, waiting_hits=7, oldest_hit_at=NOON - timedelta(minutes=6)),
        "the oldest of 7 undecided posts waits for 6 min",
    ),
    "an urgent message nobody sends": (
        replace(WELL, oldest_urgent_at=NOON - timedelta(hours=3)), "the oldest urgent message waits for 3 h",
    ),
    "many parked posts": (replace(WELL, parked_hits=PARKED_HITS), "10 posts are parked"),
    "a receiver that cannot be opened": (replace(WELL, broken_receivers={"desk": "no url"}), "receiver desk"),
    "a full disk": (replace(WELL, free_bytes=FREE_BYTES - 1), "the disk of the store has 100 MB left"),
    "a silent store": (replace(WELL, store_failure="locked"), "the store does not answer: locked"),
    "a stuck loop": (
        with_machinery(loops=(LoopState("triage", 3, 0, 90.0, 30.0),)), "triage has not turned for 90 s",
    ),
    "a failing loop": (
        with_machinery(loops=(LoopState("triage", 3, 1, 1.0, 30.0, "KeyError: 'x'"),)), "triage fails: KeyError",
    ),
    "a dead ticker": (with_machinery(ticker_age_s=300.0), "the ticker has not ticked for 5 min"),
    "a refused reload": (
        with_machinery(reload=Reload(NOON, "config.yaml:3:1: unknown key")), "the last reload was refused",
    ),
    "no web server": (with_machinery(web_failure="address already in use"), "the web server does not listen"),
}  # fmt: skip


@pytest.mark.parametrize(("figures", "reason"), RED.values(), ids=RED.keys())
def test_is_red_with_a_reason(figures: Figures, reason: str) -> None:
    health = judge_health(figures)
    assert not health.ok
    assert len(health.reasons) == 1
    assert health.reasons[0].startswith(reason)


QUIET = {
    "a source that failed once": with_source(state=SourceState.FAILING, failures=1, reason="503", ok_at=None),
    "one parked post": replace(WELL, parked_hits=1),
    "a message given up": replace(WELL, messages={"dead": 1}),
    "no source at all": replace(WELL, sources=()),
}


@pytest.mark.parametrize("figures", QUIET.values(), ids=QUIET.keys())
def test_only_notes_what_nobody_has_to_act_on_at_once(figures: Figures) -> None:
    health = judge_health(figures)
    assert health.ok
    assert len(health.notes) == 1


def test_names_every_reason_at_once_and_bounds_each() -> None:
    figures = replace(with_source(state=SourceState.STOPPED, reason="x" * 9000), free_bytes=0, parked_hits=99)
    reasons = judge_health(figures).reasons
    assert len(reasons) == 3
    assert max(map(len, reasons)) == 300


def test_a_message_that_its_route_keeps_open_is_no_fault() -> None:
    figures = replace(WELL, oldest_urgent_at=NOON - timedelta(minutes=30), longest_pause=timedelta(minutes=26))
    assert judge_health(figures).ok


def test_a_backlog_is_no_fault_while_it_is_young() -> None:
    assert judge_health(replace(WELL, waiting_hits=10_000, oldest_hit_at=NOON - timedelta(minutes=4))).ok


def test_a_canary_that_was_acknowledged_or_is_under_way_is_well() -> None:
    for change in ({"acknowledged_at": NOON}, {"due_at": NOON + timedelta(minutes=1)}):
        assert judge_health(replace(WELL, canary=replace(CANARY, **change))).ok  # type: ignore[arg-type]


def test_a_receiver_that_fails_deserves_a_look() -> None:
    state = ReceiverState("desk", failed_at=NOON, failures=4, reason="server", error="desk: 503")
    health = judge_health(replace(WELL, receivers={"desk": state}))
    assert health.notes == ("receiver desk fails for the 4th time: desk: 503",)
    assert judge_health(replace(WELL, receivers={"desk": replace(state, failures=0)})).notes == ()
