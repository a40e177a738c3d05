"""What listening costs: what platforms billed this month so far, and what the month will come to. Pure.

Platforms bill each post that they return. The projection takes the posts a day of the days that are over, at most
`posts_per_day`, for the days that are left; on the first day of a month it takes today as it stands.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class SourceSpend:
    """One source in a month (days in UTC). `price` is US dollars a post, None where reading is free."""

    source: str
    kind: str
    price: float | None
    posts: int
    projected_posts: int
    most_a_day: int | None

    @property
    def usd(self) -> float:
        """What was billed so far."""
        return self.posts * (self.price or 0.0)

    @property
    def projected_usd(self) -> float:
        """What the month is likely to come to."""
        return self.projected_posts * (self.price or 0.0)

    @property
    def most_usd(self) -> float | None:
        """What a month of 30 days costs at the limit of the config; None where nothing is paid or no limit is set."""
        return self.most_a_day * 30 * self.price if self.price and self.most_a_day else None

    def to_json(self) -> dict[str, Any]:
        """Return it as `cost --json` prints it; `price` null is free."""
        return {
            "source": self.source,
            "kind": self.kind,
            "usd_a_post": self.price,
            "posts": self.posts,
            "usd": round(self.usd, 4),
            "projected_posts": self.projected_posts,
            "projected_usd": round(self.projected_usd, 4),
            "posts_per_day": self.most_a_day,
            "most_usd_a_month": self.most_usd,
        }


def project(posts: int, today: date, most_a_day: int | None) -> int:
    """Return how many posts a source will have returned by the end of the month."""
    days = calendar.monthrange(today.year, today.month)[1]
    gone = max(1, today.day - 1)
    a_day = posts / gone if today.day > 1 else float(posts)
    if most_a_day is not None:
        a_day = min(a_day, most_a_day)
    return posts + round(a_day * (days - today.day))
