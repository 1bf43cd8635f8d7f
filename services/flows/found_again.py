"""What finds members, made again of their sealed data: a copy of the ledger comes without it."""

from __future__ import annotations

from services.flows import members as people
from services.flows.shop import Shop
from services.store import db, members

PIECE = 500  # members of one transaction


def find_again(shop: Shop) -> tuple[int, int]:
    """(members who are found by all their keys now, members whose data do not open). A repeat changes
    nothing. Raises MemberSealed where none can be opened."""
    found, shut, after = 0, 0, ""
    while rows := members.sealed_after(after, PIECE):
        after = rows[-1].member_id
        with db.write():
            for row, held in zip(rows, people.opened_all(rows), strict=True):
                if held is None:
                    shut += 1
                    continue
                members.set_keys(row.member_id, people.digests(shop, held), row.changed_at_ms)
                found += 1
    return found, shut
