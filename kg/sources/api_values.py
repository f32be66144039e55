"""Values of the enumerations of API v2 (OpenAPI 2.0.3) that readers must tell apart."""

from __future__ import annotations

STATUSES = frozenset(
    [
        "ACTIVE_NOT_RECRUITING",
        "COMPLETED",
        "ENROLLING_BY_INVITATION",
        "NOT_YET_RECRUITING",
        "RECRUITING",
        "SUSPENDED",
        "TERMINATED",
        "WITHDRAWN",
        "AVAILABLE",
        "NO_LONGER_AVAILABLE",
        "TEMPORARILY_NOT_AVAILABLE",
        "APPROVED_FOR_MARKETING",
        "WITHHELD",
        "UNKNOWN",
    ]
)
STUDY_TYPES = frozenset(["EXPANDED_ACCESS", "INTERVENTIONAL", "OBSERVATIONAL"])
AGENCY_CLASSES = frozenset(
    ["NIH", "FED", "OTHER_GOV", "INDIV", "INDUSTRY", "NETWORK", "AMBIG", "OTHER", "UNKNOWN"]
)
SEXES = frozenset(["FEMALE", "MALE", "ALL"])
ALLOCATIONS = frozenset(["RANDOMIZED", "NON_RANDOMIZED", "NA"])
INTERVENTION_MODELS = frozenset(
    ["SINGLE_GROUP", "PARALLEL", "CROSSOVER", "FACTORIAL", "SEQUENTIAL"]
)
PURPOSES = frozenset(
    [
        "TREATMENT",
        "PREVENTION",
        "DIAGNOSTIC",
        "ECT",
        "SUPPORTIVE_CARE",
        "SCREENING",
        "HEALTH_SERVICES_RESEARCH",
        "BASIC_SCIENCE",
        "DEVICE_FEASIBILITY",
        "OTHER",
    ]
)
OBSERVATIONAL_MODELS = frozenset(
    [
        "COHORT",
        "CASE_CONTROL",
        "CASE_ONLY",
        "CASE_CROSSOVER",
        "ECOLOGIC_OR_COMMUNITY",
        "FAMILY_BASED",
        "DEFINED_POPULATION",
        "NATURAL_HISTORY",
        "OTHER",
    ]
)
TIME_PERSPECTIVES = frozenset(["RETROSPECTIVE", "PROSPECTIVE", "CROSS_SECTIONAL", "OTHER"])
MASKINGS = frozenset(["NONE", "SINGLE", "DOUBLE", "TRIPLE", "QUADRUPLE"])
ARM_TYPES = frozenset(
    [
        "EXPERIMENTAL",
        "ACTIVE_COMPARATOR",
        "PLACEBO_COMPARATOR",
        "SHAM_COMPARATOR",
        "NO_INTERVENTION",
        "OTHER",
    ]
)
INTERVENTION_TYPES = frozenset(
    [
        "BEHAVIORAL",
        "BIOLOGICAL",
        "COMBINATION_PRODUCT",
        "DEVICE",
        "DIAGNOSTIC_TEST",
        "DIETARY_SUPPLEMENT",
        "DRUG",
        "GENETIC",
        "PROCEDURE",
        "RADIATION",
        "OTHER",
    ]
)
