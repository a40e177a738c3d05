"""Which texts are offered for a case, the best first. Pure: settings, what is known of the case, texts in, drafts out.

the incident's agreed answer ─▶ holding replies of its classes ─▶ the team's templates, the most special first
─▶ the shipped template of its class, else of its cause, else of its kind
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from monitor.answering.draft import Draft, DraftSource
from monitor.answering.length import LIMITS, counted_length
from monitor.answering.sections import read_sections
from monitor.config.answers import ANY, Answers, AnswerTemplate, wording_for
from monitor.config.causes import OTHER
from monitor.domain import Kind, Severity

LANGUAGES = ("en", "de", "fr", "es")
"""The languages of the shipped texts; a case in any other is offered English."""

_CHANNEL = {
    "en": "by direct message",
    "de": "per Direktnachricht",
    "fr": "en message privé",
    "es": "por mensaje privado",
}
_TRIES = 12
"""Wordings that are tried until one fits the platform."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a case as far as a text is chosen by it; None is unknown."""

    case: int
    brand: str
    platform: str
    author: str
    kind: Kind
    severity: tuple[Severity, ...] = ()
    cause: str | None = None
    language: str | None = None
    impostor: str | None = None


@dataclass(frozen=True, slots=True)
class AgreedAnswer:
    """The answer that was agreed on for the incident that a case belongs to."""

    incident: int
    text: str
    by: str


def offers(
    subject: Subject, answers: Answers, agreed: AgreedAnswer | None = None, *, variant: int = 0
) -> tuple[Draft, ...]:
    """Return the texts that are offered for a case, the best first; `variant` asks for other wordings."""
    writer = _Writer(subject, answers, variant)
    return tuple(_every(writer, subject, answers, agreed))


def holding_reply(subject: Subject, answers: Answers) -> Draft | None:
    """Return the holding reply of the gravest class of a case that has one; None where none has."""
    writer = _Writer(subject, answers, 0)
    return next(writer.holding_replies(), None)


def length_limit(answers: Answers, platform: str) -> int | None:
    """Return how long an answer may be, as its platform counts; None where nobody knows."""
    return answers.limits.get(platform, LIMITS.get(platform))


def classes_of(answers: Answers, severity: Iterable[Severity]) -> tuple[Severity, ...]:
    """Return the classes that ask for a second person, the gravest first."""
    found = set(severity)
    return tuple(one for one in Severity if one in found and one in answers.approval.classes)


def channel_for(answers: Answers, language: str) -> str:
    """Return how a brand is reached in private, in a language."""
    told = wording_for(answers.channel, language)
    return told[1] if told else _CHANNEL.get(language, _CHANNEL["en"])


def signature_for(answers: Answers, language: str) -> str:
    """Return what ends an answer in a language; "" for nothing."""
    told = wording_for(answers.signature, language)
    return told[1] if told else ""


def _every(writer: "_Writer", subject: Subject, answers: Answers, agreed: AgreedAnswer | None) -> Iterator[Draft]:
    if agreed is not None:
        why = f"agreed on for incident {agreed.incident} by {agreed.by}"
        yield writer.as_it_is(f"incident:{agreed.incident}", DraftSource.INCIDENT, agreed.text, why)
    yield from writer.holding_replies()
    for name, template in _matching(subject, answers.templates):
        yield from writer.team(name, template)
    if answers.shipped:
        yield from writer.shipped()


@dataclass(frozen=True, slots=True)
class _Writer:
    """Renders texts for one case."""

    subject: Subject
    answers: Answers
    variant: int

    def as_it_is(self, name: str, source: DraftSource, text: str, why: str) -> Draft:
        return self._draft(name, source, self.subject.language or ANY, text, why)

    def holding_replies(self) -> Iterator[Draft]:
        for severity in classes_of(self.answers, self.subject.severity):
            code, text, whose = self._holding(severity)
            if text:
                why = f"holding reply for {severity}{whose}, {code}: may be sent at once"
                yield self._render(f"holding:{severity}", DraftSource.HOLDING, code, text, why, seed="", variant=0)

    def team(self, name: str, template: AnswerTemplate) -> Iterator[Draft]:
        found = wording_for(template.text, self.subject.language or "")
        if found is not None:
            why = f"the team's template {name}: {_reasons(template)}"
            code = self.subject.language or ANY if found[0] == ANY else found[0]
            yield self._fitting(name, DraftSource.TEAM, code, found[1], why)

    def shipped(self) -> Iterator[Draft]:
        code = self._code
        texts = read_sections(code)
        classes = classes_of(self.answers, self.subject.severity)
        named = [f"class {severity}" for severity in classes] or [self._topic()]
        for section in named:
            if section in texts:
                name = f"shipped:{section.removeprefix('class ')}"
                why = f"shipped: {section if classes else self._why_topic(section)}, {code}"
                yield self._fitting(name, DraftSource.SHIPPED, code, texts[section], why)

    @property
    def _code(self) -> str:
        language = (self.subject.language or "en").partition("-")[0]
        return language if language in LANGUAGES else "en"

    def _topic(self) -> str:
        if self.subject.kind in {Kind.QUESTION, Kind.PRAISE}:
            return self.subject.kind.value
        cause = self.subject.cause or OTHER
        return cause if cause in read_sections(self._code) else OTHER

    def _why_topic(self, section: str) -> str:
        return f"kind {section}" if section == self.subject.kind else f"cause {section}"

    def _holding(self, severity: Severity) -> tuple[str, str, str]:
        """Return (language, text, whose it is) of the holding reply for a class."""
        own = self.answers.holding.get(severity)
        found = wording_for(own, self.subject.language or "en")
        if found is not None:
            code, text = found
            return (self._code if code == ANY else code), text, " of the team"
        return self._code, read_sections(self._code).get(f"holding {severity}", ""), ""

    def _fitting(self, name: str, source: DraftSource, code: str, text: str, why: str) -> Draft:
        """Return a wording that fits the platform, the first one where none does."""
        first: Draft | None = None
        for attempt in range(_TRIES):
            number = self.variant + attempt * 1_000
            draft = self._render(name, source, code, text, why, seed=f"{self.subject.case}/{name}", variant=number)
            first = first or draft
            if draft.problem or draft.limit is None or draft.length <= draft.limit:
                return draft
        assert first is not None  # noqa: S101 - the loop runs at least once
        return first

    def _render(
        self, name: str, source: DraftSource, code: str, text: str, why: str, *, seed: str, variant: int
    ) -> Draft:
        from monitor.answering.templates import BadTemplate, render  # noqa: PLC0415 - most commands need no Jinja

        try:
            rendered = render(text, self._values(code), seed=seed, variant=variant)
        except BadTemplate as error:
            return self._draft(name, source, code, "", why, problem=f"template {name} {error}")
        return self._draft(name, source, code, rendered.text, why, unfilled=rendered.unfilled)

    def _values(self, code: str) -> Mapping[str, str]:
        subject = self.subject
        known = {"author": subject.author, "cause": subject.cause, "impostor": subject.impostor}
        return {
            "brand": subject.brand,
            "platform": subject.platform,
            "channel": channel_for(self.answers, code),
            "signature": signature_for(self.answers, code),
            **{name: value for name, value in known.items() if value},
        }

    def _draft(
        self,
        name: str,
        source: DraftSource,
        code: str,
        text: str,
        why: str,
        *,
        unfilled: tuple[str, ...] = (),
        problem: str = "",
    ) -> Draft:
        platform = self.subject.platform
        length = counted_length(text, platform)
        limit = length_limit(self.answers, platform)
        return Draft(name, source, code, text, unfilled, why, length, limit, problem)


def _matching(subject: Subject, templates: Mapping[str, AnswerTemplate]) -> list[tuple[str, AnswerTemplate]]:
    """Return the templates for a case, those that name most of it first."""
    found = [(name, template) for name, template in templates.items() if _is_for(subject, template)]
    return sorted(found, key=lambda entry: -_speciality(entry[1], subject.language or ""))


def _is_for(subject: Subject, template: AnswerTemplate) -> bool:
    return (
        (not template.causes or (subject.cause or OTHER) in template.causes)
        and (not template.severity or bool(set(template.severity) & set(subject.severity)))
        and (not template.kinds or subject.kind in template.kinds)
        and (not template.platforms or subject.platform in template.platforms)
    )


def _speciality(template: AnswerTemplate, language: str) -> int:
    found = wording_for(template.text, language)
    exact = 1 if found is not None and found[0] != ANY else 0
    weights = ((template.severity, 8), (template.causes, 4), (template.kinds, 2), (template.platforms, 2))
    return exact + sum(weight for named, weight in weights if named)


def _reasons(template: AnswerTemplate) -> str:
    named = (*template.severity, *template.causes, *template.kinds, *template.platforms)
    return ", ".join(str(name) for name in named) or "for every case"
