"""Telegram's Bot API: plain text with entities of ours, https://core.telegram.org/bots/api#sendmessage."""

from typing import Any

from monitor.config import receivers
from monitor.errors import SendError, SendReason
from monitor.notify.neutral import settled, telegram
from monitor.notify.outline import Card
from monitor.notify.receiver import Message
from monitor.notify.service import Access, PostingReceiver

_LIMIT = 4_096
"""UTF-16 units of one message."""


class TelegramReceiver(PostingReceiver[receivers.TelegramReceiver]):
    """Writes to a chat. No `parse_mode`: nothing in the text is markup."""

    word = "Telegram"

    def access(self, options: receivers.TelegramReceiver) -> Access:
        """Return the access to the bot; its token stands in the path."""
        token = options.token.get_secret_value()
        return Access(options.base_url, f"/bot{token}/sendMessage", secrets=(token,))

    def body(self, message: Message) -> dict[str, Any]:
        """Return what the Bot API is sent; urgent messages make a sound."""
        return telegram_body(message, self._options.chat)

    def send(self, message: Message) -> None:
        """Write a message; returns when Telegram says that it did."""
        answer = self._service.post(self._path, self.body(message))
        if self._service.json_of(answer).get("ok") is not True:
            raise SendError(self.name, "Telegram said no", reason=SendReason.SERVER, permanent=False)


def telegram_body(message: Message, chat: str) -> dict[str, Any]:
    """Return what the Bot API is sent."""
    page = _Page()
    page.write(telegram(message.subject), "bold")
    outline = message.outline
    if outline is None:
        page.write(f"\n\n{settled(message.body)}")
    else:
        if outline.note:
            page.write(f"\n{telegram(outline.note)}")
        for card in outline.cards:
            _write(page, card)
        page.write("".join(f"\n{telegram(line)}" for line in outline.rest))
        page.write(f"\n{outline.left}" if outline.left else "")
    return {
        "chat_id": chat,
        "text": page.text,
        "entities": page.entities,
        "link_preview_options": {"is_disabled": True},
        "disable_notification": not message.urgent,
    }


def _write(page: "_Page", card: Card) -> None:
    page.write("\n\n")
    page.write(telegram(card.head), "bold")
    page.write("\n")
    page.write(telegram(card.quote), "blockquote")
    page.write(f"\nby {telegram(card.author)}")
    page.write(f"\nwhy: {telegram('; '.join(card.why))}" if card.why else "")
    page.write(f"\n{telegram(card.due)} · case {card.id}")
    for word, url in (("card", card.card_url), ("post", card.post_url)):
        if url:
            page.write(" · ")
            page.write(word, "text_link", url=url)


class _Page:
    """A text that grows, with its entities; their places count in UTF-16 units, as Telegram does."""

    def __init__(self) -> None:
        self.text = ""
        self.entities: list[dict[str, Any]] = []
        self._length = 0

    def write(self, text: str, style: str | None = None, **more: str) -> None:
        """Add text, as far as there is room."""
        text = _fitting(text, _LIMIT - self._length)
        length = _units(text)
        if style and text.strip():
            self.entities.append({"type": style, "offset": self._length, "length": length, **more})
        self.text += text
        self._length += length


def _units(text: str) -> int:
    return len(text) + sum(letter > "\uffff" for letter in text)


def _fitting(text: str, room: int) -> str:
    kept = text[: max(room, 0)]
    while _units(kept) > room:
        kept = kept[:-1]
    return kept
