"""Incidents of the config: how many cases make one, and when it is over."""

from datetime import timedelta

from pydantic import Field

from monitor.config.section import Section
from monitor.config.values import Span


class Incidents(Section):
    """Complaints about one fault become one incident, whatever the platform and the words."""

    enabled: bool = Field(True, description="false: no case is joined to another")
    cases: int = Field(5, ge=2, le=10_000, description="from so many cases on, an incident is told of")
    window: Span = Field(timedelta(hours=24), description="how far apart in time the cases of one incident may lie")
    over_after: Span = Field(timedelta(hours=6), description="an incident without a new case for so long is over")
    likeness: float = Field(0.6, ge=0, le=2, description="how alike a case must be to join; less joins more")
