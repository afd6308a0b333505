"""The moderation ledger: what staff decided of what the public said, by which rule, and what was seen of it."""
