"""The clauses of an agency's policies: the checks that watch them, and the moderation ledger."""
