"""A made-up case for test messages: it shows how an alert will look, and belongs to nobody."""

from datetime import datetime, timedelta

from monitor.domain import Kind, Level, Reason, Severity, Status
from monitor.store.records import CaseView


def specimen(now: datetime) -> CaseView:
    """Return a case that no store holds: number 0, of an invented brand, posted three minutes before `now`."""
    return CaseView(
        id=0,
        kind=Kind.COMPLAINT,
        status=Status.NEW,
        level=Level.HIGH,
        score=74.0,
        reasons=(
            Reason("severity", 40.0, "money: charged me twice"),
            Reason("complaint", 27.0, "complaint 0.91"),
            Reason("reach", 7.0, "12,300 followers"),
        ),
        severity=(Severity.MONEY,),
        brand="example",
        platform="x",
        native_id="0",
        permalink="https://example.com/posts/0",
        author="made_up",
        followers=12_300,
        text="You charged me twice for one lamp, and nobody has answered for three days.",
        posted_at=now - timedelta(minutes=3),
        due_at=now + timedelta(minutes=27),
        opened_at=now - timedelta(minutes=1),
        claimed_by=None,
        snoozed_until=None,
        incident_id=None,
        posts=1,
        copies=0,
        lane=None,
        review=False,
    )
