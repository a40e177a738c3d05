"""What the interface shows of figures: the dashboard and reports, of brands that the person may see alone."""

from typing import Any

from monitor.access.person import Refused
from monitor.errors import MonitorError
from monitor.report.render_json import to_json
from monitor.web.asked import Asked, RequestError
from monitor.web.dashboard import board_of
from monitor.web.reports import read_report_address, report_of


def dashboard(asked: Asked) -> dict[str, Any]:
    """Return the dashboard."""
    return board_of(asked.request, asked.site, asked.query.brand).to_json()


def report(asked: Asked) -> dict[str, Any]:
    """Return a report. Raises RequestError for a time that has none, such as a month to come."""
    given = {name: str(value) for name, value in asked.query if value is not None}
    try:
        wanted = read_report_address(asked.request, asked.site, given)
    except Refused:
        raise
    except MonitorError as error:
        raise RequestError(error.subject, error.cause, error.next_step, 422) from error
    return to_json(report_of(asked.request, asked.site, wanted))
