"""A fake of the X API v2: recent search, owned mentions and lookup, with edits, late arrivals and billing."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.query import matches
from tests.fakes.server import Call, FakeServer, Reply

TOKEN = "AAAA-secret-bearer-of-x"
KEYS = {
    "reply_consumer_key": "consumer-key-of-x",
    "reply_consumer_secret": "consumer-secret-of-x",
    "reply_access_token": "77-access-token-of-x",
    "reply_access_secret": "access-secret-of-x",
}
KEYS_SHOWN = {"oauth_consumer_key": KEYS["reply_consumer_key"], "oauth_token": KEYS["reply_access_token"]}
"""What of the keys a signed request shows."""

EPOCH_MS = 1_288_834_974_657
WINDOW = timedelta(days=7)
SETTLING = timedelta(seconds=30)
"""Without `end_time` the search ends this long before now."""


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def problem(status: int, title: str, detail: str, **headers: str) -> Reply:
    """An error as X words it: problem+json."""
    body = {"title": title, "detail": detail, "type": "https://api.twitter.com/2/problems/invalid-request"}
    return Reply({**body, "status": status}, status, {name.replace("_", "-"): value for name, value in headers.items()})


CREDITS_DEPLETED = problem(402, "CreditsDepleted", "Your enrolled account does not have any credits.")
CLIENT_FORBIDDEN = problem(403, "Client Forbidden", "This app is not enrolled.")


def rate_limited(reset: object) -> Reply:
    """The 429 of X: no Retry-After, but `x-rate-limit-reset` in unix seconds (or whatever a hostile server says)."""
    headers = {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}
    return Reply({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, 429, headers)


@dataclass(frozen=True)
class Account:
    id: str
    username: str
    name: str
    followers: int = 10


@dataclass(frozen=True)
class Version:
    """One version of a post: every edit has an id of its own."""

    id: int
    text: str


@dataclass
class Post:
    """A post with its versions, oldest first. `found_at` is when the search index knows it."""

    versions: list[Version]
    author: Account
    posted_at: datetime
    found_at: datetime
    reply_to: str | None = None
    repost_of: str | None = None
    conversation: str | None = None
    long_text: bool = False
    likes: int = 0
    gone: str | None = None

    @property
    def id(self) -> str:
        return str(self.versions[0].id)

    @property
    def newest(self) -> Version:
        return self.versions[-1]


@dataclass
class FakeX(FakeServer):
    """The server. `names` is "tweet" or "post": how fields are called in answers.

    `repeat_last` posts of each page come again on the next. `endless` is None, "repeat" (one token for ever), "turns"
    (two tokens in turns) or "fresh" (always a new token, always the same old posts). `strange` adds unknown keys and
    leaves out optional ones. `access` is what the keys of the own account may do; `after_post` is answered in place of
    the new reply, which is posted all the same.
    """

    clock: Callable[[], datetime]
    names: str = "tweet"
    page_limit: int = 100
    repeat_last: int = 0
    endless: str | None = None
    own_name: str = "lumo"
    strange: bool = False
    access: str = "read-write"
    after_post: Reply | None = None
    posts: list[Post] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._sequence = 0
        self._fresh = 0

    # What happens on the platform

    def publish(
        self,
        text: str,
        at: datetime,
        *,
        author: Account | None = None,
        late: timedelta = timedelta(0),
        reply_to: str | None = None,
        repost_of: str | None = None,
        long_text: bool = False,
        likes: int = 0,
    ) -> str:
        """Add a post that the search finds `late` after it was written; return its id."""
        author = author or Account("1234567890", "dev", "Dev")
        version = Version(self._next_id(at), text)
        parent = self.find(reply_to) if reply_to else None
        conversation = (parent.conversation or parent.id) if parent else reply_to
        self.posts.append(
            Post([version], author, at, at + late, reply_to, repost_of, conversation, long_text=long_text, likes=likes)
        )
        return str(version.id)

    def edit(self, post_id: str, text: str, at: datetime) -> str:
        """Add a version; return the new id."""
        post = self._known(post_id)
        post.versions.append(Version(self._next_id(at), text))
        return str(post.newest.id)

    def remove(self, post_id: str, how: str = "deleted") -> None:
        """Delete a post, or with "protected" hide its author."""
        self._known(post_id).gone = how

    def like(self, post_id: str, count: int) -> None:
        self._known(post_id).likes = count

    def find(self, post_id: str) -> Post | None:
        """Return the post that has a version of this id."""
        return next((post for post in self.posts if any(str(one.id) == post_id for one in post.versions)), None)

    def _known(self, post_id: str) -> Post:
        post = self.find(post_id)
        assert post is not None, post_id
        return post

    def _next_id(self, at: datetime) -> int:
        self._sequence += 1
        return ((int(at.timestamp() * 1000) - EPOCH_MS) << 22) + self._sequence

    # What the API answers

    def answer(self, call: Call) -> Reply:
        if call.headers.get("authorization", "").startswith("OAuth "):
            return self._as_account(call)
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            return problem(401, "Unauthorized", "Unauthorized")
        if call.path == "/2/tweets/search/recent":
            return self._search(call)
        if call.path.startswith("/2/users/") and call.path.endswith("/mentions"):
            return self._mentions(call)
        if call.path == "/2/tweets":
            return self._lookup(call)
        return problem(404, "Not Found", f"no route {call.path}")

    def _as_account(self, call: Call) -> Reply:
        """What an account does with keys of its own: say who it is, and reply."""
        signed = call.headers["authorization"]
        if not all(f'{name}="{value}"' in signed for name, value in KEYS_SHOWN.items()):
            return problem(401, "Unauthorized", "Unauthorized")
        if call.path == "/2/users/me":
            about = {"id": "77", "username": self.own_name, "name": "Lumo"}
            return Reply({"data": about}, headers={"x-access-level": self.access})
        if call.method != "POST" or call.path != "/2/tweets":
            return problem(404, "Not Found", f"no route {call.path}")
        if self.access == "read":
            return problem(403, "Forbidden", "Your client app is not configured with the appropriate permissions.")
        said = json.loads(call.body)
        text, parent = said["text"], said["reply"]["in_reply_to_tweet_id"]
        if any(post.author.username == self.own_name and post.newest.text == text for post in self.posts):
            return problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
        posted = self.publish(text, self.clock(), author=Account("77", self.own_name, "Lumo"), reply_to=parent)
        return self.after_post or Reply({"data": {"id": posted, "text": text}}, 201)

    def own_replies(self) -> list[Post]:
        """Return what our account has said."""
        return [post for post in self.posts if post.author.username == self.own_name]

    def _search(self, call: Call) -> Reply:
        refusal = self._refusal(call)
        if refusal is not None:
            return problem(400, "Invalid Request", refusal)
        query = call.params["query"]
        try:
            found = [post for post in self._visible(call) if self._answers(post, query)]
        except ValueError as error:
            return problem(400, "Invalid Request", str(error))
        return self._page(found, call, "next_token")

    def _mentions(self, call: Call) -> Reply:
        found = [post for post in self._visible(call) if f"@{self.own_name}" in post.newest.text.casefold()]
        return self._page(found[:800], call, "pagination_token")

    def _refusal(self, call: Call) -> str | None:
        params, oldest = call.params, self.clock() - WINDOW
        if not 10 <= int(params.get("max_results", 10)) <= 100:
            return "max_results must be between 10 and 100"
        if not 1 <= len(params.get("query", "")) <= 512:
            return "query must be 1 to 512 characters long"
        if "since_id" in params and "start_time" in params:
            return "since_id and start_time cannot be combined"
        if "since_id" in params and int(params["since_id"]) < (int(oldest.timestamp() * 1000) - EPOCH_MS) << 22:
            return "'since_id' must be a post id created after the last 7 days"
        if "start_time" in params and datetime.fromisoformat(params["start_time"]) < oldest:
            return "'start_time' must be within the last 7 days"
        return None

    def _visible(self, call: Call) -> Iterable[Post]:
        """Return what the index knows in the asked window, newest first."""
        params, now = call.params, self.clock()
        end = datetime.fromisoformat(params["end_time"]) if "end_time" in params else now - SETTLING
        start = datetime.fromisoformat(params["start_time"]) if "start_time" in params else now - WINDOW
        low, high = int(params.get("since_id", 0)), int(params.get("until_id", 2**63))
        known = [post for post in self.posts if post.gone is None and post.found_at <= now]
        within = [post for post in known if start <= post.posted_at < end and low < post.newest.id < high]
        return sorted(within, key=lambda post: post.newest.id, reverse=True)

    def _answers(self, post: Post, query: str) -> bool:
        operators = {
            "from": lambda name: post.author.username.casefold() == name.casefold(),
            "lang": lambda tag: tag == "en",
            "is": lambda what: {"retweet": post.repost_of, "reply": post.reply_to}.get(what) is not None,
            "conversation_id": lambda thread: thread == (post.conversation or post.id),
        }
        return matches(query, post.newest.text, operators)

    def _page(self, found: Iterable[Post], call: Call, token_name: str) -> Reply:
        token = call.params.get(token_name)
        size = min(int(call.params.get("max_results", 10)), self.page_limit)
        if self.endless:
            return self._page_without_end(list(found)[:size], token)
        last = int(token.removeprefix("b26v"), 36) if token else 2**63
        left = [post for post in found if post.newest.id < last]
        page, more = left[:size], len(left) > size
        anchor = page[-1 - min(self.repeat_last, size - 1)].newest.id if more else 0
        return self._listing(page, f"b26v{_base36(anchor)}" if more else None)

    def _page_without_end(self, page: list[Post], token: str | None) -> Reply:
        self._fresh += 1
        names = {"repeat": "b26vsame", "turns": "b26vone" if token == "b26vtwo" else "b26vtwo"}
        return self._listing(page, names.get(self.endless or "", f"b26v{self._fresh}"))

    def _listing(self, page: list[Post], next_token: str | None) -> Reply:
        meta: dict[str, Any] = {"result_count": len(page)}
        if next_token:
            meta["next_token"] = next_token
        if not page:
            return Reply({"meta": meta})
        meta |= {"newest_id": str(page[0].newest.id), "oldest_id": str(page[-1].newest.id)}
        self.returned += [post.id for post in page]
        shown = [self._shown(post, post.newest) for post in page]
        if self.strange:
            return Reply({"data": [_estranged(one) for one in shown], "meta": meta, "new_in_2027": [1]})
        return Reply({"data": shown, "includes": {"users": _users(page)}, "meta": meta})

    def _lookup(self, call: Call) -> Reply:
        wanted = call.params.get("ids", "").split(",")
        if not 1 <= len(wanted) <= 100:
            return problem(400, "Invalid Request", "ids: 1 to 100")
        posts = {wanted_id: self.find(wanted_id) for wanted_id in wanted}
        present = {one: post for one, post in posts.items() if post is not None and post.gone is None}
        self.returned += [post.id for post in present.values()]
        body: dict[str, Any] = {
            "data": [self._shown(post, _version(post, one)) for one, post in present.items()],
            "includes": {"users": _users(present.values())},
            "errors": [_missing(one, posts[one]) for one in wanted if one not in present],
        }
        return Reply({name: value for name, value in body.items() if value and value != {"users": []}})

    def _shown(self, post: Post, version: Version) -> dict[str, Any]:
        """Return a post as JSON, in the field names of this server."""
        shown: dict[str, Any] = {
            "id": str(version.id),
            "text": version.text,
            "author_id": post.author.id,
            "created_at": stamp(post.posted_at),
            "conversation_id": post.conversation or post.id,
            "lang": "en",
            f"edit_history_{self.names}_ids": [str(one.id) for one in post.versions],
            "edit_controls": {"is_edit_eligible": True, "edits_remaining": 5 - len(post.versions)},
            "public_metrics": {"retweet_count": 0, "reply_count": 2, "like_count": post.likes, "quote_count": 0}
            | {"bookmark_count": 0, "impression_count": 90},
        }
        referenced = [{"type": "replied_to", "id": post.reply_to}] if post.reply_to else []
        referenced += [{"type": "retweeted", "id": post.repost_of}] if post.repost_of else []
        if referenced:
            shown[f"referenced_{self.names}s"] = referenced
        if post.long_text:
            shown["text"] = version.text[:279] + "…"
            shown[f"note_{self.names}"] = {"text": version.text}
        return shown


def _version(post: Post, wanted: str) -> Version:
    return next(one for one in post.versions if str(one.id) == wanted)


def _users(posts: Iterable[Post]) -> list[dict[str, Any]]:
    authors = {post.author.id: post.author for post in posts}
    return [
        {"id": one.id, "username": one.username, "name": one.name, "verified": False}
        | {"public_metrics": {"followers_count": one.followers, "following_count": 3, "tweet_count": 99}}
        for one in authors.values()
    ]


def _missing(wanted: str, post: Post | None) -> dict[str, str]:
    hidden = post is not None and post.gone == "protected"
    kind = "not-authorized-for-resource" if hidden else "resource-not-found"
    return {
        "value": wanted,
        "resource_id": wanted,
        "resource_type": "tweet",
        "parameter": "ids",
        "title": "Authorization Error" if hidden else "Not Found Error",
        "detail": f"Could not find tweet with ids: [{wanted}].",
        "type": f"https://api.twitter.com/2/problems/{kind}",
    }


def _estranged(post: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in post.items() if name in ("id", "text", "author_id")}
    return kept | {"new_in_2027": {"a": [1]}}


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"


if __name__ == "__main__":
    from tests.fakes.serve import serve

    serve(FakeX(lambda: datetime.now(UTC)))
