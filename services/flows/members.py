"""Members: joining with one field, changing what is known, and finding who somebody is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.domain import identity, profile
from services.domain.identity import KINDS, QR, STRONG, Known
from services.domain.member_errors import MemberChanged, MemberKnown, MemberRefused, MemberUnknown
from services.domain.member_events import MemberChanged as Changed
from services.domain.member_events import MemberJoined
from services.domain.profile import Profile
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, members, requests, sealed
from services.store.members import MemberRow
from services.store.sealed import VAULT

REVISIONS_MAX = 100_000
SEEN_EVERY_MS = 30 * 86_400_000  # how stale it may be when somebody was here last
_PROOF_CHARS = 12


@dataclass(frozen=True, slots=True)
class Member:
    """One person: all their ids and what is known of them. Shows nothing of it in a log."""

    member_id: str  # stands for all of them
    ids: tuple[str, ...]
    revision: int  # rises with every change of any of them
    profile: Profile = field(repr=False)
    created_at_ms: int
    changed_at_ms: int
    seen_at_ms: int  # to the month
    blocked: bool
    staff_id: str

    @property
    def values(self) -> dict[str, str]:
        return profile.values(self.profile)


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody who may be meant. `sure` where only they can have shown this; `key_id` is which of their
    ids it is a key of: what they buy goes with that one, should they be two again."""

    member: Member
    kind: str
    sure: bool
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """Whoever joins. `another`: the cashier has asked, and it is not the person known by this phone."""

    given: Mapping[str, str] = field(repr=False)
    verified: frozenset[str] = frozenset()
    another: bool = False
    channel: str = "till"
    till: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """New values of some fields, "" to take one away; None leaves the rest as it is."""

    given: Mapping[str, str] = field(repr=False)
    verified: frozenset[str] = frozenset()
    another: bool = False
    blocked: bool | None = None
    staff_id: str | None = None


def join(shop: Shop, joining: Joining, *, operator_id: str, request_id: str) -> Member:
    """Somebody becomes a member, by one key at least. Whoever surely is one already, stays who they are.

    A repeat gives the first member. Raises MemberRefused for what is malformed or leaves nothing to find
    them by, MemberKnown (details.candidates) where it may be somebody known, MemberSealed.
    """
    given = profile.normalised(joining.given)
    mine = profile.changed({}, given, joining.verified, shop.now_ms())
    if not set(mine) & set(KINDS):
        raise MemberRefused("there is nothing to find this person by", why="nothing_to_find_by")
    asked = sealed.fingerprint(shop.keyring, "join", sorted(given.items()), joining.another)
    if (done := requests.answer(request_id, asked)) is not None:
        return find(done)
    if (same := _same(shop, mine, another=joining.another)) is None:
        same = shop.new_id()
        VAULT.create(same)
    try:
        with db.write():
            done = requests.answer(request_id, asked)
            if done is None:
                done = _same(shop, mine, another=joining.another) or admit(
                    shop, same, mine, joining, operator_id
                )
                requests.remember(request_id, asked, done, shop.now_ms())
            member = find(done)
    except MemberKnown:
        _unused(same)
        raise
    if done != same:
        _unused(same)
    return member


def edit(
    shop: Shop, member_id: str, wanted: Edit, *, revision: int, operator_id: str, request_id: str
) -> Member:
    """Change what is known of a member as it was at `revision`. A repeat changes nothing.

    Raises MemberUnknown, MemberChanged, MemberRefused, MemberSealed, and MemberKnown where a new key is
    another member's.
    """
    given = profile.normalised(wanted.given)
    asked = sealed.fingerprint(
        shop.keyring, "edit", member_id, revision, sorted(given.items()), wanted.blocked, wanted.staff_id
    )
    if (done := requests.answer(request_id, asked)) is not None:
        return find(done)
    with db.write():
        if requests.claim(request_id, asked, member_id, shop.now_ms()) is None:
            member = find(member_id)
            if member.revision != revision:
                raise MemberChanged("the member was changed meanwhile", revision=member.revision)
            _edit(shop, member, replace(wanted, given=given), operator_id)
        return find(member_id)


def find(member_id: str) -> Member:
    """The person this id stands for. Raises MemberUnknown, also for one who was erased; MemberSealed."""
    rows = [row for row in members.of_group(member_id) if row.sealed is not None]
    if not rows:
        raise MemberUnknown("there is no such member", member_id=member_id)
    return Member(
        member_id=rows[0].member_id,
        ids=tuple(row.member_id for row in rows),
        revision=sum(row.revision for row in rows),
        profile=profile.united({row.member_id: opened(row) for row in rows}),
        created_at_ms=rows[0].created_at_ms,
        changed_at_ms=max(row.changed_at_ms for row in rows),
        seen_at_ms=max(row.seen_at_ms for row in rows),
        blocked=any(row.blocked for row in rows),
        staff_id=next((row.staff_id for row in rows if row.staff_id), ""),
    )


def group(member_id: str) -> tuple[str, ...]:
    """All ids of the person this one stands for, the one for all first; also of one who was erased, whose
    books stay."""
    return members.group(member_id)


def recognise(shop: Shop, text: str) -> tuple[Hit, ...]:
    """Who is known by what was scanned or typed, likeliest first; nobody for what is no key of a member.

    Being asked for keeps their data alive. Raises MemberSealed.
    """
    hits: dict[str, Hit] = {}
    for known in identity.recognised(text):
        for member, key_id in _known_by(shop, known):
            sure = known.kind in (QR, *STRONG)
            hits.setdefault(member.member_id, Hit(member, known.kind, sure, key_id))
    for hit in hits.values():
        _note_seen(shop, hit.member)
    return tuple(hits.values())


def qr_text(shop: Shop, member_id: str) -> str:
    """What the member's QR code says: nobody without the chain's key can make one."""
    return identity.qr_text(member_id, _proof(shop, member_id))


def opened(row: MemberRow) -> Profile:
    """The data of one id. Raises MemberSealed."""
    assert row.sealed is not None, row.member_id
    plain = VAULT.unseal(row.member_id, row.sealed, _context(row.member_id, row.revision))
    return profile.read(plain)


def opened_all(rows: Sequence[MemberRow]) -> list[Profile | None]:
    """As opened(), of many in the order of their ids; None for each that does not open."""
    sealed_rows = [
        (row.member_id, row.sealed, _context(row.member_id, row.revision))
        for row in rows
        if row.sealed is not None
    ]
    assert len(sealed_rows) == len(rows), "nobody who was erased"
    return [None if plain is None else profile.read(plain) for plain in VAULT.unseal_all(sealed_rows)]


def digests(shop: Shop, held: Profile) -> dict[members.Key, bool]:
    """The keys of these data as the database has them."""
    return {
        (kind, sealed.blind(shop.keyring, kind, normal)): kind in held and held[kind].verified
        for kind, normal in profile.keys(held)
    }


def alike(
    shop: Shop, mine: Profile, but: Sequence[str] = (), *, hints: bool = False
) -> list[tuple[Member, str]]:
    """Who else shares a key with these data, and how sure it is that they are one; see profile.

    With `hints` also who shares no more than name and birthday.
    """
    kinds = (*KINDS, profile.PERSON) if hints else KINDS
    keys = [key for key in digests(shop, mine) if key[0] in kinds]
    ids = [found for found in members.found_by(keys) if found not in but]
    found: dict[str, tuple[Member, str]] = {}
    for each in ids:
        member = find(each)
        likeness = profile.likeness(mine, member.profile)
        if likeness and not set(member.ids) & set(but):
            found[member.member_id] = (member, likeness)
    return list(found.values())


def _known_by(shop: Shop, known: Known) -> list[tuple[Member, str]]:
    """Each person once, with the id under which they are known so; the oldest where it is several."""
    if known.kind == QR:
        member_id, proof = identity.qr_parts(known.value)
        if proof != _proof(shop, member_id) or members.by_id(member_id) is None:
            return []
        return [(find(member_id), member_id)] if _alive(member_id) else []
    ids = members.found_by([(known.kind, sealed.blind(shop.keyring, known.kind, known.value))])
    found: dict[str, tuple[Member, str]] = {}
    for key_id in ids:
        member = find(key_id)
        found.setdefault(member.member_id, (member, key_id))
    return list(found.values())


def _alive(member_id: str) -> bool:
    return any(row.sealed is not None for row in members.of_group(member_id))


def _proof(shop: Shop, member_id: str) -> str:
    return sealed.blind(shop.keyring, QR, member_id).hex()[:_PROOF_CHARS]


def _note_seen(shop: Shop, member: Member) -> None:
    now_ms = shop.now_ms()
    if now_ms - member.seen_at_ms > SEEN_EVERY_MS:
        with db.write():
            for member_id in member.ids:
                members.seen(member_id, now_ms)


def _same(shop: Shop, mine: Profile, *, another: bool) -> str | None:
    """Who this surely is; None for somebody new. Raises MemberKnown where only people can tell.

    `another` settles what may be shared or passed on, a phone and an address, and nothing else.
    """
    found = alike(shop, mine)
    if sure := [member.member_id for member, likeness in found if likeness == profile.SAME]:
        return sure[0]
    candidates = [member for member, likeness in found if likeness == profile.CANDIDATE]
    if candidates and not (another and not any(_strong(mine, each) for each in candidates)):
        raise _known(candidates)
    return None


def _known(candidates: Iterable[Member]) -> MemberKnown:
    return MemberKnown(
        "somebody is known by this already", candidates=[each.member_id for each in candidates]
    )


def _strong(mine: Profile, other: Member) -> bool:
    return any(
        profile.value(mine, kind) and profile.value(mine, kind) == profile.value(other.profile, kind)
        for kind in STRONG
    )


def _unused(member_id: str) -> None:
    """A key that was made for somebody who is known already."""
    if members.by_id(member_id) is None:
        VAULT.drop(member_id)


def admit(shop: Shop, member_id: str, mine: Profile, joining: Joining, operator_id: str) -> str:
    """Write a new member, whose key the vault has, inside the caller's transaction; the caller has made
    sure that it is nobody known."""
    now_ms = shop.now_ms()
    for member, likeness in alike(shop, mine) if joining.another else ():
        if likeness == profile.CANDIDATE:
            _pass_on(shop, member, mine, operator_id)
    blob = VAULT.seal(member_id, profile.written(mine), _context(member_id, 1))
    members.add(MemberRow(member_id, now_ms, now_ms, 1, blob, False, "", now_ms))
    members.set_keys(member_id, digests(shop, mine), now_ms)
    event = MemberJoined(
        member_id=member_id,
        created_at_ms=now_ms,
        revision=1,
        sealed=blob,
        channel=joining.channel,
        operator_id=operator_id,
        workstation_id=joining.till,
    )
    record(shop, event, now_ms)
    return member_id


def _pass_on(shop: Shop, before: Member, mine: Profile, operator_id: str) -> None:
    """A phone or an address that belongs to another person from now on leaves whom it belonged to."""
    shared = [
        kind
        for kind in KINDS
        if profile.value(mine, kind) and profile.value(mine, kind) == profile.value(before.profile, kind)
    ]
    _write(shop, before, dict.fromkeys(shared, ""), Edit(given={}), operator_id)


def _edit(shop: Shop, member: Member, wanted: Edit, operator_id: str) -> None:
    after = profile.changed(member.profile, wanted.given, wanted.verified, shop.now_ms())
    if not set(after) & set(KINDS):
        raise MemberRefused("there is nothing to find this person by", why="nothing_to_find_by")
    fresh = {key: held for key, held in after.items() if member.profile.get(key) != held}
    others = alike(shop, fresh, member.ids)
    clash = [other for other, likeness in others if likeness in (profile.SAME, profile.CANDIDATE)]
    if clash and (not wanted.another or any(_strong(fresh, other) for other in clash)):
        raise _known(clash)
    for other in clash:
        _pass_on(shop, other, fresh, operator_id)
    _write(shop, member, wanted.given, wanted, operator_id)


def _write(shop: Shop, member: Member, given: Mapping[str, str], wanted: Edit, operator_id: str) -> None:
    """Into the id that stands for them; from the others goes what says something else."""
    for member_id in member.ids:
        row = members.by_id(member_id)
        assert row is not None, member_id
        first = member_id == member.member_id
        before = opened(row)
        mine = (
            given if first else {k: "" for k, v in given.items() if profile.value(before, k) not in ("", v)}
        )
        after = profile.changed(before, mine, wanted.verified if first else (), shop.now_ms())
        fields = tuple(sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k)))
        blocked = row.blocked if wanted.blocked is None else wanted.blocked
        staff_id = row.staff_id if wanted.staff_id is None else wanted.staff_id if first else ""
        if fields or (blocked, staff_id) != (row.blocked, row.staff_id):
            changed = replace(row, blocked=blocked, staff_id=staff_id)
            _rewrite(shop, changed, after, fields, operator_id)


def _rewrite(shop: Shop, row: MemberRow, after: Profile, fields: tuple[str, ...], operator_id: str) -> None:
    now_ms, revision = shop.now_ms(), row.revision + 1
    assert revision <= REVISIONS_MAX, row.member_id
    blob = VAULT.seal(row.member_id, profile.written(after), _context(row.member_id, revision))
    members.put(replace(row, revision=revision, sealed=blob, changed_at_ms=now_ms, seen_at_ms=now_ms))
    members.set_keys(row.member_id, digests(shop, after), now_ms)
    event = Changed(
        member_id=row.member_id,
        revision=revision,
        sealed=blob,
        fields=fields,
        blocked=row.blocked,
        staff_id=row.staff_id,
        operator_id=operator_id,
    )
    record(shop, event, now_ms)


def _context(member_id: str, revision: int) -> str:
    """What a seal is bound to: no row opens with another's data, or with its own of before."""
    return f"member:{member_id}:{revision}"
