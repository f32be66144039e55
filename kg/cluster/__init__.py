"""The build on a Dask cluster: shards on a shared folder or object store, one load at the end.

`kg.cluster.exchange` keeps the files that machines exchange, `kg.cluster.working` runs on the
workers, `kg.cluster.dask_mapper` hands out the shards. Needs the extra ``trialkin[cluster]``.
"""
