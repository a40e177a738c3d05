import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.markup import plain_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain text, 3 < 5 & 7 > 2", "plain text, 3 < 5 & 7 > 2"),
        ("<p>one<p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("It&#x27;s &quot;dead&quot; &amp; gone &eacute;", 'It\'s "dead" & gone é'),
        ("<script>alert(1)</script>a<style>b{}</style>c", "ac"),
        ("<script>never closed", ""),
        ("</script>still here", "still here"),
        ('<a href="javascript:x">link</a><img src=x onerror=alert(1)>', "link"),
        ("a<!-- comment -->b", "ab"),
        ("  a \t b\u00a0c \n\n\n\n d ", "a b c\n\nd"),
        ("<ul><li>x</li><li>y</li></ul>", "x\ny"),
        ("<a title=\"a > b\" href='x'>link</a>", "link"),
        ("&lt;b&gt; is shown", "<b> is shown"),
        ("i <3 lumo", "i <3 lumo"),
        ("", ""),
    ],
)
def test_markup_becomes_the_text_people_see(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@given(st.text(alphabet="<>/!-&;#abp \n\"'=", max_size=200))
def test_any_markup_is_read(markup: str) -> None:
    assert "\n\n\n" not in plain_text(markup)


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "<",
            "<!--",
            "<p ",
            "&",
            "<![CDATA[",
            "</",
            "<a b='",
            "&#",
            "<script>",
            "<script ",
            "<a'\"",
            "<a'<a'",
            "<a\"'<a'\"",
        ),
        *("<a '' ", " ", "\n", " \n", "<p>", "</script", "<a" + "'<'" * 50, "&amp", "<a ''\"\""),
    ],
)
def test_repeated_openings_cost_no_more_than_a_moment(piece: str) -> None:
    began = time.process_time()
    plain_text(piece * 100_000)
    assert time.process_time() - began < 0.5
