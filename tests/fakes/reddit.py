"""A fake of Reddit's OAuth API: tokens, search of submissions, listings of subreddits, lookup by name."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.query import matches
from tests.fakes.server import Call, FakeServer, Reply

CLIENT_ID = "client-id-of-reddit"
CLIENT_SECRET = "client-secret-of-reddit"
USER_AGENT = "linux:lumo-monitor:1 (by /u/lumo)"
OWN, PASSWORD, REFRESH_TOKEN = "lumo_help", "password-of-reddit", "refresh-token-of-reddit"
DEPTH = 1000
SPANS = {"hour": 1, "day": 24, "week": 168, "month": 720, "year": 8760, "all": 10**6}

FORBIDDEN_HTML = Reply("<html><body>whoa there, pardner!</body></html>", 403, content_type="text/html")


def too_many(**headers: str) -> Reply:
    """The 429 of Reddit."""
    body = {"message": "Too Many Requests", "error": 429}
    return Reply(body, 429, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass
class RedditThing:
    """A submission (`t3_`) or a comment (`t1_`); `found_at` is when listings and search know it."""

    fullname: str
    subreddit: str
    author: str
    text: str
    posted_at: datetime
    found_at: datetime
    title: str = ""
    link: str | None = None
    parent: str | None = None
    edited_at: datetime | None = None
    score: int = 3
    fate: str | None = None

    @property
    def order(self) -> tuple[datetime, int]:
        return (self.posted_at, int(self.fullname[3:], 36))


@dataclass
class FakeReddit(FakeServer):
    """The server. `remaining` and `reset` are what its pace headers say; None leaves them out.

    `repeat_last` posts of each page come again on the next; a page after a post that is gone by then is empty.
    `endless` is None, "repeat" (one `after` for ever) or "turns" (two of them in turns). `strange` adds unknown keys
    and leaves out optional ones.
    """

    clock: Callable[[], datetime]
    page_limit: int = 100
    repeat_last: int = 0
    endless: str | None = None
    remaining: str | None = "598.0"
    reset: str = "300"
    strange: bool = False
    tree_limit: int = 500
    scope: str = "*"
    refusal: tuple[str, str, str] | None = None
    after_post: Reply | None = None
    things: list[RedditThing] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._valid: set[str] = set()

    # What happens on the platform

    def submit(
        self,
        title: str,
        at: datetime,
        *,
        text: str = "",
        subreddit: str = "lumo",
        author: str = "bob",
        late: timedelta = timedelta(0),
    ) -> str:
        """Add a submission that is listed and found `late` after it was written; return its name."""
        name = self._next_name("t3")
        self.things.append(RedditThing(name, subreddit, author, text, at, at + late, title=title))
        return name

    def comment(
        self, parent: str, text: str, at: datetime, *, author: str = "eve", late: timedelta = timedelta(0)
    ) -> str:
        """Add a comment under a submission or a comment; return its name."""
        above, name = self.find(parent), self._next_name("t1")
        link = above.link or above.fullname
        self.things.append(
            RedditThing(name, above.subreddit, author, text, at, at + late, link=link, parent=above.fullname)
        )
        return name

    def edit(self, name: str, text: str, at: datetime) -> None:
        thing = self.find(name)
        thing.text, thing.edited_at = text, at

    def remove(self, name: str, how: str = "deleted") -> None:
        """Take a post away: "deleted" by its author, "removed" by a moderator, or "vanished" altogether."""
        self.find(name).fate = how

    def find(self, name: str) -> RedditThing:
        return next(thing for thing in self.things if thing.fullname == name)

    def revoke_tokens(self) -> None:
        """Withdraw every token before its time."""
        self._valid.clear()

    def _next_name(self, kind: str) -> str:
        return f"{kind}_{_base36(1_000_000 + len(self.things))}"

    # What the API answers

    def answer(self, call: Call) -> Reply:
        if call.path == "/api/v1/access_token":
            return self._token(call)
        if call.headers.get("authorization", "").removeprefix("bearer ") not in self._valid:
            return Reply({"message": "Unauthorized", "error": 401}, 401)
        if call.params.get("raw_json") != "1":
            return Reply({"message": "Bad Request", "error": 400}, 400)
        return self._paced(self._read(call))

    def _token(self, call: Call) -> Reply:
        expected = "Basic " + b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if call.headers.get("authorization") != expected:
            return Reply({"message": "Unauthorized", "error": 401}, 401)
        granted = {"client_credentials": {}, "password": {"username": OWN, "password": PASSWORD}}
        granted["refresh_token"] = {"refresh_token": REFRESH_TOKEN}
        wanted = granted.get(call.form.get("grant_type", ""))
        if wanted is None:
            return Reply({"error": "unsupported_grant_type"})
        if any(call.form.get(name) != value for name, value in wanted.items()):
            return Reply({"error": "invalid_grant"})
        token = f"access-token-{len(self.tokens) + 1}"
        self.tokens.append(token)
        self._valid.add(token)
        return Reply({"access_token": token, "token_type": "bearer", "expires_in": 3600, "scope": self.scope})

    def _read(self, call: Call) -> Reply:
        parts = call.path.strip("/").split("/")
        if parts == ["api", "v1", "me"]:
            return Reply({"name": OWN, "id": "77"})
        if parts == ["api", "comment"] and call.method == "POST":
            return self._comment(call)
        if parts == ["api", "info"]:
            return self._info(call)
        if len(parts) == 2 and parts[0] == "comments":
            return self._tree(f"t3_{parts[1]}", call)
        if len(parts) == 3 and parts[0] == "user" and parts[2] == "comments":
            mine = [one for one in self._listed() if one.author == parts[1] and one.fullname.startswith("t1_")]
            return self._page([one for one in mine if one.fate is None], call)
        if len(parts) != 3 or parts[0] != "r":
            return Reply({"message": "Not Found", "error": 404}, 404)
        wanted = {one.casefold() for one in parts[1].split("+")}
        listed = [one for one in self._listed() if one.subreddit.casefold() in wanted or "all" in wanted]
        if parts[2] == "comments":
            return self._page([one for one in listed if one.fullname.startswith("t1_")], call)
        listed = [one for one in listed if one.fullname.startswith("t3_")]
        if parts[2] == "new":
            return self._page(listed, call)
        return self._search(listed, call)

    def _comment(self, call: Call) -> Reply:
        """Take a comment of our account."""
        if self.refusal is not None:
            return Reply({"json": {"errors": [[*self.refusal]]}})
        name = self.comment(call.form["thing_id"], call.form["text"], self.clock(), author=OWN)
        return self.after_post or Reply({"json": {"errors": [], "data": {"things": [_shown(self.find(name))]}}})

    def own_comments(self) -> list[RedditThing]:
        """Return what our account has said."""
        return [one for one in self.things if one.author == OWN]

    def _search(self, listed: Iterable[RedditThing], call: Call) -> Reply:
        oldest = self.clock() - timedelta(hours=min(SPANS[call.params.get("t", "all")], 10**5))
        query = call.params.get("q", "")
        if not 1 <= len(query) <= 512 or call.params.get("sort") != "new":
            return Reply({"message": "Bad Request", "error": 400}, 400)
        found = [one for one in listed if one.posted_at >= oldest and matches(query, f"{one.title} {one.text}")]
        return self._page(found, call)

    def _listed(self) -> list[RedditThing]:
        """Return what listings know by now, newest first."""
        known = [one for one in self.things if one.found_at <= self.clock() and one.fate != "vanished"]
        return sorted(known, key=lambda one: one.order, reverse=True)

    def _page(self, listed: list[RedditThing], call: Call) -> Reply:
        listed = listed[:DEPTH]
        size = min(int(call.params.get("limit", 25)), self.page_limit, 100)
        if self.endless:
            turn = "t3_b" if self.endless == "turns" and call.params.get("after") == "t3_a" else "t3_a"
            return self._answered(listed[:size], turn)
        if (after := call.params.get("after")) is not None:
            anchor = self.find(after)
            listed = [one for one in listed if one.order < anchor.order and anchor.fate is None]
        page = listed[:size]
        more = len(listed) > size
        return self._answered(page, page[-1 - min(self.repeat_last, size - 1)].fullname if more else None)

    def _info(self, call: Call) -> Reply:
        wanted = call.params.get("id", "").split(",")
        if len(wanted) > 100:
            return Reply({"message": "Request-URI Too Large", "error": 414}, 414)
        present = [one for one in self.things if one.fullname in wanted and one.fate != "vanished"]
        return self._answered(present, None)

    def _tree(self, link: str, call: Call) -> Reply:
        """A submission with its comments, newest first; beyond `tree_limit` of them the rest are only counted."""
        known = [one for one in self._listed() if one.fullname == link]
        if not known:
            return Reply({"message": "Not Found", "error": 404}, 404)
        comments = [one for one in self._listed() if one.link == link]
        shown = comments[: min(int(call.params.get("limit", 200)), self.tree_limit)]
        left = [one for one in comments if one not in shown]
        self.returned += [one.fullname for one in (*known, *shown)]
        nodes = {one.fullname: _shown(one) for one in shown}
        top = [node for one in shown if (node := nodes[one.fullname]) and one.parent not in nodes]
        for one in shown:
            if one.parent in nodes:
                replies = nodes[one.parent]["data"]["replies"] or {"kind": "Listing", "data": {"children": []}}
                replies["data"]["children"].append(nodes[one.fullname])
                nodes[one.parent]["data"]["replies"] = replies
        if left:
            ids = [one.fullname.removeprefix("t1_") for one in left]
            top.append({"kind": "more", "data": {"count": len(ids), "name": f"t1_{ids[0]}", "children": ids}})
        head = {"kind": "Listing", "data": {"after": None, "children": [_shown(known[0])]}}
        return Reply([head, {"kind": "Listing", "data": {"after": None, "children": top}}])

    def _answered(self, things: list[RedditThing], after: str | None) -> Reply:
        self.returned += [one.fullname for one in things]
        data: dict[str, Any] = {"after": after, "before": None, "dist": len(things), "modhash": ""}
        children = [_estranged(_shown(one)) if self.strange else _shown(one) for one in things]
        return Reply({"kind": "Listing", "data": data | {"children": children}})

    def _paced(self, reply: Reply) -> Reply:
        if self.remaining is None:
            return reply
        pace = {"x-ratelimit-used": "2", "x-ratelimit-remaining": self.remaining, "x-ratelimit-reset": self.reset}
        return Reply(reply.body, reply.status, {**reply.headers, **pace})


def _shown(thing: RedditThing) -> dict[str, Any]:
    """Return a submission or a comment as the listing shows it."""
    kind, short = thing.fullname[:2], thing.fullname[3:]
    emptied = {"deleted": "[deleted]", "removed": "[removed]"}.get(thing.fate or "")
    shown: dict[str, Any] = {
        "id": short,
        "name": thing.fullname,
        "author": "[deleted]" if emptied else thing.author,
        "subreddit": thing.subreddit,
        "created_utc": thing.posted_at.timestamp(),
        "edited": thing.edited_at.timestamp() if thing.edited_at else False,
        "score": thing.score,
        "over_18": False,
    }
    if kind == "t3":
        shown |= {"title": thing.title, "selftext": emptied or thing.text, "num_comments": 7, "upvote_ratio": 0.9}
        shown |= {"permalink": f"/r/{thing.subreddit}/comments/{short}/a_title/", "subreddit_subscribers": 5}
        shown |= {"removed_by_category": "moderator" if thing.fate == "removed" else None}
    else:
        shown |= {"body": emptied or thing.text, "link_id": thing.link, "parent_id": thing.parent, "replies": ""}
        shown |= {"permalink": f"/r/{thing.subreddit}/comments/{(thing.link or '')[3:]}/a_title/{short}/"}
    return {"kind": kind, "data": shown}


def _estranged(child: dict[str, Any]) -> dict[str, Any]:
    needed = ("name", "author", "title", "selftext", "body", "created_utc")
    kept = {name: value for name, value in child["data"].items() if name in needed}
    return {"kind": child["kind"], "data": kept | {"new_in_2027": {"a": [1]}}, "more": None}


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"


if __name__ == "__main__":
    from tests.fakes.serve import serve

    serve(FakeReddit(lambda: datetime.now(UTC)))
