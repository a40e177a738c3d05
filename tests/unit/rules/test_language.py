import pytest

from monitor.rules.folded import fold_mention
from monitor.rules.language import find_lane, find_language
from tests.unit.rules.posts import make_post


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("my lumo lamp smells like burning help", "en"),
        ("ngl this lamp slaps fr fr", "en"),
        ("why is the app down again", "en"),
        ("das ist doch nicht euer ernst", "de"),
        ("wo bleibt mein Paket", "de"),
        ("je ne comprends pas votre service", "fr"),
        ("no puedo entrar en la app", "es"),
        ("la lampada non funziona più, perché?", "it"),
        ("alweer kapot, wat een service zeg", "nl"),
        ("почему не работает лампа", "ru"),
        ("このランプはすごい", "ja"),
    ],
)
def test_short_posts_are_told_apart(text: str, language: str) -> None:
    assert find_language(fold_mention(make_post(text))) == language


@pytest.mark.parametrize("text", ["lumo", "@lumo 😡", "hmm", "10/10"])
def test_what_nothing_tells_stays_unknown(text: str) -> None:
    assert find_language(fold_mention(make_post(text))) is None


def test_the_platforms_opinion_counts_unless_the_words_speak_against_it() -> None:
    assert find_language(fold_mention(make_post("lumo lamp", lang="sv"))) == "sv"
    assert find_language(fold_mention(make_post("das ist doch nicht mein Ernst, wo ist die Lampe", lang="en"))) == "de"
    assert find_language(fold_mention(make_post("lumo", lang="und"))) is None


def test_only_unserved_languages_have_a_lane() -> None:
    assert find_lane("en", ("en", "de")) is None
    assert find_lane("fr", ("en", "de")) == "fr"
    assert find_lane(None, ("en",)) == "unknown"
