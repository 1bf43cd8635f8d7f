"""The tables of who is one person: steps of the migrations, none of them edited once it has shipped."""

from __future__ import annotations

TABLES = """
    UPDATE gift_card SET used = (  -- by how many sales, less those that were undone
        SELECT COUNT(*) FROM gift_card_move m WHERE m.card_id = gift_card.card_id AND kind = 'redeemed'
    );
    CREATE TABLE member (
        member_id TEXT PRIMARY KEY, created_at_ms INTEGER NOT NULL, changed_at_ms INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        sealed BLOB,                -- as in the journal; NULL: erased
        blocked INTEGER NOT NULL, staff_id TEXT NOT NULL,
        seen_at_ms INTEGER NOT NULL  -- to the month: how long their data are kept
    ) WITHOUT ROWID;
    CREATE INDEX member_by_seen ON member (seen_at_ms) WHERE sealed IS NOT NULL;
    CREATE TABLE member_key (  -- not in the journal: made of the sealed data
        kind TEXT NOT NULL, digest BLOB NOT NULL, member_id TEXT NOT NULL, verified INTEGER NOT NULL,
        since_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,  -- 0: it stands
        PRIMARY KEY (kind, digest, member_id, since_ms)
    ) WITHOUT ROWID;
    CREATE INDEX member_key_by_member ON member_key (member_id);
    CREATE TABLE member_alias (  -- two ids of one person; the survivor is the older
        absorbed TEXT NOT NULL, survivor TEXT NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY (absorbed, survivor)
    ) WITHOUT ROWID;
    CREATE INDEX member_alias_by_survivor ON member_alias (survivor);
    CREATE TABLE member_consent (  -- never changed: who takes it back gets another row
        consent_id TEXT PRIMARY KEY, member_id TEXT NOT NULL, purpose TEXT NOT NULL,
        granted INTEGER NOT NULL, text_id TEXT NOT NULL, text_version TEXT NOT NULL,
        text_hash TEXT NOT NULL, channel TEXT NOT NULL, evidence TEXT NOT NULL,
        operator_id TEXT NOT NULL, workstation_id TEXT NOT NULL, at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX member_consent_by_member ON member_consent (member_id, purpose, at_ms);
    CREATE TABLE member_look (
        look_id TEXT PRIMARY KEY, member_id TEXT NOT NULL, exported INTEGER NOT NULL,
        operator_id TEXT NOT NULL, at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX member_look_by_operator ON member_look (operator_id, at_ms);
    CREATE TABLE tier_program (  -- never changed: a later version takes its place
        version INTEGER PRIMARY KEY, body TEXT NOT NULL, operator_id TEXT NOT NULL
    );
    CREATE TABLE tier_step (
        member_id TEXT NOT NULL, n INTEGER NOT NULL, tier TEXT NOT NULL, before TEXT NOT NULL,
        since TEXT NOT NULL, until TEXT NOT NULL, granted_until TEXT NOT NULL, gifted INTEGER NOT NULL,
        reason TEXT NOT NULL, newest INTEGER NOT NULL, PRIMARY KEY (member_id, n)
    ) WITHOUT ROWID;
    CREATE INDEX tier_step_by_until ON tier_step (until) WHERE newest AND until <> '';
"""

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

GUESSES = """
    CREATE TABLE member_guess (  -- found by a sweep, not in the journal: made of the sealed data
        absorbed TEXT NOT NULL, survivor TEXT NOT NULL, bits INTEGER NOT NULL,
        reasons TEXT NOT NULL,  -- words of services/domain/resemblance.py, none of the data
        at_ms INTEGER NOT NULL, -- whoever changed since is looked at again first
        PRIMARY KEY (absorbed, survivor)
    ) WITHOUT ROWID;
    CREATE INDEX member_guess_by_bits ON member_guess (bits DESC, absorbed, survivor);
    CREATE INDEX member_guess_by_survivor ON member_guess (survivor);
"""

NOTES = """
    CREATE TABLE member_note (  -- what people noted of a member; gone with their data
        note_id TEXT PRIMARY KEY, member_id TEXT NOT NULL, kind TEXT NOT NULL,
        sealed BLOB NOT NULL,  -- as in the journal
        operator_id TEXT NOT NULL, at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX member_note_by_member ON member_note (member_id);
"""

BY_CHANCE = """
    ALTER TABLE member_pair ADD COLUMN chance INTEGER NOT NULL DEFAULT 0;  -- 1: nobody is asked about it
"""

CORRECTED_NOTES = """
    ALTER TABLE member_note ADD COLUMN corrected_by TEXT NOT NULL DEFAULT '';
    ALTER TABLE member_note ADD COLUMN corrected_ms INTEGER NOT NULL DEFAULT 0;  -- 0: as it was written
"""
