"""Mail by SMTP: text and HTML in one message, over TLS, within one deadline."""

import base64
import hashlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from connectors.address import Lookup, checked_addresses, system_lookup
from connectors.answer import redacted
from connectors.errors import ConnectorError
from monitor.config import receivers
from monitor.errors import SendError, SendReason
from monitor.notify.neutral import header
from monitor.notify.receiver import DEADLINE_S, Message
from monitor.service.log import log

_WAIT_S = 5.0
_ADDRESSES = 2


class MailReceiver:
    """Sends one mail to all addresses of the receiver."""

    def __init__(
        self,
        name: str,
        options: receivers.MailReceiver,
        *,
        lookup: Lookup = system_lookup,
        context: ssl.SSLContext | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self.name = name
        self._options = options
        self._lookup = lookup
        self._context = context
        self._deadline_s = deadline_s
        self._password = options.password.get_secret_value() if options.password else None

    def send(self, message: Message) -> None:
        """Hand the mail to the server; returns when it has taken it for at least one address."""
        mail = make_mail(message, self._options)
        try:
            self._deliver(mail)
        except ConnectorError as error:
            raise SendError(self.name, error.cause, reason=SendReason.NETWORK, permanent=False) from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise self._unsent(error) from None

    def _deliver(self, mail: EmailMessage) -> None:
        options = self._options
        addresses = checked_addresses(
            self.name, options.host, options.port, allow_private=True, timeout=_WAIT_S, lookup=self._lookup
        )
        client = _Connection(options.host, addresses[:_ADDRESSES], self._tls() if options.security == "tls" else None)
        watch = threading.Timer(self._deadline_s, client.cut)
        watch.daemon = True
        watch.start()
        try:
            client.connect(options.host, options.port)
            if options.security == "starttls":
                client.starttls(context=self._tls())
            if options.username is not None and self._password is not None:
                client.login(options.username, self._password)
            refused = client.send_message(mail, options.sender, list(options.to))
            if refused:
                sentence = f"{self.name}: {len(refused)} of {len(options.to)} addresses were refused"
                log.warning("mail_partly_refused", sentence, receiver=self.name)
            client.finish()
        finally:
            watch.cancel()
            client.close()

    def _tls(self) -> ssl.SSLContext:
        self._context = self._context or ssl.create_default_context()
        return self._context

    def _unsent(self, error: Exception) -> SendError:
        if isinstance(error, smtplib.SMTPNotSupportedError):
            cause = "the mail server does not offer what security or username ask for"
            return SendError(self.name, cause, reason=SendReason.CLIENT, permanent=True)
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            codes = {code for code, _ in error.recipients.values()}
            return self._answered(min(codes, default=550), "every address was refused")
        if isinstance(error, smtplib.SMTPResponseException):
            words = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else ""
            return self._answered(error.smtp_code, redacted(words, [self._password or ""], 100))
        if isinstance(error, ssl.SSLError):
            cause = f"no safe connection to {self._options.host}: {redacted(error.reason or 'TLS failed', (), 80)}"
            return SendError(self.name, cause, reason=SendReason.NETWORK, permanent=False)
        cause = f"{self._options.host}:{self._options.port} did not answer in time, or hung up"
        return SendError(self.name, cause, reason=SendReason.NETWORK, permanent=False)

    def _answered(self, code: int, words: str) -> SendError:
        """Judge an SMTP reply (RFC 5321 §4.2.1): 4xx may pass, 5xx will not; 530, 534 and 535 are about the account."""
        permanent = code >= 500
        reason = SendReason.CLIENT if permanent else SendReason.SERVER
        if code in {530, 534, 535, 538}:
            reason = SendReason.AUTH
        cause = f"the mail server answered {code}" + (f": {words}" if words else "")
        return SendError(self.name, cause, reason=reason, permanent=permanent)

    def close(self) -> None:
        """Nothing stays open between mails."""


class _Connection(smtplib.SMTP):
    """SMTP to an address that was resolved before, whose line can be cut from another thread.

    A server that sends a byte a second never trips a time-out; a second descriptor of the same socket lets the watch
    shut the line down, before, during and after the TLS handshake.
    """

    def __init__(self, host: str, addresses: Sequence[str], tls: ssl.SSLContext | None) -> None:
        super().__init__(timeout=_WAIT_S, local_hostname="localhost")
        self._host = host
        self._addresses = addresses
        self._tls = tls
        self._line: socket.socket | None = None
        self._is_cut = threading.Event()

    def _get_socket(self, _: str, port: int, timeout: Any) -> socket.socket:
        plain = self._reached(port, timeout)
        self._line = plain.dup()
        if self._is_cut.is_set():
            self.cut()
        return self._tls.wrap_socket(plain, server_hostname=self._host) if self._tls else plain

    def _reached(self, port: int, timeout: Any) -> socket.socket:
        """Connect to the first address that answers; a name often has an IPv6 address that leads nowhere."""
        failure = OSError("no address")
        for address in self._addresses:
            try:
                return socket.create_connection((address, port), timeout)
            except OSError as error:
                failure = error
        raise failure

    def cut(self) -> None:
        """End the connection now; what waits on it fails."""
        self._is_cut.set()
        if self._line is not None:
            try:
                self._line.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def finish(self) -> None:
        """Say goodbye; the mail is already theirs, so a rude answer changes nothing."""
        try:
            self.quit()
        except (smtplib.SMTPException, OSError):
            return

    def close(self) -> None:
        """Close the socket and the second descriptor."""
        super().close()
        if self._line is not None:
            self._line.close()


def make_mail(message: Message, options: receivers.MailReceiver) -> EmailMessage:
    """Return the mail of a message. Its Message-ID follows from the idempotency key, so that clients fold repeats.

    All mails of a thread answer one Message-ID that follows from the thread (RFC 5322 §3.6.4); no mail of that id is
    ever sent, so whichever comes first heads the thread.
    """
    mail = EmailMessage(policy=SMTP)
    domain = options.sender.rpartition("@")[2]
    mail["Subject"] = header(message.subject)
    mail["From"] = Address("complaint-monitor", addr_spec=options.sender)
    mail["To"] = ", ".join(options.to)
    mail["Message-ID"] = f"<{hashlib.sha256(message.idempotency_key.encode()).hexdigest()[:40]}@{domain}>"
    if message.thread:
        root = f"<thread-{message.thread_key}@{domain}>"
        mail["In-Reply-To"], mail["References"] = root, root
    mail["Auto-Submitted"] = "auto-generated"
    if message.urgent:
        mail["Importance"] = "high"
    mail.set_content(message.text)
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html")
        _add_pictures(mail, message)
    return mail


def _add_pictures(mail: EmailMessage, message: Message) -> None:
    """Put the pictures beside the page that shows them (RFC 2387), so that nothing is loaded from anywhere."""
    page = mail.get_body(("html",))
    for picture in message.pictures if page else ():
        png = base64.b64decode(picture.base64)
        page.add_related(png, "image", "png", cid=f"<{picture.name}>", disposition="inline")  # type: ignore[union-attr]
