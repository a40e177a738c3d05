"""Foreign text made harmless for each service that shows it: no mention, no markup, no link that it would open.

    service     reads                                   here becomes
    slack       <!channel> <@U1> <url|words> *b* @here   look-alikes
    discord     @everyone <@1> [words](url) **b** :e:    backslashes and look-alikes
    telegram    @name #tag $TAG /command links, always   look-alikes (it finds them without any markup)
    markdown    [words](url) *b* `c` <at> # lists         look-alikes (Teams, Zendesk, Opsgenie and the like)
    plain       addresses; passes it on to who knows      no address, no mention, no tag
    header      line ends                                one line

Every function keeps letters, so that people still read what was written, and gives text that is longer by a small
factor at most. `settled` is for a text of ours whose foreign parts are harmless already: its own addresses stay.
"""

import re
from collections.abc import Callable, Mapping

from monitor.notify.text import chat, unlinked, visible

_COMMAND = re.compile(r"(?<![\w∕/])/(?=\w)")
_ADDRESSED = str.maketrans({"#": "＃", "$": "＄"})
_SLACK = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ", "&": "&amp;"})
_SETTLED = str.maketrans({"@": "＠", "<": "‹", ">": "›"})
_LOOSE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_COLON_WORD = re.compile(r":(?=[\w+-]+:)")
_DISCORD = re.compile(r"[\\*_~`|#\[\]():+-]")


def plain(text: str) -> str:
    """Return foreign text for a place that reads no markup, yet may make addresses tappable, or pass the text on."""
    return unlinked(visible(text, newlines=True)).translate(_SETTLED)


def slack(text: str) -> str:
    """Return foreign text for Slack's mrkdwn: no sign of its markup, no control sequence, no emoji code."""
    shown = _COLON_WORD.sub("∶", plain(text)).translate(_SLACK)
    return _LOOSE_UNDERSCORE.sub("＿", shown)


def discord(text: str) -> str:
    """Return foreign text for Discord: a backslash before every sign of its Markdown, no `@` that it knows."""
    return _DISCORD.sub(lambda sign: f"\\{sign[0]}", plain(text))


def telegram(text: str) -> str:
    """Return foreign text in which Telegram finds no name, tag, command or link by itself."""
    return _COMMAND.sub("∕", plain(text).translate(_ADDRESSED))


def markdown(text: str) -> str:
    """Return foreign text for a service that reads Markdown, or HTML, in plain text."""
    return "\n".join(chat(line) for line in text.split("\n"))


def settled(text: str) -> str:
    """Return a text of ours, its foreign parts harmless already, with whatever could still be a mention made none."""
    return visible(text, newlines=True).translate(_SETTLED)


def header(text: str, limit: int = 150) -> str:
    """Return text for a header: one line, no control signs, so that nothing in it can begin another header."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line[:limit]


PLACES: Mapping[str, Callable[[str], str]] = {
    "plain": plain,
    "slack": slack,
    "discord": discord,
    "telegram": telegram,
    "markdown": markdown,
    "header": header,
}
"""Every place by name, for tests that try them all."""
