"""Jira Cloud's issues: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/."""

import re
from collections.abc import Sequence
from typing import Any

from monitor.config import receivers
from monitor.errors import SendError, SendReason
from monitor.notify.neutral import header, plain, settled
from monitor.notify.outline import Card
from monitor.notify.receiver import Message
from monitor.notify.service import Access, login_access
from monitor.notify.ticket import TicketReceiver, ticket_mark

_TEXT = 20_000
_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,60}-[0-9]{1,12}")


class JiraReceiver(TicketReceiver[receivers.JiraReceiver]):
    """Opens an issue a thread, and tells it on by comments; its workflow stays in people's hands.

    A label `cm-…` is the thread, another one the message: an issue that was made before a crash is found. Texts are
    documents (ADF) whose text nodes read no markup.
    """

    word = "Jira"

    def access(self, options: receivers.JiraReceiver) -> Access:
        """Return the access of an account, by token."""
        return login_access(options.base_url, options.username, options.token)

    def is_key(self, text: str) -> bool:
        """Whether a text is a key such as CARE-12."""
        return _KEY.fullmatch(text) is not None

    def find(self, message: Message) -> tuple[str, Sequence[str]] | None:
        """Return the key and the labels of the last issue of a thread."""
        query = f'project = "{self._options.project}" AND labels = "{_thread(message)}" ORDER BY created DESC'
        body = {"jql": query, "maxResults": 1, "fields": ["labels"]}
        issues = self._service.json_of(self._service.post("/rest/api/3/search/jql", body)).get("issues")
        first = issues[0] if isinstance(issues, list) and issues else None
        if not isinstance(first, dict) or not _KEY.fullmatch(str(first.get("key"))):
            return None
        fields = first.get("fields")
        labels = fields.get("labels") if isinstance(fields, dict) else None
        return str(first["key"]), labels if isinstance(labels, list) else []

    def comment(self, key: str, message: Message) -> bool:
        """Comment on an issue; False where it is gone."""
        path = f"/rest/api/3/issue/{key}/comment"
        return self._service.post(path, {"body": document(message, title=True)}, accept={404}).status != 404

    def open(self, message: Message) -> str:
        """Open an issue; returns its key."""
        fields = {
            "project": {"key": self._options.project},
            "issuetype": {"name": self._options.issue_type},
            "summary": header(plain(message.subject), 250),
            "description": document(message),
            "labels": [*self._options.labels, _thread(message), ticket_mark(message)],
        }
        made = self._service.json_of(self._service.post("/rest/api/3/issue", {"fields": fields}))
        key = str(made.get("key"))
        if not _KEY.fullmatch(key):
            raise SendError(self.name, "Jira opened an issue without a key", reason=SendReason.SERVER, permanent=False)
        return key


def document(message: Message, *, title: bool = False) -> dict[str, Any]:
    """Return a message as a document of Jira; links are marks of ours, never of the text."""
    outline = message.outline
    content = [_paragraph(_node(plain(message.subject), "strong"))] if title else []
    if outline is None:
        content.append(_paragraph(*_lines(settled(message.body))))
    else:
        content += [_paragraph(_node(plain(outline.note)))] if outline.note else []
        for card in outline.cards:
            content += _card(card)
        content += [_paragraph(_node(plain(line))) for line in outline.rest]
        content += [_paragraph(_node(outline.left))] if outline.left else []
    return {"type": "doc", "version": 1, "content": content}


def _card(card: Card) -> list[dict[str, Any]]:
    links = [_node(word, "link", href=url) for word, url in (("card", card.card_url), ("post", card.post_url)) if url]
    between = [part for link in links for part in (_node(" · "), link)]
    why = [_paragraph(_node(f"why: {plain('; '.join(card.why))}"))] if card.why else []
    return [
        _paragraph(_node(plain(card.head), "strong")),
        {"type": "blockquote", "content": [_paragraph(_node(plain(card.quote)))]},
        _paragraph(_node(f"by {plain(card.author)}")),
        *why,
        _paragraph(_node(card.due, "strong"), _node(f" · case {card.id}"), *between),
    ]


def _paragraph(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(nodes)}


def _lines(text: str) -> list[dict[str, Any]]:
    nodes = [_node(line) for line in text[:_TEXT].split("\n")]
    return [part for node in nodes for part in (node, {"type": "hardBreak"})][:-1]


def _node(text: str, mark: str = "", **attributes: str) -> dict[str, Any]:
    node: dict[str, Any] = {"type": "text", "text": text or " "}
    if mark:
        node["marks"] = [{"type": mark, "attrs": attributes} if attributes else {"type": mark}]
    return node


def _thread(message: Message) -> str:
    return f"cm-{message.thread_key}"
