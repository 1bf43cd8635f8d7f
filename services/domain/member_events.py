"""What became of members. Their data are sealed with a key that is in no event: who erases the key erases
the data here too. No phone, name or anything made of them stands in an event in clear.
"""

from __future__ import annotations

from typing import ClassVar

from services.domain.event import Event


class MemberJoined(Event, frozen=True, kw_only=True):
    """Somebody is a member from now on."""

    type: ClassVar[str] = "member.joined"
    version: ClassVar[str] = "1.0"

    member_id: str
    created_at_ms: int
    revision: int  # 1; part of the seal
    sealed: bytes  # base64 of version(1) | key id(1) | nonce(12) | AES-256-GCM of canonical JSON
    channel: str  # where they came from: "till", "web", "import"
    operator_id: str
    workstation_id: str


class MemberChanged(Event, frozen=True, kw_only=True):
    """The member's data are others."""

    type: ClassVar[str] = "member.changed"
    version: ClassVar[str] = "1.0"

    member_id: str
    revision: int
    sealed: bytes
    fields: tuple[str, ...]  # which have changed
    blocked: bool  # no benefits any more
    staff_id: str  # of an employee who is this member; ""
    operator_id: str


class MemberConsented(Event, frozen=True, kw_only=True):
    """A member agreed to one purpose, or took that back."""

    type: ClassVar[str] = "member.consented"
    version: ClassVar[str] = "1.0"

    consent_id: str
    member_id: str
    purpose: str
    granted: bool
    text_id: str  # of what they were shown
    text_version: str
    text_hash: str  # SHA-256 of it, hex
    channel: str
    evidence: str  # "paper", "screen", "sms": how it can be proved
    operator_id: str
    workstation_id: str


class MemberNoted(Event, frozen=True, kw_only=True):
    """Somebody wrote down what a member took part in, or said. The text may name people: it is sealed."""

    type: ClassVar[str] = "member.noted"
    version: ClassVar[str] = "1.0"

    note_id: str
    member_id: str
    kind: str  # "event" they took part in, "feedback"
    sealed: bytes  # of its day and text, as a member's data are
    operator_id: str


class MemberNoteChanged(Event, frozen=True, kw_only=True):
    """A note was put right or taken away. What it said stands in the events before, sealed as this one."""

    type: ClassVar[str] = "member.note_changed"
    version: ClassVar[str] = "1.0"

    note_id: str
    member_id: str
    sealed: bytes  # of its day and text as they are now; empty: it was taken away
    operator_id: str


class MemberUnmasked(Event, frozen=True, kw_only=True):
    """Somebody looked at data that are hidden usually, or took a copy of them."""

    type: ClassVar[str] = "member.unmasked"
    version: ClassVar[str] = "1.0"

    look_id: str
    member_id: str
    fields: tuple[str, ...]
    exported: bool
    reason: str
    operator_id: str
    approver_id: str


class MemberMerged(Event, frozen=True, kw_only=True):
    """Two are one person. Accounts stay where they are; reads go by the pair."""

    type: ClassVar[str] = "member.merged"
    version: ClassVar[str] = "1.0"

    absorbed: str
    survivor: str  # the older of the two
    evidence: tuple[str, ...]  # the fields that speak for it
    reason: str
    operator_id: str
    approver_id: str


class MemberUnmerged(Event, frozen=True, kw_only=True):
    """They were two after all."""

    type: ClassVar[str] = "member.unmerged"
    version: ClassVar[str] = "1.0"

    absorbed: str
    survivor: str
    reason: str
    operator_id: str
    approver_id: str


class MembersToldApart(Event, frozen=True, kw_only=True):
    """Somebody looked at two who might be one person: they are two."""

    type: ClassVar[str] = "member.told_apart"
    version: ClassVar[str] = "1.0"

    absorbed: str  # the younger of the two
    survivor: str
    evidence: tuple[str, ...]  # why it was thought so
    reason: str
    operator_id: str
    approver_id: str


class MemberErased(Event, frozen=True, kw_only=True):
    """The member's data are gone for good, here and wherever a copy lies; the books stay."""

    type: ClassVar[str] = "member.erased"
    version: ClassVar[str] = "1.0"

    member_id: str
    reason: str  # "asked", "retention", "restored": erased before, from a ledger that was put back
    operator_id: str
    approver_id: str


class MembersImported(Event, frozen=True, kw_only=True):
    """A file of members was taken over to its end; each who joined has an event of their own before."""

    type: ClassVar[str] = "members.imported"
    version: ClassVar[str] = "1.0"

    import_id: str
    file: str  # hex, made with the chain's key: a plain hash of a short list can be guessed
    rows: int
    joined: int
    known: int  # members already: nothing was changed
    doubtful: int  # may be somebody known: left out
    bad: int  # rows that could not be read: left out
    operator_id: str


class MembersExported(Event, frozen=True, kw_only=True):
    """Somebody took a table of all members along."""

    type: ClassVar[str] = "members.exported"
    version: ClassVar[str] = "1.0"

    export_id: str
    members: int
    clear: bool  # otherwise masked
    form: str  # "csv", "xlsx"
    reason: str
    operator_id: str
    approver_id: str


MEMBER_EVENTS: tuple[type[Event], ...] = (
    MemberJoined,
    MemberChanged,
    MemberConsented,
    MemberNoted,
    MemberNoteChanged,
    MemberUnmasked,
    MemberMerged,
    MemberUnmerged,
    MembersToldApart,
    MemberErased,
)
