"""What can go wrong between us and a platform, as one small tree.

ConnectorError            subject, cause, next step; permanent or worth another try
├── BadMention            a record that is no mention (permanent; only that record is refused)
├── BadSettings           options that cannot work (permanent)
├── Unauthorized          wrong or expired token (permanent until somebody acts)
├── Forbidden             the account may not do this (permanent until somebody acts)
├── PaymentRequired       credits or budget are used up (permanent until somebody acts)
├── BadQuery              the platform refuses the query (permanent)
├── SourceGone            410, or a file that is no longer there (permanent)
├── RateLimited           wait `retry_after`, then go on
├── Unreachable           no connection, a time-out, a 5xx
├── BadAnswer             an answer that is not what was documented: HTML, broken JSON, wrong types, too large
├── EndlessPaging         the platform repeats a page token, or pages that hold nothing new
├── AddressRefused        the address, or a redirect, leads where a source must not reach (permanent)
├── SaidBefore            the platform refuses a reply of the same words (permanent)
└── PerhapsSent           a reply went out, and nothing says whether it stands there (never sent again by itself)
"""

from datetime import timedelta


class ConnectorError(Exception):
    """A failure of one source. `str()` gives one line: subject, cause, next step."""

    permanent = False
    next_step = "it is tried again by itself"

    def __init__(self, subject: str, cause: str, next_step: str | None = None) -> None:
        super().__init__(subject, cause)
        self.subject = subject
        self.cause = cause
        self.next_step = next_step or type(self).next_step

    def __str__(self) -> str:
        return f"{self.subject}: {self.cause}; {self.next_step}"


class BadMention(ConnectorError):
    """A record that cannot be read as a mention."""

    permanent = True
    next_step = "the record is skipped and counted"


class BadSettings(ConnectorError):
    """Options of a source that cannot work."""

    permanent = True
    next_step = "correct the source in the config"


class Unauthorized(ConnectorError):
    """The platform does not accept the credentials (401)."""

    permanent = True
    next_step = "renew the credentials, then reload"


class Forbidden(ConnectorError):
    """The credentials are valid and not allowed to do this (403)."""

    permanent = True
    next_step = "check what the account may do, then reload"


class PaymentRequired(ConnectorError):
    """The platform's credits (402), or the source's own budget, are used up."""

    permanent = True
    next_step = "add credits or raise the budget, then reload"


class BadQuery(ConnectorError):
    """The platform refuses the query itself (400)."""

    permanent = True
    next_step = "correct the watch or the source, then reload"


class SourceGone(ConnectorError):
    """The feed, the file or the account is no longer there."""

    permanent = True
    next_step = "remove the source or correct its address"


class RateLimited(ConnectorError):
    """The platform asks us to wait (429)."""

    def __init__(self, subject: str, cause: str, retry_after: timedelta | None = None) -> None:
        super().__init__(subject, cause)
        self.retry_after = retry_after


class Unreachable(ConnectorError):
    """No connection, a time-out, or a server error (5xx)."""


class BadAnswer(ConnectorError):
    """An answer that is not what the platform documents."""


class EndlessPaging(ConnectorError):
    """Paging that would never end: a page token came again, or pages hold nothing new."""


class AddressRefused(ConnectorError):
    """An address a source must not reach: a private host, a foreign redirect, a scheme that is not http(s)."""

    permanent = True
    next_step = "correct base_url, or set allow_private for a host of your own"


class SaidBefore(ConnectorError):
    """The platform refuses a reply because the account has said these words lately."""

    permanent = True
    next_step = "look at the post, or use other words"


class PerhapsSent(ConnectorError):
    """A reply went out and no clear answer came: it may stand there, or not."""

    permanent = True
    next_step = "look at the post, then say whether it is there"
