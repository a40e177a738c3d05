"""What a config may hold and should not: promises that cannot be kept, alerts that reach nobody, open doors."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from connectors.address import refusal
from connectors.options import SourceOptions
from monitor.config.check import Draft
from monitor.config.lag import lag_of
from monitor.config.problem import Path, Problem, suggestion
from monitor.config.receivers import AppriseReceiver, MailReceiver, ReceiverOptions, WebhookReceiver
from monitor.config.routes import Matchers
from monitor.config.schema import Sla
from monitor.config.secret import is_reference
from monitor.notify.apprise_url import SCHEMES, scheme_of


def advise(draft: Draft) -> Iterator[Problem]:
    """Return warnings, and errors of single sources and receivers that could never work."""
    yield from _silent(draft)
    yield from _untold(draft)
    yield from _promises(draft)
    yield from _voices(draft)
    for section, parts, keys in (
        ("sources", draft.sources.read, ("base_url", "url")),
        ("receivers", draft.receivers.read, ("url",)),
    ):
        for name, raw in draft.section(section).items():
            if isinstance(raw, dict) and raw.get("kind") != "apprise":
                for key in keys:
                    yield from _address(draft, (section, name), key, _revealed(parts.get(name), raw, key))
    for name, receiver in draft.receivers.read.items():
        yield from _receiver(draft, ("receivers", name), receiver)
        yield from _address(draft, ("receivers", name), "base_url", getattr(receiver, "base_url", None))


def _silent(draft: Draft) -> Iterator[Problem]:
    """Nothing would ever be heard."""
    if not draft.section("brands"):
        yield draft.problem((), "no brand is named", "add one under brands", warning=True)
    if not draft.section("sources"):
        yield draft.problem((), "no source is named", "add one under sources", warning=True)
    for brand, raw in draft.section("brands").items():
        if isinstance(raw, dict) and not raw.get("watches"):
            hint = "add `watches: [{name: name, query: …}]`"
            yield draft.problem(("brands", brand), "the brand has no watches", hint, warning=True)
    yield from _unheard(draft)


def _voices(draft: Draft) -> Iterator[Problem]:
    """An account that would answer, and cannot: it is no brand's, or what it needs is missing."""
    for name, source in draft.sources.usable.items():
        account = getattr(source, "reply_as", None)
        if not account or not source.enabled:
            continue
        own = {
            str(handle).removeprefix("@").removeprefix("u/").casefold()
            for raw in draft.section("brands").values()
            if isinstance(raw, dict) and isinstance(raw.get("handles"), dict)
            for handle in _named(raw["handles"].get(source.kind))
        }
        if account.removeprefix("@").removeprefix("u/").casefold() not in own:
            hint = f"name it in the brand: handles: {{{source.kind}: [{account}]}}"
            yield draft.problem(
                ("sources", name, "reply_as"), "is no handle of a brand, so it answers nobody", hint, warning=True
            )
        if source.kind == "reddit" and not getattr(source, "reply_approved", True):
            hint = "say `reply_approved: true` once Reddit has approved the app for answering"
            yield draft.problem(
                ("sources", name, "reply_as"), "answers nobody: its app is not approved", hint, warning=True
            )


def _unheard(draft: Draft) -> Iterator[Problem]:
    watched = [_named(watch.get("sources")) for _, watch in draft.watches()]
    if not all(watched):
        return
    named = {name for names in watched for name in names}
    for name, source in draft.sources.usable.items():
        if source.enabled and name not in named:
            yield draft.problem(("sources", name), "no watch listens to it", "name it in a watch", warning=True)


def _untold(draft: Draft) -> Iterator[Problem]:
    """An urgent case that would tell nobody."""
    enabled = {name for name, receiver in draft.receivers.usable.items() if receiver.enabled}
    enabled |= set(draft.receivers.broken)
    routes = [route for _, route in draft.entries("routes")]
    if enabled.intersection(_named(draft.document.value.get("fallback"))):
        return
    missed = [level for level in ("critical", "high") if not any(_tells(route, level, enabled) for route in routes)]
    if missed:
        hint = "add a route for all of them: {level: [critical, high], to: […]}"
        yield draft.problem(("routes",), f"some {' and '.join(missed)} cases would tell nobody", hint, warning=True)


def _tells(route: Mapping[str, Any], level: str, enabled: set[str]) -> bool:
    levels = _named(route.get("level", ["critical", "high"])) or [level]
    reached = enabled.intersection(_named(route.get("to")))
    return level in levels and bool(reached) and not any(route.get(matcher) for matcher in Matchers.model_fields)


def _named(value: Any) -> list[str]:
    """Return the texts of a list, or the one text in its place; whatever else stands there is told elsewhere."""
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, str)]


def _promises(draft: Draft) -> Iterator[Problem]:
    """`every` plus the platform's own lag must leave half of the shortest promise to the people."""
    raw = draft.section("triage").get("sla", {})
    try:
        sla = Sla.model_validate(raw)
    except ValidationError:
        return
    spans = [sla.critical, sla.high, sla.normal, sla.low]
    if spans != sorted(spans):
        hint = "the more urgent, the sooner"
        yield draft.problem(("triage", "sla"), "a level is due later than the one below it", hint, warning=True)
    shortest = min(spans)
    for name, source in draft.sources.read.items():
        lag = lag_of(source.kind)
        if source.enabled and source.every + lag > shortest / 2:
            message = f"every {_span(source.every)} plus the platform's lag of {_span(lag)} is more than half of the"
            room = shortest / 2 - lag
            hint = f"poll every {_span(room)}, or promise" if room >= timedelta(seconds=30) else "promise"
            where: Path = ("sources", name, "every")
            yield draft.problem(
                where, f"{message} shortest promise ({_span(shortest)})", f"{hint} less in triage.sla", warning=True
            )


def _receiver(draft: Draft, path: Path, receiver: ReceiverOptions) -> Iterator[Problem]:
    if isinstance(receiver, WebhookReceiver) and receiver.secret is None:
        hint = "add secret: env:NAME and check X-Signature at the other end"
        yield draft.problem(path, "the webhook is not signed", hint, warning=True)
    if isinstance(receiver, AppriseReceiver):
        url = receiver.url.get_secret_value()
        if not is_reference(url) and scheme_of(url) not in SCHEMES:
            message = f"the service {scheme_of(url)[:30]!r} is not among those that may be used"
            hint = suggestion(scheme_of(url), sorted(SCHEMES))
            yield draft.problem((*path, "url"), message, hint, scope=f"receiver:{path[1]}")
    if isinstance(receiver, MailReceiver) and receiver.security == "none" and not _is_loopback(receiver.host):
        open_password = receiver.password is not None
        message = "the password would travel unencrypted" if open_password else "mail would travel unencrypted"
        scope = f"receiver:{path[1]}" if open_password else ""
        yield draft.problem(
            (*path, "security"), message, "write security: starttls (or tls)", warning=not open_password, scope=scope
        )


def _revealed(part: SourceOptions | ReceiverOptions | None, raw: Mapping[str, Any], key: str) -> Any:
    """Return an address with its reference resolved, or as it stands where the other options are wrong."""
    value = getattr(part, key, None) if part else raw.get(key)
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _address(draft: Draft, path: Path, key: str, url: Any) -> Iterator[Problem]:
    """An address that would be refused whenever it is used."""
    if not isinstance(url, str) or is_reference(url):
        return
    allow_private = draft.section(str(path[0]))[str(path[1])].get("allow_private") is True
    scope = f"{'source' if path[0] == 'sources' else 'receiver'}:{path[1]}"
    where = (*path, key)
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not host:
        yield draft.problem(where, "is no http or https address", "write https://HOST/PATH", scope=scope)
    elif parts.username is not None:
        yield draft.problem(where, "carries a user name", "leave user and password out of the address", scope=scope)
    elif reason := _refusal(host, allow_private=allow_private):
        hint = "set allow_private: true for a host of your own" if _refusal(host, allow_private=True) is None else ""
        yield draft.problem(where, f"leads to an address that is {reason}", hint, scope=scope)
    elif parts.scheme == "http" and not allow_private:
        yield draft.problem(where, "is not encrypted", "use https://", warning=True)


def _refusal(host: str, *, allow_private: bool) -> str | None:
    """Judge an address that is written out; names are judged when they are resolved."""
    if host == "localhost" or host.endswith(".localhost"):
        host = "127.0.0.1"
    try:
        return refusal(host, allow_private=allow_private)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _span(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s" if seconds < 60 else f"{seconds // 60}m{seconds % 60}s"
