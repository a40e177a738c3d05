"""The figures of a report worked out once more from the trail, by other means: no code and no table of reports.

Everything is read from the posts, the cases, their trail, the outbox and the ledger, and counted in plain Python.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from monitor.rules.recall import Stratum
from monitor.rules.recall_estimate import Answered, estimate_misses
from monitor.store.sqlite import SqliteStore
from tests.report_trail import Trail

Figure = tuple[float | None, int, int]
"""Value, n, unknown."""

Key = tuple[str, frozenset[tuple[str, str]]]
_MIN, _DAY = 60_000, 86_400_000
_WEEK = 7 * _DAY


class ByHand(Trail):
    """Works out a report of [since, until) as of `now`, all in milliseconds."""

    def __init__(
        self, store: SqliteStore, now: int, zone: str, returned: dict[tuple[str, str], int], prices: dict[str, float]
    ) -> None:
        super().__init__(store)
        self.now, self.zone = now, ZoneInfo(zone)
        self.returned, self.prices = returned, prices
        self.of_author: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for case in self.cases:
            self.of_author[case["author"]].append(case)

    def figures(
        self, since: int, until: int, brand: str | None, *, incidents: bool, cost: float | None
    ) -> dict[Key, Figure]:
        """Return every figure but those of fixes."""
        cases = [
            case
            for case in self.cases
            if since <= case["posted"] < until
            and brand in {None, case["brand"]}
            and (incidents or case["incident_id"] is None)
        ]
        found: dict[Key, Figure] = {}
        for part in (self._replies, self._chain, self._breaches, self._outcomes, self._authors, self._causes):
            part(cases, found)
        self._posts(since, until, brand, incidents, found)
        self._trust(since, until, brand, found)
        self._costs(cases, cost, self._bill(since, until, brand), found)
        return found

    def _replies(self, cases: list[dict[str, Any]], found: dict[Key, Figure]) -> None:
        asking = [case for case in cases if case["kind"] != "praise" and case["status"] != "dismissed"]
        hour = lambda case: str(self._local(case["posted"]).hour)  # noqa: E731
        splits: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
            ("platform", lambda case: case["platform"]), ("level", lambda case: case["level"]), ("hour", hour),
        ]  # fmt: skip
        for group, some in _parts(asking, splits):
            waits = [max(0, case["reply"] - case["posted"]) for case in some if _answered(case)]
            for name, share in (("p50", 50), ("p90", 90)):
                found[f"first_reply_{name}", group] = (_at(waits, share), len(waits), len(some) - len(waits))
            if any(name == "hour" for name, _ in group):
                continue
            kept = [self._kept(case) for case in some]
            known = [one for one in kept if one is not None]
            found["sla_share", group] = (_share(sum(known), len(known)), len(known), kept.count(None))
            if not any(name == "platform" for name, _ in group):
                seen = [case for case in some if not case["old"] and (case["reply"] or case["status"] != "resolved")]
                waiting = sum(case["reply"] is None for case in seen)
                found["unanswered", group] = (waiting, len(seen), len(some) - len(seen))

    def _kept(self, case: dict[str, Any]) -> bool | None:
        if case["old"] or (case["reply"] is None and case["status"] == "resolved"):
            return None
        if case["reply"] is not None:
            return bool(case["reply"] <= case["due"])
        return False if self.now > case["due"] else None

    def _chain(self, cases: list[dict[str, Any]], found: dict[Key, Figure]) -> None:
        asking = [case for case in cases if case["kind"] != "praise" and case["status"] != "dismissed"]
        ends = (("posted", "fetched"), ("fetched", "decided"), ("decided", "notified"), ("notified", "claimed"),
                ("claimed", "replied"))  # fmt: skip
        for start, end in ends:
            spans = []
            for case in asking:
                moments = {**case, "notified": case["told"], "replied": case["reply"]}
                if start == "notified" and case["told"] is None:
                    moments["notified"] = case["decided"]
                first, last = moments[start], moments[end]
                if not case["old"] and first is not None and last is not None and last >= first:
                    spans.append(last - first)
            group = frozenset({("link", f"{start}-{end}")})
            for name, share in (("p50", 50), ("p90", 90)):
                found[f"chain_{name}", group] = (_at(spans, share), len(spans), len(asking) - len(spans))

    def _breaches(self, cases: list[dict[str, Any]], found: dict[Key, Figure]) -> None:
        asking = [case for case in cases if case["kind"] != "praise" and case["status"] != "dismissed"]
        kept = [self._kept(case) for case in asking]
        late = [case for case, one in zip(asking, kept, strict=True) if one is False]
        blamed = Counter(self._whose(case) for case in late)
        found["breaches", frozenset()] = (len(late), len(asking) - kept.count(None), kept.count(None))
        for one in ("platform", "ours", "team"):
            found["breaches", frozenset({("whose", one)})] = (blamed[one], len(late), 0)

    def _whose(self, case: dict[str, Any]) -> str:
        end = max(case["reply"] or self.now, case["posted"])
        stations = [case["posted"], case["fetched"], case["told"] or case["decided"], end]
        for at in range(1, 4):
            stations[at] = min(max(stations[at], stations[at - 1]), end)
        spent = {name: stations[at + 1] - stations[at] for at, name in enumerate(("platform", "ours", "team"))}
        return next(name for name in spent if spent[name] == max(spent.values()))

    def _outcomes(self, cases: list[dict[str, Any]], found: dict[Key, Figure]) -> None:
        asking = [case for case in cases if case["kind"] != "praise" and case["status"] != "dismissed"]
        done = [case for case in asking if case["reply"] or case["status"] == "resolved" or case["old"]]
        for group, some in _parts(done, [("platform", lambda case: case["platform"])]):
            ripe = [case for case in some if _answered(case) and case["reply"] + _WEEK <= self.now]
            good = sum(self._is_settled(case) for case in ripe)
            found["first_contact_resolution", group] = (_share(good, len(ripe)), len(ripe), len(some) - len(ripe))
        settled = [c for c in cases if c["status"] != "dismissed" and (c["reply"] or c["resolved"])]
        again = sum(case["came_back"] > 0 for case in settled)
        found["reopen_rate", frozenset()] = (_share(again, len(settled)), len(settled), 0)
        kinds = Counter(case["kind"] for case in cases)
        for group, number in [(frozenset(), len(cases)), *((_one("kind", kind), kinds[kind]) for kind in kinds)]:
            found["cases", group] = (number, len(cases), 0)
        dismissed = sum(case["status"] == "dismissed" for case in cases)
        found["dismissed_share", frozenset()] = (_share(dismissed, len(cases)), len(cases), 0)
        kept = [case for case in cases if case["status"] != "dismissed"]
        parts = _parts(kept, [("brand", lambda case: case["brand"]), ("platform", lambda case: case["platform"])])
        for group, some in parts:
            found["churn_threats", group] = (sum(case["churn"] for case in some), len(some), 0)

    def _is_settled(self, case: dict[str, Any]) -> bool:
        end = case["reply"] + _WEEK
        if any(case["reply"] + 15 * _MIN < moment <= end for moment in case["replies"]):
            return False
        if any(moment <= end for moment in case["bad_words"]):
            return False
        return not any(
            other["author"] == case["author"] and other["id"] != case["id"] and other["kind"] == "complaint"
            and other["status"] != "dismissed" and case["reply"] < other["posted"] <= end
            for other in (self.of_author[case["author"]] if case["author"] else ())
        )  # fmt: skip

    def _authors(self, cases: list[dict[str, Any]], found: dict[Key, Figure]) -> None:
        complaints = [case for case in cases if case["kind"] == "complaint" and case["status"] != "dismissed"]
        often = Counter(case["author"] for case in complaints if case["author"])
        erased = sum(not case["author"] for case in complaints)
        twice = len([author for author in often if often[author] >= 2])
        found["repeat_complainers", frozenset()] = (_share(twice, len(often)), len(often), erased)
        answered = [case for case in complaints if case["reply"]]
        erased = sum(not case["author"] for case in answered)
        authors = {case["author"] for case in answered if case["author"]}
        spoken: dict[Any, tuple[int, str | None]] = {}
        for case in answered:
            if case["words"] and case["author"] and case["reply"] >= spoken.get(case["author"], (0, None))[0]:
                spoken[case["author"]] = (case["reply"], case["mood"])
        moods = [mood for _, mood in spoken.values()]
        known = len(authors) - moods.count(None)
        found["recovered_authors", frozenset()] = (
            _share(moods.count("calmer"), known), known, moods.count(None) + erased,
        )  # fmt: skip
        silent = len(authors) - len(spoken)
        found["silent_authors", frozenset()] = (_share(silent, len(authors)), len(authors), erased)

    def _causes(self, cases: list[dict[str, Any]], found: dict[Key, Figure]) -> None:
        complaints = [case for case in cases if case["kind"] == "complaint" and case["status"] != "dismissed"]
        weeks = Counter(self._week(case) for case in complaints)
        found["causes", frozenset()] = (len(complaints), len(complaints), sum(not c["cause"] for c in complaints))
        for case in complaints:
            if case["cause"]:
                group = _one("cause", case["cause"])
                found["causes", group] = ((found.get(("causes", group), (0, 0, 0))[0] or 0) + 1, len(complaints), 0)
                group |= _one("week", self._week(case))
                old = found.get(("causes", group), (0, 0, 0))[0] or 0
                found["causes", group] = (old + 1, weeks[self._week(case)], 0)

    def _week(self, case: dict[str, Any]) -> str:
        day = self._local(case["posted"]).date()
        return (day - timedelta(days=day.isoweekday() - 1)).isoformat()

    def _posts(self, since: int, until: int, brand: str | None, incidents: bool, found: dict[Key, Figure]) -> None:
        in_incident = {row["case_id"] for row in self.query("SELECT * FROM incident_cases")} if not incidents else set()
        left_out = {hit for case in in_incident for hit, _ in self.posts[case]}
        counts: dict[frozenset[tuple[str, str]], list[int]] = defaultdict(lambda: [0, 0, 0])
        counts[frozenset()] = [0, 0, 0]
        for hit in self.hits.values():
            mention, decision = self.mentions[hit["mention_id"]], self.decisions.get(hit["id"])
            noise = decision is not None and decision["drop_rule"] not in {None, "not-a-complaint"}
            inside = since <= mention["posted_at"] < until and brand in {None, hit["brand"]}
            if not inside or noise or (hit["id"] in left_out and decision is not None):
                continue
            language = (mention["lang"] or "unknown").split("-")[0].lower()
            places = {("platform", mention["platform"]), ("brand", hit["brand"]), ("language", language)}
            for group in [frozenset[tuple[str, str]](), *(frozenset({place}) for place in places)]:
                counts[group][0] += decision is not None
                counts[group][1] += (
                    decision is not None and not decision["drop_rule"] and decision["kind"] == "complaint"
                )
                counts[group][2] += decision is None
        for group, (posts, complaints, undecided) in counts.items():
            found["volume", group] = (posts, posts, undecided)
            found["complaint_share", group] = (_share(complaints, posts), posts, undecided)

    def _trust(self, since: int, until: int, brand: str | None, found: dict[Key, Figure]) -> None:
        draws = {row["id"] for row in self.query("SELECT * FROM recall_draws") if since < row["until"] <= until}
        drawn = [row for row in self.query("SELECT * FROM recall_sample")
                 if row["draw_id"] in draws and brand in {None, row["brand"]}]  # fmt: skip
        said = [Answered(Stratum(row["stratum"]), row["probability"], row["answer"] == "yes")
                for row in drawn if row["answer"] in {"yes", "no"}]  # fmt: skip
        frame: Counter[Stratum] = Counter()
        for row in self.query("SELECT * FROM recall_frame"):
            if row["draw_id"] in draws and brand in {None, row["brand"]}:
                frame[Stratum(row["stratum"])] += row["drops"]
        value = estimate_misses(said, frame).missed if len(said) >= 60 else None
        found["estimated_misses", frozenset()] = (value, len(said), len(drawn) - len(said))
        self._coverage(since, until, found)

    def _coverage(self, since: int, until: int, found: dict[Key, Figure]) -> None:
        """Go through the span minute by minute of each source."""
        heard_all = time_all = never = sources = 0
        for source in self.query("SELECT * FROM sources"):
            sources += 1
            begun = min(max(source["first_poll_at"] or until, since), until)
            holes = [row for row in self.query("SELECT * FROM coverage")
                     if row["source"] == source["name"] and row["state"] != "covered"]  # fmt: skip
            marks = sorted({begun, until, *(min(max(row[end], begun), until) for row in holes
                                            for end in ("since", "until"))})  # fmt: skip
            heard = sum(
                stop - start
                for start, stop in pairwise(marks)
                if not any(row["since"] <= start and stop <= row["until"] for row in holes)
            )
            if begun >= until:
                never += 1
            share = None if begun >= until else heard / (until - begun)
            found["coverage", _one("source", source["name"])] = (share, int(begun < until), int(begun >= until))
            heard_all, time_all = heard_all + heard, time_all + until - begun
        found["coverage", frozenset()] = (_share(heard_all, time_all), sources - never, never)

    def _bill(self, since: int, until: int, brand: str | None) -> float:
        bill = 0.0
        for (source, day), posts in self.returned.items():
            noon = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=12)
            if since <= noon.timestamp() * 1000 < until:
                bill += posts * self.prices.get(source, 0.0)
        if brand is None:
            return bill
        of_brand: Counter[str] = Counter()
        for hit_id, decision in self.decisions.items():
            hit = self.hits[hit_id]
            inside = since <= self.mentions[hit["mention_id"]]["posted_at"] < until
            of_brand[hit["brand"]] += inside and decision["drop_rule"] in {None, "not-a-complaint"}
        return bill * of_brand[brand] / of_brand.total()

    def _costs(self, cases: list[dict[str, Any]], cost: float | None, bill: float, found: dict[Key, Figure]) -> None:
        settled = [c for c in cases if c["status"] != "dismissed" and (c["reply"] or c["resolved"])]
        for group, some in _parts(settled, [("level", lambda case: case["level"])]):
            known = [case["held"] for case in some if _claimed_before(case)]
            for name, share in (("p50", 50), ("p90", 90)):
                found[f"handling_{name}", group] = (_at(known, share), len(known), len(some) - len(known))
        known = [case["held"] for case in settled if _claimed_before(case)]
        each = statistics.fmean(known) / 3_600_000 * cost if cost is not None and known else None
        found["cost_per_case", frozenset()] = (each, len(known), len(settled) - len(known))
        complaints = [case for case in cases if case["kind"] == "complaint"]
        confirmed = [
            c for c in complaints if c["status"] != "dismissed" and (c["claimed"] or c["reply"] or c["resolved"])
        ]
        whole = None
        if cost is not None and confirmed:
            whole = (sum(case["held"] for case in complaints) / 3_600_000 * cost + bill) / len(confirmed)
        blind = sum(case["kind"] == "complaint" and not _claimed_before(case) for case in settled)
        found["cost_per_complaint", frozenset()] = (whole, len(confirmed), blind)

    def fix(self, brand: str, cause: str, moment: int, until: int, *, incidents: bool) -> tuple[float | None, int]:
        """Return what is left of a cause after its fix, and the cases after."""
        times = [
            case["posted"] for case in self.cases
            if (case["brand"], case["cause"], case["kind"]) == (brand, cause, "complaint")
            and case["status"] != "dismissed" and (incidents or case["incident_id"] is None)
        ]  # fmt: skip
        end = min(until, moment + 28 * _DAY)
        before = sum(moment - 28 * _DAY <= time < moment for time in times)
        after = sum(moment <= time < end for time in times)
        if end - moment < _WEEK or not before:
            return None, after
        return (after / (end - moment)) / (before / (28 * _DAY)), after

    def _local(self, moment: int) -> datetime:
        return datetime.fromtimestamp(moment / 1000, self.zone)


def _answered(case: dict[str, Any]) -> bool:
    return not case["old"] and case["reply"] is not None


def _claimed_before(case: dict[str, Any]) -> bool:
    end = case["reply"] if case["reply"] is not None else case["resolved"]
    return bool(case["claimed"] is not None and case["claimed"] <= end)


def _parts(
    cases: list[dict[str, Any]], splits: Iterable[tuple[str, Callable[[dict[str, Any]], str]]]
) -> list[tuple[frozenset[tuple[str, str]], list[dict[str, Any]]]]:
    found: list[tuple[frozenset[tuple[str, str]], list[dict[str, Any]]]] = [(frozenset(), cases)]
    for name, value in splits:
        found += [(_one(name, one), [case for case in cases if value(case) == one]) for one in set(map(value, cases))]
    return found


def _one(name: str, value: str) -> frozenset[tuple[str, str]]:
    return frozenset({(name, value)})


def _at(spans: list[int], percent: int) -> float | None:
    """Return a percentile in seconds, by the library's own reckoning."""
    if len(spans) < 2:
        return spans[0] / 1000 if spans else None
    return statistics.quantiles(spans, n=100, method="inclusive")[percent - 1] / 1000


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
