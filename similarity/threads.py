"""How many threads the libraries of numbers may use."""

from __future__ import annotations


def use_one_thread() -> None:
    """Let this process compute with one thread: for one of several that share the cores.

    Of faiss, which keeps a number of its own for each thread, it is the calling one that is meant.
    """
    import faiss
    from threadpoolctl import threadpool_limits

    # A library that is loaded later is not limited, so those that are used are loaded first.
    threadpool_limits(1)
    faiss.omp_set_num_threads(1)
