"""The limits that keep a hostile or damaged file from taking the machine with it."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """How much a source may ask of the machine; every limit has its unit in its name.

    A limit that is hit is never silent: the record, archive member or file that hits it comes
    back as a `RejectedRecord` that names the limit.

    Parameters
    ----------
    max_record_bytes : int
        The size of one record as it stands in the (unpacked) file. The largest record with
        results that the registry holds is near 10 MiB.
    max_record_parts : int
        Elements or JSON values of one record, roughly: tiny ones take fifty times the memory
        of their text. Records with large results have some 300,000.
    max_archive_ratio : int
        How many times larger than the file itself its unpacked content may be, all layers
        together. Records shrink five- to tenfold; bombs of zeros a thousandfold.
    max_unchecked_bytes : int
        Unpacked bytes that any file may have, whatever the ratio: a small file of a very
        repetitive content is no danger.
    max_archive_members : int
        Members of one archive. The registry's download of all records has about 600,000.
    max_member_bytes : int
        Unpacked size of one archive member.
    max_spooled_bytes : int
        Size of a zip archive inside another archive, which must be copied to be read.
    max_archive_depth : int
        Layers of packing inside each other; a ``.tar.gz`` has two.
    max_nesting : int
        Objects and lists inside each other in one JSON record; real records have about 15.

    Examples
    --------
    >>> SourceLimits(max_record_bytes=1000).max_archive_depth
    4
    """

    max_record_bytes: int = 32 * MIB
    max_record_parts: int = 2_000_000
    max_archive_ratio: int = 200
    max_unchecked_bytes: int = 64 * MIB
    max_archive_members: int = 2_000_000
    max_member_bytes: int = 16 * 1024 * MIB
    max_spooled_bytes: int = 1024 * MIB
    max_archive_depth: int = 4
    max_nesting: int = 100
