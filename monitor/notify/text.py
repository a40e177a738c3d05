"""Foreign text made harmless for each place that shows it, and times as people say them.

`inert` is for terminals and mail, `chat` for services that read markup and mentions. HTML is escaped by the templates.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import quote

ISOLATE_START, ISOLATE_END = "\u2068", "\u2069"
"""First-strong isolate and its end: right-to-left text inside cannot reorder what stands around it."""

_JOINERS = {"\u200c", "\u200d"}
"""Joiners that scripts and emoji need; every other invisible sign is shown as its code."""

_CHAT = str.maketrans(
    {"@": "＠", "<": "‹", ">": "›", "*": "∗", "`": "ˋ", "~": "∼", "[": "［", "]": "］", "|": "∣", "\\": "＼", "#": "＃"}
)
_LOOSE_UNDERSCORE = re.compile(r"(?<!\w)_|_(?!\w)")
_DOT = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")
_UNSAFE_IN_LINK = "%:/?#&=+;,@!$~-._"


def visible(text: str, *, newlines: bool = False) -> str:
    """Return `text` with every control, bidirectional and invisible sign written as its code, as Python would."""
    return "".join(letter if _is_harmless(letter, newlines) else _code(letter) for letter in text)


def inert(text: str, *, newlines: bool = False) -> str:
    """Return foreign text fit for a terminal: signs visible, direction isolated. Newlines stay only where asked for.

    Rich's own markup is not touched: print with `markup=False` or as `rich.text.Text`.
    """
    return f"{ISOLATE_START}{visible(text, newlines=newlines)}{ISOLATE_END}" if text else ""


def chat(text: str) -> str:
    """Return foreign text for a chat service: no mention, no markup, no link that the service would open."""
    return _LOOSE_UNDERSCORE.sub("＿", unlinked(visible(text).translate(_CHAT)))


def unlinked(text: str) -> str:
    """Return text whose web addresses no service recognises: look-alikes of slashes, and of dots within words."""
    return _DOT.sub("․", text.replace("://", ":∕∕"))


def excerpt(text: str, limit: int = 200) -> str:
    """Return `text` on one line of at most `limit` characters, cut between words."""
    line = " ".join(text[: limit * 8].split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    return f"{(head if space and len(head) > limit // 2 else cut).rstrip()}…"


def safe_link(url: str | None) -> str | None:
    """Return a web address with everything quoted that could end a link early; None for any other scheme."""
    if url is None or not url.startswith(("https://", "http://")):
        return None
    return quote(url, safe=_UNSAFE_IN_LINK)


def span(length: timedelta) -> str:
    """Return a length of time in its one or two largest units: 45 s, 12 min, 3 h 20 min, 5 d."""
    seconds = max(round(length.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours and days < 7 else f"{days} d"


def ago(when: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """Return how long ago, and beyond a day when, in the reader's zone."""
    past = now - when
    if abs(past) < timedelta(seconds=5):
        return "just now"
    if past < timedelta(0):
        return f"in {span(-past)}"
    return f"{span(past)} ago" if past < timedelta(days=1) else moment(when, now, zone)


def until(when: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """Return when something is due: "due in 12 min", "12 min late", and beyond a day "due 18 Nov 08:00"."""
    left = when - now
    if left < timedelta(0):
        return f"{span(-left)} late"
    return f"due in {span(left)}" if left < timedelta(days=1) else f"due {moment(when, now, zone)}"


def moment(when: datetime, now: datetime, zone: tzinfo = UTC) -> str:
    """Return a time in the reader's zone: 08:00 today, else 18 Nov 08:00, with the year where it is another one."""
    local, today = when.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}" if local.year == today.year else f"{local.day} {local:%b %Y %H:%M}"


def count(number: int) -> str:
    """Return a count as people read it: 950, 12.3k, 1.2M."""
    for size, unit in ((1_000_000, "M"), (10_000, "k")):
        if number >= size:
            return f"{number / (1000 if unit == 'k' else size):.1f}".removesuffix(".0") + unit
    return f"{number:,}"


def _is_harmless(letter: str, newlines: bool) -> bool:
    if letter == "\n":
        return newlines
    if letter in _JOINERS or " " <= letter <= "~":
        return True
    if "\U0001f000" <= letter <= "\U0001fbff":
        return True  # emoji, also those that this Python does not know yet
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn"}


def _code(letter: str) -> str:
    if letter in "\n\t\r":
        return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}[letter]
    number = ord(letter)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
