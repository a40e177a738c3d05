from dataclasses import replace

from monitor.config.schema import Brand, Watch
from monitor.steps.poll import poll
from monitor.steps.rematch import rematch
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes
from tests.services import make_services, page_of

WIDER = {"lumo": Brand(watches=(Watch(name="name", query="lumo"), Watch(name="lamps", query="lamp")))}


def test_a_new_watch_finds_the_posts_that_nobody_wanted_before() -> None:
    store = SqliteStore(None)
    store.register_sources({"x": "replay"})
    first = make_services(page_of(make_mention("my lamp is broken"), make_mention("nothing at all")))
    rematch(store, first, NOW)
    poll(store, first, NOW)
    assert store.totals()["hits"] == 0
    assert rematch(store, make_services(brands=WIDER), NOW + minutes(1)) == 1
    ((hit, _),) = store.claim_hits(NOW, 60, 10)
    assert (hit.watches, hit.mention.text) == (("lamps",), "my lamp is broken")


def test_unchanged_watches_look_at_nothing_again() -> None:
    store, services = SqliteStore(None), make_services()
    assert rematch(store, services, NOW) == 0
    assert rematch(store, replace(services), NOW) == 0


def brands_with(words: tuple[str, ...]) -> dict[str, Brand]:
    return {"lumo": Brand(watches=(Watch(name="goods", query="{goods}"),), lists={"goods": words})}


def test_a_word_more_in_a_list_finds_the_posts_that_speak_of_it() -> None:
    store = SqliteStore(None)
    store.register_sources({"x": "replay"})
    first = make_services(page_of(make_mention("my lamp is broken")), brands=brands_with(("hub",)))
    rematch(store, first, NOW)
    poll(store, first, NOW)
    assert store.totals()["hits"] == 0
    assert rematch(store, make_services(brands=brands_with(("hub", "lamp"))), NOW + minutes(1)) == 1
