"""The one shape in which texts reach the model, in training and at run time.

The public corpora the model learned from carry no handles and no links: every handle reads ``@user``, every link
``http``, HTML entities are decoded and white space is collapsed. A text in another shape would be read worse than the
figures in the model card promise.
"""

import html
import re
from typing import Final

HANDLE: Final = "@user"
LINK: Final = "http"

_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LINK: Final = re.compile(r"(?:https?://|www\.)[^\s<>\"]*|\bt\.co/\w+", re.IGNORECASE)
_LINK_TAIL: Final = ".,;:!?)]}'…"
_HOST_WORD: Final = r"[a-z0-9-]{1,63}"
_REMOTE: Final = rf"@{_HOST_WORD}(?:\.{_HOST_WORD}){{1,4}}"  # @name@server.tld, the fediverse
_DOMAIN: Final = rf"(?:\.{_HOST_WORD}){{1,3}}\.(?:social|com|org|net|app|dev|io|me)"  # @name.bsky.social
_REDDIT: Final = r"(?<![\w/])/?u/[A-Za-z0-9_-]{3,32}\b"
_HANDLE: Final = re.compile(rf"(?<![\w.+-])@\w{{1,64}}(?:(?:{_REMOTE}|{_DOMAIN})\b)?|{_REDDIT}")
_SPACE: Final = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Return ``text`` as the training data has it; a text that already has this shape comes back unchanged."""
    plain = _decode(text)
    plain = _LINK.sub(_shorten_link, plain)
    plain = _HANDLE.sub(HANDLE, plain)
    return _SPACE.sub(" ", plain).strip()


def _decode(text: str) -> str:
    """Decode entities twice: some platforms escape text that was escaped before (``&amp;lt;``)."""
    for _ in range(2):
        text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    return text


def _shorten_link(link: re.Match[str]) -> str:
    """Keep the punctuation that ends the sentence rather than the link."""
    found = link.group()
    return LINK + found[len(found.rstrip(_LINK_TAIL)) :]
