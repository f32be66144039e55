"""Readers of record files: any form in, `Study` out.

`read_sources` goes through files and folders and yields a `SourceRecord` for every trial
record, or a `RejectedRecord` that says which record could not be read and why. Forms are told
apart by content, never by name; every form is turned into API v2 shape before it is checked.
"""

from kg.sources.limits import SourceLimits
from kg.sources.reading import read_sources
from kg.sources.records import RejectedRecord, SourceRecord

__all__ = ["RejectedRecord", "SourceLimits", "SourceRecord", "read_sources"]
