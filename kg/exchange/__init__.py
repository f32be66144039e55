"""A study in the forms that others exchange: FHIR for hospitals, schema.org for search engines.

Pure functions from `kg.study.Study` to JSON-ready values. They tell what is registered; facts read
from the text, and kin, are not part of them.
"""
