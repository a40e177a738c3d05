"""Deleted posts, against the fakes: nothing of their words or their author is found anywhere, a tombstone is kept."""

import io
import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.mention import format_time
from monitor import desk
from monitor.desk.turn import Turn
from monitor.domain import Status
from monitor.export import exported_cases, exported_mentions, write_csv, write_jsonl
from monitor.steps.deliver import deliver
from monitor.store.sqlite import SqliteStore
from tests.watching import Scene, watching

WORD, WHO = "zyxcanary77", "canarybird9"
TEXT = f"my lumo desk lamp is broken and FLICKERS, call me {WORD}"
CANARIES = (WORD, WHO)
OURS = {"x": "lumo", "reddit": "lumo_official"}


def everything(store: SqliteStore) -> str:
    """Return every text of every table."""
    tables = [row["name"] for row in store.connection.query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", {})]  # fmt: skip
    rows = [row for table in tables for row in store.connection.query(f'SELECT * FROM "{table}"', {})]
    return "\n".join(str(value) for row in rows for value in row.values() if isinstance(value, str | bytes))


def exports(store: SqliteStore) -> str:
    out = io.StringIO()
    for write in (write_jsonl, write_csv):
        for records in (exported_mentions(store), exported_cases(store)):
            for _ in write(records, out):
                pass
    return out.getvalue()


def shown(store: SqliteStore) -> str:
    """Return what the commands and the desk show of everything."""
    ids = [one for part in store.export_case_ids() for one in part]
    views = json.dumps([view.to_json() for view in store.case_views(ids)])
    cases = json.dumps([desk.show(store, one).to_json() for one in ids], default=str)
    return f"{views}\n{cases}"


def canaries_in(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text.casefold()]


def turn(scene: Scene) -> Turn:
    return Turn(scene.store, scene.services.settings, "kim", scene.clock())


def busy(scene: Scene, platform: str) -> str:
    """Return a post that was edited, claimed, noted, answered, sent and told of, in words that all quote it."""
    post = scene.begin(platform, TEXT, WHO)
    scene.poll()
    case_id = scene.case().id
    desk.claim(turn(scene), case_id)
    desk.note(turn(scene), case_id, f"{WHO} wrote {WORD} before")
    desk.reply(turn(scene), case_id, f"@{WHO} sorry for {WORD}", f"https://x.com/{WHO}/status/1")
    fake: Any = scene.fakes[platform]
    fake.edit(post, f"{TEXT}, still {WORD}", scene.clock())
    answer = scene.answer(platform, post, "sorry!", OURS[platform])
    scene.answer(platform, answer, f"you are JOKING, this is BROKEN {WORD}", WHO)
    scene.follow(minutes=16)
    deliver(scene.store, scene.services, scene.clock(), 10)
    assert sorted(canaries_in(everything(scene.store))) == sorted(CANARIES)
    return post


@pytest.mark.parametrize("platform", ["x", "reddit"])
def test_after_a_deletion_nothing_of_the_post_is_found_anywhere_and_a_tombstone_is_kept(platform: str) -> None:
    with watching(platform) as scene:
        post = busy(scene, platform)
        before = scene.case()
        for known in scene.store.posts_of_case(before.id):
            scene.fakes[platform].remove(known["native_id"])
        scene.follow(hours=1)

        assert canaries_in(everything(scene.store)) == []
        assert canaries_in(exports(scene.store)) == []
        assert canaries_in(shown(scene.store)) == []
        after = scene.case()
        (view,) = scene.store.case_views([after.id])
        assert (after.opened_at, after.first_due_at, after.replied_at) == (
            before.opened_at, before.first_due_at, before.replied_at
        )  # fmt: skip
        assert view.summary is not None
        assert view.summary.endswith(f"complaint to lumo on {'X' if platform == 'x' else 'Reddit'} (desk lamp)")
        actions = [entry.action for entry in scene.store.audit_trail(after.id)]
        assert {"opened", "claim", "note", "reply", "deleted"} <= set(actions)
        (stone, *_) = [row for row in scene.store.export_mentions() if row["native_id"] == post]
        assert (stone["text"], stone["author_handle"]) == ("", "")
        assert stone["deleted_at"] is not None


@pytest.mark.parametrize(("platform", "hours"), [("x", 24), ("reddit", 8)])
def test_a_deletion_of_a_case_long_closed_is_followed_in_the_time_that_the_platform_asks_for(
    platform: str, hours: int
) -> None:
    with watching(platform) as scene:
        post = scene.begin(platform, TEXT, WHO)
        scene.poll()
        desk.resolve(turn(scene), scene.case().id)
        for _ in range(6 if platform == "x" else 1):
            scene.follow(hours=13)
        assert canaries_in(everything(scene.store)) != []
        scene.fakes[platform].remove(post)
        for _ in range(hours):
            scene.follow(hours=1)
        assert canaries_in(everything(scene.store)) == []


def test_reddit_words_go_after_48_hours_except_of_open_cases_that_are_still_found_live() -> None:
    with watching("reddit") as scene:
        scene.begin("reddit", f"lumo is broken {WORD}", WHO)
        closed = scene.begin("reddit", "lumo is broken as well, says the closed one", "bob_b")
        scene.poll()
        ids = [one for part in scene.store.export_case_ids() for one in part]
        (other,) = [view.id for view in scene.store.case_views(ids) if view.native_id == closed]
        desk.resolve(turn(scene), other)
        for _ in range(10):
            scene.follow(hours=5)
        limit = scene.clock() - timedelta(hours=48)
        assert scene.store.forget_texts("reddit", limit, scene.clock()) == 1
        assert canaries_in(everything(scene.store)) != [], "an open case that is found live keeps its words"
        assert "closed one" not in everything(scene.store)
        scene.clock.advance(hours=49)
        limit = scene.clock() - timedelta(hours=48)
        assert scene.store.forget_texts("reddit", limit, scene.clock()) >= 1
        assert canaries_in(everything(scene.store)) == [], "nobody has found it live for two days"


def test_a_deleted_impostor_is_still_known_and_names_nobody() -> None:
    with watching("x") as scene:
        post = scene.begin("x", "my lumo is broken", "ann_b")
        scene.poll()
        fake = scene.answer("x", post, f"Please DM us your number {WORD}", "lumo_support_zq")
        scene.follow(minutes=16)
        assert scene.case().status is Status.NEW
        scene.fakes["x"].remove(fake)
        scene.follow(hours=1)
        found = everything(scene.store)
        assert "lumo_support_zq" not in found
        assert WORD not in found
        (known,) = scene.store.impostors()
        assert (known["handle"], known["platform"]) == (None, "x")
        again = scene.begin("x", "lumo is great, is it not", "lumo_support_zq")
        scene.clock.advance(minutes=5)
        scene.poll()
        (explained,) = scene.store.explain(again)
        assert explained.decision is not None
        assert "impostor" in explained.decision["severity"]


def test_a_post_deleted_before_its_message_left_is_not_quoted_by_it() -> None:
    with watching("x") as scene:
        post = scene.begin("x", f"@lumo the lamp caught fire, {WORD}", WHO)
        scene.poll()
        (message, *_) = scene.store.messages_to_seal(scene.clock() + timedelta(minutes=5), 5)
        body = {"text": f"{WHO}: {WORD}", "at": format_time(scene.clock())}
        scene.store.seal_message(message.id, body, "key", scene.clock())
        scene.store.add_sealed("desk", "digest", {"html": f"<p>the lamp caught fire, {WORD}</p>"}, "k2", scene.clock(),
                               urgent=False)  # fmt: skip
        scene.fakes["x"].remove(post)
        scene.follow(minutes=16)
        assert canaries_in(everything(scene.store)) == []
