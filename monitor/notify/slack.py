"""Slack's incoming webhooks: Block Kit, https://docs.slack.dev/reference/block-kit/blocks."""

from typing import Any

from monitor.config import receivers
from monitor.notify.neutral import plain, settled, slack
from monitor.notify.outline import Card
from monitor.notify.receiver import Message
from monitor.notify.service import Access, PostingReceiver, hook_access

_HEADER, _SECTION = 150, 2_900
"""Characters that a header and a section may have, a little less than Slack's own 3,000."""


class SlackReceiver(PostingReceiver[receivers.SlackReceiver]):
    """Posts to a channel; what people wrote stands in `plain_text`, which reads no markup and mentions nobody."""

    word = "Slack"

    def access(self, options: receivers.SlackReceiver) -> Access:
        """Return the access to the webhook."""
        return hook_access(options.url)

    def body(self, message: Message) -> dict[str, Any]:
        """Return what Slack is sent."""
        return slack_body(message)


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
