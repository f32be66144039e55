"""Cell counts as sponsors write them: powers of ten in many spellings, millions, long numbers.

Registry text has lost its superscripts ("1 x 106 cells" means a million) and knows a dozen ways
around that ("10e6", "10^6", "10*6", "10(6)", "10~6"). All of them are read here as numbers with
their place; what unit they have and whether they are a dose is not decided here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ontology.folding import small_letters

_FOLD = {
    **dict.fromkeys("×хχ╳✕✖⨯ｘⅹ", "x"),
    **dict.fromkeys("∗＊﹡", "*"),
    **dict.fromkeys("•∙⋅・", "·"),
    **dict.fromkeys("–—−‐‑‒～〜－", "-"),
    **dict.fromkeys("′ʹ´’‘", "'"),
    **dict.fromkeys("ˆ＾", "^"),
    **dict.fromkeys("\u00a0\u2009\u202f\u2002\u2003\u200b", " "),
    "，": ",",
    "、": ",",
    "（": "(",
    "）": ")",
    "：": ":",
    "；": ";",
    "／": "/",
    "。": ".",
    "μ": "µ",
    "≈": " ",
}

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")

_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "eighty": 80, "hundred": 100, "one hundred": 100,
    "a hundred": 100, "two hundred": 200, "three hundred": 300,
}  # fmt: skip
_SCALES = {"thousand": 10**3, "b": 10**9, "m": 10**6}

_NUM = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:[.,·]\d+)?|\.\d+)(?:\s?(?:±|\+/-)\s?\d+(?:\.\d+)?)?"
_SEP = r"\s*(?:,\s*(?:and|or)\s|,|;|-|~|/|\bto\s|\band\s|\bor\s|\bversus\s|\bvs\.?\s|&)\s*"
_LIST = rf"\(?{_NUM}\)?(?:{_SEP}{_NUM})*\)?"
_EXPONENT = (
    r"10\s?(?:(?:\^|\*\*?|~|'|e\+?|ex)\s?[(\[]?\s?(?P<{0}a>\d{{1,2}})[)\]]?"
    r"|\((?P<{0}b>\d{{1,2}})\)|(?P<{0}c>[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,2}}){1})"
)
_LOST = r"|/?(?P<{0}d>[3-9]|1[0-2])(?!\d|\.\d|\s?%)"
"""A superscript that the registry flattened; only read so after a multiplication sign."""

_COUNT = re.compile(
    rf"(?:"
    rf"(?P<dotted>\d+)\.10(?:\s?\^\s?(?=\d)|(?=[5-8]\s?(?:cells|[a-z-]*mscs?)\s?/\s?kg))"
    rf"(?P<dottedexp>\d{{1,2}})"
    rf"|(?P<list>{_LIST})\s*(?:x|\*|·|times\s|"
    rf"(?=\s10[e^])\s)\s*{_EXPONENT.format('p', _LOST.format('p'))}"
    rf"|(?P<longlist>{_LIST})\s*(?:x|\*)\s*(?P<long>10*(?:,?000)+)(?!\d)"
    rf"|(?P<many>{_LIST})\s*-?\s*(?P<scale>millions?|mln|mio|mill|billions?|trillions?|thousand|"
    rf"mil(?=\s?/\s?kg))\b"
    rf"|(?P<capital>\d+(?:\.\d+)?)\s?(?P<m>m)\b"
    rf"|10\s?(?:\^|\*\*?|e\+?|(?=[(⁴-⁹]))\s?[(\[]?(?P<bareexp>[4-9⁴-⁹]|1[01])[)\]]?(?![\d.%])"
    rf"|10(?P<bare>[4-9])(?=\s?/\s?kg|\s?(?:[a-z-]+\s){{0,2}}(?:cells|[a-z-]*mscs?)\b)"
    rf"|(?P<science>\d+(?:\.\d+)?)e\+?0?(?P<scienceexp>\d{{1,2}})(?=cells|msc|\W|$)"
    r"|(?P<plain>\d{1,3}(?:(?:,\d{3})+|(?:[ .]\d{3}){2,}|\s000|\.000(?=\s?(?:cells|"
    r"[a-z-]*msc)))(?!\d)|\d{5,10})(?![\d%])"
    r")"
)
_PLAUSIBLE = re.compile(
    r"10[4-9](?!\d)|\d{5}|\d{1,3}[,. ]\d{3}|\.?[\d.,·]+(?:\s?(?:±|\+/-)\s?[\d.]+)?[)\s]*"
    r"(?:[x*·^e~(,;/&'⁰¹²³⁴⁵⁶⁷⁸⁹-]|\d|times|to\b|and\b|or\b|v|mil|mln|mio|m\b|bil|tri|tho)"
)
"""What may follow where a large number stands; asked first, it saves most of the costly matches."""
_DECIMAL_COMMA = re.compile(r"\(?\d,\s\d\)?")
_FACTOR = re.compile(r"\d\s?[x*]\s?$")
_END_OF_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NUMBER = re.compile(_NUM)
_DIGIT = re.compile(r"\d")
_WORD_MILLIONS = re.compile(rf"\b({'|'.join(sorted(_WORDS, key=len, reverse=True))})\s?million\b")
_ORDINARY = re.compile(
    r"(?:days?|weeks?|months?|years?|visits?|groups?|phase|cohorts?|arms?|nct|#)\s?$"
)


class Count(NamedTuple):
    """Numbers written together, with one power of ten.

    Attributes
    ----------
    values : tuple of float
        As written, in their order: one, both ends of a range, or all of a list.
    start, end : int
        Span in the text.
    form : str
        ``power``, ``million``, ``capital`` (100M), ``plain`` (a long number) or ``lost`` (a
        flattened superscript that no multiplication sign vouches for).
    """

    values: tuple[float, ...]
    start: int
    end: int
    form: str


def fold(text: str) -> str:
    """Return `text` in lower case with one spelling of signs, character for character."""
    if text.isascii():
        return text.lower()
    folded = small_letters(text)
    # `str.translate` costs ten times as much, and few such signs stand in one text.
    for sign in _FOLD.keys() & set(_NOT_ASCII.findall(folded)):
        folded = folded.replace(sign, _FOLD[sign])
    return folded


def find_counts(folded: str) -> list[Count]:
    """Return every large number in a folded text (`fold`), in order."""
    found: list[Count] = []
    position = 0
    # only digits start a number, so the costly pattern is tried there and nowhere else
    while (digit := _DIGIT.search(folded, position)) is not None:
        start = digit.start()
        before = folded[start - 1] if start else " "
        if before == "." and not folded[start - 2 : start - 1].isalnum():
            start -= 1
        match = None
        if (not before.isalnum() or before == "x") and _PLAUSIBLE.match(folded, start) is not None:
            match = _COUNT.match(folded, start)
        if (
            match is not None
            and (match["bare"] or match["bareexp"])
            and _FACTOR.search(folded[max(0, start - 6) : start])
        ):
            match = None  # "1.5-.3.0 x106": the number before the sign could not be read.
        if match is not None:
            found.append(_read(folded, match))
            position = match.end()
        else:
            position = _END_OF_NUMBER.match(folded, digit.start()).end()  # type: ignore[union-attr]
    if "million" in folded:
        found += [
            Count((_WORDS[m.group(1)] * 1e6,), *m.span(), "million")
            for m in _WORD_MILLIONS.finditer(folded)
        ]
        found.sort(key=lambda count: count.start)
    return found


def _read(folded: str, match: re.Match[str]) -> Count:
    start, end = match.span()
    if match["list"] is not None:
        exponent = match["pa"] or match["pb"] or match["pc"] or match["pd"]
        factor = 10 ** int(exponent.translate(_SUPERSCRIPTS))
        values, start = _listed(folded, match, "list", factor)
        return Count(values, start, end, "power")
    if match["many"] is not None:
        scale = _SCALES.get(match["scale"], {"b": 10**9, "t": 10**12}.get(match["scale"][0], 10**6))
        values, start = _listed(folded, match, "many", scale)
        return Count(values, start, end, "million")
    if match["longlist"] is not None:
        values, start = _listed(folded, match, "longlist", int(match["long"].replace(",", "")))
        return Count(values, start, end, "power")
    if match["dotted"] is not None:
        value = int(match["dotted"]) * 10.0 ** int(match["dottedexp"])
        return Count((value,), start, end, "power")
    if match["capital"] is not None:
        return Count((float(match["capital"]) * 1e6,), start, end, "capital")
    if match["science"] is not None:
        value = float(match["science"]) * 10.0 ** int(match["scienceexp"])
        return Count((value,), start, end, "power")
    if match["bare"] is not None:
        return Count((10.0 ** int(match["bare"]),), start, end, "lost")
    if match["plain"] is not None:
        return Count((float(re.sub(r"[ ,.]", "", match["plain"])),), start, end, "plain")
    exponent = match["bareexp"]
    return Count((10.0 ** int(exponent.translate(_SUPERSCRIPTS)),), start, end, "power")


def tidy(value: float) -> int | float:
    """Return a whole number as int, any other rounded to what was written."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def short_number(value: float) -> str:
    """Write a number as a curator would: ``5e6``, ``1.5e6``, ``40``."""
    if value < 10**4:
        return f"{tidy(value)}"
    mantissa, exponent = f"{value:e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def plain_number(text: str) -> float:
    """Read one written number: thousands in groups of three, else a decimal point or comma."""
    text = re.split(r"\s?(?:±|\+/-)", text)[0]
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", text) and not text.startswith("0"):
        return float(text.replace(",", ""))
    return float(text.replace(",", ".").replace("·", "."))


def _listed(
    folded: str, match: re.Match[str], group: str, factor: float
) -> tuple[tuple[float, ...], int]:
    """Read a list of mantissas; numbers that belong to a day or group before it are left out."""
    numbers = list(_NUMBER.finditer(match[group]))
    offset = match.start(group)
    if len(numbers) > 1 and _ORDINARY.search(folded[max(0, offset - 12) : offset]):
        numbers = numbers[-1:]
    if len(numbers) == 2 and _DECIMAL_COMMA.fullmatch(match[group]) is not None:
        value = float(f"{numbers[0].group()}.{numbers[1].group()}")
        return (value * factor,), offset + numbers[0].start()
    values = tuple(plain_number(number.group()) * factor for number in numbers)
    return values, offset if len(numbers) > 1 else offset + numbers[0].start()
