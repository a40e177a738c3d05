"""Signs of life of the config: what tells somebody outside that alerts still leave."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from connectors.options import Duration
from monitor.config.section import Section
from monitor.config.values import Name

Pause = Annotated[Duration, Field(ge=timedelta(seconds=10), le=timedelta(days=7))]


class DeadMan(Section):
    """A ping to a watcher outside, such as Healthchecks; the watcher raises the alarm where the ping stays away."""

    url: SecretStr = Field(description="the ping address; `/fail` is added where the daemon is not well")
    every: Pause = Field(timedelta(minutes=1), description="how often; the watcher's own period should be longer")
    allow_private: bool = Field(False, description="true lets it reach loopback and private networks")


class Canary(Section):
    """A marked test alert through the whole way, and the acknowledgement that must follow it."""

    receiver: Name = Field(description="the receiver that it is sent to")
    every: Pause = Field(timedelta(hours=6), description="how often")
    within: Pause = Field(timedelta(minutes=10), description="how soon it must be acknowledged")
    acknowledge: Literal["delivery", "hook"] = Field(
        "delivery", description="delivery: the receiver's yes is enough; hook: it must call the address it was given"
    )
