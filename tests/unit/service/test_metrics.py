"""The figures as Prometheus text."""

from dataclasses import replace
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from monitor.domain import Level
from monitor.service.figures import Figures
from monitor.service.metrics import render_metrics
from monitor.store.records import SourceState
from tests.unit.service.parts import NOON
from tests.unit.service.test_health import SOURCE, WELL


def samples(figures: Figures) -> dict[tuple[str, ...], float]:
    """Every sample by name and label values."""
    text = render_metrics(figures).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_name_begins_with_the_product() -> None:
    assert {name.startswith("complaint_monitor_") for name, *_ in samples(WELL)} == {True}


def test_shows_what_waits_and_for_how_long() -> None:
    figures = replace(
        WELL, waiting_hits=3, oldest_hit_at=NOON - timedelta(seconds=42), open_cases={Level.CRITICAL: 2}, parked_hits=1
    )
    found = samples(figures)
    assert found["complaint_monitor_waiting_hits",] == 3
    assert found["complaint_monitor_oldest_undecided_hit_seconds",] == 42
    assert found["complaint_monitor_oldest_unsent_urgent_seconds",] == 0
    assert found["complaint_monitor_open_cases", "critical"] == 2
    assert found["complaint_monitor_parked_hits",] == 1
    assert found["complaint_monitor_healthy",] == 1


def test_shows_how_each_source_and_loop_is_doing() -> None:
    source = replace(SOURCE, state=SourceState.STOPPED, failures=4, due_at=NOON - timedelta(seconds=30))
    found = samples(replace(WELL, sources=(source,)))
    assert found["complaint_monitor_source_state", "x", "x", "stopped"] == 1
    assert found["complaint_monitor_source_state", "x", "x", "ok"] == 0
    assert found["complaint_monitor_source_failures", "x", "x"] == 4
    assert found["complaint_monitor_oldest_unpolled_source_seconds",] == 30
    assert found["complaint_monitor_loop_turns_total", "triage"] == 3
    assert found["complaint_monitor_healthy",] == 0


def test_what_is_unknown_has_no_sample() -> None:
    found = samples(Figures(at=NOON, store_failure="locked"))
    names = {name for name, *_ in found}
    assert found["complaint_monitor_store_answers",] == 0
    assert "complaint_monitor_waiting_hits" not in names
    assert "complaint_monitor_oldest_undecided_hit_seconds" not in names
    assert "complaint_monitor_store_free_bytes" not in names


def test_hostile_names_are_escaped() -> None:
    name = 'x"} 1\ncomplaint_monitor_healthy 0\\'
    lines = render_metrics(replace(WELL, sources=(replace(SOURCE, name=name),))).decode().split("\n")
    assert [line for line in lines if line.startswith("complaint_monitor_healthy ")] == [
        "complaint_monitor_healthy 1.0"
    ]
    assert [line for line in lines if line.startswith("complaint_monitor_source_failures{")] == [
        r'complaint_monitor_source_failures{kind="x",source="x\"} 1\ncomplaint_monitor_healthy 0\\"} 0.0'
    ]
