from hypothesis import given
from hypothesis import strategies as st

from monitor.domain import Kind, Level, Severity
from monitor.rules.folded import fold_mention
from monitor.rules.summary import products_in, products_told, summarise
from tests.builders import make_mention

LISTS = {"products": ("Desk Lamp", "bulb", "Lumo Pro"), "staff": ("ann",)}


def test_a_summary_says_kind_level_brand_platform_cause_products_and_classes() -> None:
    told = summarise(
        Kind.COMPLAINT, Level.HIGH, "lumo", "x", cause="billing", severity=(Severity.MONEY,), products=("bulb",)
    )
    assert told == "High complaint to lumo on X about billing (bulb); money"


def test_what_is_unknown_is_left_out() -> None:
    assert summarise(Kind.OTHER, Level.LOW, "lumo", "forum", cause="other") == "Low post to lumo on forum"


def test_products_are_those_of_the_config_in_its_own_spelling() -> None:
    folded = fold_mention(make_mention("ann says: my DESK LÄMP and my desk-lamp, both with bulbs. A bulb burst"))
    assert products_in(folded, LISTS) == ("Desk Lamp", "bulb")
    assert products_in(folded, {}) == ()


def test_the_products_that_a_summary_names_are_read_back() -> None:
    told = summarise(Kind.QUESTION, Level.LOW, "lumo", "x", products=("Desk Lamp", "bulb"), severity=(Severity.MONEY,))
    assert products_told(told, LISTS) == ("Desk Lamp", "bulb")
    assert products_told(None, LISTS) == ()


@given(st.text(max_size=200))
def test_no_word_of_a_customer_gets_into_a_summary(text: str) -> None:
    products = products_in(fold_mention(make_mention(text, author="somebody")), LISTS)
    assert set(products) <= set(LISTS["products"])
    told = summarise(Kind.COMPLAINT, Level.HIGH, "lumo", "x", products=products)
    assert told in {summarise(Kind.COMPLAINT, Level.HIGH, "lumo", "x", products=one) for one in [(), products]}
    assert "somebody" not in told
