"""What to look at before an answer is sent: gaps, personal data, promises, liability, links, length, copies. Pure.

The word lists of all languages are read in every text, whatever its language: a wrong guess would cost a promise.
A finding that stops must be mended before the text goes on; one that warns is for the person to decide.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from monitor.answering.length import LINK, LONGEST, counted_length
from monitor.answering.promises import liability, money_promises, promises, regret


class Rule(StrEnum):
    """What a finding is about; the value is what people see."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    UNFILLED = "unfilled"
    MAIL_ADDRESS = "mail-address"
    PHONE_NUMBER = "phone-number"
    CARD_NUMBER = "card-number"
    IBAN = "iban"
    ORDER_NUMBER = "order-number"
    PROMISE = "promise"
    MONEY_PROMISE = "money-promise"
    LIABILITY = "liability"
    LINK = "link"
    SHOUTING = "shouting"
    COPY = "copy"
    HIDDEN_SIGNS = "hidden-signs"


class Gravity(StrEnum):
    """Whether a finding must be mended, or is for the person to decide."""

    STOPS = "stops"
    WARNS = "warns"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: text[start:end], and what to do about it."""

    rule: Rule
    start: int
    end: int
    gravity: Gravity
    advice: str

    @property
    def stops(self) -> bool:
        """Whether the text cannot go on as it is."""
        return self.gravity is Gravity.STOPS

    def to_json(self) -> dict[str, Any]:
        """Return the finding as `answer lint --json` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LintContext:
    """What a text is judged by: where it goes, the brand's own domains and words, and what was sent before.

    `limit` is the platform's length (None: unknown). `own` are texts of the config, such as the private channel: what
    stands in them may stand in an answer. `classed` says that the case has a class that asks for a second person.
    """

    platform: str = ""
    limit: int | None = None
    domains: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    classed: bool = False


_GAP = re.compile(r"\[[^\[\]\n]{1,60}\]|\{\{.{0,60}?\}\}|\{%.{0,60}?%\}|<[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ _-]{1,40}>"
                  r"|\b(?:XX+|(?-i:TODO|TBD)|lorem ipsum)\b", re.IGNORECASE)  # fmt: skip
_MAIL = re.compile(r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?((?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,24})\b")
_DIGITS = re.compile(r"(?<![\w.,/-])\+?\(?\d(?:[ \u00a0()./-]{0,2}\d){6,22}(?![\w/-]|[.,]\d)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}\b", re.IGNORECASE)
_DATE = re.compile(r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4})")
_ORDER = re.compile(
    r"\b(?:order|invoice|ticket|customer|contract|account|tracking|booking|bestell\w*|auftrags?\w*|rechnungs?\w*|kunden\w*"
    r"|vertrags?\w*|sendungs?\w*|commande|facture|client|contrat|dossier|colis|pedido|factura|cliente|contrato|env[ií]o)"
    r"\b[ \t]{0,2}(?:number|no\.?|nr\.?|nummer|num[ée]ro|n[°ºo]\.?|id|code)?[ \t]{0,2}[:#]?[ \t]{0,2}#?"
    r"((?=[A-Z0-9-]*\d[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{4,24})\b",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHOUTED, _SHARE = 10, 0.6
_SHORTENERS = frozenset({"bit.ly", "t.co", "tinyurl.com", "goo.gl", "ow.ly", "is.gd", "buff.ly", "rb.gy", "cutt.ly"})
_ALIKE = 0.92
_COMPARED = 1_000
_MOST = 20
"""Findings of one rule that are told; whoever mends them sees the others afterwards."""


def lint(text: str, context: LintContext) -> tuple[Finding, ...]:
    """Return what there is to look at in an answer, in the order of the text; a long text is read to its limit."""
    if not text.strip():
        return (Finding(Rule.EMPTY, 0, len(text), Gravity.STOPS, "write an answer"),)
    read = text[:LONGEST]
    found = [finding for rule in _RULES for finding in islice(rule(read, context), _MOST)]
    if len(text) > LONGEST:
        advice = f"shorten it to {LONGEST:,} characters: what comes after them is not even read"
        found.append(Finding(Rule.TOO_LONG, LONGEST, len(text), Gravity.STOPS, advice))
    return tuple(sorted(_without_doubles(found), key=lambda finding: (finding.start, finding.rule)))


def stopped(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings that must be mended first."""
    return tuple(finding for finding in findings if finding.stops)


def _length(text: str, context: LintContext) -> Iterator[Finding]:
    length = counted_length(text, context.platform)
    if context.limit is not None and length > context.limit:
        advice = (
            f"shorten it: {length:,} characters as {context.platform or 'the platform'} counts, {context.limit:,} go"
        )
        yield Finding(Rule.TOO_LONG, min(context.limit, len(text)), len(text), Gravity.STOPS, advice)


def _gaps(text: str, _: LintContext) -> Iterator[Finding]:
    for found in _GAP.finditer(text):
        yield _stop(Rule.UNFILLED, found, "fill it in, or take it out")


def _addresses(text: str, context: LintContext) -> Iterator[Finding]:
    for found in _MAIL.finditer(text):
        if not _is_own_host(found[1], context) and not _is_own(found[0], context):
            yield _stop(Rule.MAIL_ADDRESS, found, "take the address out: everybody reads it; ask for it in private")


def _numbers(text: str, context: LintContext) -> Iterator[Finding]:
    banks = [found for found in _IBAN.finditer(text) if _is_iban(found[0])]
    yield from (_stop(Rule.IBAN, found, "take the bank account out: everybody reads it") for found in banks)
    for found in _DIGITS.finditer(text):
        if any(bank.start() < found.end() and found.start() < bank.end() for bank in banks):
            continue
        digits = "".join(sign for sign in found[0] if sign.isdigit())
        if 13 <= len(digits) <= 19 and _passes_luhn(digits):
            yield _stop(Rule.CARD_NUMBER, found, "take the card number out: everybody reads it")
        elif _looks_like_phone(found[0], digits) and not _is_own(digits, context):
            yield _stop(Rule.PHONE_NUMBER, found, "take the number out; the team's own belongs into answers.channel")


def _orders(text: str, _: LintContext) -> Iterator[Finding]:
    for found in _ORDER.finditer(text):
        advice = "everybody reads it; ask for it, or name it, in private"
        yield Finding(Rule.ORDER_NUMBER, found.start(1), found.end(1), Gravity.STOPS, advice)


def _promises(text: str, _: LintContext) -> Iterator[Finding]:
    for found in money_promises().finditer(text):
        yield _stop(Rule.MONEY_PROMISE, found, "say what you look into; promise money in private, once it is settled")
    for found in promises().finditer(text):
        yield _warn(Rule.PROMISE, found, "promise only what is certain: say what you do next, and when you say more")


def _liability(text: str, context: LintContext) -> Iterator[Finding]:
    for found in liability().finditer(text):
        advice = "be sorry for what happened, and leave the question of who is liable to those who decide it"
        gravity = Gravity.STOPS if context.classed or regret().search(text) else Gravity.WARNS
        yield Finding(Rule.LIABILITY, found.start(), found.end(), gravity, advice)


def _links(text: str, context: LintContext) -> Iterator[Finding]:
    for found in LINK.finditer(text):
        if text[: found.start()].endswith("@"):
            continue
        host = _host(found[0])
        if not host or _is_own_host(host, context):
            continue
        hides = host in _SHORTENERS
        advice = "a short link hides where it leads; give the whole address" if hides else (
            f"{host} is none of the brand's own domains (answers.domains); take it out"
        )  # fmt: skip
        yield _stop(Rule.LINK, found, advice)


def _shouting(text: str, _: LintContext) -> Iterator[Finding]:
    words = list(_WORD.finditer(LINK.sub(lambda link: " " * len(link[0]), text)))
    letters = sum(len(word[0]) for word in words)
    loud = [word for word in words if word[0].isupper()]
    if letters >= _SHOUTED and sum(len(word[0]) for word in loud) > letters * _SHARE:
        yield Finding(Rule.SHOUTING, loud[0].start(), loud[-1].end(), Gravity.WARNS, "write it in small letters")


def _copies(text: str, context: LintContext) -> Iterator[Finding]:
    mine = _core(text)
    for other in context.earlier:
        theirs = _core(other)
        if mine and _are_alike(mine, theirs):
            advice = "it reads like an answer that was sent before; say in your own words what this customer told"
            yield Finding(Rule.COPY, 0, len(text), Gravity.WARNS, advice)
            return


def _hidden(text: str, _: LintContext) -> Iterator[Finding]:
    for found in _HIDDEN.finditer(text):
        yield _warn(Rule.HIDDEN_SIGNS, found, "take the invisible sign out")


_RULES: tuple[Callable[[str, LintContext], Iterator[Finding]], ...] = (
    _length, _gaps, _addresses, _numbers, _orders, _promises, _liability, _links, _shouting, _copies, _hidden,
)  # fmt: skip


def _stop(rule: Rule, found: re.Match[str], advice: str) -> Finding:
    return Finding(rule, found.start(), found.end(), Gravity.STOPS, advice)


def _warn(rule: Rule, found: re.Match[str], advice: str) -> Finding:
    return Finding(rule, found.start(), found.end(), Gravity.WARNS, advice)


def _without_doubles(found: Sequence[Finding]) -> Iterator[Finding]:
    """Leave out a number that is both a phone's and an order's, and a promise that is one of money as well."""
    weaker = {Rule.PHONE_NUMBER: Rule.ORDER_NUMBER, Rule.PROMISE: Rule.MONEY_PROMISE}
    for finding in found:
        stronger = weaker.get(finding.rule)
        if not any(
            other.rule is stronger and other.start < finding.end and finding.start < other.end for other in found
        ):
            yield finding


def _host(link: str) -> str:
    try:
        host = urlsplit(link if "://" in link else f"https://{link}").hostname
    except ValueError:
        return link
    return (host or "").rstrip(".")


def _is_own_host(host: str, context: LintContext) -> bool:
    """Whether a host is one of the brand's domains, or below one."""
    bare = host.casefold().rstrip(".")
    return any(bare == own or bare.endswith(f".{own}") for own in map(str.casefold, context.domains))


def _is_own(words: str, context: LintContext) -> bool:
    """Whether words, or the digits of a number, stand in the team's own texts."""
    if words.isdigit():
        return any(words in "".join(sign for sign in own if sign.isdigit()) for own in context.own)
    return any(words.casefold() in own.casefold() for own in context.own)


def _looks_like_phone(written: str, digits: str) -> bool:
    """Whether digits are a number that somebody can be called on, rather than a date, an amount or a year."""
    if _DATE.fullmatch(written.strip()):
        return False
    international = written.startswith(("+", "00", "(+"))
    grouped = len(re.findall(r"[ \u00a0()./-]+", written)) >= 1
    return 7 <= len(digits) <= 15 and (
        international or written.lstrip("(").startswith("0") or (grouped and len(digits) >= 9)
    )


def _passes_luhn(digits: str) -> bool:
    """Whether a number passes the check of ISO/IEC 7812-1, as those of cards do."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def _is_iban(written: str) -> bool:
    """Whether a number passes the check of ISO 13616: 1 modulo 97."""
    bare = re.sub(r"[ \u00a0-]", "", written).upper()
    if not 15 <= len(bare) <= 34 or not bare.isascii():
        return False
    moved = bare[4:] + bare[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def _core(text: str) -> str:
    """Return the words of an answer, without handles, numbers and signs that differ from customer to customer."""
    folded = unicodedata.normalize("NFKC", text[:_COMPARED]).casefold()
    return " ".join(re.findall(r"[^\W\d_]+", re.sub(r"[@#]\w+", " ", folded)))


def _are_alike(mine: str, theirs: str) -> bool:
    if mine == theirs:
        return True
    if len(mine) < 60 or not theirs:
        return False
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
