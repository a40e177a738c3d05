"""One request to the interface, read and checked; and what can be wrong with one."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from monitor.access.person import Deed, Person
from monitor.errors import MonitorError
from monitor.web.request import allowed, seen_brands
from monitor.web.site import Site


class RequestError(MonitorError):
    """A request that cannot be read; `status` is that of the answer."""

    status = 400

    def __init__(self, subject: str, cause: str, next_step: str, status: int) -> None:
        super().__init__(subject, cause, next_step)
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: `number` is the one of the address (0: it has none), `query` and `body` are checked models."""

    request: Request
    site: Site
    person: Person
    number: int
    query: Any
    body: Any

    def brands(self, brand: str | None = None) -> tuple[str, ...]:
        """Return the brands that the person may see, or that one alone. Raises Refused for one that they may not."""
        if brand is None:
            return seen_brands(self.request)
        allowed(self.request, Deed.SEE, brand)
        return (brand,)
