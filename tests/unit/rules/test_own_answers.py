from datetime import datetime
from typing import Any

import pytest

from monitor.rules.own_answers import ThreadPost, complaint_after, find_answers
from tests.builders import NOW, minutes

OWN = frozenset({"lumo", "lumohelp"})


def post(native_id: str, author: str, minute: float, parent: str | None = "1", **changes: Any) -> ThreadPost:
    at: datetime = NOW + minutes(minute)
    values: dict[str, Any] = {"in_case": False, "complains": False, **changes}
    return ThreadPost(native_id, author, author.title(), at, parent, **values)


ASKED = post("1", "ann", 0, None, in_case=True, complains=True)


def answers(*posts: ThreadPost, since: datetime | None = None, thread: str = "1") -> list[str]:
    return [one.native_id for one in find_answers(posts, OWN, thread, since)]


def test_an_answer_to_a_post_of_the_case_counts() -> None:
    assert answers(ASKED, post("2", "lumohelp", 3)) == ["2"]


def test_an_answer_to_the_customers_further_words_counts_although_they_are_no_post_of_the_case() -> None:
    assert answers(ASKED, post("2", "ann", 1), post("3", "lumo", 3, "2")) == ["3"]


@pytest.mark.parametrize(
    "posts",
    [
        (post("2", "bob", 1), post("3", "lumo", 3, "2")),  # to a stranger
        (post("3", "lumo", 3, "unseen"),),  # to somebody whom we have not seen yet
        (post("0", "lumo", -60, None),),  # our announcement, which the complaint hangs under
        (post("3", "lumo", -5),),  # from before the complaint
        (post("2", "lumo_help", 3),),  # by somebody else
    ],
)
def test_what_is_no_answer_to_the_case_does_not_count(posts: tuple[ThreadPost, ...]) -> None:
    assert answers(ASKED, *posts) == []


def test_our_own_post_at_the_root_of_a_thread_answers_nobody() -> None:
    root = post("0", "lumo", 0, None)
    assert answers(root, ASKED, thread="0") == []


def test_only_answers_after_the_last_known_one_are_found_oldest_first() -> None:
    posts = (ASKED, post("4", "lumo", 9), post("3", "lumo", 6), post("2", "lumo", 3))
    assert answers(*posts, since=NOW + minutes(3)) == ["3", "4"]


def test_a_thread_without_a_post_of_the_case_has_no_answers() -> None:
    assert answers(post("1", "ann", 0, None), post("2", "lumo", 3)) == []


def test_the_first_complaint_after_an_answer_is_found() -> None:
    late, later = (post(str(at), "ann", at, in_case=True, complains=True) for at in (5, 7))
    calm = post("6", "ann", 6, in_case=True)
    assert complaint_after((ASKED, later, calm, late), OWN, NOW + minutes(3)) == late
    assert complaint_after((ASKED, calm), OWN, NOW + minutes(3)) is None
