"""The moderation ledger at work: entries taken in and sealed, CSV drops, questions answered, captures held against it.

It observes and records. Nothing here removes, hides or blocks anything on a platform.
"""
