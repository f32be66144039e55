"""Replicas: stores that hold what another one publishes, fetched file by file and checked.

`kg.replicas.offering` keeps the list by which a store can be fetched, `kg.replicas.pulling` fetches
and publishes it, from the places of `kg.replicas.places`.
"""
