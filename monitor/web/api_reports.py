"""What the interface shows of figures: the dashboard and reports, of brands that the person may see alone."""

from typing import Any

from monitor.web.asked import Asked
from monitor.web.dashboard import board_of


def dashboard(asked: Asked) -> dict[str, Any]:
    """Return the dashboard."""
    return board_of(asked.request, asked.site, asked.query.brand).to_json()
