"""The sweep finds who is one person, makes one of who surely is, and comes to the same end when killed."""

from __future__ import annotations

import random
import sqlite3
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from services.domain import profile
from services.flows import duplicates as flow
from services.flows import members as people
from services.flows import merges
from services.flows.members import Joining
from services.flows.shop import Shop
from services.jobs import find_duplicates, tidy
from services.jobs.contract import Arguments, Refused
from services.store import books, db, duplicates, journal, members, schema, schema_members
from services.store.db import LEDGER
from services.store.members import MemberRow
from services.store.sealed import VAULT
from tests import made_members
from tests.faults import STATEMENTS_MAX, FailingConnection, failing
from tests.flows.test_members import CARD, OTHER, PHONE, count, who
from tests.shop import START_MS, Clock, make_shop, open_store


def registered(shop: Shop, verified: tuple[str, ...] = (), **given: str) -> str:
    """Somebody who came in another shop, so nobody asked whether they are known here."""
    member_id = shop.new_id()
    VAULT.create(member_id)
    joining = Joining(given=given, verified=frozenset(verified))
    mine = profile.changed({}, profile.normalised(given), verified, shop.now_ms())
    with db.write():
        return people.admit(shop, member_id, mine, joining, "zhou")


def keyed(shop: Shop, n: int, each: made_members.Registered) -> str:
    """The row and keys alone: what the sweep reads."""
    member_id = f"{n:08}"
    mine = profile.changed({}, profile.normalised(each.given), each.verified, START_MS)
    members.add(MemberRow(member_id, START_MS + n, START_MS, 1, b"", False, "", START_MS))
    members.set_keys(member_id, people.digests(shop, mine), START_MS)
    return member_id


def sweep(shop: Shop, *words: str) -> str:
    return find_duplicates.JOB.run(Arguments(words, str, shop.now_ms, lambda: shop))


def test_who_surely_is_one_becomes_one_and_the_rest_is_for_a_click(shop: Shop) -> None:
    first = registered(shop, phone=PHONE, name="王芳", birthday="1990-01-02")
    by_name = registered(shop, phone="+86 138-1234-5620", name="王 芳")
    by_day = registered(shop, ("card",), phone="１３８１２３４５６２０", birthday="1990-01-02", card=CARD)
    by_card = registered(shop, ("card",), phone=OTHER, card=CARD)
    stranger = registered(shop, phone=OTHER, name="李强")
    namesake = registered(shop, email="w@x.cn", name="王芳", birthday="1990-01-02")
    assert sweep(shop) == "5 pairs are new or gone, 3 were made one; 0 look alike"
    assert members.group(first) == (first, *sorted((by_name, by_day, by_card)))
    assert who(shop, CARD) == [first]
    assert duplicates.found() == {(stranger, first): "candidate", (namesake, first): "hint"}
    assert merges.duplicates()[:2] == [(first, stranger), (first, namesake)]
    assert books.differences() == []
    before = count("journal")
    assert sweep(shop) == sweep(shop, "all") == "0 pairs are new or gone, 0 were made one; 0 look alike"
    assert count("journal") == before


def test_an_unverified_card_is_for_a_click(shop: Shop) -> None:
    one = registered(shop, ("card",), phone=PHONE, card=CARD)
    other = registered(shop, phone=OTHER, card=CARD)
    sweep(shop)
    assert duplicates.found() == {(other, one): "candidate"}


def test_two_id_cards_are_never_one_person_by_themselves(shop: Shop) -> None:
    one = registered(shop, phone=PHONE, name="王芳", id_card="11010519491231002X")
    other = registered(shop, phone=PHONE, name="王芳", id_card="440524188001010014")
    assert sweep(shop) == "1 pairs are new or gone, 0 were made one; 0 look alike"
    assert sweep(shop, "all") == "0 pairs are new or gone, 0 were made one; 0 look alike"
    assert merges.duplicates() == [(one, other)]
    assert merges.review(shop, one, other).refused == "id_cards"


def test_who_was_parted_stays_two(shop: Shop) -> None:
    one, other = (registered(shop, phone=PHONE, name="王芳") for _ in range(2))
    sweep(shop)
    (made,) = merges.merges_of(people.find(one))
    merges.unmerge(shop, made.edge, "母女", None, operator_id="he", request_id="u")
    assert sweep(shop, "all") == sweep(shop) == "0 pairs are new or gone, 0 were made one; 0 look alike"
    assert members.group(other) == (other,) and books.differences() == []
    with db.write():
        assert not merges.merge_sure(shop, (other, one)), "what was found before they were parted"
    merges.merge(shop, one, other, "同一人", None, operator_id="he", request_id="m")
    assert members.group(other) == (one, other) and books.differences() == []


def test_who_was_parted_before_this_was_kept_stays_two(shop: Shop) -> None:
    """The step of the schema reads it from the journal."""
    one, other, third = (registered(shop, phone=PHONE, name="王芳") for _ in range(3))
    sweep(shop)
    first, second = merges.merges_of(people.find(one))
    for n, edge in enumerate((first.edge, second.edge)):
        merges.unmerge(shop, edge, "母女", None, operator_id="he", request_id=f"u{n}")
    merges.merge(shop, one, third, "同一人", None, operator_id="he", request_id="m")
    before = duplicates.apart()
    assert before == [(other, one)]
    step = schema.MIGRATIONS.index(schema_members.DUPLICATES)
    with db.write():
        for gone in ("TABLE member_apart", "TABLE member_pair", "INDEX member_by_changed"):
            LEDGER.execute_sql(f"DROP {gone}")
        for statement in schema._statements(schema.MIGRATIONS[step]):
            LEDGER.execute_sql(statement)
    assert duplicates.apart() == before and books.differences() == []


def test_the_night_s_work_does_it_too(shop: Shop) -> None:
    one, other = (registered(shop, phone=PHONE, name="王芳") for _ in range(2))
    said = tidy.JOB.run(Arguments((), str, shop.now_ms, lambda: shop))
    assert said.endswith("; made one of 1 pairs of members") and members.group(other) == (one, other)


def test_other_words_are_refused(shop: Shop) -> None:
    with pytest.raises(Refused):
        sweep(shop, "some")


def test_a_run_that_fails_anywhere_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": FailingConnection, **k}))
    for n in range(1, STATEMENTS_MAX):
        open_store(tmp_path / f"{n}.db")
        shop = make_shop(Clock())
        registered(shop, phone=PHONE, name="王芳")
        registered(shop, phone=PHONE, name="王芳", birthday="1990-01-02")
        registered(shop, phone=PHONE, birthday="1990-01-02")
        registered(shop, phone=PHONE, name="李强")
        failed = failing(n, lambda shop=shop: sweep(shop))  # type: ignore[misc]
        sweep(shop)
        assert list(duplicates.found().values()) == ["candidate"] and count("member_alias") == 2, n
        assert books.differences() == [] and journal.first_break() == 0
        VAULT.shut()
        LEDGER.shut()
        if not failed:
            assert n > 8
            return
    pytest.fail("never a clean run")


def test_what_changed_since_is_found_as_if_all_were_read(shop: Shop, clock: Clock) -> None:
    chance = random.Random(3)
    phones = [f"1380000{n:04}" for n in range(6)]
    names = ["王芳", "李强", "张伟"]
    for turn in range(150):
        with db.write():
            given = {"phone": chance.choice(phones), "name": chance.choice(names)}
            if chance.random() < 0.5:
                given["birthday"] = f"1990-01-0{chance.randint(1, 3)}"
            if chance.random() < 0.3:
                given["card"] = made_members.card_of(chance.randrange(6))
            proved = frozenset({"card"} if chance.random() < 0.5 else ())
            mine = profile.changed({}, given, proved, shop.now_ms())
            member_id = f"{chance.randrange(20):08}"
            if (row := members.by_id(member_id)) is None:
                now_ms = shop.now_ms()
                members.add(MemberRow(member_id, now_ms, now_ms, 1, b"", False, "", now_ms))
            else:
                members.put(replace(row, changed_at_ms=shop.now_ms()))
            members.set_keys(member_id, people.digests(shop, mine), shop.now_ms())
            if len(older := duplicates.by_age(f"{n:08}" for n in range(20))) > 1 and chance.random() < 0.2:
                survivor, absorbed = (older[n] for n in sorted(chance.sample(range(len(older)), 2)))
                if members.alias_at(absorbed, survivor) is None:
                    members.add_alias(absorbed, survivor, shop.now_ms())
                elif chance.random() < 0.8:
                    members.drop_alias(absorbed, survivor, shop.now_ms())
        clock.at_ms += 40 * 3_600_000
        flow.sweep(shop)
        since = duplicates.found()
        assert flow.sweep(shop, whole=True) == 0, turn
        assert since == duplicates.found()


def test_known_duplicates_are_found(shop: Shop) -> None:
    """Sure pairs are right; the others are shown to somebody, so they may be wrong now and then."""
    made = list(made_members.registrations(5_000))
    with db.write():
        ids = [keyed(shop, n, each) for n, each in enumerate(made)]
    person = dict(zip(ids, (each.person for each in made), strict=True))
    flow.sweep(shop)
    by_stage: dict[str, Counter[bool]] = {like: Counter() for like in ("same", "candidate", "hint")}
    reached: dict[str, str] = {}
    recall = {}
    doubles = len(made) - len(set(person.values()))
    for stage, right in by_stage.items():
        for (absorbed, survivor), like in duplicates.found().items():
            if like == stage:
                true = person[absorbed] == person[survivor]
                right[true] += 1
                if true:
                    reached[absorbed] = survivor
        recall[stage] = len(reached) / doubles
        sys.stdout.write(
            f"{stage:<10} right {right[True]:>5} wrong {right[False]:>5}"
            f" precision {right[True] / max(1, right.total()):.4f} recall so far {recall[stage]:.4f}\n"
        )
    assert by_stage["same"][False] == 0 and recall["same"] >= 0.75
    assert recall["hint"] >= 0.99, "with typos of the phone, which keep name and birthday"
