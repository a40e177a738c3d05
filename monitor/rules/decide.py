"""What becomes a case. Pure: the same hit, verdict, history and rules always give the same decision.

own handle ─▶ repost ─▶ severity phrases ─▶ noise ─▶ complaint? severity? speaks to us? ─▶ score ─▶ level
   drop        drop                          drop              else drop: not-a-complaint
"""

from dataclasses import dataclass, replace
from datetime import datetime

from models.classifier import Verdict
from monitor.domain import Decision, DropRule, History, Hit, Kind, Severity
from monitor.rules import advice
from monitor.rules.calibration import calibrate, note_calibration
from monitor.rules.folded import FoldedMention, fold_mention
from monitor.rules.hearing import doubt, hear, is_deaf_to, is_pressing
from monitor.rules.impostor_reply import guard
from monitor.rules.kinds import addressed_by, find_kind, is_question, sale_stage, tells_of_trouble
from monitor.rules.language import UNKNOWN, find_lane, find_language
from monitor.rules.noise import find_noise, find_own_or_repost
from monitor.rules.phrase import read_list
from monitor.rules.relevance import evidence_of, is_about_others
from monitor.rules.rules import Rules
from monitor.rules.score import FOUND, Bound, Facts, level_of, settle, weigh
from monitor.rules.severity import Finding, Strength, find_severity
from monitor.rules.stakes import find_stakes

_MODEL_LANGUAGE = "en"
"""What the default model reads."""

_FIRST_PERSON = frozenset(read_list("kinds").groups["first-person"].split())

VIRAL_PER_HOUR = 1_000
"""Reactions an hour from which a post spreads: a near-miss becomes a case, and at least high."""

MANY_LISTENERS = 5_000
"""Followers from which a customer who leaves in public takes others along."""

OUTAGE_POSTS = 8
"""Posts by others about an outage within half an hour from which vague words ("down?") mean the same one."""

OUTAGE_WAVE = 12
"""Such posts from which every complaint that names nothing else is taken to be about it."""

_NEAR_MISS = 0.1
"""Complaint probability from which a spreading post is none of the harmless ones."""

_NOISE_YIELDS = 0.3
"""Complaint probability from which a grave phrase that speaks to us beats a noise rule."""

_CERTAIN = 0.85
_PLAIN = 0.8
_ANNOYED = 0.6
_NEGATIVE = 0.5
_POSITIVE = 0.3

_ASKED_FOR = frozenset({DropRule.BLOCKED_AUTHOR, DropRule.MUTED_THREAD})
"""Noise that people named themselves; it is dropped even where somebody plays the brand."""

_SHORTEST_LIFE_H = 0.5
"""Reactions to a younger post count as if it had been up so long: three likes in a second are no wave."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is known of a hit once texts and lists have spoken."""

    hit: Hit
    folded: FoldedMention
    verdict: Verdict
    history: History
    rules: Rules
    findings: tuple[Finding, ...]
    addressed: str | None
    lane: str | None
    doubtful: bool
    """No model of ours reads the language: its opinion counts for little, phrases for more."""

    velocity: float | None
    impostor: Finding | None = None

    @property
    def complaint(self) -> float:
        return self.verdict.complaint or 0.0

    @property
    def negative(self) -> float:
        return (self.verdict.sentiment or {}).get("negative", 0.0)

    @property
    def grave(self) -> tuple[Finding, ...]:
        return tuple(found for found in self.findings if found.severity.grave)

    @property
    def complains(self) -> bool:
        """Whether the post counts as a complaint: by a person, by the model, or by a strong phrase with evidence."""
        if self.history.found_missed or self.complaint >= self.rules.triage.complaint or self.listed:
            return True
        return self.attested and any(found.strong and found.severity is not Severity.PRESS for found in self.findings)

    @property
    def listed(self) -> bool:
        """Whether word lists see a complaint where no model reads the language: goods of one's own, and trouble."""
        return self.doubtful and tells_of_trouble(self.folded)

    @property
    def attested(self) -> bool:
        """Whether anything but the phrase itself says that the post is about trouble with us."""
        annoyed = self.negative >= _ANNOYED and self.complaint >= _NEAR_MISS
        if self.history.found_missed:
            return True
        return self.addressed is not None or self.complaint >= self.rules.triage.complaint or self.doubtful or annoyed

    def endangers(self, found: Finding) -> bool:
        """Whether words tell of danger to people, and the model, where it reads the language, hears it in them."""
        if found.severity is not Severity.SAFETY or not found.strong or found.heard:
            return False
        return found.strength is Strength.SURE or self.doubtful or not is_deaf_to(Severity.SAFETY, self.verdict)

    @property
    def in_outage(self) -> bool:
        """Whether the post speaks of an outage, however vaguely, while others report one and it is not cheerful.

        In a wave a complaint that names no trouble of another kind speaks of it as well ("thanks a lot, lumo").
        """
        named = {found.severity for found in self.findings}
        if Severity.OUTAGE in named:
            return self.history.outages >= OUTAGE_POSTS and (self.doubtful or self.complaint >= _NEAR_MISS)
        return self.history.outages >= OUTAGE_WAVE and not named and self.complaint >= self.rules.triage.complaint

    @property
    def pressing(self) -> bool:
        """Whether a complaint reads as one that somebody should look at within half an hour."""
        return not self.doubtful and self.complains and is_pressing(self.verdict)

    @property
    def posed(self) -> bool:
        """Whether somebody plays the brand where a customer waits for it, or was found to do so before."""
        return self.impostor is not None and (self.history.guarded or self.history.known_impostor)

    @property
    def spreading(self) -> bool:
        return self.velocity is not None and self.velocity >= VIRAL_PER_HOUR


def decide(
    hit: Hit, verdict: Verdict, history: History, rules: Rules, now: datetime, folded: FoldedMention | None = None
) -> Decision:
    """Make a case or a drop of a hit; `folded` is its mention, for whoever has folded it already.

    `now` dates the reading of the post's counters; the rest of the decision does not depend on it. Native reposts and
    copies that are equal after folding join the case that `history.copy_of` names. The config's calibration of the
    complaint probability comes first.
    """
    read = calibrate(verdict, hit, rules.triage)
    decision = _decide(hit, read, history, rules, now, folded or fold_mention(hit.mention))
    return decision if read is verdict else note_calibration(decision, verdict)


def _decide(
    hit: Hit, verdict: Verdict, history: History, rules: Rules, now: datetime, folded: FoldedMention
) -> Decision:
    first = None if history.found_missed else find_own_or_repost(hit, rules)
    if first and not (first[0] is DropRule.REPOST and history.copy_of is not None):
        return _dropped(*first, lane=None)
    judged = _judge(hit, folded, verdict, history, rules, now)
    noise = None if first or history.found_missed else find_noise(hit, folded, rules)
    if noise and not (_beats_noise(judged) or (judged.posed and noise[0] not in _ASKED_FOR)):
        return replace(_dropped(*noise, lane=judged.lane), severity=_classes(judged))
    elsewhere = None if history.found_missed else _about_others(judged)
    if elsewhere:
        return replace(_dropped(DropRule.NOT_US, elsewhere, lane=judged.lane), severity=_classes(judged))
    why = _case_reason(judged)
    if why is None:
        return _not_a_complaint(judged)
    return _case(judged)


def _judge(hit: Hit, folded: FoldedMention, verdict: Verdict, history: History, rules: Rules, now: datetime) -> _Judged:
    brand = rules.of(hit.brand)
    findings = find_severity(folded, rules.book)
    impostor = guard(hit.mention, folded, brand, history)
    if impostor:
        findings = (impostor, *(found for found in findings if found.severity is not Severity.IMPOSTOR))
    language = find_language(folded)
    lane = find_lane(language, rules.triage.languages)
    doubtful = lane is not None or language not in {_MODEL_LANGUAGE, *rules.triage.models}
    if not doubtful:
        findings = hear(findings, verdict)
    return _Judged(
        hit=hit,
        folded=folded,
        verdict=verdict,
        history=history,
        rules=rules,
        findings=findings,
        addressed=addressed_by(hit, folded, brand, history),
        lane=lane,
        doubtful=doubtful,
        velocity=_velocity(hit, history, now),
        impostor=impostor,
    )


def _velocity(hit: Hit, history: History, now: datetime) -> float | None:
    """Return reactions an hour: measured between readings, or over the life of the post at its first reading."""
    if history.velocity is not None:
        return history.velocity
    engagement = hit.mention.metrics.engagement
    if engagement is None:
        return None
    life_h = (min(now, hit.seen_at) - hit.mention.posted_at).total_seconds() / 3600
    return engagement / max(life_h, _SHORTEST_LIFE_H)


def _beats_noise(judged: _Judged) -> bool:
    strong = any(found.strong for found in judged.grave)
    if judged.complaint >= judged.rules.triage.complaint:
        return strong
    return strong and judged.addressed is not None and judged.complaint >= _NOISE_YIELDS


def _about_others(judged: _Judged) -> str | None:
    """Return what shows that a post is about something else of the same name, or None.

    Never where the post speaks to us, joins an open case or tells of grave trouble with anything to support it, nor in
    a language whose likeness no model of ours can tell.
    """
    relevance, switched_off = judged.history.relevance, DropRule.NOT_US in judged.rules.triage.noise_off
    if relevance is None or switched_off or judged.doubtful or not is_about_others(relevance):
        return None
    if judged.addressed is not None or judged.history.open_case is not None or judged.posed:
        return None
    if any(found.strong and _evidence(found, judged) >= _NEEDED[found.severity] for found in judged.grave):
        return None
    return evidence_of(relevance)


def _case_reason(judged: _Judged) -> str | None:
    """Return why a hit is work for a person, or None."""
    strong = any(found.strong for found in judged.findings)
    reasons = {
        "found": judged.history.found_missed,
        "complaint": judged.complaint >= judged.rules.triage.complaint or judged.listed,
        "severity": any(found.strong for found in judged.grave) or (strong and judged.attested),
        "outage": judged.in_outage,
        "addressed": judged.addressed is not None,
        "spreading": judged.spreading and not _harmless(judged),
    }
    return next((name for name, holds in reasons.items() if holds), None)


def _harmless(judged: _Judged) -> bool:
    """Whether the model sees plain praise or chatter, which may spread as it likes; a flood is never harmless talk."""
    if judged.complaint >= _NEAR_MISS:
        return False
    positive = (judged.verdict.sentiment or {}).get("positive", 0.0)
    flood = judged.velocity is not None and judged.velocity >= 4 * VIRAL_PER_HOUR
    return positive >= 0.5 or (judged.negative < 0.3 and not flood)


def _case(judged: _Judged) -> Decision:
    triage, mention = judged.rules.triage, judged.hit.mention
    complains = judged.complains
    stage = sale_stage(judged.folded)
    brand = judged.rules.of(judged.hit.brand)
    facts = Facts(
        verdict=judged.verdict,
        findings=judged.findings,
        history=judged.history,
        followers=mention.author.followers,
        velocity=judged.velocity if complains or not _harmless(judged) else None,
        addressed=judged.addressed,
        post_sale=stage[1] if stage and stage[0] == "post" else None,
        vip=judged.folded.author in brand.vips,
        complains=complains,
        lane=judged.lane,
    )
    score, reasons = settle(weigh(facts, triage.weights), _floor(judged), _cap(judged))
    decision = Decision(
        kind=_kind(judged),
        level=level_of(score, triage.levels),
        score=score,
        reasons=reasons,
        severity=_classes(judged),
        lane=judged.lane,
        review=_needs_review(judged),
        copy_of=judged.history.copy_of,
    )
    return replace(decision, advice=advice.for_case(decision, triage.levels))


def _kind(judged: _Judged) -> Kind:
    # "down again, great": in a wave of such reports the kind words are scorn
    if judged.complains or judged.in_outage:
        return Kind.COMPLAINT
    if any(found.strong and found.severity is Severity.SAFETY for found in judged.findings):
        return Kind.COMPLAINT
    return find_kind(judged.folded, judged.verdict, complains=False)


def _needs_review(judged: _Judged) -> bool:
    """Whether a phrase alone made the case: nobody spoke to us, and the model sees no complaint."""
    return not judged.attested and not judged.spreading and judged.complaint < judged.rules.triage.complaint


def _floor(judged: _Judged) -> Bound | None:
    """Return the lowest score that a grave class or a wave leaves.

    Only safety is worth waking people for within five minutes: it goes on doing harm. Legal threats, press, fraud and
    impostors need a person within the half hour. A phrase that nothing supports is kept at normal, for review: most of
    these are idioms that no list foresaw.
    """
    bounds = judged.rules.triage.levels
    floors = [_floor_of(found, judged) for found in judged.grave]
    floors.extend(_floor_of_trouble(found, judged) for found in judged.findings if not found.severity.grave)
    if judged.spreading and (judged.complains or not _harmless(judged)):
        floors.append(Bound(bounds.high, f"spreads with {judged.velocity:,.0f} reactions an hour"))
    if judged.history.found_missed:
        floors.append(Bound(bounds.normal, FOUND))
    if judged.pressing:
        floors.append(Bound(bounds.high, f"the model hears that it cannot wait ({judged.verdict.urgent:.2f})"))
    if judged.in_outage:
        floors.append(Bound(bounds.high, f"outage: {judged.history.outages} others wrote of one within half an hour"))
    return max((floor for floor in floors if floor), key=lambda floor: floor.score, default=None)


def _floor_of(found: Finding, judged: _Judged) -> Bound | None:
    bounds, why = judged.rules.triage.levels, f'{found.severity.value}: "{found.evidence}"'
    evidence = _evidence(found, judged)
    if not found.strong:
        return Bound(bounds.high, f"{why}, with a complaint") if _plausible(found, judged) else None
    if _is_critical(found, judged):
        return Bound(bounds.critical, why)
    if evidence >= _NEEDED[found.severity] or found.strength is Strength.SURE:
        return Bound(bounds.high, why)
    return Bound(bounds.normal, f"{why}, for review: nothing else supports it")


def _is_critical(found: Finding, judged: _Judged) -> bool:
    """Whether a finding is worth waking people for: danger, well supported, and not told of by somebody who reports.

    So is an impostor who writes to a customer of ours: each minute somebody may give a password away.
    """
    if found.severity is Severity.IMPOSTOR:
        return judged.posed
    reported = any(other.severity is Severity.PRESS and other.strong for other in judged.findings)
    return judged.endangers(found) and _evidence(found, judged) >= _CRITICAL_EVIDENCE and not reported


def _plausible(found: Finding, judged: _Judged) -> bool:
    """Whether a weak word of fraud stands in a bitter complaint: "they simply stole it" is an accusation there."""
    return found.severity is Severity.FRAUD and _evidence(found, judged) > _BITTER


def _floor_of_trouble(found: Finding, judged: _Judged) -> Bound | None:
    """Return the floor of an outage, of rude staff, of large sums or long waits, and of leaving before many eyes."""
    high, why = judged.rules.triage.levels.high, f'{found.severity.value}: "{found.evidence}"'
    spoken = judged.addressed is not None or judged.complaint >= judged.rules.triage.complaint
    certain = found.strength is Strength.SURE or (found.strong and judged.complaint >= _CERTAIN)
    if found.severity is Severity.OUTAGE and certain and spoken:
        return Bound(high, why)
    if not found.strong or not judged.complains:
        return None
    if found.severity is Severity.RUDE_STAFF and judged.negative >= _NEGATIVE:
        return Bound(high, why)
    stakes = _stakes(found, judged)
    return Bound(high, f"{why}, {stakes}") if stakes else None


def _stakes(found: Finding, judged: _Judged) -> str | None:
    """Return what makes trouble with money, or leaving, urgent: large sums, long waits, many listeners."""
    followers = judged.hit.mention.author.followers or 0
    if found.severity is Severity.CHURN and followers >= MANY_LISTENERS:
        return f"{followers:,} followers"
    return find_stakes(judged.folded) if found.severity is Severity.MONEY else None


_CRITICAL_EVIDENCE, _BITTER = 4, 3
_NEEDED = {Severity.SAFETY: 1, Severity.LEGAL: 1, Severity.PRESS: 1, Severity.FRAUD: 1, Severity.IMPOSTOR: 1}
"""Support that a strong phrase needs for high. Without it the phrase is most often an idiom, or news about others."""

_POLITE = frozenset({Severity.PRESS, Severity.LEGAL})
"""Told of calmly, even kindly: here a cheerful tone takes nothing back, and speaking of oneself supports."""


def _evidence(found: Finding, judged: _Judged) -> int:
    """Count what supports a phrase: signs that tell meant words from idioms on labelled posts.

    A complaint by the model counts two, a plain one three. Where no model reads the language, the phrase stands alone.
    """
    if judged.doubtful and judged.lane != UNKNOWN:
        return _CRITICAL_EVIDENCE
    positive = (judged.verdict.sentiment or {}).get("positive", 0.0)
    polite = found.severity in _POLITE
    signs = (
        2 * judged.doubtful,
        2 * (judged.complaint >= judged.rules.triage.complaint),
        judged.complaint >= _PLAIN,
        judged.negative >= _NEGATIVE,
        judged.addressed is not None,
        found.phrases > 1,
        0 if judged.doubtful else doubt(found, judged.verdict),
        2 * (found.strength is Strength.SURE and positive < _POSITIVE),
        polite and not _FIRST_PERSON.isdisjoint(judged.folded.spoken),
        -(positive >= _POSITIVE and not polite),
    )
    return sum(signs)


def _cap(judged: _Judged) -> Bound | None:
    """Return the highest score without danger to people: neither anger nor a crowd wakes anybody at night."""
    if any(_is_critical(found, judged) for found in judged.findings):
        return None
    return Bound(round(judged.rules.triage.levels.critical - 0.1, 1), "critical is for danger to people")


def _not_a_complaint(judged: _Judged) -> Decision:
    threshold = judged.rules.triage.complaint
    doubt = f"; doubtful, the language ({judged.lane}) is not served" if judged.lane else ""
    known = judged.verdict.complaint is not None
    evidence = f"complaint {judged.complaint:.2f} < {threshold:.2f}{doubt}" if known else "the model gave no opinion"
    return Decision(
        kind=find_kind(judged.folded, judged.verdict, complains=False),
        level=None,
        score=0.0,
        severity=_classes(judged),
        drop=DropRule.NOT_A_COMPLAINT,
        evidence=evidence,
        advice=advice.for_near_miss(judged.verdict.complaint, asks=is_question(judged.folded)),
        lane=judged.lane,
    )


def _dropped(rule: DropRule, evidence: str, lane: str | None) -> Decision:
    return Decision(
        kind=None, level=None, score=0.0, drop=rule, evidence=evidence, advice=advice.for_noise(rule), lane=lane
    )


def _classes(judged: _Judged) -> tuple[Severity, ...]:
    """Return the classes that are meant, rather than those that a word might mean."""
    return tuple(found.severity for found in judged.findings if _is_meant(found, judged))


def _is_meant(found: Finding, judged: _Judged) -> bool:
    joins_outage = found.severity is Severity.OUTAGE and judged.in_outage
    return found.strong or joins_outage or _plausible(found, judged)
