"""The tables of points, as steps of the migrations; none is edited once it has shipped."""

TABLES = """
    CREATE TABLE points_lot (  -- what one member holds to the end of one month, or owes
        member_id TEXT NOT NULL, program TEXT NOT NULL, state TEXT NOT NULL, expires TEXT NOT NULL,
        pending_until TEXT NOT NULL,
        credited INTEGER NOT NULL, debited INTEGER NOT NULL,  -- since ever; they only rise
        PRIMARY KEY (member_id, program, state, expires, pending_until),
        CHECK (CASE state WHEN 'debt' THEN credited <= debited ELSE credited >= debited END)
    ) WITHOUT ROWID;
    CREATE INDEX points_lot_due ON points_lot (state, expires, pending_until) WHERE credited <> debited;
    CREATE TABLE points_row (
        seq INTEGER PRIMARY KEY,  -- of the journal row that tells the same
        member_id TEXT NOT NULL, program TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
        expires TEXT NOT NULL, pending_until TEXT NOT NULL, delta INTEGER NOT NULL,
        balance INTEGER NOT NULL,
        reason TEXT NOT NULL, args TEXT NOT NULL,  -- JSON
        sale_id TEXT NOT NULL, of_sale TEXT NOT NULL, of_seq INTEGER NOT NULL,
        grant_body TEXT NOT NULL,  -- JSON: why a purchase earned them; "" for anything else
        operator_id TEXT NOT NULL, at_ms INTEGER NOT NULL
    );
    CREATE INDEX points_row_by_member ON points_row (member_id, program, seq);
    CREATE INDEX points_row_by_sale ON points_row (sale_id) WHERE sale_id <> '';
    CREATE INDEX points_row_of_sale ON points_row (of_sale) WHERE of_sale <> '';
    CREATE TABLE points_book (  -- the shop's rules; the newest holds
        version INTEGER PRIMARY KEY, body TEXT NOT NULL, operator_id TEXT NOT NULL, at_ms INTEGER NOT NULL
    );
"""

CHECK_INS = """
    CREATE INDEX points_row_reward ON points_row (json_extract(args, '$.reward_id'))
        WHERE reason = 'reward';
    CREATE TABLE check_in (
        member_id TEXT NOT NULL, day TEXT NOT NULL, streak INTEGER NOT NULL, jokers INTEGER NOT NULL,
        proof TEXT NOT NULL, operator_id TEXT NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY (member_id, day)
    ) WITHOUT ROWID;
"""

REFERRALS = """
    CREATE TABLE referral (
        newcomer_id TEXT PRIMARY KEY, referrer_id TEXT NOT NULL, state TEXT NOT NULL,
        sale_id TEXT NOT NULL, month TEXT NOT NULL, capped INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX referral_by_referrer ON referral (referrer_id, month);
    CREATE INDEX referral_by_sale ON referral (sale_id) WHERE sale_id <> '';
"""
