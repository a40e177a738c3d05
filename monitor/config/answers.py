"""Answers of the config: the team's templates and words, who must look at which, what is said until then."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator

from monitor.config.escalation import EVERYONE, ON_SHIFT, STEPS_LIMIT, Chain, ChainStep
from monitor.config.section import Section
from monitor.config.values import Name, Words, one_or_many
from monitor.domain import Kind, Severity

ANY = "any"
"""The language of a text that is for all of them."""

WORDING_LIMIT = 5_000
_LANGUAGE = re.compile(r"any|[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}")


def _wording(value: Any) -> str | dict[str, str]:
    """Read one template, or templates by language."""
    blocks = value if isinstance(value, dict) else {ANY: value}
    for language, text in blocks.items():
        where = f"{language}: " if isinstance(value, dict) else ""
        if not _LANGUAGE.fullmatch(str(language)):
            raise ValueError(f"{str(language)[:40]!r} is no language; write any, or a tag such as de")
        if not isinstance(text, str):
            raise ValueError(f"{where}must be text, not {str(text)[:40]}; put it in quotes")  # noqa: TRY004 - pydantic wants it
        _check_text(where, text)
    return value if isinstance(value, str) else {str(language): str(text) for language, text in blocks.items()}


def _check_text(where: str, text: str) -> None:
    from monitor.answering.templates import BadTemplate, check_template  # noqa: PLC0415 - only such configs need Jinja

    if not text.strip():
        raise ValueError(f"{where}must not be empty")
    try:
        check_template(text)
    except BadTemplate as error:
        raise ValueError(f"{where}{error}") from None


def _domain(value: Any) -> Any:
    bare = str(value).strip().casefold().removeprefix("www.")
    if not _DOMAIN.fullmatch(bare):
        raise ValueError(f"{str(value)[:60]!r} is no domain; write one such as lumo.example")
    return bare


Wording = Annotated[str | dict[str, str], PlainValidator(_wording)]
Domains = Annotated[tuple[Annotated[str, BeforeValidator(_domain)], ...], BeforeValidator(one_or_many)]
Classes = Annotated[tuple[Severity, ...], BeforeValidator(one_or_many)]
Kinds = Annotated[tuple[Kind, ...], BeforeValidator(one_or_many)]
Checklist = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=300)], ...],
    BeforeValidator(one_or_many),
    Field(min_length=1, max_length=20),
]
Limit = Annotated[int, Field(ge=20, le=10_000)]


class AnswerTemplate(Section):
    """A text that is offered to whoever answers; empty lists mean all. The more it names, the earlier it stands."""

    text: Wording = Field(description="the template, or templates by language: `{en: …, de: …}`")
    causes: Words = Field((), description="what the complaint is about")
    severity: Classes = Field((), description="the classes that were recognised in the post")
    kinds: Kinds = Field((), description="complaints, questions, praise, other")
    platforms: Words = Field((), description="where the post stands")


class BrandAnswers(Section):
    """What answers of one brand say differently."""

    channel: Wording | None = Field(None, description="how it is reached in private; none: as for all brands")
    signature: Wording | None = Field(None, description="what ends its answers; none: as for all brands")
    domains: Domains = Field((), description="domains that its answers may link to, beside those for all brands")
    templates: dict[Name, AnswerTemplate] = Field(
        default_factory=dict, description="its own templates, beside those for all brands"
    )


class Approval(Chain):
    """Which answers a second person must approve, and who is asked one after the other until somebody has."""

    classes: Classes = Field(
        (Severity.SAFETY, Severity.LEGAL, Severity.PRESS, Severity.FRAUD, Severity.IMPOSTOR),
        description="the classes whose answers nobody sends alone; `[]`: none",
    )
    steps: tuple[ChainStep, ...] = Field(
        (
            ChainStep(notify=(ON_SHIFT,), wait=timedelta(minutes=5)),
            ChainStep(notify=(EVERYONE,), wait=timedelta(minutes=15), repeat=4),
        ),
        min_length=1,
        max_length=STEPS_LIMIT,
        description="who is asked, as in chains of escalation; whoever wrote the answer is left out",
    )


class Answers(Section):
    """What is offered to whoever answers, and what is looked at before an answer is sent."""

    channel: Wording | None = Field(None, description="how you are reached in private, such as `by direct message`")
    signature: Wording | None = Field(None, description="what ends answers, such as `Ana from Lumo`; by language")
    domains: Domains = Field((), description="domains that answers may link to, with all below them")
    templates: dict[Name, AnswerTemplate] = Field(default_factory=dict, description="the team's texts, by name")
    shipped: bool = Field(True, description="false: the shipped templates are not offered")
    limits: dict[Name, Limit] = Field(
        default_factory=dict, description="longest answer by platform, where it is not the platform's own"
    )
    approval: Approval = Field(Approval(), description="which answers a second person must approve")
    holding: dict[Severity, Wording] = Field(
        default_factory=dict,
        description="what may be sent at once to a case of a class, in the place of the shipped holding replies",
    )
    playbooks: dict[Severity, Checklist] = Field(
        default_factory=dict, description="what to do, step by step, in the place of the shipped playbooks"
    )

    def of_brand(self, brand: BrandAnswers | None) -> "Answers":
        """Return these answers with what one brand says differently."""
        if brand is None:
            return self
        told = {name: value for name in ("channel", "signature") if (value := getattr(brand, name)) is not None}
        domains = tuple(dict.fromkeys((*self.domains, *brand.domains)))
        return self.model_copy(update={**told, "domains": domains, "templates": {**self.templates, **brand.templates}})


def wording_for(wording: str | Mapping[str, str] | None, language: str) -> tuple[str, str] | None:
    """Return (language, text) of what a wording has for a language, else for all; None where it has neither."""
    if wording is None or isinstance(wording, str):
        return None if wording is None else (ANY, wording)
    for code in (language, language.partition("-")[0], ANY):
        if code in wording:
            return code, wording[code]
    return None
