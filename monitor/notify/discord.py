"""Discord's webhooks: embeds, https://discord.com/developers/docs/resources/webhook#execute-webhook."""

from typing import Any

from monitor.config import receivers
from monitor.notify.neutral import discord, settled
from monitor.notify.outline import Card, Outline
from monitor.notify.receiver import Message
from monitor.notify.service import Access, PostingReceiver, hook_access

_COLOURS = {"critical": 0xB42318, "high": 0xB54708, "normal": 0x1D5FC4}
_TITLE, _TEXT, _ALL = 256, 2_000, 5_500
"""Characters of an embed's title, of a text, and of all embeds together (Discord's own bound is 6,000)."""


class DiscordReceiver(PostingReceiver[receivers.DiscordReceiver]):
    """Posts to a channel, with leave to mention nobody."""

    word = "Discord"

    def access(self, options: receivers.DiscordReceiver) -> Access:
        """Return the access to the webhook."""
        return hook_access(options.url)

    def body(self, message: Message) -> dict[str, Any]:
        """Return what Discord is sent."""
        return discord_body(message)


def discord_body(message: Message) -> dict[str, Any]:
    """Return what Discord is sent; embeds that would not fit any more are left out from the end."""
    embeds = _outlined(message.outline) if message.outline else [{"description": _cut(settled(message.body), _TEXT)}]
    while len(embeds) > 1 and sum(_length(embed) for embed in embeds) > _ALL:
        embeds.pop()
    content = f"**{_cut(discord(message.subject), _TEXT - 10)}**"
    return {"content": content, "embeds": embeds, "allowed_mentions": {"parse": []}}


def _outlined(outline: Outline) -> list[dict[str, Any]]:
    embeds = [_embed(card) for card in outline.cards]
    if outline.note:
        embeds.insert(0, {"description": _cut(discord(outline.note), _TEXT)})
    rest = [*(discord(line) for line in outline.rest), *([outline.left] if outline.left else [])]
    return [*embeds, {"description": _cut("\n".join(rest), _TEXT)}] if rest else embeds


def _embed(card: Card) -> dict[str, Any]:
    links = [f"[{word}]({url})" for word, url in (("card", card.card_url), ("post", card.post_url)) if url]
    why = [f"why: {discord('; '.join(card.why))}"] if card.why else []
    last = " · ".join([f"**{discord(card.due)}**", *links, f"case {card.id}"])
    text = "\n".join([f"> {discord(card.quote)}", f"by {discord(card.author)}", *why, last])
    return {
        "title": _cut(discord(card.head), _TITLE),
        "description": _cut(text, _TEXT),
        "color": _COLOURS.get(card.level, 0x667085),
    }


def _cut(text: str, limit: int) -> str:
    """Cut a text that is escaped already: never between a backslash and its sign."""
    if len(text) <= limit:
        return text or " "
    kept = text[: limit - 1]
    odd = (len(kept) - len(kept.rstrip("\\"))) % 2
    return f"{kept[: len(kept) - odd]}…"


def _length(embed: dict[str, Any]) -> int:
    return sum(len(text) for text in embed.values() if isinstance(text, str))
