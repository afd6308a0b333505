"""Findings: what a check found, each with a stable code, a plain sentence and its ground.

A code is never reused or given another meaning. `docs/findings.md` is made from `CATALOGUE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from muniment.errors import EvidenceError


@dataclass(frozen=True, slots=True)
class FindingType:
    """What every finding of one code shares."""

    code: str
    sentence: str  # what is wrong, for somebody who is not a programmer
    ground: str  # the clause or standard that asks for it
    stops_seal: bool  # whether a snapshot with it is sealed as quarantined


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that a check found. `subject` is an id or a key; no personal data in either text."""

    code: str
    subject: str
    detail: str
    count: int = 1

    def __post_init__(self) -> None:
        if self.code not in CATALOGUE:
            raise EvidenceError(f"finding: code {self.code!r} is not in the catalogue")

    @property
    def type(self) -> FindingType:
        """Return what every finding of this code shares."""
        return CATALOGUE[self.code]


def _types(*rows: tuple[str, str, str, bool]) -> MappingProxyType[str, FindingType]:
    return MappingProxyType({row[0]: FindingType(*row) for row in rows})


# P: posts and comments.  S: subscriber lists.  G: pages.  V: verification.  T: time.  C: the second copy.  F: fixity.
# R: retention, holds and disposition.  D: the store (doctor).  U: coverage.  M: moderation and monitoring.
# K: what the policies ask.
CATALOGUE = _types(
    (
        "G001",
        "A page is not what the platform's interface promises and could not be read.",
        "claremont-social B.20; STD-23",
        True,
    ),
    ("G002", "The same page came twice.", "STD-04", False),
    ("G003", "The platform sent fields that this version does not know; they are kept.", "STD-03", False),
    ("G004", "Something known to exist could not be captured.", "claremont-social A.3, B.19", False),
    ("G005", "The account's signed repository does not verify.", "STD-04", True),
    ("G006", "A page breaks the rules of its format; all that could be read of it was read.", "STD-23", False),
    (
        "G007",
        "A listing could not be captured to its end: what is missing was not seen.",
        "claremont-social B.20",
        True,
    ),
    ("P001", "An item has no id.", "STD-03", True),
    ("P002", "An item came more than once, each time the same; it is kept once.", "STD-04", False),
    ("P003", "An item has no time of publication.", "claremont-social B.23; STD-03", False),
    ("P004", "An item is dated in the future.", "STD-04", True),
    ("P005", "An item is dated before its account existed.", "STD-04", False),
    ("P006", "An item has no author.", "claremont-social B.23; STD-03", True),
    ("P007", "A reply's parent is not in the snapshot.", "STD-03", False),
    ("P008", "Fewer items were captured than the platform says there are.", "claremont-social B.20; R-B20b", False),
    ("P009", "The number of items moved far from the last snapshot's.", "claremont-social B.7", False),
    ("P010", "An official item is not by the official account.", "claremont-social B.11", True),
    ("P011", "An item came more than once, and differs from itself; every copy is kept.", "STD-04", True),
    ("P012", "Nothing is listed any more where the snapshot before had something.", "claremont-social B.7, B.20", True),
    ("S001", "A subscriber has no id.", "claremont-social B.19; STD-03", True),
    ("S002", "A subscriber appears more than once in a list.", "STD-04", False),
    ("S003", "A row of the subscriber list is malformed and was set aside.", "STD-23", True),
    ("S004", "The number of subscribers differs from what the platform states.", "claremont-social B.19", False),
    ("S005", "The number of subscribers moved far from the last snapshot's.", "claremont-social B.7", False),
    ("S006", "An address is not of the form of an e-mail address.", "STD-03", False),
    ("S007", "A subscriber appears more than once, and differs from itself; every copy is kept.", "STD-04", True),
    ("S008", "Nobody is listed any more where the snapshot before had subscribers.", "claremont-social B.19", True),
    ("V001", "An object that the manifest names is missing.", "STD-21; 2 CCR 22620.7", True),
    ("V002", "An object's bytes are not those that the manifest names.", "STD-05; STD-21", True),
    ("V003", "A manifest is not of its specified form.", "STD-24", True),
    (
        "V004",
        "An object is locked for a shorter time than its manifest says, or not at all.",
        "GC 34090(d); STD-06",
        True,
    ),
    ("V005", "An object is there that no manifest names.", "STD-28", False),
    ("V006", "A snapshot's link to the one before it is broken.", "STD-15", True),
    ("V007", "A snapshot was begun and not finished: it has objects and no manifest.", "STD-23", False),
    ("V008", "A later version or a delete marker hides a sealed object from ordinary readers.", "STD-05; STD-21", True),
    ("V009", "There is nothing to verify: not one manifest was found.", "STD-21", True),
    (
        "V010",
        "A lock's date in a manifest is not the sum of the manifest's own parts.",
        "GC 34090(d); STD-06",
        True,
    ),
    ("V011", "The rows of a snapshot do not give the root that its manifest states.", "STD-05; STD-15", True),
    ("V012", "The times that manifests claim run backwards: a clock was set back.", "STD-32", True),
    ("V013", "Something that the log has is not there.", "GC 34090; STD-15", True),
    (
        "V014",
        "A volume that the log has is gone whole, and nothing here says that it was destroyed by right.",
        "GC 34090; STD-15",
        False,
    ),
    ("V015", "A sealed object is not the one that the log has.", "STD-05; STD-15", True),
    ("V016", "The log does not have a sealed object.", "STD-15", True),
    ("V017", "A checkpoint of the log is missing, malformed, or not signed by a key of the log.", "STD-15", True),
    ("V018", "A signed checkpoint does not fit the log's own entries.", "STD-15", True),
    ("V019", "A batch of the log is missing, or is not as it was signed.", "STD-15", True),
    ("V020", "A file of the log's tree is missing, or is not what the entries make it.", "STD-15", True),
    ("V021", "The log ends before a checkpoint seen earlier: an older log was put back.", "STD-15", True),
    ("V022", "The log does not continue a checkpoint seen earlier: it has two histories.", "STD-15", True),
    ("V023", "A key of the log is not vouched for by one that is believed.", "STD-15; STD-16", True),
    ("L001", "Something that belongs in the log was refused: it is not sealed, or not of its form.", "STD-15", True),
    (
        "C001",
        "The second copy is gone, or its store does not answer.",
        "2 CCR 22620.7; STD-27",
        True,
    ),
    ("C002", "A sealed object is missing in the second copy.", "2 CCR 22620.7; STD-27", True),
    (
        "C003",
        "The second copy holds other bytes under a sealed object's key; they are not written over.",
        "2 CCR 22620.7; STD-05; STD-21",
        True,
    ),
    (
        "C004",
        "An object of the second copy is locked for a shorter time than the object itself, or not at all.",
        "2 CCR 22620.7; STD-06",
        True,
    ),
    ("C005", "The second copy holds an object that the vault does not.", "2 CCR 22620.7; STD-28", True),
    (
        "C006",
        "A later version or a delete marker hides an object of the second copy from ordinary readers.",
        "STD-05; STD-21",
        True,
    ),
    ("C007", "An object could not be copied to the second store; it is tried again.", "2 CCR 22620.7", True),
    ("F001", "A sealed object read again does not have the bytes that were sealed.", "STD-05; STD-21", True),
    (
        "F002",
        "An object of the second copy read again does not have the bytes that were sealed.",
        "STD-21; STD-27",
        True,
    ),
    ("F003", "A sealed object cannot be read any more.", "STD-21; Evid. 1550", True),
    ("F004", "An object of the second copy cannot be read any more.", "STD-21; STD-27", True),
    (
        "F005",
        "Sealed objects were not read again within the period that the agency has set.",
        "STD-21; 2 CCR 22620.7",
        True,
    ),
    ("T001", "A time stamp cannot be read: it is not a granted response of RFC 3161.", "RFC 3161 2.4.2; STD-16", True),
    ("T002", "A time stamp is over other bytes than those it is kept for.", "RFC 3161 2.4.2; STD-16", True),
    ("T003", "A time stamp's signature, or the certificate that made it, is not sound.", "RFC 3161 2.3; STD-16", True),
    (
        "T004",
        "A time stamp's certificates do not lead to a root that the agency trusts, as of the stamp's own time.",
        "RFC 3161 2.2; RFC 5280 6.1; STD-16",
        True,
    ),
    ("T005", "An authority's answer is not to the request that was sent to it.", "RFC 3161 2.2", True),
    ("T006", "A required time authority has not stamped the newest checkpoint.", "STD-16", True),
    ("T007", "A time authority's clock and this machine's are more than five minutes apart.", "STD-16", True),
    ("T008", "A time stamp has aged out, and was not renewed before it did.", "RFC 4998 5.3; STD-16", True),
    ("T009", "A renewal covers an object that is gone, or whose bytes are others now.", "RFC 4998 5.3; STD-16", True),
    ("T010", "Time stamps over the log's checkpoints run backwards.", "STD-16", True),
    ("T011", "A record says that it was sealed after a time authority had stamped it.", "STD-16", True),
    ("T012", "Time stamps age out soon, and could not be renewed.", "RFC 4998 5.2; STD-16", False),
    ("R001", "A lock ends soon, and no date can be computed until which the records must be kept.", "STD-07", True),
    ("R002", "A record is locked for a shorter time than it must be kept, and the lock did not grow.", "STD-06", True),
    (
        "R010",
        "An object that an open matter covers was not held on the store; it is held now.",
        "STD-10",
        True,
    ),
    (
        "R011",
        "An object is held on the store, and no matter ever covered it; it stays held until a person decides.",
        "STD-10",
        True,
    ),
    ("R012", "The store did not hold an object that an open matter covers; it is tried again.", "STD-10", True),
    ("R013", "The second copy did not answer, so the holds on it are not reconciled.", "STD-10; 2 CCR 22620.7", True),
    ("R014", "The store did not let go of an object that no open matter covers; it is tried again.", "STD-10", True),
    ("R015", "Custodians have not acknowledged a hold by the day that its notice names.", "STD-10", False),
    (
        "R016",
        "Records could not be searched for what a matter is about, so their volumes are held whole.",
        "STD-10",
        False,
    ),
    (
        "R020",
        "The agency has not adopted its schedule, or has no rules of disposition: nothing may be disposed of.",
        "GC 34090; MCA 2-6-1202",
        True,
    ),
    ("R021", "Records are younger than the age below which the law lets nothing be destroyed.", "GC 34090(d)", True),
    ("R022", "Records are not due yet: a rule keeps them longer.", "STD-07", True),
    ("R023", "An open legal matter covers the records.", "STD-10", True),
    ("R024", "An open records request covers the records.", "GC 7920.000; STD-10", True),
    ("R025", "An open claim, audit or CEQA project covers the records.", "PRC 21167.6; STD-10", True),
    ("R026", "Nobody said whether records are of a kind that may not be destroyed.", "GC 34090(a)-(e)", True),
    ("R027", "Records are of a kind that may not be destroyed.", "GC 34090(a)-(e)", True),
    ("R028", "What would be destroyed is not what was listed and signed.", "STD-11", True),
    ("R029", "An approval is missing, or was given out of its order.", "GC 34090; STD-11", True),
    ("R030", "Somebody who was asked refused.", "GC 34090; STD-11", True),
    ("R031", "An approval was not given in time; silence approves nothing.", "STD-11", True),
    ("R032", "Whoever answered did not hold the office that day.", "GC 34090; STD-16", True),
    ("R033", "The same person answered twice, or approved what they had proposed.", "STD-16", True),
    ("R034", "A paper that an approval rests on, or its reference, is not named.", "GC 34090; STD-11", True),
    ("R035", "A sealed approval is not the answer that was recorded when it was given.", "STD-11; STD-15", True),
    (
        "R036",
        "The second copy does not answer, or does not hold every record of the list whole.",
        "2 CCR 22620.7; STD-13",
        True,
    ),
    ("R037", "A record of the list is still locked or held on a store.", "GC 34090(d); STD-06; STD-10", True),
    ("R038", "The days of grace after the last approval are not over.", "STD-11", False),
    ("R039", "The receiver of a transfer has not acknowledged what was sent.", "STD-20", True),
    ("R040", "The schedule's row does not allow what was proposed.", "STD-06", True),
    ("R041", "What was proposed holds nothing, or not the records of one row.", "STD-11", True),
    ("R042", "The records are in another disposition that is not finished.", "STD-11", True),
    ("R043", "The schedule changed after the records were listed.", "STD-09; STD-11", True),
    ("R044", "A record of a list was gone before its destruction had begun.", "GC 6200; STD-06", True),
    ("R045", "A record of a list could not be deleted; it is tried again.", "STD-13", True),
    ("R046", "A record that was to be destroyed can still be found.", "STD-13", True),
    (
        "R047",
        "A certificate is not of its form, or names a manifest that the log does not have.",
        "STD-12; STD-15",
        True,
    ),
    (
        "R050",
        "The schedule in the agency's file is not the one last adopted; until it is, the longer of the two holds.",
        "STD-09",
        False,
    ),
    (
        "H001",
        "Very many items of an account vanished at once: it counts as an outage until a person says otherwise.",
        "claremont-social B.23, D.2",
        False,
    ),
    (
        "H002",
        "Something was removed that was never captured: its time or its text is not known.",
        "claremont-social B.23",
        False,
    ),
    ("H003", "Items that are no longer listed could not be asked for.", "claremont-social B.23, D.2", False),
    ("H004", "An item was asked for twice, and told of differently.", "claremont-social B.23, D.2", False),
    ("D001", "The bucket was not created with Object Lock and versioning.", "STD-06", True),
    ("D002", "A locked object could be deleted before its date.", "STD-06", True),
    ("D003", "A locked object could be deleted with bypass.", "STD-06", True),
    ("D004", "A locked object could be deleted in bulk.", "STD-06", True),
    ("D005", "A compliance lock could be downgraded.", "STD-06", True),
    ("D006", "A lock could be shortened or removed.", "STD-06", True),
    ("D007", "Writing over a locked key changed the locked bytes.", "STD-05", True),
    ("D008", "Versioning could be suspended.", "STD-05", True),
    ("D009", "A lifecycle rule expires objects of the bucket.", "GC 34090; T-08", True),
    ("D010", "A lock was not stored as it was asked for.", "STD-06", True),
    ("D011", "A lock can be neither extended nor held.", "STD-10", True),
    ("D012", "A wrong checksum was accepted and not found by reading back.", "STD-21", True),
    ("D013", "The store reads without credentials.", "STD-17", True),
    ("D014", "The store lacks something that there is a way around.", "STD-27", False),
    ("D015", "Another key than the shredder's may delete once a lock has ended.", "STD-06; STD-16", False),
    (
        "M001",
        "The agency could have removed, hidden or blocked something, and its ledger does not explain it.",
        "claremont-social B.23, D.2",
        False,
    ),
    (
        "M002",
        "The ledger records an action that no capture shows, though captures were made after it.",
        "claremont-social D.2",
        False,
    ),
    ("M003", "Something was removed without a decision that names a ground.", "claremont-social C.7", False),
    ("M004", "A ground asks for a second reviewer, and there was none.", "claremont-social C.7", False),
    (
        "M005",
        "A decision rests on a version of the policy that was not in force that day.",
        "claremont-social A.5, B.16",
        False,
    ),
    ("M006", "Somebody was blocked, and no violation was logged before.", "claremont-social C.9", False),
    ("M007", "A block stands past the day on which it was to be reviewed.", "claremont-social C.9", False),
    ("M008", "A notice was received, and nobody has decided on it in time.", "claremont-social D.2", False),
    (
        "M009",
        "Something was removed before it had ever been captured.",
        "claremont-social B.23, D.2",
        False,
    ),
    (
        "M010",
        "Something was removed on a ground that is switched off, without counsel's override.",
        "claremont-social C.7",
        False,
    ),
    ("M011", "Counsel's sign-off is missing, or came too late.", "claremont-social C.7", False),
    (
        "M012",
        "The record of a removal lacks what its ground or the policy asks for.",
        "claremont-social B.23, C.7",
        False,
    ),
    (
        "M013",
        "The second reviewer or counsel did not agree, and what was done still stands.",
        "claremont-social C.7",
        False,
    ),
    (
        "M014",
        "Somebody acted on an account without a written authorization for it at that instant.",
        "claremont-social B.9",
        False,
    ),
    ("M020", "On a business day nobody attested that the accounts were monitored.", "claremont-social B.4, D.2", False),
    ("K001", "An active account of the register was not captured.", "claremont-social B.6", False),
    ("K002", "Something was captured that the register does not list as active.", "claremont-social B.6", False),
    (
        "K003",
        "A registered account does not operate: the platform showed nothing of it.",
        "claremont-social B.6",
        False,
    ),
    (
        "K004",
        "An account was opened before it was approved, or without an approval.",
        "claremont-social B.3, B.8",
        False,
    ),
    ("K005", "An approval does not say who was consulted.", "claremont-social B.3", False),
    (
        "K006",
        "Something was posted or edited at an instant at which nobody was authorized for it in writing.",
        "claremont-social B.9, B.11",
        False,
    ),
    (
        "K007",
        "A person's authorization ended on one account, and stands on another that nobody has granted anew since.",
        "claremont-social B.17",
        False,
    ),
    (
        "K008",
        "An active account has nobody who is authorized for it in writing now.",
        "claremont-social A.1, B.9",
        False,
    ),
    ("K009", "An account was registered with an address that is not the agency's own.", "claremont-social B.10", False),
    ("K010", "An account ended without a complete last capture.", "claremont-social B.15", False),
    ("K011", "A class of records that the platform offers is not captured.", "claremont-social B.19", False),
    ("K012", "A credential may do more than read.", "claremont-social D.1", False),
    ("K013", "Media that items show were neither kept nor explained by a gap.", "claremont-social A.3", False),
    ("K014", "An edit was seen, and one of its two versions is not kept.", "claremont-social B.5", False),
    ("K015", "The schedule leaves open how long removed content is kept.", "claremont-social B.20, B.23", False),
    ("K016", "Something is kept under a lock that the schedule says may lie under none.", "calcities-privacy", False),
    ("K017", "A policy has no version in force.", "claremont-social C.5", False),
    ("K018", "The stores were not tried and compared lately, or failed.", "lathrop-privacy; GC 34090.5", False),
    ("K019", "A post can be counted for no department of the register.", "claremont-social C.3", False),
    ("K020", "What is kept was not read again within the agency's own period.", "claremont-social A.4", False),
    ("K021", "An agency in service has no policy file.", "claremont-social F.1", False),
    ("K022", "A series of an active account has no accepted capture of the last day.", "claremont-social B.20", False),
    ("K023", "Nobody has stated the agency's privacy rules.", "lathrop-privacy; claremont-social F.1", False),
    ("K024", "A list of subscribers is kept, and the agency's privacy rules keep none.", "calcities-privacy", False),
    ("K030", "A profile does not say that it is officially maintained by the agency.", "claremont-social B.13", False),
    ("K031", "A profile does not say that it complies with the social media policy.", "claremont-social B.13", False),
    (
        "K032",
        "A profile does not lead to the social media policy, or not to the comment policy.",
        "claremont-social B.24",
        False,
    ),
    ("K033", "A policy that a profile must lead to could not be had at its address.", "claremont-social B.24", False),
    (
        "K034",
        "The policy that a profile leads to is not the text of the version in force.",
        "claremont-social B.24",
        False,
    ),
    ("K035", "A profile does not show the official logo, and nobody has attested it.", "claremont-social B.2", False),
    ("K036", "A profile does not give an official e-mail address.", "claremont-social B.2", False),
    ("K037", "A profile does not link to the official website.", "claremont-social B.2, B.25", False),
    ("K038", "A profile does not lead to the other official accounts.", "claremont-social B.2", False),
    ("K040", "Official posts have no counterpart on the website.", "claremont-social B.1, B.26, C.2", False),
    (
        "K041",
        "A person must say whether official posts are original; until then they are kept as original.",
        "claremont-social B.20; R-B20a",
        False,
    ),
    (
        "K042",
        "A post was decided to reflect an official source that is not captured any more.",
        "claremont-social B.20; GC 34090.7",
        False,
    ),
    ("K043", "Original posts are filed under no row of the retention schedule.", "claremont-social B.20", False),
    ("K050", "Official posts seem to carry personal data.", "claremont-social B.12, C.1", False),
    (
        "K055",
        "A member of a legislative body responded on an official account; for counsel to review.",
        "claremont-social B.18",
        False,
    ),
    (
        "K056",
        "A member of a legislative body responded directly to another member; for counsel to review.",
        "GC 54952.2(b)(3)",
        False,
    ),
    (
        "K060",
        "A policy in force has no watched page, or its page was never captured.",
        "claremont-social A.5, B.16",
        False,
    ),
    ("K061", "A watched page is gone, or no longer answers under its address.", "claremont-social A.5, B.16", False),
    (
        "K062",
        "A policy's page changed since a person last reviewed it; the controls of the changed clauses are named.",
        "claremont-social A.5, B.16",
        False,
    ),
    ("K063", "Nobody has reviewed the text of a policy's page.", "claremont-social A.5, B.16", False),
    ("K064", "A watched page is kept, and its text could not be read.", "claremont-social A.5, B.16", False),
    ("K065", "A watched page has not been captured for longer than two days.", "claremont-social A.5, B.16", False),
    ("K066", "The terms of a platform in use are not watched, or were never captured.", "claremont-social F.1", False),
    ("K067", "The terms of a platform in use were not reviewed in time.", "claremont-social F.1", False),
    ("K068", "The terms of a platform in use changed since they were last reviewed.", "claremont-social F.1", False),
    ("K069", "A policy's page does not have the text of the version in force.", "claremont-social A.5, B.16", False),
    ("K070", "The website does not say who operates it.", "MCA 2-17-552(2)(a)", False),
    ("K071", "The website does not give an address of its operator.", "MCA 2-17-552(2)(b)", False),
    ("K072", "The website does not give a telephone number of its operator.", "MCA 2-17-552(2)(b)", False),
    ("K073", "The website gives no electronic means of contacting its operator.", "MCA 2-17-552(2)(b)", False),
    ("K074", "The website does not describe how it handles and protects information.", "MCA 2-17-552(2)(c)", False),
    (
        "K075",
        "The website neither excludes another use of personal data nor asks for permission to it.",
        "MCA 2-17-552(3)",
        False,
    ),
    (
        "K080",
        "A field is captured, or would be, and no ground is named on which it may be kept.",
        "claremont-social F.1",
        False,
    ),
    ("K081", "A platform's terms need counsel's note for a field, and none is named.", "claremont-social F.1", False),
    ("K082", "The agency has no register of the grounds on which fields are kept.", "claremont-social F.1", False),
    ("U001", "A capture that was due was not made.", "claremont-social B.20; STD-04", False),
    ("U002", "An active account has a series that was never captured.", "claremont-social B.6, B.20", False),
)
