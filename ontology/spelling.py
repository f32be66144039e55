"""The forms in which a label may stand in a text: spelling, hyphens, plurals in -ies."""

from __future__ import annotations

import re

from ontology.errors import SchemeError
from ontology.folding import JOINERS

# British spelling on the left; a label in one spelling is found in the other.
_SPELLINGS = (
    ("haem", "hem"),
    ("foet", "fet"),
    ("tumour", "tumor"),
    ("oesoph", "esoph"),
    ("ischaem", "ischem"),
    ("ulised", "ulized"),
    ("ysed", "yzed"),
    ("fibre", "fiber"),
    ("oedem", "edem"),
    ("paed", "ped"),
)


def spelling_variants(label: str) -> list[str]:
    """Return `label` in lower case and in the other spelling, where there is one."""
    lower = label.lower()
    found = [lower]
    for british, american in _SPELLINGS:
        for one, other in ((british, american), (american, british)):
            if one not in lower:
                continue
            # "ischaemia" holds "haem" too; the longer pair alone may change it.
            changed = re.sub(rf"(?<![a-z]){one}|(?<=[a-z]){one}(?!a)", other, lower)
            if changed != lower and changed not in found:
                found.append(changed)
                break
    return found


def folded_forms(label: str) -> list[str]:
    """Return the folded forms under which a label is looked up.

    Raises
    ------
    SchemeError
        If the label holds no letter or digit.
    """
    if not any(map(str.isalnum, label)):
        raise SchemeError(f"The label {label!r} holds no letter or digit; take it out.")
    forms: list[str] = []
    for variant in spelling_variants(label):
        spaced = " ".join(variant.translate(JOINERS).split())
        forms.append(spaced)
        if "-" in variant:
            forms.append(" ".join(variant.replace("-", "").translate(JOINERS).split()))
    singular = forms[0]
    if singular.endswith("y") and len(singular) > 4 and singular[-2] not in "aeiou":
        forms += [form[:-1] + "ies" for form in tuple(forms)]
    return list(dict.fromkeys(forms))
