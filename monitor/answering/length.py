"""How long a text is as a platform counts it, and how long it may be.

X weighs letters: those of Latin, Greek, Cyrillic and their like count one, all others two, an emoji two however many
code points it takes, a link 23 (https://docs.x.com/fundamentals/counting-characters; the ranges are those of
twitter-text's third configuration). Mastodon counts links as 23 as well. A leading @handle counts here, though X leaves
some of them out: the figure is never too small.
"""

import re
import unicodedata

LIMITS: dict[str, int] = {
    "x": 280,
    "bluesky": 300,
    "mastodon": 500,
    "instagram": 2_200,
    "facebook": 8_000,
    "reddit": 10_000,
    "youtube": 10_000,
}
"""Characters of a reply, by platform; one that is not named has none that we know."""

LONGEST = 10_000
"""Characters of any answer that is kept."""

LINK = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]\"'«»“”]+|\b(?:[a-z0-9-]{1,63}\.){1,4}(?:com|net|org|io|co|de|fr|es|eu"
                  r"|uk|app|dev|info|biz|me|ly|gl|gg|link|shop|store|online|site|xyz|ru|cn|tk|top|help|support|example)"
                  r"\b(?:/[^\s<>()\[\]\"'«»“”]*)?", re.IGNORECASE)  # fmt: skip
"""Addresses of web pages, with or without a scheme."""

_LINK_WEIGHT = 23
_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}"
    "|[0-9#*]\ufe0f?\u20e3"
    "|[\u2600-\u27bf\u2b50\u2b55\u231a\u231b\u23e9-\u23f3\U0001f000-\U0001faff]"
    "[\ufe0f\U0001f3fb-\U0001f3ff]?(?:\u200d[\u2600-\u27bf\U0001f000-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]?)*)"
)


def counted_length(text: str, platform: str) -> int:
    """Return how long a text is by the rules of a platform; code points where it has none of its own."""
    composed = unicodedata.normalize("NFC", text)
    if platform == "x":
        return _weighted(composed)
    if platform == "mastodon":
        return len(LINK.sub("-" * _LINK_WEIGHT, composed))
    if platform == "bluesky":
        return len(_EMOJI.sub("-", composed))
    return len(composed)


def _weighted(text: str) -> int:
    without_links, links = LINK.subn("", text)
    without_emoji, emoji = _EMOJI.subn("", without_links)
    return links * _LINK_WEIGHT + emoji * 2 + sum(1 if _is_light(letter) else 2 for letter in without_emoji)


def _is_light(letter: str) -> bool:
    number = ord(letter)
    return number <= 4351 or 8192 <= number <= 8205 or 8208 <= number <= 8223 or 8242 <= number <= 8247
