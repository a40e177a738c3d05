"""Microsoft Teams: an Adaptive Card to a workflow that posts webhook requests, https://adaptivecards.io/explorer."""

from typing import Any

from monitor.config import receivers
from monitor.notify.neutral import markdown, plain, settled
from monitor.notify.outline import Card, Outline
from monitor.notify.receiver import Message
from monitor.notify.service import Access, PostingReceiver, hook_access, to_bytes

_COLOURS = {"critical": "attention", "high": "warning", "normal": "accent"}
_TEXT = 8_000
_ROOM = 25_000
"""Bytes: a card of more than 28 KB is refused."""


class TeamsReceiver(PostingReceiver[receivers.TeamsReceiver]):
    """Posts cards; what people wrote stands in text runs, which read no Markdown and mention nobody."""

    word = "Teams"

    def access(self, options: receivers.TeamsReceiver) -> Access:
        """Return the access to the webhook."""
        return hook_access(options.url)

    def body(self, message: Message) -> dict[str, Any]:
        """Return what Teams is sent."""
        return teams_body(message)


def teams_body(message: Message) -> dict[str, Any]:
    """Return what the workflow is sent; parts that would make it too large are left out from the end."""
    title = {"type": "TextBlock", "text": markdown(message.subject), "weight": "bolder", "size": "medium", "wrap": True}
    body = [title, *(_outlined(message.outline) if message.outline else [_runs(_run(settled(message.body)[:_TEXT]))])]
    while len(body) > 2 and len(to_bytes(body)) > _ROOM:
        body.pop()
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _outlined(outline: Outline) -> list[dict[str, Any]]:
    parts = [_runs(_run(plain(outline.note)))] if outline.note else []
    parts += [_container(card) for card in outline.cards]
    parts += [_runs(_run(plain(line), isSubtle=True)) for line in outline.rest]
    return [*parts, _runs(_run(outline.left))] if outline.left else parts


def _container(card: Card) -> dict[str, Any]:
    lines = [
        _runs(_run(plain(card.head), weight="bolder", color=_COLOURS.get(card.level, "default"))),
        _runs(_run(plain(card.quote))),
        _runs(_run(f"by {plain(card.author)}", isSubtle=True)),
        *([_runs(_run(f"why: {plain('; '.join(card.why))}", isSubtle=True))] if card.why else []),
        _runs(_run(card.due, weight="bolder"), _run(f" · case {card.id}")),
    ]
    links = [
        {"type": "Action.OpenUrl", "title": title, "url": url}
        for title, url in (("Card", card.card_url), ("Post", card.post_url))
        if url
    ]
    actions = [{"type": "ActionSet", "actions": links}] if links else []
    return {"type": "Container", "separator": True, "spacing": "medium", "items": [*lines, *actions]}


def _runs(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text or " ", **style}
