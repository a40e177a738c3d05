"""The posts about a brand whose name is an everyday word, and the watch that a careful brand manager writes for it."""

from pathlib import Path

from connectors.mention import Mention
from monitor.config.schema import Context, Watch
from tests.unit.rules.posts import make_post

POSTS = Path(__file__).parents[2] / "data" / "common_word_posts.txt"
CONTEXT = Context(
    any=(
        *(
            "app",
            "bank",
            "account",
            "accounts",
            "budget",
            "subscription",
            "support",
            "refund",
            "login",
            "log in",
            "sync",
            "update",
        ),
        *("charged", "password", "card", "@mintapp"),
    ),
    none=(
        *("tea", "leaves", "chocolate", "condition", "near mint", "gem mint", "ice cream", "sauce", "linux"),
        *("royal mint", "mint green", "recipe"),
    ),
)
WATCHES = {
    "name alone": Watch(name="name", query="mint"),
    "with its context": Watch(name="name", query="mint OR @mintapp", context=CONTEXT),
    "with its context, near by": Watch(
        name="near",
        query="mint NEAR/8 (app OR bank OR budget OR subscription OR support OR refund OR login OR sync OR update)"
        " -linux -tea",
    ),
}


def read_posts() -> list[tuple[bool, Mention]]:
    """Return every post, with whether it is about the brand."""
    lines = [line for line in POSTS.read_text("utf-8").splitlines() if line[:2] in {"+ ", "- "}]
    return [(line[0] == "+", make_post(line[2:], f"someone{at}")) for at, line in enumerate(lines)]
