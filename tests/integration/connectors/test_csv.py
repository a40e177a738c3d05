import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.connector import Request
from connectors.csv_file import CsvConnector
from connectors.errors import BadSettings, ConnectorError, SourceGone
from connectors.options import CsvOptions
from tests.integration.connectors.reading import read

TEN = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.csv"


def export(path: Path, content: str | bytes | None = None, **options: Any) -> CsvConnector:
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return CsvConnector("export", CsvOptions(kind="csv", path=path, **options))


def test_an_export_with_our_own_names_needs_no_map(path: Path) -> None:
    content = (
        "platform,native_id,author,author_name,followers,text,posted_at,lang,likes,replies,reposts,views,rating,"
        "permalink,thread_id,parent_id\n"
        'X,1990000149243367104,@ann,Ann A.,"1,200","the ""lumo"" lamp,\nis dead",2026-05-04T12:00:00+02:00,en,'
        "7,0,,12.0,4.5,https://x.com/ann/1,5,6\n"
    )
    (mention,) = read(export(path, content)).mentions
    assert (mention.platform, mention.native_id) == ("x", "1990000149243367104")
    assert (mention.author.handle, mention.author.name, mention.author.followers) == ("ann", "Ann A.", 1_200)
    assert (mention.text, mention.posted_at, mention.lang) == ('the "lumo" lamp,\nis dead', TEN, "en")
    assert (mention.metrics.likes, mention.metrics.replies, mention.metrics.reposts) == (7, 0, None)
    assert (mention.metrics.views, mention.rating, mention.permalink) == (12, 4.5, "https://x.com/ann/1")
    assert (mention.thread_id, mention.parent_id) == ("5", "6")


@pytest.mark.parametrize(
    "header",
    ["Message ID,Network,Username,Message,Created At", "id,source,screen_name,full_text,created_at"],
)
def test_the_names_of_other_tools_are_known(path: Path, header: str) -> None:
    (mention,) = read(export(path, f"{header}\n7,Reddit,bob,lumo is down,2026-05-04 10:00\n")).mentions
    assert mention.key == ("reddit", "7")
    assert (mention.author.handle, mention.text, mention.posted_at) == ("bob", "lumo is down", TEN)


def test_a_column_map_goes_before_known_names(path: Path) -> None:
    content = "id,text,Inhalt,Zeit,Wer\n1,ignored,lumo geht nicht,2026-05-04T10:00Z,ann\n"
    columns = {"text": "Inhalt", "posted_at": "zeit", "author.handle": "Wer"}
    (mention,) = read(export(path, content, columns=columns, platform="forum")).mentions
    assert (mention.platform, mention.text, mention.author.handle) == ("forum", "lumo geht nicht", "ann")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(path: Path, delimiter: str) -> None:
    rows = [["id", "text, or so", "date"], ["1", '"a;b,c|d"', "2026-05-04T10:00Z"]]
    rows[0][1] = '"text"' if delimiter == "," else "text"
    content = "".join(delimiter.join(row) + "\r\n" for row in rows)
    assert read(export(path, content)).texts == ["a;b,c|d"]


def test_a_delimiter_of_the_config_and_a_sep_line_are_obeyed(path: Path) -> None:
    assert read(export(path, "id:text:date\n1:a,b,c:2026-05-04\n", delimiter=":")).texts == ["a,b,c"]
    reading = read(export(path, "sep=;\nid;text, all of it,;date\n1;x;bad\n", columns={"text": "text, all of it,"}))
    assert reading.skipped[0].startswith(f"{path}:3: posted_at")


@pytest.mark.parametrize(
    ("encoding", "option"),
    [("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16-le", "utf-16-le")],
)
def test_exports_come_in_several_encodings(path: Path, encoding: str, option: str) -> None:
    rows = "".join(f"{number},Lämpchen für {number} €,2026-05-04T10:00Z\n" for number in range(1_200))
    reading = read(export(path, f"id,text,date\n{rows}".encode(encoding), encoding=option))
    assert reading.texts == [f"Lämpchen für {number} €" for number in range(1_200)]
    assert reading.pages == 3


def test_bytes_that_are_none_of_the_encoding_are_replaced(path: Path) -> None:
    content = "id,text,date\n1,Lämpchen,2026-05-04\n".encode("cp1252")
    assert read(export(path, content)).texts == ["L\ufffdmpchen"]


@pytest.mark.parametrize(
    ("text", "options", "moment"),
    [
        ("2026-05-04T10:00:00Z", {}, TEN),
        ("2026-05-04 10:00:00", {}, TEN),
        ("2026-05-04 12:00", {"zone": "Europe/Berlin"}, TEN),
        ("04.05.2026 12:00", {"zone": "Europe/Berlin", "time_format": "%d.%m.%Y %H:%M"}, TEN),
        ("04/05/2026 03:00 -0700", {"time_format": "%d/%m/%Y %H:%M %z"}, TEN),
        ("1777888800", {}, TEN),
        ("1777888800000", {}, TEN),
        ("1777888800.5", {}, TEN + timedelta(seconds=0.5)),
    ],
)
def test_times_are_read_in_the_zone_and_form_of_the_export(
    path: Path, text: str, options: dict[str, str], moment: datetime
) -> None:
    (mention,) = read(export(path, f"id,text,date\n1,a,{text}\n", **options)).mentions
    assert mention.posted_at == moment
    assert mention.posted_at.tzinfo is UTC


def test_bad_rows_are_skipped_and_named_by_line(path: Path) -> None:
    content = (
        'id,text,date\n1,"two\nlines",2026-05-04\n2,,2026-05-04\n3,c,yesterday\n4,d\n,,\n'
        "5,e,9999-12-31T23:59:59-14:00\n6,f,2026-05-04\n"
    )
    reading = read(export(path, content, zone="America/New_York"))
    assert reading.ids == ["1", "6"]
    assert [text.removeprefix(f"{path}:") for text in reading.skipped] == [
        "4: text: is empty",
        "5: posted_at: 'yesterday' is not written as ISO 8601; set time_format",
        "6: posted_at: is empty",
        "8: posted_at: '9999-12-31T23:59:59-14:00' is not written as ISO 8601; set time_format",
    ]


def test_a_cell_of_megabytes_costs_its_row_and_no_more(path: Path) -> None:
    content = f"id,text,date\n1,{'x' * 3_000_000},2026-05-04\n2,b,2026-05-04\n"
    reading = read(export(path, content))
    assert reading.ids == ["2"]
    assert all("is no CSV" in text for text in reading.skipped)


def test_a_row_without_an_id_has_one_of_its_own_content(path: Path) -> None:
    content = "text,date,user\na,2026-05-04,ann\nb,2026-05-04,ann\na,2026-05-04,ann\n"
    ids = read(export(path, content)).ids
    assert len(ids) == 2
    assert all(one.startswith("row-") and len(one) == 68 for one in ids)
    assert read(export(path, content)).ids == ids


def test_rows_without_an_author_are_not_taken_for_one_person(path: Path) -> None:
    mentions = read(export(path, "id,text,date\n1,a,2026-05-04\n2,b,2026-05-04\n")).mentions
    assert [mention.author.handle for mention in mentions] == ["unknown-1", "unknown-2"]


def test_what_is_appended_is_read_and_nothing_twice(path: Path) -> None:
    connector = export(path, "id,text,date\n1,a,2026-05-04\n")
    first = read(connector)
    with path.open("a") as file:
        file.write("2,b,2026-05-04\n3,c,202")
    second = read(connector, first.cursor)
    with path.open("a") as file:
        file.write("6-05-04\n4,d,bad\n")
    third = read(connector, second.cursor)
    assert (first.ids, second.ids, third.ids) == (["1"], ["2"], ["3"])
    assert third.skipped[0].startswith(f"{path}:5:")


def test_a_replaced_file_is_read_from_its_beginning(path: Path) -> None:
    first = read(export(path, "id,text,date\n1,a,2026-05-04\n"))
    assert read(export(path, "id,text,date\n7,a,2026-05-04\n8,b,2026-05-04\n"), first.cursor).ids == ["7", "8"]


def test_the_last_row_needs_no_newline(path: Path) -> None:
    assert read(export(path, "id,text,date\n1,a,2026-05-04")).ids == ["1"]


def test_progress_says_how_much_is_read(path: Path) -> None:
    rows = "".join(f"{number:04},text,2026-05-04\n" for number in range(1_000))
    connector = export(path, f"id,text,date\n{rows}")
    page = connector.fetch(Request(""))
    assert 0.45 < connector.progress < 0.55
    assert json.loads(json.dumps(dict(page.state))) == dict(page.state)
    read(connector)
    assert connector.progress == 1.0


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("foo,bar\n1,2\n", {}, "no column is known to be text.*'foo', 'bar'"),
        ("id,text\n1,a\n", {}, "no column is known to be posted_at"),
        ("id,text,date\n", {"columns": {"text": "Body"}}, "no column 'Body'; the file has 'id', 'text', 'date'"),
        ("id,text,date\n", {"columns": {"mood": "text"}}, "'mood' is none of our names"),
        ("id,text,date\n", {"encoding": "utf-9"}, "no encoding 'utf-9'"),
    ],
)
def test_what_cannot_work_is_a_bad_setting(path: Path, content: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadSettings, match=message):
        export(path, content, **options).fetch(Request(""))


@pytest.mark.parametrize("zone", ["Mars/Base", "../../etc/passwd", ""])
def test_an_unknown_zone_is_a_bad_setting(path: Path, zone: str) -> None:
    with pytest.raises(BadSettings, match="time zone"):
        export(path, zone=zone)


def test_a_missing_file_is_gone(path: Path) -> None:
    with pytest.raises(SourceGone):
        export(path).fetch(Request(""))


@pytest.mark.parametrize("content", [b"", b"\x00" * 5_000, bytes(range(256)) * 20, b'"' * 1_001, b"\n\n\n"])
def test_nonsense_is_an_empty_page_or_one_of_our_errors(path: Path, content: bytes) -> None:
    try:
        assert read(export(path, content)).mentions == []
    except ConnectorError as error:
        assert error.subject == "export"  # noqa: PT017 - either outcome is right
