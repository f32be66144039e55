"""Rows as an XLSX workbook to keep: numbers are numbers, and text stays text, whatever it says."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST_CELL = 32_767
"""Characters of a cell, by the format."""
_WIDEST, _NARROWEST = 48, 11
_ROWS_MEASURED = 200


def workbook(
    rows: Iterable[Sequence[str | int | float | None]],
    header: Sequence[str],
    *,
    sheet: str,
    links: Mapping[str, str],
    missing: str,
    notes: Sequence[tuple[str, str]],
) -> bytes:
    """Return rows as a workbook of two sheets: the table, and what is to be known of it.

    Parameters
    ----------
    rows : iterable of sequence of str, int, float or None
        One a row, as many cells as the header has; None for an empty cell.
    header : sequence of str
    sheet : str
        Name of the first sheet.
    links : mapping
        What a first cell says -> the address that it leads to.
    missing : str
        A cell that says so is set off.
    notes : sequence of (str, str)
        Lines of the second sheet.
    """
    import xlsxwriter  # 40 ms, and few requests ask for a workbook

    out = io.BytesIO()
    # Text of records is never read as formula, number or address.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        text = book.add_format({"text_wrap": True, "valign": "top"})
        quiet = book.add_format({"italic": True, "font_color": "#6b6b6b", "valign": "top"})
        address = book.add_format({"font_color": "#0a5a6a", "underline": 1, "valign": "top"})
        table = book.add_worksheet(sheet)
        widths = [len(label) for label in header]
        for column, label in enumerate(header):
            table.write_string(0, column, label, bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if value is None:
                    continue
                if isinstance(value, int | float):
                    table.write_number(last, column, value, text)
                    continue
                said = _fitting(value)
                if last <= _ROWS_MEASURED:
                    longest = max((len(line) for line in said.split("\n")), default=0)
                    widths[column] = max(widths[column], longest)
                if column == 0 and said in links:
                    table.write_url(last, column, links[said], address, said)
                else:
                    table.write_string(last, column, said, quiet if said == missing else text)
        for column, width in enumerate(widths):
            table.set_column(column, column, min(max(width + 2, _NARROWEST), _WIDEST))
        table.freeze_panes(1, 1)
        table.autofilter(0, 0, max(last, 1), len(header) - 1)
        about = book.add_worksheet("About")
        about.set_column(0, 0, 26)
        about.set_column(1, 1, 90)
        for line, (label, said) in enumerate(notes):
            about.write_string(line, 0, label, bold)
            about.write_string(line, 1, _fitting(said), text)
    return out.getvalue()


def _fitting(value: Any) -> str:
    said = str(value)
    return said if len(said) <= _LONGEST_CELL else f"{said[: _LONGEST_CELL - 1]}…"
