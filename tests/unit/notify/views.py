"""Cases as people see them, for tests of messages and digests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.domain import Kind, Level, Reason, Severity, Status
from monitor.store.records import CaseView

NOW = datetime(2026, 11, 18, 8, 30, tzinfo=UTC)

HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\x9b31m <script>alert(1)</script> @everyone <!channel> [pay](http://evil.example) "
    "*bold* `code` \u202egnp.exe \U000e0041\r\nBcc: all@example.com"
)


def make_view(number: int = 1, level: Level = Level.CRITICAL, **changes: Any) -> CaseView:
    """Return a case with three reasons that add up to its score."""
    values: dict[str, Any] = {
        "id": number,
        "kind": Kind.COMPLAINT,
        "status": Status.NEW,
        "level": level,
        "score": 92.0,
        "reasons": (
            Reason("complaint", 27.0, "complaint 0.93"),
            Reason("severity", 40.0, "safety: caught fire"),
            Reason("floor", 25.0, "safety is at least critical"),
        ),
        "severity": (Severity.SAFETY,),
        "brand": "lumo",
        "platform": "x",
        "native_id": str(number),
        "permalink": f"https://x.example/mia/status/{number}",
        "author": "mia",
        "followers": 12_300,
        "text": "My lamp caught fire last night and nobody answers.",
        "posted_at": NOW - timedelta(minutes=3),
        "due_at": NOW + timedelta(minutes=2),
        "opened_at": NOW - timedelta(minutes=1),
        "claimed_by": None,
        "snoozed_until": None,
        "incident_id": None,
        "posts": 1,
        "copies": 0,
        "lane": None,
        "review": False,
    }
    return CaseView(**{**values, **changes})
