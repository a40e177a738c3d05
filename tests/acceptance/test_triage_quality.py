"""Triage on labelled streams, with the shipped model: floors under the figures that `bench.triage_quality` prints."""

from pathlib import Path

import pytest

from bench.triage_quality import Quality, Share, judge, load_classifier, measure, read_stream, settings_for

STREAMS = {"sample": Path("connectors/samples/lumo.jsonl"), "held out": Path("bench/streams/held_out.jsonl")}


@pytest.fixture(scope="module")
def qualities() -> dict[str, Quality]:
    name, classifier = load_classifier(None)
    assert name == "complaint-minilm"
    streams = {stream: read_stream(path) for stream, path in STREAMS.items()}
    return {stream: measure(judge(posts, settings_for(posts), classifier)) for stream, posts in streams.items()}


def percent(share: Share) -> float:
    assert share.percent is not None
    return share.percent


def test_nearly_every_grave_post_of_the_sample_is_urgent(qualities: dict[str, Quality]) -> None:
    grave = qualities["sample"].class_urgent
    assert min(percent(grave[name]) for name in ("safety", "legal", "press", "fraud")) == 100
    assert percent(grave["impostor"]) >= 80


@pytest.mark.parametrize(("name", "floor"), [("safety", 94), ("legal", 96), ("press", 90), ("fraud", 95)])
def test_most_grave_posts_of_another_brands_stream_are_urgent(
    qualities: dict[str, Quality], name: str, floor: float
) -> None:
    assert percent(qualities["held out"].class_urgent[name]) >= floor


@pytest.mark.parametrize(("stream", "precision"), [("sample", 58), ("held out", 80)])
def test_urgent_means_urgent(qualities: dict[str, Quality], stream: str, precision: float) -> None:
    """The sample calls posts of its outage normal, as one incident tells of it, and is wittier than most streams."""
    assert percent(qualities[stream].urgent_precision) >= precision
    assert qualities[stream].false_critical_per_1000 <= 2.1
    assert percent(qualities[stream].urgent_recall) >= 80


def test_noise_stays_out_and_cases_come_in(qualities: dict[str, Quality]) -> None:
    held_out = qualities["held out"]
    assert percent(held_out.case_recall) >= 80
    assert percent(held_out.case_precision) >= 74
    assert min(percent(held_out.noise_recall[rule]) for rule in ("bot", "coupon", "giveaway")) >= 80
