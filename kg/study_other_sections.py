"""The sections of a record beside the protocol: results, notes, documents, and what is derived.

Registry names in snake case, as in `kg.study_modules`.
"""

from __future__ import annotations

from kg.study_modules import DateStruct, Module


class UnpostedEvent(Module, frozen=True):
    """A step in the review of results that are not posted yet."""

    type: str | None = None
    date: str | None = None
    date_unknown: bool | None = None


class UnpostedAnnotation(Module, frozen=True):
    """Results submitted but not posted."""

    unposted_responsible_party: str | None = None
    unposted_events: tuple[UnpostedEvent, ...] = ()


class ViolationEvent(Module, frozen=True):
    """A step in a notice of non-compliance."""

    type: str | None = None
    description: str | None = None
    creation_date: str | None = None
    issued_date: str | None = None
    release_date: str | None = None
    posted_date: str | None = None


class ViolationAnnotation(Module, frozen=True):
    """Notices of non-compliance."""

    violation_events: tuple[ViolationEvent, ...] = ()


class AnnotationModule(Module, frozen=True):
    """Notes by the registry."""

    unposted_annotation: UnpostedAnnotation = UnpostedAnnotation()
    violation_annotation: ViolationAnnotation = ViolationAnnotation()


class AnnotationSection(Module, frozen=True):
    """Notes by the registry."""

    annotation_module: AnnotationModule = AnnotationModule()


class OutcomeMeasure(Module, frozen=True):
    """A measured outcome, by its title only."""

    type: str | None = None
    title: str | None = None


class OutcomeMeasuresModule(Module, frozen=True):
    """The measured outcomes."""

    outcome_measures: tuple[OutcomeMeasure, ...] = ()


class ResultsSection(Module, frozen=True):
    """The results, of which only the titles of the measured outcomes are read."""

    outcome_measures_module: OutcomeMeasuresModule = OutcomeMeasuresModule()


class LargeDoc(Module, frozen=True):
    """An uploaded protocol, analysis plan or consent form."""

    type_abbrev: str | None = None
    has_protocol: bool | None = None
    has_sap: bool | None = None
    has_icf: bool | None = None
    label: str | None = None
    date: str | None = None
    upload_date: str | None = None
    filename: str | None = None
    size: int | None = None


class LargeDocumentModule(Module, frozen=True):
    """Uploaded documents."""

    no_sap: bool | None = None
    large_docs: tuple[LargeDoc, ...] = ()


class DocumentSection(Module, frozen=True):
    """Uploaded documents."""

    large_document_module: LargeDocumentModule = LargeDocumentModule()


class FirstMcpInfo(Module, frozen=True):
    """The first completed quality check of results."""

    post_date_struct: DateStruct = DateStruct()


class SubmissionInfo(Module, frozen=True):
    """One submission of results."""

    release_date: str | None = None
    unrelease_date: str | None = None
    unrelease_date_unknown: bool | None = None
    reset_date: str | None = None
    mcp_release_n: int | None = None


class SubmissionTracking(Module, frozen=True):
    """The submissions of results."""

    estimated_results_first_submit_date: str | None = None
    first_mcp_info: FirstMcpInfo = FirstMcpInfo()
    submission_infos: tuple[SubmissionInfo, ...] = ()


class MiscInfoModule(Module, frozen=True):
    """Version of the record, and countries that were removed."""

    version_holder: str | None = None
    removed_countries: tuple[str, ...] = ()
    submission_tracking: SubmissionTracking = SubmissionTracking()


class Mesh(Module, frozen=True):
    """A MeSH term."""

    id: str | None = None
    term: str | None = None


class BrowseLeaf(Module, frozen=True):
    """A term of the registry's browsing tree."""

    id: str | None = None
    name: str | None = None
    as_found: str | None = None
    relevance: str | None = None


class BrowseBranch(Module, frozen=True):
    """A top branch of the registry's browsing tree."""

    abbrev: str | None = None
    name: str | None = None


class BrowseModule(Module, frozen=True):
    """MeSH terms that the registry derived, with their ancestors."""

    meshes: tuple[Mesh, ...] = ()
    ancestors: tuple[Mesh, ...] = ()
    browse_leaves: tuple[BrowseLeaf, ...] = ()
    browse_branches: tuple[BrowseBranch, ...] = ()


class DerivedSection(Module, frozen=True):
    """What the registry derived from the record."""

    misc_info_module: MiscInfoModule = MiscInfoModule()
    condition_browse_module: BrowseModule = BrowseModule()
    intervention_browse_module: BrowseModule = BrowseModule()
