"""What the technician's page hears of the box, and asks of it."""

from __future__ import annotations

from typing import Literal

from web_console.api import Answer, HealthView, Id, Request


class BoxView(Answer, frozen=True, kw_only=True):
    """What a technician must know about the box."""

    store_id: str
    store_name: str
    gateway: str
    version: str
    epoch: int
    up_s: int
    boot: int
    health: HealthView
    tills: tuple[str, ...]
    disk_free_mb: int
    disk_total_mb: int
    database_mb: int
    copy: str  # of the ledger, on a second medium: "off" | "never" | "away" | "behind" | "late" | "ok"
    copied_ms: int  # the last that was whole; 0: never
    clock_quality: str  # "ntp" | "rtc" | "saved" | "none"
    clock_utc_ms: int
    journal_seq: int
    journal_hash: str
    journal_check: str  # "unchecked" | "checking" | "intact" | "broken"
    journal_checked_seq: int
    sqlite_version: str
    memory_mb: int
    load_percent: int
    notes: tuple[NoteView, ...]


class NoteView(Answer, frozen=True, kw_only=True):
    """One line of recent history, newest first."""

    at_ms: int
    code: str
    subject: str
    detail: str


class SelfTest(Request, frozen=True, kw_only=True):
    till: Id
    test: Literal["ticket", "drawer"]
