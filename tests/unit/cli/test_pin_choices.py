"""The command line names what pins know without loading it: the two must stay the same."""

from monitor.cli.pins import Least, Wish
from monitor.config.pins import Expect
from monitor.domain import Level


def test_the_choices_of_pin_are_those_that_pins_know() -> None:
    assert [wish.value for wish in Wish] == [expect.value for expect in Expect]
    assert [least.value for least in Least] == [level.value for level in Level]
