"""A digest's mail: text, page and pictures in one, and how it looks in light and dark."""

import base64
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from monitor.config.receivers import MailReceiver
from monitor.digest.build import build_digest
from monitor.digest.render import digest_message
from monitor.notify.mail import make_mail
from monitor.notify.receiver import Message
from tests.unit.digest.examples import BERLIN, MAIL, figures
from tests.unit.digest.test_charts import contrast
from tests.unit.notify.views import NOW

OPTIONS = MailReceiver(kind="mail", host="127.0.0.1", security="none", sender="m@example.com", to=("d@example.com",))
TEMPLATES = Path(__file__).parents[3] / "monitor" / "notify" / "templates"


@pytest.fixture(scope="module")
def message() -> Message:
    return digest_message(build_digest(figures(), NOW, BERLIN, name="morning"), MAIL, key="0123456789abcdef0123")


def test_the_mail_is_text_or_a_page_with_its_pictures(message: Message) -> None:
    mail = make_mail(Message.from_json(message.to_json()), OPTIONS)
    assert mail.get_content_type() == "multipart/alternative"
    text, page = mail.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "multipart/related")
    html, *pictures = page.iter_parts()
    assert html.get_content_type() == "text/html"
    wanted = re.findall(r'src="cid:([^"]+)"', html.get_content())
    assert sorted(f"<{name}>" for name in wanted) == sorted(picture["Content-ID"] for picture in pictures)
    for picture in pictures:
        assert (picture.get_content_type(), picture.get_content_disposition()) == ("image/png", "inline")
        assert picture.get_content().startswith(b"\x89PNG")


def test_nothing_in_the_mail_is_loaded_from_anywhere(message: Message) -> None:
    assert message.html is not None
    assert set(re.findall(r'(?:src|background)="(\w+):', message.html)) == {"cid"}
    assert "url(" not in message.html
    assert all(alt for alt in re.findall(r'<img [^>]*alt="([^"]*)"', message.html))


@pytest.mark.parametrize("dark", [False, True])
def test_the_words_of_the_mail_stand_out_in_light_and_dark(dark: bool) -> None:
    """4.5 for text on its card (WCAG 2.2, 1.4.3)."""
    base = (TEMPLATES / "base.html").read_text("utf-8")
    texts, cards = ("#1b1f24", "#57606a", "#0000ee"), ("#ffffff", "#f4f5f7")
    if dark:
        rules = dict(re.findall(r"\.?(page|card|soft|a) \{([^}]*)\}", base.partition("prefers-color-scheme")[2]))
        texts = tuple(re.search(r"(?<!-)color: (#\w{6})", rules[name])[1] for name in ("page", "soft", "a"))  # type: ignore[index]
        cards = tuple(re.search(r"background: (#\w{6})", rules[name])[1] for name in ("page", "card"))  # type: ignore[index]
    assert min(contrast(text, card) for text in texts for card in cards) >= 4.5


CHROMIUM = shutil.which("chromium")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: no screenshots of the mail")
def test_the_mail_looks_different_in_light_and_dark(message: Message, tmp_path: Path) -> None:
    """Screenshots are left in the test's folder: light.png and dark.png."""
    shown = {}
    for scheme, setting in (("light", ()), ("dark", ("--blink-settings=preferredColorScheme=0",))):
        take_screenshot(message, tmp_path / f"{scheme}.png", *setting)
        shown[scheme] = first_dot(tmp_path / f"{scheme}.png")
    assert shown == {"light": (0xF4, 0xF5, 0xF7), "dark": (0x15, 0x18, 0x1C)}


def take_screenshot(message: Message, target: Path, *setting: str) -> None:
    """Show the mail as a mail program would, its pictures inside, and keep what is seen."""
    page = message.html or ""
    for picture in message.pictures:
        assert base64.b64decode(picture.base64)
        page = page.replace(f"cid:{picture.name}", f"data:image/png;base64,{picture.base64}")
    source = target.with_suffix(".html")
    source.write_text(page, "utf-8")
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               "--disable-background-networking", f"--user-data-dir={target.parent / 'profile'}", *setting,
               "--window-size=720,1900", f"--screenshot={target}", source.as_uri()]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=90)


def first_dot(picture: Path) -> tuple[int, ...]:
    """Return the colour of the upper left dot of a PNG: there, no filter of a line changes anything."""
    bytes_, at, packed = picture.read_bytes(), 8, b""
    while at < len(bytes_):
        (length,) = struct.unpack(">I", bytes_[at : at + 4])
        if bytes_[at + 4 : at + 8] == b"IDAT":
            packed += bytes_[at + 8 : at + 8 + length]
        at += 12 + length
    return tuple(zlib.decompressobj().decompress(packed, 4)[1:4])
