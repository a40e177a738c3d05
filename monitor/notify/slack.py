"""Slack's incoming webhooks: Block Kit, https://docs.slack.dev/reference/block-kit/blocks."""

from typing import Any

from connectors.address import Lookup, system_lookup
from connectors.http import HttpLimits
from monitor.config import receivers
from monitor.notify.neutral import plain, settled, slack
from monitor.notify.outline import Card
from monitor.notify.receiver import Message
from monitor.notify.service import LIMITS, Service

_HEADER, _SECTION = 150, 2_900
"""Characters that a header and a section may have, a little less than Slack's own 3,000."""


class SlackReceiver:
    """Posts to a channel; what people wrote stands in `plain_text`, which reads no markup and mentions nobody."""

    def __init__(
        self,
        name: str,
        options: receivers.SlackReceiver,
        *,
        lookup: Lookup = system_lookup,
        limits: HttpLimits = LIMITS,
    ) -> None:
        self.name = name
        self._url = options.url.get_secret_value()
        self._service = Service(
            name, "Slack", self._url, allow_private=options.allow_private, lookup=lookup, limits=limits
        )

    def send(self, message: Message) -> None:
        """Post a message."""
        self._service.post(self._url, slack_body(message))

    def close(self) -> None:
        """Close the connections."""
        self._service.close()


def slack_body(message: Message) -> dict[str, Any]:
    """Return what Slack is sent: the subject as the notification's text, the rest as blocks."""
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(message.subject, _HEADER)}]
    outline = message.outline
    if outline is None:
        blocks.append({"type": "section", "text": _settled(message.body)})
    else:
        notes = [outline.note] if outline.note else []
        blocks += [{"type": "context", "elements": [_marked(slack(note))]} for note in notes]
        for card in outline.cards:
            blocks += _card(card)
        blocks += [{"type": "context", "elements": [_plain(line, _SECTION)]} for line in outline.rest]
        if outline.left:
            blocks.append({"type": "context", "elements": [_marked(outline.left.replace("&", "&amp;"))]})
    return {"text": slack(message.subject), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _card(card: Card) -> list[dict[str, Any]]:
    links = [f"<{_address(url)}|{word}>" for word, url in (("card", card.card_url), ("post", card.post_url)) if url]
    why = f"\nwhy: {slack('; '.join(card.why))}" if card.why else ""
    facts = f"by {slack(card.author)}{why}\n*{slack(card.due)}* · {' · '.join([*links, f'case {card.id}'])}"
    return [
        {"type": "divider"},
        {"type": "section", "text": _marked(f"*{slack(card.head)}*")},
        {"type": "section", "text": _plain(card.quote or "(no text)", _SECTION)},
        {"type": "context", "elements": [_marked(facts)]},
    ]


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": plain(text)[:limit] or " ", "emoji": False}


def _marked(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text[:_SECTION], "verbatim": True}


def _settled(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": settled(text)[:_SECTION].replace("&", "&amp;") or " "}


def _address(url: str) -> str:
    return url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
