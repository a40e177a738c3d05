import pytest

from monitor.domain import DropRule
from monitor.rules.folded import fold_mention
from monitor.rules.noise import find_noise
from tests.unit.rules.posts import RULES, make_hit, rules_with


def rule_of(text: str, author: str = "jo", rules: object = RULES, **changes: object) -> DropRule | None:
    hit = make_hit(text, author, **changes)
    found = find_noise(hit, fold_mention(hit.mention), rules)  # type: ignore[arg-type]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("GIVEAWAY! Follow + like + tag 2 friends to win a lumo kit", DropRule.GIVEAWAY),
        ("Gewinnspiel! Folgen, liken und eine Lumo gewinnen", DropRule.GIVEAWAY),
        ("We're hiring a support agent at Lumo, remote. Apply: jobs.example/12", DropRule.JOB_AD),
        ("Lagerist (m/w/d) bei Lumo in Vollzeit, jetzt bewerben", DropRule.JOB_AD),
        ("25% off lumo lamps with code GLOW25 #ad", DropRule.COUPON),
        ("$LUMO to the moon 🚀 price target 9", DropRule.STOCK_TIP),
        ("lumo airdrop live, connect wallet to claim your tokens", DropRule.SPAM),
        ("Lumo Lumo Lumo best price click here lamp.example/x", DropRule.BOT),
        ("@lumo https://example.org/pic", DropRule.EMPTY),
    ],
)
def test_each_rule_knows_its_noise(text: str, rule: DropRule) -> None:
    assert rule_of(text) is rule


@pytest.mark.parametrize(
    "text",
    [
        "won your giveaway in may, followed up twice, never got the lamp @lumo",
        "you are hiring but nobody answers my ticket, apply yourselves to that",
        "my promo code GLOW25 doesn't work, says invalid. 20% off was promised",
        "the code I got isn't accepted",
        "bought stock of your bulbs, all broken",
        "@lumo 😡😡",
        "is the lumo lamp any good?",
    ],
)
def test_a_customers_trouble_is_no_noise(text: str) -> None:
    assert rule_of(text) is None


def test_own_voices_reposts_blocked_authors_and_muted_threads() -> None:
    assert rule_of("hello", "LumoHelp") is DropRule.OWN_HANDLE
    assert rule_of("hello", "lumo", platform="reddit") is not DropRule.OWN_HANDLE
    assert rule_of("RT @jo: lumo is down") is DropRule.REPOST
    assert rule_of("lumo", repost_of="77") is DropRule.REPOST
    assert rule_of("lumo", "Troll") is DropRule.BLOCKED_AUTHOR
    assert rule_of("lumo", thread_id="t9") is DropRule.MUTED_THREAD


def test_a_rule_can_be_switched_off() -> None:
    rules = rules_with(noise_off=(DropRule.GIVEAWAY, DropRule.OWN_HANDLE))
    assert rule_of("GIVEAWAY! follow and tag to win a lumo kit", rules=rules) is None
    assert rule_of("hello", "lumohelp", rules=rules) is None


def test_the_evidence_names_the_signs() -> None:
    hit = make_hit("GIVEAWAY follow us and win a lumo")
    found = find_noise(hit, fold_mention(hit.mention), RULES)
    assert found is not None
    assert "giveaway" in found[1]
