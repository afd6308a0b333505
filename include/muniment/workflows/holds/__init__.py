"""Holds: matters placed, amended and released, and the store's bits kept to them in both copies.

Only objects under ``records/`` are ever held. Registers and the log are not: no disposition
destroys them with a volume, their own series keep them longer, and a hold on the register of
holds could not be let go without an event that would itself be held.
"""
