"""The tables of members' tags, as steps of the migrations; none is edited once it has shipped."""

TABLES = """
    CREATE TABLE tag_book (  -- never changed: a later version takes its place
        version INTEGER PRIMARY KEY, body TEXT NOT NULL, operator_id TEXT NOT NULL
    );
    CREATE TABLE member_tag (  -- what was last said of it
        member_id TEXT NOT NULL, tag TEXT NOT NULL, is_on INTEGER NOT NULL, by_hand INTEGER NOT NULL,
        rule_version INTEGER NOT NULL, evidence TEXT NOT NULL,  -- JSON
        sale_id TEXT NOT NULL, operator_id TEXT NOT NULL, PRIMARY KEY (member_id, tag)
    ) WITHOUT ROWID;
    CREATE TABLE tag_round (  -- how far the day's look at everybody has come
        one INTEGER PRIMARY KEY CHECK (one = 1), day TEXT NOT NULL, version INTEGER NOT NULL,
        cursor TEXT NOT NULL
    );
"""

LIVES = """
    ALTER TABLE member_tag ADD COLUMN reason TEXT NOT NULL DEFAULT '';  -- of a person who decided
    CREATE INDEX member_tag_by_tag ON member_tag (tag, member_id) WHERE is_on;
    CREATE TABLE member_life (  -- found by the day's look, not in the journal: made of the sales
        member_id TEXT PRIMARY KEY, stage TEXT NOT NULL, fellows TEXT NOT NULL  -- the group
    ) WITHOUT ROWID;
"""
