"""The reports of records management: holdings, due, on hold, destroyed, failed, locks, as of any past instant.

Everything is a fold of sealed things: snapshots by the instant of their sealing, register events by
theirs. So the report of a past day is the same whenever it is made (STD-19).
"""
