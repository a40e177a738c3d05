import pytest

from monitor.rules.folded import fold_mention
from monitor.rules.impostor import edit_distance, skeleton
from monitor.rules.stakes import find_stakes
from tests.unit.rules.posts import make_post


@pytest.mark.parametrize(
    "text", ["you owe me 840 €", "$1,400 gone", "1.250,00 EUR weg", "waiting six weeks", "seit 3 Monaten", "deux mois"]
)
def test_large_sums_and_long_waits_are_stakes(text: str) -> None:
    assert find_stakes(fold_mention(make_post(text)))


@pytest.mark.parametrize("text", ["4,99 € twice", "£12", "two days", "order 123456", "3 weeks", "in 1998"])
def test_small_sums_and_short_waits_are_none(text: str) -> None:
    assert find_stakes(fold_mention(make_post(text))) is None


@pytest.mark.parametrize("handle", ["lumo_help", "Lumohe1p", "LUMOHELP", "lumo.help", "lumоhelp"])
def test_handles_that_look_alike_have_one_skeleton(handle: str) -> None:
    assert skeleton(handle) == skeleton("lumohelp")


@pytest.mark.parametrize(
    ("left", "right", "distance"), [("lumo", "lumo", 0), ("lumo", "lmuo", 1), ("lumo", "lum", 1), ("lumo", "band", 3)]
)
def test_edit_distance_counts_up_to_its_limit(left: str, right: str, distance: int) -> None:
    assert edit_distance(left, right, 2) == distance
