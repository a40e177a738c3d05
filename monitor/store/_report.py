"""Reads for reports on SQLite, and fixes of causes."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from monitor.rules.recall import Stratum
from monitor.rules.recall_estimate import Answered
from monitor.store._base import Tables
from monitor.store.connection import at, dump, ms
from monitor.store.report import CaseTimes, CauseCount, CauseFix, Complained, PostCount, SampleSaid

_QUARTER = 900_000
_TO_NOON = timedelta(hours=12) - timedelta(microseconds=1)


class ReportTables(Tables):
    """Reads for reports, and the fixes that people tell of."""

    def report_cases(self, since: datetime, until: datetime, brand: str | None) -> Sequence[CaseTimes]:
        """Return the cases whose first post was written in [since, until), those of incidents too."""
        window = {"since": ms(since), "until": ms(until), "brand": brand}
        return [CaseTimes._make(row) for row in self.connection.tuples("report_cases", **window)]

    def report_complaints(self, since: datetime, until: datetime, brand: str | None) -> Sequence[Complained]:
        """Return the complaints that were written in [since, until), those of incidents too."""
        rows = self.connection.tuples("report_complaints", since=ms(since), until=ms(until), brand=brand)
        return [Complained._make(row) for row in rows]

    def report_posts(
        self, since: datetime, until: datetime, brand: str | None, *, incidents: bool
    ) -> Sequence[PostCount]:
        """Return posts by brand, platform and language, from the quarter of an hour of `since` on."""
        first = ms(since) // _QUARTER
        last = -(-ms(until) // _QUARTER)
        exact = {"since": first * _QUARTER, "until": last * _QUARTER, "brand": brand}
        posts: Counter[tuple[str, str, str]] = Counter()
        complaints: Counter[tuple[str, str, str]] = Counter()
        undecided: Counter[tuple[str, str, str]] = Counter()
        for *place, number, complain in self.connection.tuples("report_posts", first=first, last=last, brand=brand):
            posts[_place(place)] += number
            complaints[_place(place)] += complain
        for *place, number, complain in () if incidents else self.connection.tuples("report_incident_posts", **exact):
            posts[_place(place)] -= number
            complaints[_place(place)] -= complain
        for *place, number in self.connection.tuples("report_undecided", **exact):
            undecided[_place(place)] += number
        places = sorted({*(+posts), *undecided})
        return [PostCount(*place, posts[place], complaints[place], undecided[place]) for place in places]

    def report_causes(
        self, since: datetime, until: datetime, brand: str | None, causes: Sequence[str], *, incidents: bool
    ) -> Sequence[CauseCount]:
        """Return the complaints of these causes that were written in [since, until)."""
        window = {"since": ms(since), "until": ms(until), "brand": brand, "incidents": int(incidents)}
        rows = self.connection.tuples("report_causes", **window, causes=dump(list(causes)))
        return [CauseCount._make(row) for row in rows]

    def report_sample(self, since: datetime, until: datetime, brand: str | None) -> SampleSaid:
        """Return what was said of the draws that end in (since, until]."""
        window = {"since": ms(since), "until": ms(until), "brand": brand}
        rows = self.connection.tuples("report_sample", **window)
        said = [Answered(Stratum(row[0]), row[1], row[2] == "yes") for row in rows if row[2] in {"yes", "no"}]
        frame = {Stratum(row[0]): row[1] for row in self.connection.tuples("report_frame", **window)}
        return SampleSaid(said, frame, len(rows) - len(said))

    def report_returned(self, since: datetime, until: datetime) -> dict[str, int]:
        """Return the posts that each source returned on the days (UTC) whose noon lies in [since, until)."""
        days = {"first": (since + _TO_NOON).date().isoformat(), "last": (until + _TO_NOON).date().isoformat()}
        return dict(self.connection.tuples("report_returned", **days))

    def cause_fixes(self, brand: str | None = None) -> list[CauseFix]:
        """Return what was mended, the latest first."""
        rows = self.connection.rows("cause_fixes", brand=brand)
        return [CauseFix(**{**row, "fixed_on": date.fromisoformat(row["fixed_on"]), "at": at(row["at"])})
                for row in rows]  # fmt: skip

    def add_cause_fix(self, fix: CauseFix) -> bool:
        """Keep a fix; False where the cause has one on that date already."""
        told = {"brand": fix.brand, "cause": fix.cause, "note": fix.note, "who": fix.who}
        with self.write():
            row = {**told, "fixed_on": fix.fixed_on.isoformat(), "at": ms(fix.at)}
            return bool(self.connection.run("add_cause_fix", **row))

    def drop_cause_fix(self, brand: str, cause: str, fixed_on: date) -> bool:
        """Take a fix back; False where there is none."""
        with self.write():
            named = {"brand": brand, "cause": cause, "fixed_on": fixed_on.isoformat()}
            return bool(self.connection.run("drop_cause_fix", **named))

    def forget_counts(self, before: datetime) -> None:
        """Drop counts of posts that were written, or returned, before a time."""
        self.connection.run("forget_post_counts", before=ms(before) // _QUARTER)
        self.connection.run("forget_source_days", before=before.date().isoformat())


def _place(found: Sequence[Any]) -> tuple[str, str, str]:
    brand, platform, lang = found
    return brand, platform, lang
