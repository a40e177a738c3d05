"""The shipped demo stream: well-formed, ordered, labelled, and as messy as its README promises."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import connectors
from connectors.mention import parse_mention

Line = dict[str, Any]

KEYS = {
    "platform",
    "native_id",
    "permalink",
    "author",
    "text",
    "posted_at",
    "lang",
    "parent_id",
    "thread_id",
    "metrics",
    "label",
}
LABEL_KEYS = {"case", "kind", "level", "rule", "severity", "lang", "why"}
KINDS = {"complaint", "question", "praise", "other"}
LEVELS = {"critical", "high", "normal", "low"}
RULES = {
    "own-handle",
    "repost",
    "copy",
    "giveaway",
    "job-ad",
    "coupon",
    "stock-tip",
    "bot",
    "spam",
    "homonym",
    "not-a-complaint",
    "no-watch",
}
SEVERITIES = {"safety", "legal", "press", "fraud", "impostor", "money", "outage", "churn", "rude-staff"}
FLOORED = {"legal", "press", "fraud", "impostor"}
OWN = {("x", "lumo"), ("x", "lumohelp"), ("reddit", "lumo_official")}
SILENT_ON_REACH = {"reddit", "hackernews", "rss"}


@cache
def source() -> str:
    path = Path(connectors.__file__).parent / "samples" / "lumo.jsonl"
    return path.read_text(encoding="utf-8")


@cache
def lines() -> tuple[Line, ...]:
    return tuple(json.loads(line) for line in source().split("\n") if line)


def key(line: Line) -> tuple[str, str]:
    return line["platform"], line["native_id"]


def seen_at(line: Line) -> datetime:
    return datetime.strptime(str(line.get("observed_at") or line["posted_at"]), "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=UTC
    )


def states() -> list[Line]:
    """Every line that carries a post (no deletions)."""
    return [line for line in lines() if not line.get("deleted")]


def posts() -> list[Line]:
    """The first state of every post."""
    first: dict[tuple[str, str], Line] = {}
    for line in states():
        first.setdefault(key(line), line)
    return list(first.values())


def later_states() -> list[tuple[Line, Line]]:
    """Each repeated line with the state before it."""
    last: dict[tuple[str, str], Line] = {}
    pairs: list[tuple[Line, Line]] = []
    for line in states():
        if key(line) in last:
            pairs.append((last[key(line)], line))
        last[key(line)] = line
    return pairs


def with_severity(name: str) -> list[Line]:
    return [post for post in posts() if name in post["label"]["severity"]]


def test_sample_has_enough_posts_on_several_platforms() -> None:
    count = Counter(post["platform"] for post in posts())
    assert sum(count.values()) >= 420
    assert set(count) >= {"x", "reddit", "hackernews", "rss", "mastodon"}
    assert max(count.values()) <= 0.8 * sum(count.values())


def test_every_post_carries_exactly_the_documented_keys() -> None:
    for line in states():
        assert set(line) - {"observed_at"} == KEYS, key(line)
        assert set(line["author"]) == {"handle", "name", "followers"}
        assert set(line["metrics"]) == {"likes", "replies", "reposts", "views"}
        assert line["text"].strip()
        assert isinstance(line["native_id"], str)


def test_every_post_can_be_read_as_a_mention() -> None:
    for line in states():
        mention = parse_mention(line)
        assert mention.key == key(line)
        assert mention.posted_at.tzinfo is not None


def test_lines_stand_in_order_of_time_over_about_36_hours() -> None:
    times = [seen_at(line) for line in lines()]
    assert times == sorted(times)
    assert timedelta(hours=34) <= times[-1] - times[0] <= timedelta(hours=38)


def test_a_repeated_id_is_a_new_state_of_the_same_post() -> None:
    for before, after in later_states():
        assert before["author"] == after["author"]
        assert before["posted_at"] == after["posted_at"]
        assert seen_at(after) > seen_at(before)
        assert before["text"] != after["text"] or before["metrics"] != after["metrics"]


def test_only_repeated_lines_say_when_they_were_observed() -> None:
    assert not [key(post) for post in posts() if "observed_at" in post]
    assert all("observed_at" in after for _, after in later_states())


def test_parents_and_threads_are_known_posts_that_came_before() -> None:
    known: set[tuple[str, str]] = set()
    for post in posts():
        if post["parent_id"] is not None:
            assert (post["platform"], post["parent_id"]) in known
        assert post["thread_id"] == post["native_id"] or (post["platform"], post["thread_id"]) in known
        known.add(key(post))


def test_permalinks_are_unique_and_lead_nowhere() -> None:
    links = [post["permalink"] for post in posts()]
    assert len(set(links)) == len(links)
    assert all(str(urlsplit(link).hostname).endswith(".example") for link in links)


def test_texts_link_to_reserved_hosts_alone() -> None:
    hosts = [urlsplit(url).hostname for line in states() for url in re.findall(r"https?://[^\s\"')>]+", line["text"])]
    assert hosts
    assert all(str(host).endswith(".example") for host in hosts)


def test_labels_use_the_documented_words() -> None:
    for line in lines():
        label = line["label"]
        assert set(label) == LABEL_KEYS
        assert label["why"]
        assert label["kind"] in KINDS | {None}
        assert label["level"] in LEVELS | {None}
        assert label["rule"] in RULES | {None}
        assert set(label["severity"]) <= SEVERITIES


def test_a_case_has_kind_and_level_and_a_drop_has_a_rule() -> None:
    for line in states():
        label = line["label"]
        assert label["case"] == (label["level"] is not None) == (label["rule"] is None), key(line)
        assert label["kind"] is not None or not label["case"]


def test_levels_follow_the_severity_floors() -> None:
    for line in states():
        found = set(line["label"]["severity"])
        assert "safety" not in found or line["label"]["level"] == "critical", line["text"]
        assert not found & FLOORED or line["label"]["level"] in {"critical", "high"}, line["text"]


def test_own_voices_and_nobody_else_are_dropped_as_own_handle() -> None:
    own = [post for post in posts() if (post["platform"], post["author"]["handle"]) in OWN]
    assert len(own) >= 20
    assert {key(post) for post in own} == {key(p) for p in posts() if p["label"]["rule"] == "own-handle"}


def test_control_characters_are_escaped_in_the_file() -> None:
    assert not [c for c in source() if unicodedata.category(c) in {"Cf", "Cc"} and c != "\n"]


def test_every_case_names_the_brand_once_its_text_is_cleaned() -> None:
    for post in posts():
        plain = "".join(c for c in unicodedata.normalize("NFD", post["text"]) if unicodedata.category(c)[0] not in "MC")
        assert not post["label"]["case"] or re.search(r"(?<![a-z0-9])lumo", plain.lower()), post["text"]


def test_reach_is_null_where_the_platform_does_not_tell() -> None:
    silent = [post for post in posts() if post["platform"] in SILENT_ON_REACH]
    assert all(post["author"]["followers"] is None and post["metrics"]["views"] is None for post in silent)
    assert all(post["lang"] is None for post in silent)
    assert any(post["lang"] is None for post in posts() if post["platform"] == "x")


def test_a_good_part_of_the_stream_is_no_complaint() -> None:
    other = [post for post in posts() if post["label"]["kind"] != "complaint"]
    assert 0.35 <= len(other) / len(posts()) <= 0.75


@pytest.mark.parametrize("rule", sorted(RULES))
def test_each_noise_rule_has_examples(rule: str) -> None:
    assert sum(post["label"]["rule"] == rule for post in posts()) >= 2


@pytest.mark.parametrize("severity", sorted(SEVERITIES))
def test_each_severity_has_examples(severity: str) -> None:
    assert len(with_severity(severity)) >= 5


@pytest.mark.parametrize(("lang", "least", "safety"), [("de", 40, 3), ("fr", 10, 2), ("es", 8, 2)])
def test_german_french_and_spanish_are_served_with_safety_texts(lang: str, least: int, safety: int) -> None:
    assert sum(post["label"]["lang"] == lang for post in posts()) >= least
    assert sum(post["label"]["lang"] == lang for post in with_severity("safety")) >= safety


def test_unserved_languages_occur() -> None:
    assert {post["label"]["lang"] for post in posts()} >= {"uk", "ar", "pt", "nl", "fi"}


def test_the_outage_is_a_wave_of_different_words_by_different_authors() -> None:
    peak = max(seen_at(post) for post in with_severity("outage")) - timedelta(hours=2, minutes=30)
    wave = [post for post in with_severity("outage") if seen_at(post) >= peak]
    assert len({post["author"]["handle"] for post in wave}) >= 40
    assert len({post["text"].casefold() for post in wave}) == len(wave)
    assert len({post["platform"] for post in wave}) >= 4


def test_texts_are_not_rewordings_from_a_template() -> None:
    own_words = [post["text"] for post in posts() if post["label"]["rule"] not in {"copy", "repost", "bot"}]
    openings = Counter(" ".join(text.casefold().split()[:4]) for text in own_words)
    repeated = {words for words, count in openings.items() if count > 1}
    assert not repeated


def test_one_post_goes_viral_within_half_an_hour() -> None:
    rows = {key(after) for _, after in later_states() if (after["metrics"]["likes"] or 0) >= 5000}
    assert len(rows) == 1
    curve = [line for line in states() if key(line) in rows]
    assert len(curve) >= 5
    assert curve[0]["metrics"]["likes"] == 0
    assert curve[0]["author"]["followers"] < 1000
    assert seen_at(curve[-1]) - seen_at(curve[0]) <= timedelta(minutes=31)
    assert (curve[0]["label"]["level"], curve[-1]["label"]["level"]) == ("normal", "high")


def test_edits_and_deletions_occur() -> None:
    edits = [after for before, after in later_states() if before["text"] != after["text"]]
    deleted = [line for line in lines() if line.get("deleted")]
    known = {key(post): seen_at(post) for post in posts()}
    assert len(edits) >= 3
    assert len(deleted) >= 3
    assert all(seen_at(line) > known[key(line)] and "text" not in line for line in deleted)


def test_impostors_answer_complainers_under_look_alike_handles() -> None:
    fakes = [p for p in with_severity("impostor") if p["label"]["kind"] == "other" and p["parent_id"]]
    named = {p["author"]["handle"] for p in fakes if p["author"]["handle"].lower().startswith("lumo")}
    assert len(named) >= 3
    assert not {(p["platform"], p["author"]["handle"]) for p in fakes} & OWN


def test_someone_complains_again_and_again_and_someone_large_joins() -> None:
    count = Counter(key(p)[0] + p["author"]["handle"] for p in posts() if p["label"]["kind"] == "complaint")
    assert count.most_common(1)[0][1] >= 4
    assert any((p["author"]["followers"] or 0) >= 100_000 and p["label"]["case"] for p in posts())


def test_people_answer_each_other_in_threads() -> None:
    threads = Counter((p["platform"], p["thread_id"]) for p in posts())
    assert sum(size >= 3 for size in threads.values()) >= 8


SHAPES: list[tuple[str, Callable[[str], bool]]] = [
    ("rant of 8,000 characters", lambda text: len(text) >= 8000),
    ("stacked combining marks", lambda text: sum(unicodedata.combining(c) > 0 for c in text) > 2 * len(text) / 3),
    ("zero-width characters", lambda text: "\u200b" in text),
    ("script", lambda text: "<script>" in text),
    ("spreadsheet formula", lambda text: text.startswith("=")),
    ("bidi override", lambda text: "\u202e" in text),
    ("native repost", lambda text: text.startswith("RT @")),
    ("chain of handles", lambda text: text.count("@") >= 4),
    ("line breaks", lambda text: "\n" in text),
    ("hashtags", lambda text: len(re.findall(r"#\w+", text)) >= 3),
    ("link", lambda text: ".example" in text),
    ("lower case without end mark", lambda text: text == text.lower() and text[-1].isalpha()),
    ("emoji", lambda text: any(unicodedata.category(c) == "So" for c in text)),
    ("harmless fire", lambda text: "FIRE" in text and "desk" in text),
]


@pytest.mark.parametrize(("name", "holds"), SHAPES, ids=[name for name, _ in SHAPES])
def test_messy_and_hostile_shapes_occur(name: str, holds: Callable[[str], bool]) -> None:
    assert any(holds(post["text"]) for post in posts()), name
