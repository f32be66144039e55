"""User SPARQL: policy, killable worker processes, result formats."""
