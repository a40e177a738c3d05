"""Noise: posts that name the brand and ask nothing of it. Each rule has a name, evidence, and a switch.

A rule needs two different signs of its kind (a giveaway that also asks to follow and tag), and where a customer's own
trouble speaks from the text, a link and a third: "won your giveaway in May, never got the lamp" is no giveaway.
"""

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache

from monitor.domain import DropRule, Hit
from monitor.rules.exclusions import find_excluded
from monitor.rules.folded import FoldedMention
from monitor.rules.phrase import PhraseBook, read_list
from monitor.rules.rules import BrandRules, Rules

Noise = tuple[DropRule, str]

_TROUBLE = "trouble"
_LINK = re.compile(r"https?://|\bwww\.|\b[\w-]+\.[a-z]{2,8}/\w|(?:>>|👉|→)\s*\w[\w.-]*\.[a-z]{2,8}\b", re.IGNORECASE)
_REPOST = re.compile(r"\s*RT @\w")
_CASHTAG = re.compile(r"(?<!\w)\$[A-Z]{2,6}\b")
_DISCOUNT = re.compile(
    r"(?:-|\b)\d{1,2} ?% ?(?:off|rabatt|günstiger|sparen|de (?:réduction|remise|descuento|dto))"
    r"|-\d{2} ?%|\b\d{1,2} ?% (?:en|auf|sur)\b",
    re.I,
)
_CODE = re.compile(
    r"\b(?:code|c[óo]digo|cup[óo]n|gutschein(?:code)?|coupon)\b\W{0,3}[A-Z][A-Z0-9]{3,}\b", re.IGNORECASE
)
_SHOUTED_CODE = re.compile(r"\b(?=[A-Z]*\d)[A-Z]{3,}\d{1,3}\b")
_GENDERS = re.compile(r"\((?:[mwfdhx]\s*[/|*]\s*){1,3}[mwfdhx]\)", re.IGNORECASE)
_BOT_HANDLE = re.compile(r"bot(?:[_\d]|$)|^(?:promo|deals?|offers?|shop)\w*_?\d{3,}", re.IGNORECASE)
_PHONE = re.compile(r"(?:whatsapp|telegram|\btg\b)\W{0,4}[+@]", re.IGNORECASE)
_NOT_WORDS = re.compile(r"(?<!\w)[@#][\w.-]+|https?://\S+|www\.\S+")
_TELLING = re.compile(r"[^\W_]|[\u203c-\u3299\U0001f000-\U0001faff]")
_CHANT = 3
"""A brand's name this often in a post is no sentence."""

_HASHTAGS = 9


def find_own_or_repost(hit: Hit, rules: Rules) -> Noise | None:
    """Judge the two rules that come before severity: the brand's own voice, and reposts."""
    mention, brand = hit.mention, rules.of(hit.brand)
    author = mention.author.handle.removeprefix("@").casefold()
    if brand.is_own(mention.platform, author) and DropRule.OWN_HANDLE not in rules.triage.noise_off:
        return DropRule.OWN_HANDLE, f"{mention.author.handle} is one of {hit.brand}'s own handles on {mention.platform}"
    if DropRule.REPOST in rules.triage.noise_off:
        return None
    if mention.repost_of:
        return DropRule.REPOST, f"repeats post {mention.repost_of}"
    return (DropRule.REPOST, "begins with RT @") if _REPOST.match(mention.text) else None


def find_noise(hit: Hit, folded: FoldedMention, rules: Rules) -> Noise | None:
    """Return the first noise rule that holds and is switched on, with its evidence. Own handle and repost included."""
    first = find_own_or_repost(hit, rules)
    if first is not None:
        return first
    off = rules.triage.noise_off
    brand = rules.of(hit.brand)
    for rule, evidence in (*_by_sender(hit, folded, brand), *_by_words(folded, brand), *_excluded(hit, folded, brand)):
        if rule not in off:
            return rule, evidence
    return None


def _by_sender(hit: Hit, folded: FoldedMention, brand: BrandRules) -> list[Noise]:
    mention = hit.mention
    found: list[Noise] = []
    if folded.author in brand.blocked:
        found.append((DropRule.BLOCKED_AUTHOR, f"{mention.author.handle} is in blocked_authors"))
    if brand.muted and brand.muted & {mention.thread_id, mention.native_id, mention.parent_id}:
        found.append((DropRule.MUTED_THREAD, f"thread {mention.thread_id or mention.native_id} is in muted_threads"))
    if not _TELLING.search(_NOT_WORDS.sub(" ", mention.text)):
        found.append((DropRule.EMPTY, "nothing but handles, hashtags, links and signs"))
    return found


def _excluded(hit: Hit, folded: FoldedMention, brand: BrandRules) -> list[Noise]:
    """Return the brand's exclusions that hold; a pack never drops a post that tells of a customer's trouble."""
    if not brand.exclusions:
        return []
    found = find_excluded(brand.exclusions, replace(folded, source=hit.source))
    if any(exclusion.pack for exclusion in found) and _TROUBLE in _signs(folded):
        found = [exclusion for exclusion in found if not exclusion.pack]
    return [(exclusion.rule, exclusion.evidence) for exclusion in found]


def _by_words(folded: FoldedMention, brand: BrandRules) -> list[Noise]:
    signs = _signs(folded)
    if not signs:
        return []
    needed = 2
    if _TROUBLE in signs:
        if not _LINK.search(folded.original):
            return []
        needed = 3
    for sign in _shape_signs(folded, brand):
        signs.setdefault(sign[0], {})[sign[1]] = sign[2]
    return [
        (rule, ", ".join(signs[rule].values()))
        for rule in _BY_WORDS
        if len(signs.get(rule, ())) >= needed and "sign" in {kind.partition(":")[0] for kind in signs[rule]}
    ]


_BY_WORDS = (DropRule.GIVEAWAY, DropRule.JOB_AD, DropRule.STOCK_TIP, DropRule.SPAM, DropRule.COUPON, DropRule.BOT)


def _signs(folded: FoldedMention) -> dict[str, dict[str, str]]:
    """Return, per rule, the different signs found: {rule: {sign: words}}."""
    signs: dict[str, dict[str, str]] = {}
    words = folded.spoken
    for found in _book().find(words):
        rule, kind = found.label
        said = " ".join(words[found.start : found.end])
        signs.setdefault(rule, {})[f"{kind}:{said.split()[0]}"] = said
    for rule, kind, said in _marks(folded):
        signs.setdefault(rule, {})[kind] = said
    return signs


def _marks(folded: FoldedMention) -> list[tuple[str, str, str]]:
    """Return signs that are no words, each strong enough to start a suspicion."""
    text = folded.original
    found: list[tuple[str, str, str]] = []
    if "$" in text and (tag := _CASHTAG.search(text)):
        found.append((DropRule.STOCK_TIP, "sign:cashtag", tag[0]))
    if "%" in text and (discount := _DISCOUNT.search(text)):
        found.append((DropRule.COUPON, "sign:percent", discount[0]))
    if code := _CODE.search(text):
        found.append((DropRule.COUPON, "call:code", code[0]))
    elif "%" in text and (shouted := _SHOUTED_CODE.search(text)):
        found.append((DropRule.COUPON, "call:code", shouted[0]))
    if "(" in text and (genders := _GENDERS.search(text)):
        found.append((DropRule.JOB_AD, "sign:genders", genders[0]))
    if phone := _PHONE.search(text):
        found.append((DropRule.SPAM, "call:phone", phone[0]))
    if _BOT_HANDLE.search(folded.author):
        found.append((DropRule.BOT, "sign:handle", folded.mention.author.handle))
    if len(folded.tags) >= _HASHTAGS:
        found.append((DropRule.SPAM, "sign:hashtags", f"{len(folded.tags)} hashtags"))
    return found


def _shape_signs(folded: FoldedMention, brand: BrandRules) -> list[tuple[str, str, str]]:
    """Return signs that only support a suspicion: links, a chant of the brand's name, an emoji parade."""
    text = folded.original
    found: list[tuple[str, str, str]] = []
    if _LINK.search(text):
        found.extend((rule, "call:link", "a link") for rule in _BY_WORDS if rule is not DropRule.GIVEAWAY)
    counts = Counter(folded.spoken)
    if any(counts[name] >= _CHANT for name in brand.names):
        found.append((DropRule.BOT, "sign:chant", "the brand's name over and over"))
    if "🚀" in text or "📈" in text:
        found.append((DropRule.STOCK_TIP, "call:rocket", "🚀"))
    if "🎁" in text or "🎉" in text:
        found.append((DropRule.GIVEAWAY, "call:gift", "🎁"))
    return found


@lru_cache(maxsize=1)
def _book() -> PhraseBook[tuple[str, str]]:
    listed = read_list("noise")
    return PhraseBook(((_label(section), phrase) for section, phrase in listed.phrases), listed.groups)


def _label(section: str) -> tuple[str, str]:
    rule, _, kind = section.partition(".")
    return rule, kind
