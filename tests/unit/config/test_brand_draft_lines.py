"""A draft that a form gave back: queries folded over lines in the file stay as their author wrote them."""

from monitor.config.brand_draft import read_draft, write_draft
from monitor.web.watches import read_form

TEXT = """\
brands:
  lumo:
    watches:
      - name: name   # ours
        query: >
          lumo
          -band
    exclude:
      - >-
        lumo
        festival
"""


def test_a_query_that_is_folded_over_lines_reads_as_one_line() -> None:
    assert read_draft({"config.yaml": TEXT}, "config.yaml", "lumo").watches[0].query == "lumo -band\n"


def test_a_form_that_changes_nothing_changes_no_byte() -> None:
    present = read_draft({"config.yaml": TEXT}, "config.yaml", "lumo")
    (watch,), (line,) = present.watches, present.exclude
    form = {"name-0": watch.name, "query-0": watch.query or "", "exclude": f"{line}\r\n"}
    draft = read_form("lumo", form)
    assert write_draft({"config.yaml": TEXT}, "config.yaml", draft) == {}
    assert draft.differences(present) == ()


def test_an_exclusion_beside_a_folded_query_touches_its_own_line_alone() -> None:
    present = read_draft({"config.yaml": TEXT}, "config.yaml", "lumo")
    form = {"name-0": "name", "query-0": present.watches[0].query or "", "exclude": "lumo festival\nconcert"}
    files = write_draft({"config.yaml": TEXT}, "config.yaml", read_form("lumo", form))
    assert files == {"config.yaml": TEXT + "      - concert\n"}
