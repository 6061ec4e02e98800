"""The audit log as a whole: read by auditors and administrators, sealed by the city, checked by `haihe verify`.

The rows are written and chained by `haihe.base.audit`. Here they are covered by signed notes (`sealing`), recomputed (`checking`) and
shown (`pages`). docs/proof.md says every byte.
"""
