"""What was likely meant: the known name that is nearest to one that is not known."""

from __future__ import annotations

from collections.abc import Iterable


def slips_allowed(length: int) -> int:
    """Return how many slips a word of so many characters may have and still be known again."""
    return 0 if length < 3 else 1 if length < 6 else 2 if length < 11 else 3


def nearest_names(asked: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """Return the known names that are nearest to one that was asked for, the nearest first.

    Letters that are wrong, missing, too many or swapped with the next are slips; case, blanks,
    hyphens and underscores are none. A name that begins with what was asked for is near too, and
    one of whose words is.

    Parameters
    ----------
    asked : str
    known : iterable of str
    most : int

    Examples
    --------
    >>> nearest_names("cuntry", ["condition", "country", "cell_source"])
    ['country']
    >>> nearest_names("korea", ["Korea, Republic of", "Kenya"])
    ['Korea, Republic of']
    """
    from rapidfuzz.distance import OSA  # few requests ask for it

    wanted = "".join(_words(asked))
    allowed = slips_allowed(len(wanted))
    found = []
    for name in dict.fromkeys(known):
        words = _words(name)
        plain = "".join(words)
        slips = OSA.distance(wanted, plain, score_cutoff=allowed)
        if slips <= allowed:
            found.append((0, slips, 0, name))
        elif len(wanted) > 2 and plain.startswith(wanted):
            found.append((1, 0, len(plain), name))
        else:
            part = min(
                (OSA.distance(wanted, one, score_cutoff=allowed) for one in words if len(one) > 2),
                default=allowed + 1,
            )
            if allowed and part <= allowed:
                found.append((2, part, len(plain), name))
    return [name for *_, name in sorted(found)[:most]]


def _words(name: str) -> list[str]:
    return name.casefold().replace("_", " ").replace("-", " ").replace(",", " ").split()
