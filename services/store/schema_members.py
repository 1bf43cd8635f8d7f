"""The tables of who is one person: steps of the migrations, none of them edited once it has shipped."""

from __future__ import annotations

DUPLICATES = """
    CREATE INDEX member_by_changed ON member (changed_at_ms);
    CREATE TABLE member_apart (  -- pairs that somebody parted again
        absorbed TEXT NOT NULL, survivor TEXT NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY (absorbed, survivor)
    ) WITHOUT ROWID;
    INSERT INTO member_apart
        SELECT json_extract(body, '$.data.absorbed') AS one, json_extract(body, '$.data.survivor') AS other,
            MAX(at_ms) FROM journal WHERE type = 'member.unmerged'
        GROUP BY one, other
        HAVING NOT EXISTS (SELECT 1 FROM member_alias WHERE absorbed = one AND survivor = other);
    CREATE TABLE member_pair (  -- found by a sweep, not in the journal: made of member_key
        absorbed TEXT NOT NULL, survivor TEXT NOT NULL, likeness TEXT NOT NULL,
        PRIMARY KEY (absorbed, survivor)
    ) WITHOUT ROWID;
    CREATE INDEX member_pair_by_survivor ON member_pair (survivor);
"""
