"""The modules of a registry record, field for field.

Names are the registry's own in snake case (API v2, OpenAPI 2.0.3). Enumerated fields are kept
as strings: a value that the registry adds later must not make a record unreadable; the SHACL
shapes report values that are not known. Every field may be absent: real records, old ones and
field-limited API answers lack some. Contacts are not read: they are personal data, short-lived
and of no use to the graph.
"""

from __future__ import annotations

import msgspec

ENROLLMENT_SENTINEL = 99_999_999
"""What some records carry as enrolment for "not known"; not a number of people."""


class Module(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Base of all parts of a record: immutable, unknown fields ignored."""


class OrgStudyIdInfo(Module, frozen=True):
    """The sponsor's own number of the study."""

    id: str | None = None
    type: str | None = None
    link: str | None = None


class SecondaryIdInfo(Module, frozen=True):
    """Another registry's or funder's number of the study."""

    id: str | None = None
    type: str | None = None
    domain: str | None = None
    link: str | None = None


class Organization(Module, frozen=True):
    """The organisation that registered the study."""

    full_name: str | None = None
    class_: str | None = msgspec.field(default=None, name="class")


class IdentificationModule(Module, frozen=True):
    """Who the study is: numbers and titles."""

    nct_id: str | None = None
    nct_id_aliases: tuple[str, ...] = ()
    org_study_id_info: OrgStudyIdInfo = OrgStudyIdInfo()
    secondary_id_infos: tuple[SecondaryIdInfo, ...] = ()
    brief_title: str | None = None
    official_title: str | None = None
    acronym: str | None = None
    organization: Organization = Organization()


class ExpandedAccessInfo(Module, frozen=True):
    """Whether the product can be had outside a trial, and under which record."""

    has_expanded_access: bool | None = None
    nct_id: str | None = None
    status_for_nct_id: str | None = None


class PartialDateStruct(Module, frozen=True):
    """A date of any precision (``2022``, ``2022-11`` or ``2022-11-03``), actual or estimated."""

    date: str | None = None
    type: str | None = None


class DateStruct(Module, frozen=True):
    """A date to the day, actual or estimated."""

    date: str | None = None
    type: str | None = None


class StatusModule(Module, frozen=True):
    """Where the study stands, and the dates of the study and of its record."""

    status_verified_date: str | None = None
    overall_status: str | None = None
    last_known_status: str | None = None
    delayed_posting: bool | None = None
    why_stopped: str | None = None
    expanded_access_info: ExpandedAccessInfo = ExpandedAccessInfo()
    start_date_struct: PartialDateStruct = PartialDateStruct()
    primary_completion_date_struct: PartialDateStruct = PartialDateStruct()
    completion_date_struct: PartialDateStruct = PartialDateStruct()
    study_first_submit_date: str | None = None
    study_first_submit_qc_date: str | None = None
    study_first_post_date_struct: DateStruct = DateStruct()
    results_waived: bool | None = None
    results_first_submit_date: str | None = None
    results_first_submit_qc_date: str | None = None
    results_first_post_date_struct: DateStruct = DateStruct()
    disp_first_submit_date: str | None = None
    disp_first_submit_qc_date: str | None = None
    disp_first_post_date_struct: DateStruct = DateStruct()
    last_update_submit_date: str | None = None
    last_update_post_date_struct: DateStruct = DateStruct()


class ResponsibleParty(Module, frozen=True):
    """Who answers for the record."""

    type: str | None = None
    investigator_full_name: str | None = None
    investigator_title: str | None = None
    investigator_affiliation: str | None = None
    old_name_title: str | None = None
    old_organization: str | None = None


class Sponsor(Module, frozen=True):
    """A lead sponsor or collaborator."""

    name: str | None = None
    class_: str | None = msgspec.field(default=None, name="class")


class SponsorCollaboratorsModule(Module, frozen=True):
    """Who pays and who works along."""

    responsible_party: ResponsibleParty = ResponsibleParty()
    lead_sponsor: Sponsor = Sponsor()
    collaborators: tuple[Sponsor, ...] = ()


class OversightModule(Module, frozen=True):
    """Which regulation the study falls under."""

    oversight_has_dmc: bool | None = None
    is_fda_regulated_drug: bool | None = None
    is_fda_regulated_device: bool | None = None
    is_unapproved_device: bool | None = None
    is_ppsd: bool | None = None
    is_us_export: bool | None = None
    fdaaa801_violation: bool | None = None


class DescriptionModule(Module, frozen=True):
    """What the study is about, in the sponsor's words."""

    brief_summary: str | None = None
    detailed_description: str | None = None


class ConditionsModule(Module, frozen=True):
    """Conditions and keywords as registered; the conditions may hold what is no disease."""

    conditions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


class ExpandedAccessTypes(Module, frozen=True):
    """The kinds of expanded access offered."""

    individual: bool | None = None
    intermediate: bool | None = None
    treatment: bool | None = None


class MaskingBlock(Module, frozen=True):
    """Who does not know the assignment."""

    masking: str | None = None
    masking_description: str | None = None
    who_masked: tuple[str, ...] = ()


class DesignInfo(Module, frozen=True):
    """How participants are assigned and observed."""

    allocation: str | None = None
    intervention_model: str | None = None
    intervention_model_description: str | None = None
    primary_purpose: str | None = None
    observational_model: str | None = None
    time_perspective: str | None = None
    masking_info: MaskingBlock = MaskingBlock()


class BioSpec(Module, frozen=True):
    """Which samples are kept."""

    retention: str | None = None
    description: str | None = None


class EnrollmentInfo(Module, frozen=True):
    """How many take part; :data:`ENROLLMENT_SENTINEL` is no number."""

    count: int | None = None
    type: str | None = None


class DesignModule(Module, frozen=True):
    """The kind and the size of the study."""

    study_type: str | None = None
    n_ptrs_to_this_exp_acc_nct_id: float | None = None
    expanded_access_types: ExpandedAccessTypes = ExpandedAccessTypes()
    patient_registry: bool | None = None
    target_duration: str | None = None
    phases: tuple[str, ...] = ()
    design_info: DesignInfo = DesignInfo()
    bio_spec: BioSpec = BioSpec()
    enrollment_info: EnrollmentInfo = EnrollmentInfo()


class ArmGroup(Module, frozen=True):
    """One arm or cohort."""

    label: str | None = None
    type: str | None = None
    description: str | None = None
    intervention_names: tuple[str, ...] = ()


class Intervention(Module, frozen=True):
    """One drug, product, procedure or other intervention."""

    type: str | None = None
    name: str | None = None
    description: str | None = None
    arm_group_labels: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()


class ArmsInterventionsModule(Module, frozen=True):
    """What is given to whom."""

    arm_groups: tuple[ArmGroup, ...] = ()
    interventions: tuple[Intervention, ...] = ()


class Outcome(Module, frozen=True):
    """One outcome as planned."""

    measure: str | None = None
    description: str | None = None
    time_frame: str | None = None


class OutcomesModule(Module, frozen=True):
    """What is measured."""

    primary_outcomes: tuple[Outcome, ...] = ()
    secondary_outcomes: tuple[Outcome, ...] = ()
    other_outcomes: tuple[Outcome, ...] = ()


class EligibilityModule(Module, frozen=True):
    """Who may take part."""

    eligibility_criteria: str | None = None
    healthy_volunteers: bool | None = None
    sex: str | None = None
    gender_based: bool | None = None
    gender_description: str | None = None
    minimum_age: str | None = None
    maximum_age: str | None = None
    std_ages: tuple[str, ...] = ()
    study_population: str | None = None
    sampling_method: str | None = None


class Official(Module, frozen=True):
    """An investigator or other official of the whole study."""

    name: str | None = None
    affiliation: str | None = None
    role: str | None = None


class GeoPoint(Module, frozen=True):
    """Where a location lies, in degrees (the city's centre, by the registry)."""

    lat: float | None = None
    lon: float | None = None


class Location(Module, frozen=True):
    """One place of the study."""

    facility: str | None = None
    status: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    country_code: str | None = None
    geo_point: GeoPoint | None = None


class ContactsLocationsModule(Module, frozen=True):
    """Who leads the study, and where it runs; contacts are left out (personal data)."""

    overall_officials: tuple[Official, ...] = ()
    locations: tuple[Location, ...] = ()


class Retraction(Module, frozen=True):
    """A notice that a cited publication was retracted."""

    pmid: str | None = None
    source: str | None = None


class Reference(Module, frozen=True):
    """A cited publication."""

    pmid: str | None = None
    type: str | None = None
    citation: str | None = None
    retractions: tuple[Retraction, ...] = ()


class SeeAlsoLink(Module, frozen=True):
    """A link that the sponsor gives."""

    label: str | None = None
    url: str | None = None


class AvailIpd(Module, frozen=True):
    """Data or documents that the sponsor shares elsewhere."""

    id: str | None = None
    type: str | None = None
    url: str | None = None
    comment: str | None = None


class ReferencesModule(Module, frozen=True):
    """Publications, links and shared data."""

    references: tuple[Reference, ...] = ()
    see_also_links: tuple[SeeAlsoLink, ...] = ()
    avail_ipds: tuple[AvailIpd, ...] = ()


class IpdSharingStatementModule(Module, frozen=True):
    """Whether data of single participants are shared."""

    ipd_sharing: str | None = None
    description: str | None = None
    info_types: tuple[str, ...] = ()
    time_frame: str | None = None
    access_criteria: str | None = None
    url: str | None = None


class ProtocolSection(Module, frozen=True):
    """What the sponsor registered."""

    identification_module: IdentificationModule = IdentificationModule()
    status_module: StatusModule = StatusModule()
    sponsor_collaborators_module: SponsorCollaboratorsModule = SponsorCollaboratorsModule()
    oversight_module: OversightModule = OversightModule()
    description_module: DescriptionModule = DescriptionModule()
    conditions_module: ConditionsModule = ConditionsModule()
    design_module: DesignModule = DesignModule()
    arms_interventions_module: ArmsInterventionsModule = ArmsInterventionsModule()
    outcomes_module: OutcomesModule = OutcomesModule()
    eligibility_module: EligibilityModule = EligibilityModule()
    contacts_locations_module: ContactsLocationsModule = ContactsLocationsModule()
    references_module: ReferencesModule = ReferencesModule()
    ipd_sharing_statement_module: IpdSharingStatementModule = IpdSharingStatementModule()
