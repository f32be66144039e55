"""The seam of the build: records in shards, mapped by the same pure functions wherever they run.

`kg.shards.mapping` says what a mapper is and has the one that works in the process itself;
`kg.shards.processes` works in local processes, `kg.cluster` on the workers of a cluster.
"""
