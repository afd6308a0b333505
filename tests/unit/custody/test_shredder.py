"""What the shredder makes of answers that SeaweedFS does not give: those of AWS S3, and of stores that fail halfway."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from botocore.stub import Stubber

from muniment.custody.client import connect
from muniment.custody.shredder import Destroyed, Outcome, Shredder
from muniment.custody.versions import VersionName
from muniment.errors import HeldError, StillLockedError, StoreUnavailableError

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
ONE = VersionName("b", "records/a", "v1")
NAMED = {"Bucket": "b", "Key": "records/a", "VersionId": "v1"}
LISTED = {"Key": "records/a", "VersionId": "v1"}


class Store:
    """A client that answers as told, in that order, and refuses whatever it was not told of."""

    def __init__(self) -> None:
        self._client = connect("http://127.0.0.1:9", "us-east-1", "key", "secret", attempts=1)
        self._stub = Stubber(self._client)
        self._stub.activate()
        self.shredder = Shredder(self._client, "b")

    def at(self, moment: datetime) -> Store:
        headers = {"date": format_datetime(moment, usegmt=True)}
        self._stub.add_response("head_bucket", {"ResponseMetadata": {"HTTPHeaders": headers}}, {"Bucket": "b"})
        return self

    def locked(self, until: datetime) -> Store:
        retention = {"Mode": "COMPLIANCE", "RetainUntilDate": until}
        self._stub.add_response("get_object_retention", {"Retention": retention}, NAMED)
        return self

    def held(self, hold: dict[str, str]) -> Store:
        self._stub.add_response("get_object_legal_hold", {"LegalHold": hold}, NAMED)
        return self

    def refuses(self, call: str, code: str, status: int) -> Store:
        self._stub.add_client_error(call, code, http_status_code=status, expected_params=NAMED)
        return self

    def free(self) -> Store:
        return self.refuses("get_object_retention", "NoSuchObjectLockConfiguration", 404).held({"Status": "OFF"})

    def lists(self, **found: object) -> Store:
        self._stub.add_response("list_object_versions", {"IsTruncated": False, **found})
        return self

    def refuses_head(self) -> Store:
        self._stub.add_client_error("head_object", "404", http_status_code=404)
        return self

    def reads_head(self) -> Store:
        self._stub.add_response("head_object", {"ContentLength": 1})
        return self

    def refuses_list(self, code: str, status: int) -> Store:
        self._stub.add_client_error("delete_objects", code, http_status_code=status)
        return self

    def deletes_one(self) -> Store:
        self._stub.add_response("delete_object", {}, NAMED)
        return self

    def deletes(self, **answer: object) -> Store:
        self._stub.add_response("delete_objects", answer, {"Bucket": "b", "Delete": {"Objects": [LISTED]}})
        return self

    def destroy(self) -> Destroyed:
        (found,) = self.shredder.destroy([ONE])
        self._stub.assert_no_pending_responses()
        return found


@pytest.mark.parametrize("ahead", [timedelta(days=-400), timedelta(days=400)])
def test_a_lock_ends_by_the_stores_clock_and_not_by_ours(ahead) -> None:
    there = datetime.now(UTC).replace(microsecond=0) + ahead

    Store().at(there).locked(there).held({"Status": "OFF"}).shredder.check(ONE)
    with pytest.raises(StillLockedError):
        Store().at(there).locked(there + timedelta(seconds=1)).held({"Status": "OFF"}).shredder.check(ONE)


@pytest.mark.parametrize("hold", [{"Status": "ON"}, {}])
def test_a_hold_that_is_not_said_to_be_off_stands(hold) -> None:
    with pytest.raises(HeldError):
        Store().at(NOW).locked(NOW).held(hold).shredder.check(ONE)


@pytest.mark.parametrize("question", ["get_object_retention", "get_object_legal_hold"])
def test_without_the_right_to_ask_nothing_is_deleted(question) -> None:
    store = Store().at(NOW)
    if question == "get_object_legal_hold":
        store.locked(NOW)
    store.refuses(question, "AccessDenied", 403)

    assert store.destroy() == Destroyed(ONE, Outcome.REFUSED, "AccessDenied")


def test_a_delete_marker_of_aws_which_has_no_lock_to_ask_for_is_deleted() -> None:
    marker = {"Key": "records/a", "VersionId": "v1", "IsLatest": True, "LastModified": NOW}
    store = Store().at(NOW).refuses("get_object_retention", "MethodNotAllowed", 405).lists(DeleteMarkers=[marker])
    store.deletes(Deleted=[{**LISTED, "DeleteMarker": True, "DeleteMarkerVersionId": "v1"}])

    assert store.destroy() == Destroyed(ONE, Outcome.DELETED)


def test_what_answers_as_a_marker_does_and_is_listed_as_a_version_stays() -> None:
    version = {"Key": "records/a", "VersionId": "v1", "Size": 1, "LastModified": NOW}
    store = Store().at(NOW).refuses("get_object_retention", "MethodNotAllowed", 405).lists(Versions=[version])

    assert store.destroy() == Destroyed(ONE, Outcome.REFUSED, "MethodNotAllowed")


@pytest.mark.parametrize("code", ["AccessDenied", "InternalError", "SlowDown"])
def test_each_refusal_of_the_store_is_an_outcome_with_its_code(code) -> None:
    store = Store().at(NOW).free().deletes(Errors=[{**LISTED, "Code": code}])

    assert store.destroy() == Destroyed(ONE, Outcome.REFUSED, code)


def test_what_went_in_the_meantime_is_absent() -> None:
    assert Store().at(NOW).free().deletes(Errors=[{**LISTED, "Code": "NoSuchVersion"}]).destroy() == Destroyed(
        ONE, Outcome.ABSENT
    )


@pytest.mark.parametrize("other", [{}, {"Deleted": [{"Key": "records/a", "VersionId": "v2"}]}])
def test_a_version_that_the_store_says_nothing_about_does_not_count_as_deleted(other) -> None:
    assert Store().at(NOW).free().deletes(**other).destroy() == Destroyed(ONE, Outcome.REFUSED, "unanswered")


def test_an_error_beside_a_deletion_counts_as_the_error() -> None:
    store = Store().at(NOW).free().deletes(Deleted=[LISTED], Errors=[{**LISTED, "Code": "AccessDenied"}])

    assert store.destroy() == Destroyed(ONE, Outcome.REFUSED, "AccessDenied")


@pytest.mark.parametrize("question", ["get_object_retention", "get_object_legal_hold"])
def test_a_store_that_fails_when_asked_is_unavailable_and_nothing_is_deleted(question) -> None:
    store = Store().at(NOW)
    if question == "get_object_legal_hold":
        store.locked(NOW)
    store.refuses(question, "InternalError", 500)

    with pytest.raises(StoreUnavailableError):
        store.destroy()


def test_absent_is_what_is_neither_listed_nor_read() -> None:
    version = {"Key": "records/a", "VersionId": "v1", "Size": 1, "LastModified": NOW}
    longer = {**version, "Key": "records/ab"}

    assert Store().lists(Versions=[longer]).refuses_head().shredder.is_absent(ONE)
    assert not Store().lists(Versions=[version]).shredder.is_absent(ONE)
    assert not Store().lists().reads_head().shredder.is_absent(ONE)


def test_where_a_list_is_refused_as_a_whole_each_version_is_deleted_by_itself() -> None:
    """Ceph RGW 16: AccessDenied for the request of whoever has a right to the keys alone."""
    store = Store().at(NOW).free().refuses_list("AccessDenied", 403).deletes_one()

    assert store.destroy() == Destroyed(ONE, Outcome.DELETED)


def test_and_each_refusal_is_again_an_outcome() -> None:
    store = Store().at(NOW).free().refuses_list("AccessDenied", 403).refuses("delete_object", "AccessDenied", 403)

    assert store.destroy() == Destroyed(ONE, Outcome.REFUSED, "AccessDenied")


@pytest.mark.parametrize("code", ["SlowDown", "InternalError"])
def test_a_list_that_the_store_failed_to_work_off_is_no_outcome(code) -> None:
    store = Store().at(NOW).free().refuses_list(code, 503)

    with pytest.raises(StoreUnavailableError):
        store.destroy()
