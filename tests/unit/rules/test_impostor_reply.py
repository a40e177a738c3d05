"""The impostor guard in threads of cases, measured on replies that were written before the rule."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.mention import Author
from monitor.config.schema import Brand, Settings
from monitor.rules.folded import fold_mention
from monitor.rules.impostor_reply import find_impostor_reply
from monitor.rules.rules import compile_rules
from tests.builders import make_mention

REPLIES = Path(__file__).parents[2] / "data" / "impostor_replies.jsonl"
LUMO = compile_rules(
    Settings(brands={"lumo": Brand(handles={"x": ("lumo", "lumohelp"), "reddit": ("lumo_official",)})})
).of("lumo")


def is_flagged(handle: str, text: str, name: str | None = None, platform: str = "x") -> bool:
    named = replace(make_mention(text, platform=platform), author=Author(handle, name))
    return find_impostor_reply(named, fold_mention(named), LUMO) is not None


def test_of_sixty_impostors_and_sixty_strangers_and_fans_at_least_95_in_100_are_told_apart() -> None:
    replies = [json.loads(line) for line in REPLIES.read_text("utf-8").splitlines()]
    found = Counter(
        (one["label"], is_flagged(one["handle"], one["text"], one["name"], one["platform"])) for one in replies
    )
    impostors, strangers = found["impostor", True], found["harmless", True]
    assert found.total() == 120
    assert impostors / 60 >= 0.95, "recall"
    assert impostors / (impostors + strangers) >= 0.95, "precision"


def test_the_brands_own_handles_are_no_impostors_on_any_platform() -> None:
    assert not is_flagged("LumoHelp", "@ann_b send us a DM with your phone number")
    assert not is_flagged("lumo_official", "send us a DM with your phone number")


@pytest.mark.parametrize("text", ["@ann_b what a shame", "@ann_b mine is fine", "@ann_b 2026 was a bad year for lamps"])
def test_a_look_alike_that_wants_no_contact_is_left_alone(text: str) -> None:
    assert not is_flagged("lumo_support", text)


@pytest.mark.parametrize(
    "text",
    ["@ann_b call +1 (415) 555-0134", "@ann_b https://lumo.example", "@ann_b help@lumo.example", "@ann_b dm us please"],
)
def test_a_number_a_link_an_address_or_a_message_is_contact(text: str) -> None:
    assert is_flagged("lumo_support", text)


def test_a_display_name_poses_as_a_handle_does() -> None:
    assert is_flagged("user8231", "@ann_b dm us your number", "Lumo Customer Support")
    assert not is_flagged("user8231", "@ann_b dm us your number", "Lumo Lamps Fan")
    assert not is_flagged("user8231", "@ann_b dm us your number", "Ann Lumo")
