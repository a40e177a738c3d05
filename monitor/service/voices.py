"""Whether the accounts that answer customers can: their credentials are verified, and nothing is posted."""

from collections.abc import Iterator, Mapping

from connectors.connector import Connector, Replier
from connectors.errors import ConnectorError
from monitor.service.doctor import Finding, Health


def examine_voices(connectors: Mapping[str, Connector]) -> Iterator[Finding]:
    """Ask the platform of each source that answers whose credentials these are, and whether they may write."""
    speaking = {name: each for name, each in connectors.items() if each.traits.replies_as is not None}
    if not speaking:
        yield Finding("answering", Health.GREEN, "no source answers from here")
    for name, connector in speaking.items():
        if not isinstance(connector, Replier):
            continue
        try:
            account = connector.check_voice()
        except ConnectorError as error:
            health = Health.RED if error.permanent else Health.YELLOW
            yield Finding(f"answering {name}", health, error.cause, error.next_step)
        else:
            yield Finding(f"answering {name}", Health.GREEN, f"may answer as {account}")
