"""The HTTP JSON API under ``/api/v1``: one list of operations, from which all else follows.

An operation is a function with a `msgspec.Struct` for what it is asked (`web.api.requests`) and one
for what it answers (`web.api.answers`). The list of them makes the addresses, the checks of what is
asked, the CSV forms, the OpenAPI document and the page that people read.
"""
