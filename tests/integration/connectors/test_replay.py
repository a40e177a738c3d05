import json
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.connector import Request
from connectors.errors import BadSettings, Forbidden, SourceGone
from connectors.files import LONGEST_LINE
from connectors.mention import format_time
from connectors.options import ReplayOptions
from connectors.replay import MOST_SKIPPED, PAGE_SIZE, ReplayConnector
from tests.fakes.server import Clock
from tests.integration.connectors.reading import NOW, read

MINUTE = timedelta(minutes=1)
START = NOW - timedelta(days=100)


def line(name: str, minute: float = 0, **more: Any) -> str:
    record = {"platform": "x", "native_id": name, "author": {"handle": "ann"}, "text": f"lumo {name}"}
    return json.dumps({**record, "posted_at": format_time(START + minute * MINUTE), **more})


def write(path: Path, *lines: str, mode: str = "w") -> None:
    with path.open(mode, encoding="utf-8", errors="surrogatepass") as file:
        file.writelines(f"{one}\n" for one in lines)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "posts.jsonl"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


def replay(path: Path, clock: Clock, *, paced: bool = True, **options: Any) -> ReplayConnector:
    connector = ReplayConnector("file", ReplayOptions(kind="replay", path=path, **options), clock=clock)
    connector.paced = paced
    return connector


def test_a_file_is_read_once_in_order_and_unknown_keys_are_ignored(path: Path, clock: Clock) -> None:
    write(path, line("1", label={"case": True}), line("2", future_key=[1]), "", line("3"))
    connector = replay(path, clock)
    first = read(connector)
    assert (first.ids, first.skipped) == (["1", "2", "3"], [])
    assert first.mentions[0].posted_at == START
    assert read(connector, first.cursor).ids == []


def test_an_appended_file_goes_on_and_a_replaced_one_starts_again(path: Path, clock: Clock) -> None:
    write(path, line("1"))
    connector = replay(path, clock)
    first = read(connector)
    write(path, line("2"), mode="a")
    second = read(connector, first.cursor)
    assert second.ids == ["2"]
    other = path.with_suffix(".new")
    write(other, line("1"), line("2"), line("3"))
    other.replace(path)
    assert read(connector, second.cursor).ids == ["1", "2", "3"]


def test_a_file_rewritten_in_place_starts_again(path: Path, clock: Clock) -> None:
    write(path, line("1"), line("2"))
    connector = replay(path, clock)
    first = read(connector)
    write(path, line("7"), line("8"), line("9"))
    second = read(connector, first.cursor)
    assert second.ids == ["7", "8", "9"]
    write(path, line("5"))
    assert read(connector, second.cursor).ids == ["5"]


def test_a_line_still_being_written_waits_for_its_end(path: Path, clock: Clock) -> None:
    whole = line("2")
    path.write_text(line("1") + "\n" + whole[:30])
    connector = replay(path, clock)
    first = read(connector)
    assert (first.ids, first.skipped) == (["1"], [])
    path.write_text(line("1") + "\n" + whole)
    assert read(connector, first.cursor).ids == ["2"]


def test_a_broken_last_line_that_nobody_finishes_is_reported_once(path: Path, clock: Clock) -> None:
    path.write_text(line("1") + '\n{"platform"')
    connector = replay(path, clock)
    first = read(connector)
    second = read(connector, first.cursor)
    assert second.skipped == [f"{path}:2: line: is no JSON (column 12)"]
    assert read(connector, second.cursor).skipped == []
    assert read(replay(path, clock, paced=False)).skipped == second.skipped


def test_pages_hold_500_mentions_and_a_restart_goes_on_after_the_last_stored_one(path: Path, clock: Clock) -> None:
    write(path, *(line(str(number)) for number in range(1_200)))
    page = replay(path, clock).fetch(Request(""))
    assert len(page.mentions) == PAGE_SIZE
    rest = replay(path, clock).fetch(Request("", token=page.next_token, state=page.state))
    assert rest.mentions[0].native_id == "500"
    assert read(replay(path, clock)).ids == [str(number) for number in range(1_200)]


BAD_LINES = {
    '{"platform": "x"': "line: is no JSON",
    "[1, 2]": "line: is no JSON object",
    "[" * 100_000: "line: is nested too deeply",
    '{"a": ' + "9" * 5_000 + "}": "line: is nested too deeply or holds a monstrous number",
    '{"platform": "x"}': "author: must be an object",
    line("1", platform=None): "platform: is missing",
    line("1", text=["no"]): "text: must be text, not list",
    line("1", posted_at="yesterday"): "posted_at: 'yesterday' is no time",
    line("1", posted_at=1e300): "posted_at:",
    line("1", author="ann"): "author: must be an object",
    line(""): "native_id: is empty",
    line("1", observed_at="later"): "posted_at: 'later' is no time",
    '{"platform": "x", "deleted": true}': "native_id: a deletion must name",
    "\udcff\udcfe": "line: is no",
}


@pytest.mark.parametrize("bad", BAD_LINES, ids=BAD_LINES.get)
def test_a_bad_line_is_skipped_and_named_by_file_and_line(path: Path, clock: Clock, bad: str) -> None:
    write(path, line("before"), bad, line("after"))
    reading = read(replay(path, clock))
    assert reading.ids == ["before", "after"]
    (skipped,) = reading.skipped
    assert skipped.startswith(f"{path}:2: {BAD_LINES[bad]}")
    assert len(skipped) < 400


def test_hostile_values_in_good_lines_are_cleaned_or_unknown(path: Path, clock: Clock) -> None:
    metrics = {"likes": -1, "replies": 2**70, "reposts": "many", "views": True}
    write(path, line("1", text="a\x00b\ud800", metrics=metrics, rating=10**400, permalink="javascript:alert(1)"))
    write(path, line("2", metrics=[1], native_id=2**63), mode="a")
    first, second = read(replay(path, clock)).mentions
    assert first.text == "a\ufffdb\ufffd"
    assert (first.metrics.engagement, first.metrics.views, first.rating, first.permalink) == (None, None, None, None)
    assert second.native_id == "9223372036854775808"


def test_a_line_of_megabytes_is_passed_over(path: Path, clock: Clock) -> None:
    write(path, line("1"), line("2", text="x" * (3 * LONGEST_LINE)), line("3"))
    reading = read(replay(path, clock))
    assert reading.ids == ["1", "3"]
    assert reading.skipped == [f"{path}:2: line: is longer than 1,000,000 bytes"]


def test_many_bad_lines_are_counted_after_the_first_few(path: Path, clock: Clock) -> None:
    write(path, *["nonsense"] * 100)
    reading = read(replay(path, clock))
    assert len(reading.skipped) == MOST_SKIPPED + 1
    assert reading.skipped[-1] == "and 80 more lines"


def test_an_edit_comes_after_what_it_edits_and_new_metrics_take_the_place_of_old_ones(path: Path, clock: Clock) -> None:
    write(path, line("1", text="broken"), line("2"), line("1", text="broken"), line("1", text="mended"))
    write(path, line("2", metrics={"likes": 5_000}, observed_at=format_time(START + MINUTE)), mode="a")
    reading = read(replay(path, clock))
    assert [mention.text for mention in reading.mentions if mention.native_id == "1"] == ["broken", "mended"]
    assert reading.mentions[-1].metrics.likes == 5_000
    assert reading.pages == 2


def test_a_deletion_is_told_and_a_later_post_of_the_same_id_comes_after_it(path: Path, clock: Clock) -> None:
    gone = json.dumps({"platform": "x", "native_id": "1", "deleted": True})
    write(path, line("1"), gone, line("1", text="back"))
    connector = replay(path, clock)
    page = connector.fetch(Request(""))
    assert ([mention.native_id for mention in page.mentions], page.deleted) == (["1"], ("1",))
    assert read(connector).texts == ["lumo 1", "back"]


def test_with_a_pace_posts_become_public_as_compressed_time_passes(path: Path, clock: Clock) -> None:
    write(path, line("1"), line("2", 30), line("3", 60), line("4", 600))
    connector = replay(path, clock, pace=60)
    first = read(connector)
    assert first.ids == ["1"]
    clock.advance(seconds=30)
    second = read(connector, first.cursor)
    assert second.ids == ["2"]
    clock.advance(seconds=29)
    assert read(connector, second.cursor).ids == []
    clock.advance(seconds=1)
    third = read(connector, second.cursor)
    assert third.ids == ["3"]
    clock.advance(minutes=9)
    assert read(connector, third.cursor).ids == ["4"]


def test_an_edit_becomes_public_when_it_was_observed(path: Path, clock: Clock) -> None:
    write(path, line("1"), line("1", text="mended", observed_at=format_time(START + 10 * MINUTE)))
    connector = replay(path, clock, pace=1)
    first = read(connector)
    assert first.texts == ["lumo 1"]
    clock.advance(minutes=10)
    assert read(connector, first.cursor).texts == ["mended"]


def test_run_once_ignores_pace_and_loop(path: Path, clock: Clock) -> None:
    write(path, line("1"), line("2", 30))
    connector = replay(path, clock, paced=False, pace=1, loop=True)
    first = read(connector)
    assert first.ids == ["1", "2"]
    assert read(connector, first.cursor).ids == []


@pytest.mark.parametrize("pace", [1e-300, 1e300])
def test_a_monstrous_pace_is_survived(path: Path, clock: Clock, pace: float) -> None:
    write(path, line("1"), line("2", 30))
    assert read(replay(path, clock, pace=pace, shift="now")).ids[0] == "1"


def test_a_loop_starts_again_with_ids_of_its_own_once_the_end_was_reached(path: Path, clock: Clock) -> None:
    write(path, line("1", thread_id="0"), line("2", 30, parent_id="1", thread_id="0"))
    connector = replay(path, clock, pace=60, loop=True)
    first = read(connector)
    again = read(connector, first.cursor)
    assert (first.ids, again.ids) == (["1"], [])
    clock.advance(seconds=30)
    second = read(connector, again.cursor)
    third = read(connector, second.cursor)
    assert (second.ids, third.ids) == (["2"], ["1#2"])
    clock.advance(seconds=30)
    (last,) = read(connector, third.cursor).mentions
    assert (last.native_id, last.parent_id, last.thread_id) == ("2#2", "1#2", "0#2")


def test_shift_now_dates_the_last_line_when_the_file_was_opened_and_keeps_to_it(path: Path, clock: Clock) -> None:
    write(path, line("1"), line("2", 30))
    first = read(replay(path, clock, shift="now"))
    assert [mention.posted_at for mention in first.mentions] == [NOW - 30 * MINUTE, NOW]
    clock.advance(hours=5)
    write(path, line("3", 40), mode="a")
    restarted = replay(path, clock, shift="now")
    assert [mention.posted_at for mention in read(restarted, first.cursor).mentions] == [NOW + 10 * MINUTE]


def test_shift_now_with_a_pace_dates_each_post_when_it_becomes_public(path: Path, clock: Clock) -> None:
    write(path, line("1"), line("2", 60))
    connector = replay(path, clock, shift="now", pace=60)
    first = read(connector)
    clock.advance(minutes=1)
    second = read(connector, first.cursor)
    assert [mention.posted_at for mention in first.mentions + second.mentions] == [NOW, NOW + MINUTE]


def test_reread_answers_with_the_latest_line_that_is_public_by_now(path: Path, clock: Clock) -> None:
    gone = json.dumps({"platform": "x", "native_id": "2", "deleted": True, "observed_at": format_time(START + MINUTE)})
    viral = line("1", metrics={"likes": 5_000}, observed_at=format_time(START + 30 * MINUTE))
    write(path, line("1", metrics={"likes": 0}), line("2"), gone, viral)
    connector = replay(path, clock, pace=1)
    assert connector.reread(["1"]).mentions == ()
    first = read(connector)
    (mention,) = connector.reread(["1", "unknown"]).mentions
    assert (mention.metrics.likes, connector.reread(["2"]).gone) == (0, ())
    clock.advance(minutes=30)
    read(connector, first.cursor)
    answer = connector.reread(["1", "2"])
    assert ([mention.metrics.likes for mention in answer.mentions], answer.gone) == ([5_000], ("2",))


def test_reread_tells_platforms_with_the_same_id_apart(path: Path, clock: Clock) -> None:
    write(path, line("1"), line("1", platform="reddit", text="another"))
    connector = replay(path, clock)
    read(connector)
    answer = connector.reread(["1"])
    assert {mention.key: mention.text for mention in answer.mentions} == {
        ("x", "1"): "lumo 1",
        ("reddit", "1"): "another",
    }


def test_reread_of_a_replaced_file_knows_nothing(path: Path, clock: Clock) -> None:
    write(path, line("1"))
    connector = replay(path, clock)
    read(connector)
    write(path, line("7"))
    assert connector.reread(["1"]).mentions == ()


def test_reread_gives_the_ids_and_times_of_the_round(path: Path, clock: Clock) -> None:
    write(path, line("1"))
    connector = replay(path, clock, loop=True, shift="now")
    read(connector, read(connector).cursor)
    (mention,) = connector.reread(["1", "1#2"]).mentions
    assert (mention.native_id, mention.posted_at) == ("1#2", NOW)


def test_a_missing_or_unreadable_file_is_one_of_our_errors(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(SourceGone, match="there is no file"):
        replay(tmp_path / "nothing.jsonl", clock).fetch(Request(""))
    with pytest.raises(BadSettings, match="not a regular file"):
        replay(tmp_path, clock).fetch(Request(""))
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(BadSettings, match="not a regular file"):
        replay(pipe, clock).fetch(Request(""))


def test_a_file_without_permission_is_forbidden(path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    write(path, line("1"))
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Forbidden, match="may not be read"):
        replay(path, clock).fetch(Request(""))


def test_an_empty_file_gives_an_empty_page(path: Path, clock: Clock) -> None:
    path.touch()
    assert read(replay(path, clock, loop=True, pace=1, shift="now")).ids == []


def test_a_state_that_is_none_starts_at_the_beginning(path: Path, clock: Clock) -> None:
    write(path, line("1"))
    connector = replay(path, clock)
    for state in ({"offset": 5}, {"inode": "x"}, {"etag": None}):
        assert len(connector.fetch(Request("", state=state)).mentions) == 1


def test_the_shipped_sample_is_read_without_a_bad_line(clock: Clock) -> None:
    reading = read(replay(Path("connectors/samples/lumo.jsonl"), clock, shift="now"))
    assert reading.skipped == []
    assert len(reading.mentions) >= 150


def test_parsing_keeps_up_with_20_000_lines_a_second(path: Path, clock: Clock) -> None:
    write(path, *(line(str(number), text="lumo is down again, third time this week " * 3) for number in range(10_000)))
    spent = []
    for _ in range(3):
        began = time.process_time()
        assert len(read(replay(path, clock)).ids) == 10_000
        spent.append(time.process_time() - began)
    assert 10_000 / min(spent) >= 20_000
