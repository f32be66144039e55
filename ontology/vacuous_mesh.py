"""MeSH terms in records that say nothing of a trial's disease.

The registry adds MeSH terms to a record by itself, from words of its conditions and keywords:
"systemic sclerosis" gets "Sclerosis" too, as "multiple sclerosis" does, and adults with acute
respiratory distress get "Respiratory Distress Syndrome, Newborn".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_TOO_WIDE = "a form or course of illness that any disease may take"
_A_SIGN = "a sign or finding of many diseases"
_BRANCH = "a branch of MeSH, not a disease"
_NO_DISEASE = "no disease"
"""Why a term says nothing."""

VACUOUS_MESH: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        mesh_id: (term, reason)
        for reason, terms in {
            _TOO_WIDE: {
                "D000208": "Acute Disease",
                "D002908": "Chronic Disease",
                "D003560": "Cysts",
                "D004194": "Disease",
                "D005402": "Fistula",
                "D007249": "Inflammation",
                "D011183": "Postoperative Complications",
                "D012008": "Recurrence",
                "D013577": "Syndrome",
                "D014947": "Wounds and Injuries",
                "D016638": "Critical Illness",
                "D018450": "Disease Progression",
                "D020969": "Disease Attributes",
                "D000013": "Congenital Abnormalities",
            },
            _A_SIGN: {
                "D000267": "Tissue Adhesions",
                "D000374": "Aggression",
                "D000844": "Ankylosis",
                "D000860": "Hypoxia",
                "D001201": "Ascites",
                "D001284": "Atrophy",
                "D002114": "Calcinosis",
                "D003251": "Constriction, Pathologic",
                "D004417": "Dyspnea",
                "D004487": "Edema",
                "D004646": "Emphysema",
                "D005221": "Fatigue",
                "D005355": "Fibrosis",
                "D005547": "Foreign Bodies",
                "D005549": "Foreign-Body Reaction",
                "D006406": "Hematoma",
                "D006470": "Hemorrhage",
                "D006547": "Hernia",
                "D006965": "Hyperplasia",
                "D007238": "Infarction",
                "D007511": "Ischemia",
                "D008679": "Metaplasia",
                "D009128": "Muscle Spasticity",
                "D009133": "Muscular Atrophy",
                "D009336": "Necrosis",
                "D009389": "Neovascularization, Pathologic",
                "D010146": "Pain",
                "D010149": "Pain, Postoperative",
                "D010243": "Paralysis",
                "D011391": "Prolapse",
                "D012421": "Rupture",
                "D012598": "Sclerosis",
                "D013035": "Spasm",
                "D014456": "Ulcer",
                "D014766": "Viremia",
                "D015427": "Reperfusion Injury",
                "D015614": "Histiocytosis",
                "D018476": "Hypokinesia",
                "D019066": "Facies",
                "D022125": "Lacerations",
                "D053120": "Respiratory Aspiration",
            },
            _BRANCH: {
                "D000015": "Abnormalities, Multiple",
                "D009385": "Neoplastic Processes",
                "D009461": "Neurologic Manifestations",
                "D010335": "Pathologic Processes",
                "D012816": "Signs and Symptoms",
                "D020196": "Trauma, Nervous System",
                "D020271": "Heredodegenerative Disorders, Nervous System",
                "D020763": "Pathological Conditions, Anatomical",
            },
            _NO_DISEASE: {
                "D000069451": "Long Term Adverse Effects",
                "D000428": "Alcohol Drinking",
                "D001519": "Behavior",
                "D001724": "Birth Weight",
                "D001835": "Body Weight",
                "D003643": "Death",
                "D005313": "Fetal Death",
                "D007757": "Laboratory Infection",
                "D009360": "Neoplastic Cells, Circulating",
                "D018365": "Neoplasm, Residual",
                "D064420": "Drug-Related Side Effects and Adverse Reactions",
            },
        }.items()
        for mesh_id, term in terms.items()
    }
)
"""MeSH id -> term and reason, for terms that say nothing of a disease. None makes trials alike."""

COMPANION_MESH: Mapping[str, str] = MappingProxyType(
    {
        "D000506": "alopecia",
        "D000784": "multiple_organ_failure",
        "D001656": "primary_biliary_cholangitis",
        "D002545": "hypoxic_ischemic_encephalopathy",
        "D002062": "achilles_tendinopathy",
        "D002921": "vocal_fold_scar uterine_scar",
        "D003231": "dry_eye",
        "D003863": "bipolar_disorder",
        "D005096": "achilles_tendinopathy",
        "D006402": "kabuki_syndrome",
        "D006432": "pulmonary_hemosiderosis",
        "D006506": "hepatitis_b",
        "D006973": "pulmonary_hypertension renal_artery_stenosis",
        "D007637": "dry_eye",
        "D010518": "dental_pulp_disease",
        "D011014": "interstitial_lung_disease",
        "D012127": "ards",
        "D012594": "systemic_sclerosis",
        "D014076": "charcot_marie_tooth_disease",
        "D015775": "cartilage_injury",
        "D015837": "kabuki_syndrome",
        "D016523": "diabetic_foot",
        "D017114": "acute_on_chronic_liver_failure",
        "D045169": "covid_19",
        "D047928": "premature_ovarian_insufficiency",
    }
)
"""MeSH id -> concepts (or anything narrower) beside which the registry's match of the term is
an accident of words, as in "Respiratory Distress Syndrome, Newborn" for adults with ARDS; seen
by reading where terms and registered conditions part in 1,535 records."""
