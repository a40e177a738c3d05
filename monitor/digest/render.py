"""A digest as text of at most 40 lines, as an HTML page, and as a message for a receiver."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from monitor.config.digests import Part
from monitor.digest.build import DigestBody
from monitor.digest.charts import Chart, charts_of
from monitor.digest.draw import HEIGHT, WIDTH, Scheme, draw_png, draw_svg
from monitor.digest.parts import CaseLink, Piece, PostLink, QueueLink, Quote
from monitor.digest.record import to_json
from monitor.notify.outline import show_command
from monitor.notify.receiver import Message, Picture
from monitor.notify.render import Setting, payload_of, templates
from monitor.notify.text import excerpt, safe_link

LINES = 40
"""Lines of text that a digest never exceeds: a screen."""

_QUEUE = "complaint-monitor queue list"
_LINK = Markup('<a href="{}">{}</a>')
_FOREIGN_LINK = Markup('<a href="{}" rel="noopener noreferrer nofollow">post</a>')
_COMMAND = Markup("<code>{}</code>")


@dataclass(frozen=True, slots=True)
class ShownChart:
    """A chart on a page: where its two pictures come from, and what it shows."""

    light: str
    dark: str
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


def render_text(body: DigestBody, setting: Setting) -> str:
    """Return the digest as text; an empty one is one line."""
    if not body.blocks:
        return f"{body.title} ({body.period})"
    lines = [body.title, body.period, ""]
    width = max(len(block.title) for block in body.blocks)
    for block in body.blocks:
        title = block.title
        for told in block.lines:
            lines.append(f"{title:<{width}}  {_text(told.pieces, setting)}")
            if told.detail:
                lines.append(f"{'':<{width}}    {_text(told.detail, setting)}")
            title = ""
    return "\n".join([*lines, f"{'the rest':<{width}}  {_address(QueueLink(), setting)}"])


def render_html(body: DigestBody, setting: Setting, charts: Sequence[ShownChart] | None = None) -> str:
    """Return the digest as an HTML page for light and dark; its charts are SVG within it where none are given."""
    return (
        templates()
        .get_template("digest.html")
        .render(
            subject=body.title,
            period=body.period,
            blocks=[
                (
                    block.title,
                    [
                        (
                            _html(told.pieces, setting),
                            _html(told.detail, setting),
                            told.level.value if told.level else "",
                        )
                        for told in block.lines
                    ],
                )
                for block in body.blocks
            ],
            charts=[_in_page(chart) for chart in _charts(body)] if charts is None else charts,
            rest=_html((QueueLink(),), setting),
        )
    )


def digest_message(body: DigestBody, setting: Setting, *, key: str) -> Message:
    """Return the message of a digest for one receiver; `key` is its idempotency key."""
    top = list(body.figures.top) if Part.ACT_NOW in body.sections else []
    still = sum(body.figures.open_by_level.values())
    mail = setting.kind == "mail"
    pictures, shown = _attached(body, key) if mail else ((), ())
    return Message(
        event="digest",
        receiver=setting.receiver,
        subject=body.title,
        text=render_text(body, setting),
        html=render_html(body, setting, shown) if mail else None,
        payload={**payload_of("digest", top, still), "digest": to_json(body)},
        idempotency_key=key,
        pictures=pictures,
    )


def _charts(body: DigestBody) -> tuple[Chart, ...]:
    return charts_of(body.figures) if Part.CHARTS in body.sections and not body.empty else ()


def _in_page(chart: Chart) -> ShownChart:
    light, dark = (b64encode(draw_svg(chart, scheme).encode()).decode() for scheme in Scheme)
    return ShownChart(f"data:image/svg+xml;base64,{light}", f"data:image/svg+xml;base64,{dark}", chart.alt)


def _attached(body: DigestBody, key: str) -> tuple[tuple[Picture, ...], tuple[ShownChart, ...]]:
    """Return the pictures that a mail carries, and the charts that point to them."""
    pictures, shown = [], []
    for chart in _charts(body):
        names = [f"{chart.name}-{scheme}.{key[:16]}" for scheme in Scheme]
        drawn = [b64encode(draw_png(chart, scheme)).decode() for scheme in Scheme]
        pictures += [Picture(name, png) for name, png in zip(names, drawn, strict=True)]
        shown.append(ShownChart(f"cid:{names[0]}", f"cid:{names[1]}", chart.alt))
    return tuple(pictures), tuple(shown)


def _text(pieces: Sequence[Piece], setting: Setting) -> str:
    return "".join(_plain(piece, setting) for piece in pieces)


def _plain(piece: Piece, setting: Setting) -> str:
    match piece:
        case str():
            return piece
        case Quote():
            said = setting.foreign(excerpt(piece.text, piece.limit))
            return f"“{said}”" if piece.marks else said
        case _:
            return _address(piece, setting)


def _address(link: CaseLink | QueueLink | PostLink, setting: Setting) -> str:
    """Return where a link leads, or the command that goes there."""
    match link:
        case CaseLink():
            return f"{setting.public_url}/cases/{link.id}" if setting.public_url else f"case {link.id}"
        case QueueLink():
            return f"{setting.public_url}/queue" if setting.public_url else _QUEUE
        case PostLink():
            return safe_link(link.url) or ""


def _html(pieces: Sequence[Piece], setting: Setting) -> Markup:
    return Markup("").join(_marked(piece, setting) for piece in pieces)


def _marked(piece: Piece, setting: Setting) -> Markup:
    match piece:
        case str():
            return escape(piece)
        case Quote():
            said = Markup("<bdi>{}</bdi>").format(setting.foreign(excerpt(piece.text, piece.limit)))
            return Markup("“{}”").format(said) if piece.marks else said
        case CaseLink():
            if not setting.public_url:
                return Markup('<code title="{}">case {}</code>').format(show_command(piece.id), piece.id)
            return _LINK.format(_address(piece, setting), f"case {piece.id}")
        case QueueLink():
            shape = _LINK if setting.public_url else _COMMAND
            return shape.format(_address(piece, setting), "the queue")
        case PostLink():
            found = safe_link(piece.url)
            return _FOREIGN_LINK.format(found) if found else Markup("")
