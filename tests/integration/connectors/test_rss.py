from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.connector import Request
from connectors.errors import BadAnswer, BadSettings, SourceGone
from connectors.options import RssOptions
from connectors.rss import MOST_ENTRIES, RssConnector
from tests.fakes.rss import FakeFeed
from tests.fakes.server import HTML_PAGE, Clock, Reply
from tests.integration.connectors.reading import NOW, read

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def fake() -> Iterator[FakeFeed]:
    with FakeFeed() as running:
        yield running


@pytest.fixture
def connector(fake: FakeFeed, clock: Clock) -> Iterator[RssConnector]:
    opened = feed(fake, clock)
    yield opened
    opened.close()


def feed(fake: FakeFeed, clock: Clock, **options: Any) -> RssConnector:
    return RssConnector(
        "blog", RssOptions(kind="rss", **{"url": fake.feed_url, "allow_private": True, **options}), clock=clock
    )


@pytest.mark.parametrize("atom", [False, True])
def test_an_entry_becomes_a_mention_without_markup(fake: FakeFeed, connector: RssConnector, atom: bool) -> None:
    fake.atom = atom
    markup = "<p>It&#39;s <b>dead</b>.<script>alert(1)</script></p><p>Second</p>"
    native_id = fake.publish(markup, NOW - MINUTE, title="Lumo & me")
    (mention,) = read(connector).mentions
    assert (mention.platform, mention.native_id) == ("rss", native_id)
    assert mention.text == "Lumo & me\n\nIt's dead.\n\nSecond"
    assert (mention.posted_at, mention.permalink) == (NOW - MINUTE, "https://blog.example/1")
    assert mention.author.handle == ("Blog" if atom else "ann")
    assert mention.metrics.engagement is None


def test_an_unchanged_feed_is_asked_for_by_its_validators_and_gives_nothing(
    fake: FakeFeed, connector: RssConnector
) -> None:
    fake.publish("lumo", NOW - MINUTE)
    first = read(connector)
    second = read(connector, first.cursor)
    assert (second.mentions, second.cursor) == ([], first.cursor)
    headers = fake.calls[-1].headers
    assert headers["if-none-match"].startswith('"')
    assert headers["if-modified-since"] == "Mon, 01 Jun 2026 10:00:00 GMT"


@pytest.mark.parametrize("validators", [True, False])
def test_only_new_and_edited_entries_are_returned(fake: FakeFeed, connector: RssConnector, validators: bool) -> None:
    fake.validators = validators
    kept = fake.publish("one", NOW - 3 * MINUTE)
    edited = fake.publish("two", NOW - 2 * MINUTE)
    first = read(connector)
    added = fake.publish("three", NOW - MINUTE)
    fake.edit(edited, "two, edit: fixed")
    second = read(connector, first.cursor)
    assert (set(first.ids), set(second.ids)) == ({kept, edited}, {added, edited})
    assert read(connector, second.cursor).ids == []


def test_a_feed_in_which_nothing_known_is_left_is_noted_as_a_gap(fake: FakeFeed, connector: RssConnector) -> None:
    fake.window = 3
    for number in range(3):
        fake.publish(f"early {number}", NOW - 9 * MINUTE)
    first = read(connector)
    fake.publish("one more", NOW - 8 * MINUTE)
    second = read(connector, first.cursor)
    assert second.skipped == []
    for number in range(5):
        fake.publish(f"late {number}", NOW - 7 * MINUTE)
    third = read(connector, second.cursor)
    assert third.skipped == ["blog: no entry of the last poll is left in the feed; some may have been missed"]
    assert len(third.ids) == 3


def test_an_entry_without_a_date_is_dated_when_first_seen_and_keeps_it(
    fake: FakeFeed, connector: RssConnector, clock: Clock
) -> None:
    native_id = fake.publish("lumo", None)
    first = read(connector)
    clock.advance(hours=3)
    fake.edit(native_id, "lumo, edited")
    second = read(connector, first.cursor)
    assert [mention.posted_at for mention in first.mentions + second.mentions] == [NOW, NOW]


def test_a_date_in_the_future_is_taken_as_now(fake: FakeFeed, connector: RssConnector) -> None:
    fake.publish("lumo", NOW + timedelta(days=400))
    assert read(connector).mentions[0].posted_at == NOW


def test_an_entry_without_an_id_goes_by_its_link_and_a_long_id_by_its_hash(
    fake: FakeFeed, connector: RssConnector
) -> None:
    link = fake.publish("one", NOW - MINUTE, id=None)
    fake.publish("two", NOW - MINUTE, id="x" * 5_000)
    by_hash, by_link = read(connector).ids
    assert by_link == link
    assert by_hash.startswith("sha256:")
    assert len(by_hash) < 100


def test_a_feed_that_is_gone_stops_for_good(fake: FakeFeed, connector: RssConnector) -> None:
    fake.gone = True
    with pytest.raises(SourceGone) as raised:
        connector.fetch(Request(""))
    assert raised.value.permanent


def test_broken_xml_keeps_the_entries_it_has_and_none_is_a_bad_answer(fake: FakeFeed, connector: RssConnector) -> None:
    head = "<?xml version='1.0'?><rss version='2.0'><channel><title>Blog</title>"
    fake.fail_next(Reply(f"{head}<item><guid>1</guid><title>lumo &nbsp; &bogus; is down</title></item><item><tit"))
    assert len(read(connector).mentions) >= 1
    for reply in (HTML_PAGE, Reply("{}"), Reply("just words"), Reply("/etc/passwd"), Reply("http://127.0.0.1/")):
        fake.fail_next(reply)
        with pytest.raises(BadAnswer):
            connector.fetch(Request(""))


def test_an_empty_feed_is_no_error(fake: FakeFeed, connector: RssConnector) -> None:
    assert read(connector).mentions == []


def test_entities_that_multiply_cost_nothing(fake: FakeFeed, connector: RssConnector) -> None:
    entities = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    bomb = f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY l0 'lol'>{entities}]>"
    fake.fail_next(Reply(f"{bomb}<rss version='2.0'><channel><item><title>&l9;</title></item></channel></rss>"))
    try:
        assert all(len(text) < 1_000 for text in read(connector).texts)
    except BadAnswer as error:
        assert error.subject == "blog"  # noqa: PT017 - either outcome is right


def test_an_entity_never_reads_a_file(fake: FakeFeed, connector: RssConnector) -> None:
    fake.fail_next(
        Reply(
            "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
            "<rss version='2.0'><channel><item><guid>1</guid><title>a &f; b</title></item></channel></rss>"
        )
    )
    assert not any("root:" in text for text in read(connector).texts)


def test_links_that_are_not_http_are_left_out(fake: FakeFeed, connector: RssConnector) -> None:
    fake.publish("lumo", NOW, id="javascript:alert(1)")
    fake.entries[0].link = "javascript:alert(1)"
    assert read(connector).mentions[0].permalink is None


def test_what_is_remembered_of_a_feed_is_bounded(fake: FakeFeed, connector: RssConnector) -> None:
    fake.window = 2 * MOST_ENTRIES
    for number in range(MOST_ENTRIES + 50):
        fake.publish(f"lumo {number}", NOW - MINUTE)
    reading = read(connector)
    assert len(reading.ids) == len(reading.cursor.state["known"]) == MOST_ENTRIES
    fake.publish("one more", NOW)
    assert len(read(connector, reading.cursor).cursor.state["known"]) == MOST_ENTRIES


def test_entries_that_say_nothing_are_skipped(fake: FakeFeed, connector: RssConnector) -> None:
    fake.publish("", NOW, title="")
    fake.publish("lumo", NOW)
    reading = read(connector)
    assert (len(reading.ids), len(reading.skipped)) == (1, 1)


def test_a_state_of_another_shape_is_as_good_as_none(fake: FakeFeed, connector: RssConnector) -> None:
    fake.publish("lumo", NOW)
    page = connector.fetch(Request("", state={"etag": 5, "known": ["x"], "last_modified": None}))
    assert len(page.mentions) == 1


@pytest.mark.parametrize("url", ["blog.example/feed", "", "https://", "http://[::1"])
def test_an_address_that_is_no_url_is_a_bad_setting(fake: FakeFeed, clock: Clock, url: str) -> None:
    with pytest.raises(BadSettings):
        feed(fake, clock, url=url)


def test_another_platform_name_is_kept(fake: FakeFeed, clock: Clock) -> None:
    fake.publish("lumo", NOW)
    connector = feed(fake, clock, platform="trustpilot")
    assert read(connector).mentions[0].platform == "trustpilot"
    connector.close()
