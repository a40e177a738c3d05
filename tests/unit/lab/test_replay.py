from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mention import Mention
from monitor.domain import Level
from monitor.store.sqlite import SqliteStore
from tests.builders import NOW, make_mention, minutes
from tests.services import FakeClassifier
from tests.unit.lab.replayed import cases_of, live, run_lab, side, stricter, watching

FIRE = "@lumo my lumo lamp caught fire and burned my hand"
WORDS = st.sampled_from(
    [
        "my lumo lamp is broken again",
        "lumo opened a shop in oslo",
        FIRE,
        "lumo is down, the app does not open, outage again",
        "@lumo where is my parcel?",
        "win a lumo lamp, retweet and follow to enter the giveaway",
        "my lumo lamp is broken again and nobody at lumo answers me",
        "nothing about the brand",
    ]
)
POSTS = st.lists(st.tuples(WORDS, st.integers(0, 4), st.integers(0, 2), st.integers(1, 500)), max_size=30)


def mentions_of(posts: list[tuple[str, int, int, int]]) -> list[Mention]:
    return [
        make_mention(
            text,
            author=f"author{author}",
            thread_id=f"t{thread}" if thread else None,
            metrics={"likes": likes},
            native_id=f"p{at}",
        )
        for at, (text, author, thread, likes) in enumerate(posts)
    ]


@given(POSTS)
@settings(max_examples=15, deadline=None)
def test_the_present_config_makes_of_stored_posts_what_it_made_of_them(posts: list[tuple[str, int, int, int]]) -> None:
    store = SqliteStore(None)
    mentions = mentions_of(posts)
    for at in range(0, len(mentions), 5):
        live(store, mentions[at : at + 5], NOW + minutes(at))
    (run,) = run_lab(store).runs
    totals = store.totals()
    assert (run.agreed, run.compared) == (totals["hits"], totals["hits"])
    assert cases_of(run) == totals["cases"]
    views = store.case_views([case.id for case in store.lab_cases(NOW + timedelta(days=1))])
    assert sorted(case.level for case in run.book.cases) == sorted(view.level for view in views)
    assert sorted(len(case.posts) for case in run.book.cases) == sorted(view.posts + view.copies for view in views)


def test_a_replay_of_two_equal_configs_gives_two_equal_runs() -> None:
    store = SqliteStore(None)
    live(store, [make_mention(), make_mention(FIRE), make_mention("lumo opened a shop in oslo")])
    first, second = run_lab(store, side(), side()).runs
    assert first.outcomes == second.outcomes


def test_a_narrower_watch_loses_the_case_and_a_wider_one_finds_what_nobody_wanted() -> None:
    store, classifier = SqliteStore(None), FakeClassifier()
    live(store, [make_mention("my lumo lamp is broken"), make_mention("my glowbe is broken too, what now")])
    wide, narrow = side(classifier, brands=watching("lumo OR glowbe")), side(brands=watching("lumo -lamp"))
    replayed = run_lab(store, wide, narrow)
    assert [cases_of(run) for run in replayed.runs] == [2, 0]
    assert classifier.read_texts == ["my glowbe is broken too, what now"]
    assert replayed.classified == 1


def test_stored_verdicts_are_used_again_only_where_the_text_and_the_model_are_the_same() -> None:
    store = SqliteStore(None)
    live(store, [make_mention("my lumo lamp is broken", native_id="1")])
    live(store, [make_mention("my lumo lamp is fine", native_id="1")], NOW + minutes(5))
    same, other = FakeClassifier(), FakeClassifier()
    other.fingerprint = "another"  # type: ignore[misc]
    run_lab(store, side(same))
    run_lab(store, side(other))
    assert (same.read_texts, other.read_texts) == ([], ["my lumo lamp is fine"])


def test_an_edit_that_was_not_decided_yet_is_read_again() -> None:
    store, classifier = SqliteStore(None), FakeClassifier()
    live(store, [make_mention("my lumo lamp is fine", native_id="1")])
    store.register_sources({"x": "replay"})
    claim = store.claim_source(["x"], NOW, 60, due=NOW + timedelta(days=9))
    assert claim is not None
    edited = make_mention("my lumo lamp is broken", native_id="1")
    store.save_page(claim, [(edited, {"lumo": ("name",)})], (), {}, NOW, platform="x", returned=1, skipped=0)
    (run,) = run_lab(store, side(classifier)).runs
    assert classifier.read_texts == ["my lumo lamp is broken"]
    assert cases_of(run) == 1


def test_a_higher_threshold_drops_and_a_changed_level_line_ranks_otherwise() -> None:
    store = SqliteStore(None)
    live(store, [make_mention("lumo broken")])
    strict = side(**stricter(complaint=0.95))
    eager = side(**stricter(levels={"critical": 30, "high": 20, "normal": 10}))
    runs = run_lab(store, strict, eager).runs
    assert cases_of(runs[0]) == 0
    assert [(case.level.urgent, len(runs[1].book.alerts)) for case in runs[1].book.cases] == [(True, 1)]


def test_history_is_rebuilt_from_the_replays_own_decisions() -> None:
    """With the first three posts no complaints any more, the fourth repeats nothing."""
    store = SqliteStore(None)
    texts = [
        "lumo lamp one is broken",
        "lumo lamp two is broken",
        "lumo lamp three is broken",
        "lumo is broken, broken",
    ]
    for at, text in enumerate(texts):
        live(store, [make_mention(text, author="ana", thread_id=f"t{at}")], NOW + minutes(at))
    before, after = run_lab(store, side(), side(brands=watching("lumo -lamp"))).runs
    repeats = [[reason.name for case in run.book.cases for reason in case.reasons] for run in (before, after)]
    assert [names.count("repeat") for names in repeats] == [3, 0]


def test_what_was_known_before_the_span_counts_as_the_store_has_it() -> None:
    store = SqliteStore(None)
    live(store, [make_mention("lumo is broken", author="ana", thread_id="t1")], NOW)
    later = NOW + timedelta(days=3)
    live(store, [make_mention("lumo broken once more", author="ana", thread_id="t2", posted_at=later)], later)
    reply = make_mention("and lumo is still broken", author="bo", thread_id="t1", posted_at=later)
    live(store, [reply], later + minutes(5))
    (run,) = run_lab(store, since=NOW + timedelta(days=1)).runs
    assert cases_of(run) == 1
    (new,) = (case for case in run.book.cases if not case.seeded)
    assert "repeat" in [reason.name for reason in new.reasons]
    assert run.agreed == run.compared == 2


def test_a_post_after_the_team_closed_the_case_opens_another() -> None:
    store = SqliteStore(None)
    live(store, [make_mention("lumo is broken", author="ana")], NOW)
    store.update_case(1, status="resolved", closed_at=NOW + minutes(10))
    live(store, [make_mention("lumo is broken, still", author="ana")], NOW + minutes(20))
    assert store.totals()["cases"] == 2
    (run,) = run_lab(store).runs
    assert cases_of(run) == 2


def test_one_post_reposted_2400_times_is_one_case_and_one_alert() -> None:
    store = SqliteStore(None)
    first = make_mention(FIRE, native_id="first")
    copies = [make_mention(FIRE, repost_of="first" if at % 2 else None) for at in range(2_400)]
    live(store, [first, *copies])
    (run,) = run_lab(store).runs
    assert (cases_of(run), len(run.book.alerts)) == (1, 1)
    assert run.book.cases[0].level is Level.CRITICAL


def test_own_replies_seen_in_a_thread_address_what_follows() -> None:
    store = SqliteStore(None)
    reply = make_mention("we are sorry, lumo here", author="lumo", thread_id="t", native_id="own")
    live(store, [reply, make_mention("thanks, will try", author="ana", thread_id="t", parent_id="own")])
    stay = make_mention("thanks, will try lumo", author="bo", thread_id="t", parent_id="own")
    live(store, [stay], NOW + minutes(1))
    (run,) = run_lab(store).runs
    assert run.agreed == run.compared
    assert cases_of(run) == store.totals()["cases"] == 1


def test_posts_whose_words_are_gone_are_counted_and_left_out() -> None:
    store = SqliteStore(None)
    live(store, [make_mention(native_id="gone")])
    store.forget_mention("x", "gone", "ana", NOW)
    replayed = run_lab(store)
    assert (replayed.posts, replayed.erased, cases_of(replayed.runs[0])) == (1, 1, 0)


def test_a_post_that_breaks_the_rules_is_left_out_and_counted() -> None:
    store = SqliteStore(None)
    live(store, [make_mention(native_id="1"), make_mention("lumo is broken as well")])
    with store.write():
        store.connection.query("UPDATE decisions SET verdict = '{\"nonsense\": 1}' WHERE hit_id = 1", {})
    replayed = run_lab(store, side(**stricter(complaint=0.6)))
    assert (replayed.broke, cases_of(replayed.runs[0])) == (1, 1)


def test_a_case_that_never_was_is_done_with_after_three_quiet_days() -> None:
    store = SqliteStore(None)
    for day, text in enumerate(
        ["glowbe is broken", "my glowbe broken again", "", "", "", "", "glowbe broken, day six"]
    ):
        moment = NOW + timedelta(days=day)
        live(store, [make_mention(text, author="ana", posted_at=moment)] if text else [], moment)
    (run,) = run_lab(store, side(brands=watching("glowbe"))).runs
    assert [len(case.posts) for case in run.book.cases] == [2, 1]
