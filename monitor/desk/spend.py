"""What listening costs, from the posts that sources returned this month and the prices of their platforms."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from monitor.config.schema import Settings
from monitor.rules.spend import SourceSpend, project
from monitor.store.store import Store


def month_spend(
    store: Store, settings: Settings, prices: Mapping[str, float | None], now: datetime
) -> list[SourceSpend]:
    """Return the spend of each source of the config in this month (UTC), the dearest first."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    returned = store.report_returned(first, now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1))
    found = [
        SourceSpend(
            source=name,
            kind=options.kind,
            price=prices.get(name),
            posts=returned.get(name, 0),
            projected_posts=project(returned.get(name, 0), now.date(), options.posts_per_day),
            most_a_day=options.posts_per_day,
        )
        for name, options in settings.sources.items()
    ]
    return sorted(found, key=lambda spend: (-spend.usd, spend.source))
