"""Links as people copy them, and the post that each means."""

import re
from urllib.parse import parse_qs, urlsplit

_STATUS = re.compile(r"/status(?:es)?/(\d+)")
_COMMENT = re.compile(r"/comments/\w+/[^/]*/(\w+)")
_SUBMISSION = re.compile(r"/comments/(\w+)")
_LONGEST = 2_000


def spellings(key: str) -> list[str]:
    """Return what a key may stand for in the store, the likeliest first: itself, then the id inside a link.

    Browsers and apps add `?s=20`, `#reply`, a slash, `www.` or an old host; the id of the post is the same in all.
    """
    found = [key]
    if len(key) > _LONGEST or not key.startswith(("https://", "http://")):
        return found
    try:
        parts = urlsplit(key)
    except ValueError:
        return found
    path = parts.path.rstrip("/")
    if match := _STATUS.search(path):
        found.append(f"x:{match[1]}")
    if match := _COMMENT.search(path):
        return [*found, f"reddit:t1_{match[1]}"]
    if match := _SUBMISSION.search(path):
        found.append(f"reddit:t3_{match[1]}")
    if path == "/item":
        found += [f"hackernews:{number}" for number in parse_qs(parts.query).get("id", ())[:1]]
    host = parts.netloc.lower().removeprefix("www.")
    found += [f"https://{place}{path}" for place in dict.fromkeys((parts.netloc, host, f"www.{host}"))]
    return list(dict.fromkeys(found))
