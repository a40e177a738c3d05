import json

import pytest

from models.explain import WordWeight
from monitor import desk
from monitor.cli import explaining
from monitor.config.schema import LevelBounds
from monitor.domain import Level
from monitor.explanation import explanation_json
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_drop, make_mention, make_verdict, store_case, store_mentions

BOUNDS = LevelBounds()


def test_a_case_tells_every_factor_and_the_nearest_line() -> None:
    store = SqliteStore(None)
    case_id = store_case(store, Level.HIGH, native_id="77")
    (found,) = desk.explain(store, "77")
    told = explanation_json(found, BOUNDS)
    assert (told["outcome"], told["case_id"], told["level"]) == ("case", case_id, "high")
    assert sum(factor["points"] for factor in told["factors"]) == told["score"]
    assert told["nearest_level"] == {"level": "critical", "line": 80, "points_to_line": 10}
    assert told["words"] is None
    json.dumps(told)


@pytest.mark.parametrize("key", ["77", "x:77", "https://x.example/77"])
def test_a_post_is_found_by_id_platform_and_link(key: str) -> None:
    store = SqliteStore(None)
    store_case(store, native_id="77", permalink="https://x.example/77")
    assert desk.explain(store, key)[0].native_id == "77"


def test_a_drop_names_its_rule_evidence_and_advice() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(native_id="78")])
    ((hit, _),) = store.claim_hits(NOW, 60, 1)
    decision = make_drop(evidence="complaint 0.31 < 0.50", advice="would be queued if it asked us")
    store.save_decision(hit, decision, make_verdict(0.31), store.history(hit, NOW, ()), "r1", NOW)
    told = explanation_json(desk.explain(store, "78")[0], BOUNDS, [WordWeight("broken", 0, 6, 1.5, 20.0)])
    assert told["outcome"] == "drop"
    assert told["drop"] == {"rule": "not-a-complaint", "evidence": "complaint 0.31 < 0.50"}
    assert told["advice"] == "would be queued if it asked us"
    assert told["words"] == [{"word": "broken", "start": 0, "end": 6, "weight": 1.5, "points": 20.0}]


def test_what_no_watch_matched_says_so() -> None:
    store = SqliteStore(None)
    store.register_sources({"x": "replay"})
    claim = store.claim_source(["x"], NOW, 60)
    assert claim is not None
    store.save_page(claim, [(make_mention(native_id="79"), {})], (), {}, NOW, platform="x", returned=1, skipped=0)
    told = explanation_json(desk.explain(store, "79")[0], BOUNDS)
    assert (told["outcome"], told["brand"], told["drop"]["rule"]) == ("unmatched", None, "no-watch")


def test_what_waits_and_what_is_parked_say_so() -> None:
    store = SqliteStore(None)
    store_mentions(store, [make_mention(native_id="80")])
    assert explanation_json(desk.explain(store, "80")[0], BOUNDS)["outcome"] == "waiting"
    for _ in range(3):
        ((hit, _),) = store.claim_hits(NOW, 60, 1)
        store.fail_hit(hit, "the model broke down", tries=3)
    told = explanation_json(desk.explain(store, "80")[0], BOUNDS)
    assert (told["outcome"], told["parked"]) == ("parked", "the model broke down")


def test_the_words_are_printed_in_reading_order_and_inert(capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        {"word": "still", "start": 0, "end": 5, "weight": 0.2, "points": 3.0},
        {"word": "br\x1b[31moken", "start": 6, "end": 20, "weight": 2.0, "points": 40.0},
    ]
    explaining._print_words(words)
    first, second = capsys.readouterr().out.splitlines()
    assert first.split() == ["+3.0", "\u2068still\u2069"]
    assert "\\x1b" in second
