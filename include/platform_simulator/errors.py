"""What can be wrong with a scenario, and with a request."""

from __future__ import annotations


class ScenarioError(Exception):
    """A scenario with faults: which, where, what was expected and what was found."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class BadRequestError(Exception):
    """A request that the platform refuses; the message is the platform's."""


class DroppedError(Exception):
    """The simulator broke a connection on purpose."""
