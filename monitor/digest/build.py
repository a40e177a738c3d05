"""From figures to what a digest says. Pure: the same figures give the same digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from monitor.config.digests import Part
from monitor.digest.figures import DigestFigures
from monitor.digest.parts import Block
from monitor.digest.sections import blocks_of
from monitor.digest.wording import Reader, counted


@dataclass(frozen=True, slots=True)
class DigestBody:
    """A digest in words, section by section. An empty one has nothing to tell, and says so in its headline.

    A renderer makes the foreign pieces of its lines harmless for its place.
    """

    name: str
    period: str
    headline: str
    blocks: Sequence[Block]
    figures: DigestFigures
    now: datetime
    zone: tzinfo
    empty: bool
    sections: tuple[Part, ...]
    demo: bool = False

    @property
    def title(self) -> str:
        """The first line, and the subject of a mail."""
        return f"{'[demo] ' if self.demo else ''}{self.name} digest: {self.headline}"


def build_digest(
    figures: DigestFigures,
    now: datetime,
    zone: tzinfo,
    *,
    name: str = "complaints",
    sections: Sequence[Part] = tuple(Part),
    demo: bool = False,
) -> DigestBody:
    """Return what the figures say to people in `zone`, in these sections."""
    empty = not _tells(figures, sections)
    return DigestBody(
        name=name,
        period=_period(figures, zone),
        headline=_headline(figures),
        blocks=() if empty else blocks_of(figures, sections, Reader(now, zone)),
        figures=figures,
        now=now,
        zone=zone,
        empty=empty,
        sections=tuple(part for part in Part if part in sections),
        demo=demo,
    )


def _tells(figures: DigestFigures, sections: Sequence[Part]) -> bool:
    """Whether anything is open or new, or happened in one of these sections, or was not heard."""
    happened = {
        Part.INCIDENTS: figures.incidents,
        Part.SPIKES: figures.spikes,
        Part.REPLIES: figures.replies,
        Part.BLIND: figures.blind,
        Part.PRAISE: figures.praise,
    }
    busy = sum(figures.open_by_level.values()) + sum(figures.opened.values())
    return busy > 0 or any(happened.get(part) for part in sections)


def _period(figures: DigestFigures, zone: tzinfo) -> str:
    since, until = figures.since.astimezone(zone), figures.until.astimezone(zone)
    same_day = since.date() == until.date()
    first = f"{since:%a} {since.day} {since:%b %H:%M}"
    return f"{first} to {until:%H:%M}" if same_day else f"{first} to {until:%a} {until.day} {until:%b %H:%M}"


def _headline(figures: DigestFigures) -> str:
    still, opened = sum(figures.open_by_level.values()), sum(figures.opened.values())
    if not still and not opened:
        return f"nothing open, nothing new in {counted(figures.mentions, 'post')}"
    urgent = sum(number for level, number in figures.open_by_level.items() if level.urgent)
    late = sum(figures.late_by_level.values())
    parts = [f"{still:,} open ({urgent:,} urgent)"] + ([f"{late:,} late"] if late else [])
    return ", ".join([*parts, f"{opened:,} new"])
