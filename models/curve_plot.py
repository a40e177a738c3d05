"""A precision/recall plot as SVG, without a plotting library: a frame, a grid, one line a class, a legend."""

from collections.abc import Mapping, Sequence
from html import escape
from string import Template
from typing import Final

from models.metrics import CurvePoint

_WIDTH, _HEIGHT, _LEFT, _TOP, _SIDE = 560, 420, 60, 40, 320
_COLOURS: Final = ("#0b5fa5", "#c2410c", "#15803d", "#7e22ce", "#a16207")
_DASHES: Final = ("", "6 3", "2 3", "8 3 2 3", "1 4")  # told apart without colours too
_PAGE: Final = Template(
    """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" role="img" aria-labelledby="title desc" \
font-family="system-ui, sans-serif" font-size="12">
<title id="title">$title</title>
<desc id="desc">$description</desc>
<rect width="$width" height="$height" fill="#ffffff"/>
<text x="$left" y="24" font-size="15" font-weight="600" fill="#111827">$title</text>
$grid
<text x="$middle" y="$below" text-anchor="middle" fill="#374151">recall</text>
<text transform="translate(18 $centre) rotate(-90)" text-anchor="middle" fill="#374151">precision</text>
$lines
</svg>
"""
)


def draw_curves(title: str, curves: Mapping[str, Sequence[CurvePoint]]) -> str:
    """Return the plot as SVG; each curve by its label."""
    lines = [_line(place, label, points) for place, (label, points) in enumerate(curves.items())]
    return _PAGE.substitute(
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        title=escape(title),
        description=escape(f"precision against recall for {', '.join(curves)}"),
        grid="\n".join(map(_grid_line, range(0, 11, 2))),
        middle=_LEFT + _SIDE // 2,
        below=_TOP + _SIDE + 40,
        centre=_TOP + _SIDE // 2,
        lines="\n".join(lines),
    )


def _x(share: float) -> float:
    return round(_LEFT + share * _SIDE, 1)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * _SIDE, 1)


def _grid_line(tenths: int) -> str:
    share = tenths / 10
    return (
        f'<path d="M{_x(share)} {_y(0)}V{_y(1)}M{_x(0)} {_y(share)}H{_x(1)}" stroke="#e5e7eb" fill="none"/>'
        f'<text x="{_x(share)}" y="{_y(0) + 18}" text-anchor="middle" fill="#6b7280">{share:.1f}</text>'
        f'<text x="{_LEFT - 8}" y="{_y(share) + 4}" text-anchor="end" fill="#6b7280">{share:.1f}</text>'
    )


def _line(place: int, label: str, points: Sequence[CurvePoint]) -> str:
    colour, dash = _COLOURS[place % len(_COLOURS)], _DASHES[place % len(_DASHES)]
    path = " ".join(f"{_x(point.recall)},{_y(point.precision)}" for point in points if point.precision is not None)
    across, down = _LEFT + _SIDE + 20, _TOP + 14 + 20 * place
    style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" fill="none"'
    return (
        f'<polyline points="{path}" {style}/>'
        f'<path d="M{across} {down - 4}h24" {style}/>'
        f'<text x="{across + 30}" y="{down}" fill="#111827">{escape(label)}</text>'
    )
