"""What members agreed to, purpose by purpose: nothing is agreed to along with something else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

PURPOSES = ("membership", "marketing_sms", "wechat", "profiling", "prepaid_realname", "cross_store")
NOT_FOR_CHILDREN = ("marketing_sms", "wechat", "profiling")
EVIDENCE = ("paper", "screen", "sms", "spoken")  # how it can be proved
TEXT_MAX = 5_000  # of what was shown


@dataclass(frozen=True, slots=True)
class Consent:
    """A row is never changed: whoever takes it back gets another one."""

    consent_id: str
    member_id: str
    purpose: str
    granted: bool
    text_id: str
    text_version: str
    text_hash: str
    channel: str
    evidence: str
    operator_id: str
    workstation_id: str
    at_ms: int


def standing(log: Iterable[Consent]) -> dict[str, bool]:
    """What stands for one person: the newest word of each of their ids, and a no of any is a no.

    A purpose that nobody was asked about is left out, and not agreed to.
    """
    newest: dict[tuple[str, str], Consent] = {}
    for consent in log:
        key = (consent.purpose, consent.member_id)
        if key not in newest or _order(consent) > _order(newest[key]):
            newest[key] = consent
    found: dict[str, bool] = {}
    for consent in newest.values():
        found[consent.purpose] = found.get(consent.purpose, True) and consent.granted
    return {purpose: found[purpose] for purpose in PURPOSES if purpose in found}


def may_profile(log: Iterable[Consent]) -> bool:
    """Whether what one person bought may be used to know them better: until any of their ids says no."""
    return standing(log).get("profiling", True)


def text_hash(text: str) -> str:
    """Proves later what a member was shown."""
    return hashlib.sha256(text.encode()).hexdigest()


def _order(consent: Consent) -> tuple[int, str]:
    return consent.at_ms, consent.consent_id
