"""A mention in the form in which the rules read it: folded once, looked at by every watch and phrase list."""

import re
from dataclasses import dataclass

from connectors.mention import Mention
from models.fold import fold, phrase_forms
from monitor.rules.script import split_words

_MARKED = re.compile(r"(?<![\w@#/])([@#])(\w+(?:[.-]\w+)*)")
_ADDRESSEES = re.compile(r"\s*(?:@[\w.-]+[\s,:]+)*@[\w.-]+")
_SPOKEN = re.compile(r"\w+|[.!?;…]+(?=\s|$)")
_STOPS = frozenset(".!?;…")
_ELISION = re.compile(r"\b([ldjmtscn]|qu|jusqu|lorsqu|puisqu)'(?=[^\W\d_]{2})")


@dataclass(frozen=True, slots=True)
class FoldedMention:
    """One mention, folded.

    `padded` holds the words of every folded spelling, each with a space before and after it, spellings a line each:
    a word or a phrase is found in it as a plain substring. `marks` holds in the same way what is no word: @handles,
    #tags, from:author and lang:tag. `spoken` are the words for the phrase lists: without accents or apostrophes,
    elisions apart (l'ampoule: l, ampoule), a full stop for each end of a sentence. `handles` and `tags` are folded and
    bare; `addressees` are the handles that open the text. `source` is the config's name for where it came from.
    """

    mention: Mention
    text: str
    padded: str
    spoken: tuple[str, ...]
    handles: frozenset[str]
    tags: frozenset[str]
    addressees: frozenset[str]
    author: str
    lang: str
    evasive: bool = False
    source: str = ""

    @property
    def original(self) -> str:
        """The text as people see it."""
        return self.mention.text

    @property
    def marks(self) -> str:
        """What is no word, each between spaces."""
        named = "".join(f" @{name}" for name in self.handles)
        tagged = "".join(f" #{name}" for name in self.tags)
        return f" from:{self.author} lang:{self.lang}{named}{tagged} "

    @property
    def scanned(self) -> str:
        """Everything in which the matcher looks for the keys of queries."""
        return f"{self.padded}\n{self.marks}\n{self.mention.text.casefold()}"


def fold_mention(mention: Mention, source: str = "") -> FoldedMention:
    """Fold a mention for matching and for the phrase lists. Nothing is cut here: intake has bounded the text."""
    text = mention.text
    folded = fold(text)
    spellings = [split_words(form) for form in folded.forms]
    handles, tags = _marked(text, "@"), _marked(text, "#")
    opening = _ADDRESSEES.match(text) if handles else None
    return FoldedMention(
        mention=mention,
        text=folded.text,
        padded="\n".join(f" {' '.join(spelling)} " for spelling in spellings),
        spoken=split_spoken(folded.plain),
        handles=handles,
        tags=tags,
        addressees=_marked(opening[0], "@") if opening else frozenset(),
        author=mention.author.handle.removeprefix("@").casefold(),
        lang=(mention.lang or "").casefold(),
        evasive=folded.evasive,
        source=source,
    )


def split_spoken(plain: str) -> tuple[str, ...]:
    """Return the words of a folded, accent-free text, with "." for each end of a sentence."""
    if "'" in plain:
        plain = _ELISION.sub(r"\1 ", plain).replace("'", "")
    return tuple("." if token[0] in _STOPS else token for token in _SPOKEN.findall(plain))


def fold_words(phrase: str) -> tuple[tuple[str, ...], ...]:
    """Return every spelling of a phrase as the words to look for, the first one as written."""
    spellings = (tuple(split_words(form)) for form in phrase_forms(phrase))
    return tuple(dict.fromkeys(words for words in spellings if words))


def _marked(text: str, mark: str) -> frozenset[str]:
    if mark not in text:
        return frozenset()
    return frozenset(name.casefold() for sign, name in _MARKED.findall(text) if sign == mark)
