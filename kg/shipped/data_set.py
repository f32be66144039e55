"""Make and check the data set that the project ships: the facts of trials, and no prose.

Run ``python -m kg.shipped.data_set SOURCE... --out data/`` to make it again from records in
API v2 shape (NDJSON, plain or gzip), and ``python -m kg.shipped.data_set --check data/`` to
check it against its manifest. The same sources give the same bytes.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from kg.shipped.composed_summary import compose_summary
from kg.shipped.facts import keep_facts, kept_names, left_out_texts
from kg.shipped.hand_made import HAND_MADE, HandMade
from kg.shipped.manifest import DATA_FILE, MANIFEST_FILE, check_manifest, make_manifest
from kg.shipped.names import FreeText
from kg.study import parse_study
from ontology.errors import RecordError, SourceError, TrialKinError


class DataSet(NamedTuple):
    """A data set ready to be written: the lines of its file, and its manifest."""

    content: bytes
    compressed: bytes
    manifest: dict[str, Any]


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read the records of an NDJSON file, plain or gzip.

    Raises
    ------
    SourceError
        If the file cannot be read, or a line is no JSON object; the error names file and line.
    """
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read ({error}); check the file.") from error
    records = []
    # Not splitlines: a record may hold U+2028, which is no end of a line of NDJSON.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise SourceError(f"{path}, line {number}: no JSON ({error}); mend it.") from error
        if not isinstance(record, dict):
            raise SourceError(f"{path}, line {number}: no record, but {type(record).__name__}.")
        records.append(record)
    return records


def make_data_set(sources: Sequence[Path], hand_made: Sequence[HandMade] = HAND_MADE) -> DataSet:
    """Make the data set from source files.

    Parameters
    ----------
    sources : sequence of Path
        NDJSON files of records in API v2 shape, plain or gzip.
    hand_made : sequence of HandMade, optional
        Trials to add where no source holds them.

    Raises
    ------
    SourceError
        If a file cannot be read, or a trial stands in the sources twice.
    RecordError
        If a record cannot be read; the error names it.
    """
    found: dict[str, Mapping[str, Any]] = {}
    described = []
    for path in sources:
        records = read_records(path)
        for record in records:
            nct_id = parse_study(record).nct_id
            if nct_id in found:
                raise SourceError(f"{nct_id} is in the sources twice, again in {path}; keep one.")
            found[nct_id] = record
        described.append({"file": path.name, "records": len(records)})
    if not found:
        raise SourceError("The sources hold no record; name a file of records.")
    added = [trial for trial in hand_made if trial.nct_id not in found]
    free_text = _free_text(found.values())
    shipped = {
        nct_id: _shipped_record(nct_id, record, free_text) for nct_id, record in found.items()
    }
    for trial in added:
        record = _shipped_record(trial.nct_id, trial.record, free_text, trial.remark)
        shipped[trial.nct_id] = {**record, "handMade": True}
    records = [shipped[nct_id] for nct_id in sorted(shipped)]
    content = b"".join(_line(record) for record in records)
    compressed = _compress(content)
    manifest = make_manifest(content, compressed, sources=described, added=added)
    return DataSet(content, compressed, manifest)


def write_data_set(data_set: DataSet, folder: Path) -> None:
    """Write the data file and its manifest into a folder, each in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = json.dumps(data_set.manifest, indent=2, ensure_ascii=False) + "\n"
    for name, content in (
        (DATA_FILE, data_set.compressed),
        (MANIFEST_FILE, manifest.encode("utf-8")),
    ):
        part = folder / f"{name}.part"
        part.write_bytes(content)
        os.replace(part, folder / name)


def check_data_set(folder: Path) -> dict[str, Any]:
    """Check a data set against its manifest, and that every record of it can be read.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    SourceError
        If a file is missing or unreadable, or does not agree with the manifest.
    RecordError
        If a record cannot be read.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST_FILE).read_bytes())
        compressed = (folder / DATA_FILE).read_bytes()
    except (OSError, ValueError) as error:
        raise SourceError(f"{folder}: {error}; make the data set again.") from error
    try:
        content = gzip.decompress(compressed)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{folder / DATA_FILE}: {error}; make the data set again.") from error
    check_manifest(manifest, content, compressed)
    return manifest


def _free_text(records: Iterable[Mapping[str, Any]]) -> FreeText:
    free_text = FreeText()
    names: set[str] = set()
    for record in records:
        for text in left_out_texts(record):
            free_text.add(text)
        names.update(kept_names(record))
    # A title or name stays a fact where a text repeats it: many describe an arm by its label.
    for name in names:
        free_text.discard(name)
    return free_text


def _shipped_record(
    nct_id: str, record: Mapping[str, Any], free_text: FreeText, remark: str | None = None
) -> dict[str, Any]:
    try:
        facts = keep_facts(record, free_text)
    except TrialKinError as error:
        raise RecordError(f"{nct_id}: {error}", nct_id=nct_id) from error
    summary = compose_summary(parse_study(facts), remark)
    facts["protocolSection"]["descriptionModule"] = {"briefSummary": summary}
    return {**facts, "composedSummary": True}


def _line(record: Mapping[str, Any]) -> bytes:
    line = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return line.encode("utf-8") + b"\n"


def _compress(content: bytes) -> bytes:
    # Neither time nor file name in the header, so that the same content gives the same file.
    buffer = io.BytesIO()
    with gzip.GzipFile("", "wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(content)
    return buffer.getvalue()


@click.command()
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path), metavar="SOURCE...")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write the data set into.")
@click.option(
    "--check", type=click.Path(path_type=Path), help="Folder of a data set to check instead."
)
def main(sources: tuple[Path, ...], out: Path | None, check: Path | None) -> None:
    """Make the shipped data set from SOURCE files, or check it."""
    if (check is None) == (out is None) or (check is None) != bool(sources):
        raise click.UsageError("Give SOURCE... and --out FOLDER, or --check FOLDER alone.")
    try:
        if check is not None:
            manifest = check_data_set(check)
            click.echo(
                f"{check}: {manifest['counts']['trials']} trials as in the manifest", err=True
            )
            return
        click.echo(f"Reading {', '.join(map(str, sources))}", err=True)
        data_set = make_data_set(sources)
        if out is not None:
            write_data_set(data_set, out)
            counts, size = data_set.manifest["counts"], len(data_set.compressed)
            click.echo(f"{out / DATA_FILE}: {counts['trials']} trials, {size:,} bytes", err=True)
    except TrialKinError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
