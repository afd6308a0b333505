"""Which lifecycle rules expire objects: those that SeaweedFS cannot be asked about, too."""

from __future__ import annotations

from muniment.custody.client import connect
from muniment.custody.lifecycle import list_expiring_rules


def stubbed(rules: list[dict[str, object]]):
    from botocore.stub import Stubber

    client = connect("http://127.0.0.1:9", "us-east-1", "key", "secret", attempts=1)
    stubber = Stubber(client)
    stubber.add_response("get_bucket_lifecycle_configuration", {"Rules": rules}, {"Bucket": "b"})
    stubber.activate()
    return client


def test_a_move_to_another_storage_class_expires_nothing() -> None:
    move = {"ID": "cold", "Status": "Enabled", "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]}
    older = {
        "ID": "colder",
        "Status": "Enabled",
        "NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "GLACIER"}],
    }

    assert list_expiring_rules(stubbed([move, older]), "b") == ()


def test_a_rule_that_moves_and_expires_is_named() -> None:
    both = {
        "ID": "both",
        "Status": "Enabled",
        "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
        "Expiration": {"Days": 365},
    }

    assert list_expiring_rules(stubbed([both]), "b") == ("both",)


def test_a_rule_without_a_name_is_found_too() -> None:
    assert list_expiring_rules(stubbed([{"Status": "Enabled", "Expiration": {"Days": 1}}]), "b") == ("without a name",)
