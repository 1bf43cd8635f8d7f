"""The tables of what members have: steps of the migrations, none of them edited once it has shipped."""

from __future__ import annotations

STORED_VALUE = """
    CREATE TABLE stored_value_plan (
        plan_id TEXT NOT NULL, version INTEGER NOT NULL,
        body BLOB NOT NULL,         -- as JSON, never changed
        from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,  -- 0: it stands
        PRIMARY KEY (plan_id, version)
    ) WITHOUT ROWID;
    CREATE TABLE stored_value_account (  -- of whoever's was stopped, or has a card or PIN of its own
        member_id TEXT PRIMARY KEY, state TEXT NOT NULL, cards INTEGER NOT NULL, pin_hash TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE stored_value_lot (
        lot_id TEXT PRIMARY KEY, member_id TEXT NOT NULL, recharge_id TEXT NOT NULL, kind TEXT NOT NULL,
        amount_minor INTEGER NOT NULL, left_minor INTEGER NOT NULL CHECK (left_minor >= 0),
        expires TEXT NOT NULL       -- the last day; empty: never
    ) WITHOUT ROWID;
    CREATE INDEX stored_value_lot_by_member ON stored_value_lot (member_id) WHERE left_minor > 0;
    CREATE INDEX stored_value_lot_by_recharge ON stored_value_lot (recharge_id);
    CREATE INDEX stored_value_lot_by_end ON stored_value_lot (expires) WHERE left_minor > 0;
    CREATE TABLE stored_value_move (
        move_id TEXT PRIMARY KEY, member_id TEXT NOT NULL, kind TEXT NOT NULL,
        principal_minor INTEGER NOT NULL, bonus_minor INTEGER NOT NULL,
        principal_balance_minor INTEGER NOT NULL, bonus_balance_minor INTEGER NOT NULL,
        store_id TEXT NOT NULL, business_day TEXT NOT NULL, at_ms INTEGER NOT NULL,
        operator_id TEXT NOT NULL, reason TEXT NOT NULL, sale_id TEXT NOT NULL, spend_id TEXT NOT NULL,
        recharge_id TEXT NOT NULL, plan_id TEXT NOT NULL, plan_version INTEGER NOT NULL,
        tender TEXT NOT NULL, reference TEXT NOT NULL, pays_minor INTEGER NOT NULL, proof TEXT NOT NULL,
        approver_id TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX stored_value_move_by_member ON stored_value_move (member_id, move_id);
    CREATE INDEX stored_value_move_by_day ON stored_value_move (business_day);
    CREATE INDEX stored_value_move_by_spend ON stored_value_move (spend_id) WHERE spend_id <> '';
    CREATE INDEX stored_value_move_by_sale ON stored_value_move (sale_id) WHERE sale_id <> '';
    CREATE INDEX stored_value_move_by_recharge ON stored_value_move (recharge_id) WHERE recharge_id <> '';
    CREATE TABLE stored_value_draw (  -- what a move did to each lot
        move_id TEXT NOT NULL, n INTEGER NOT NULL, lot_id TEXT NOT NULL, amount_minor INTEGER NOT NULL,
        listed_minor INTEGER NOT NULL,  -- list price of the goods that this part paid for
        PRIMARY KEY (move_id, n)
    ) WITHOUT ROWID;
    CREATE INDEX stored_value_draw_by_lot ON stored_value_draw (lot_id);
    """

COUPONS = """
    CREATE TABLE coupon_template (
        template_id TEXT NOT NULL, version INTEGER NOT NULL, number INTEGER NOT NULL,
        body BLOB NOT NULL,         -- as JSON, never changed
        from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,  -- 0: it stands
        PRIMARY KEY (template_id, version)
    ) WITHOUT ROWID;
    CREATE INDEX coupon_template_by_number ON coupon_template (number);
    CREATE TABLE coupon (
        coupon_id TEXT PRIMARY KEY,
        code TEXT NOT NULL,         -- in no journal
        template_id TEXT NOT NULL, template_version INTEGER NOT NULL, member_id TEXT NOT NULL,
        state TEXT NOT NULL, first_day TEXT NOT NULL, last_day TEXT NOT NULL, serial INTEGER NOT NULL,
        moves INTEGER NOT NULL, issued_at_ms INTEGER NOT NULL, reason TEXT NOT NULL,
        issue_sale TEXT NOT NULL, used_sale TEXT NOT NULL, used_day TEXT NOT NULL,
        reserved_by TEXT NOT NULL, reserved_until_ms INTEGER NOT NULL  -- of a bag, in no journal
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX coupon_by_code ON coupon (code);
    CREATE INDEX coupon_by_member ON coupon (member_id) WHERE member_id <> '';
    CREATE INDEX coupon_by_basket ON coupon (reserved_by) WHERE reserved_by <> '';
    CREATE INDEX coupon_by_issue ON coupon (issue_sale) WHERE issue_sale <> '';
    CREATE INDEX coupon_by_use ON coupon (used_sale) WHERE used_sale <> '';
    CREATE INDEX coupon_by_end ON coupon (last_day) WHERE state = 'issued';
    CREATE TABLE coupon_move (
        coupon_id TEXT NOT NULL, n INTEGER NOT NULL, kind TEXT NOT NULL, sale_id TEXT NOT NULL,
        at_ms INTEGER NOT NULL, reason TEXT NOT NULL, operator_id TEXT NOT NULL, other_id TEXT NOT NULL,
        store_id TEXT NOT NULL, business_day TEXT NOT NULL,
        PRIMARY KEY (coupon_id, n)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX coupon_move_once ON coupon_move (coupon_id, sale_id) WHERE kind = 'used';
    CREATE TABLE coupon_year (  -- whoever had a birthday's coupon, also before they joined anew
        person_key BLOB NOT NULL, year TEXT NOT NULL, PRIMARY KEY (person_key, year)
    ) WITHOUT ROWID;
    """

OCCASIONS = """
    ALTER TABLE coupon_template ADD COLUMN occasion TEXT NOT NULL DEFAULT '';  -- on which it is given
    CREATE INDEX coupon_template_occasion ON coupon_template (occasion)
        WHERE until_ms = 0 AND occasion <> '';
"""

COUPON_ROUNDS = """
    ALTER TABLE coupon ADD COLUMN round_id TEXT NOT NULL DEFAULT '';
    CREATE INDEX coupon_by_round ON coupon (round_id, state) WHERE round_id <> '';
    CREATE TABLE coupon_round (  -- one kind of coupon for many members at once
        round_id TEXT PRIMARY KEY, template_id TEXT NOT NULL, template_version INTEGER NOT NULL,
        kind TEXT NOT NULL, key TEXT NOT NULL,  -- to whom
        expected INTEGER NOT NULL,  -- people
        state TEXT NOT NULL, given INTEGER NOT NULL, operator_id TEXT NOT NULL,
        begun_at_ms INTEGER NOT NULL, ended_at_ms INTEGER NOT NULL,  -- 0: it runs
        withdrawn_by TEXT NOT NULL,
        passed INTEGER NOT NULL, cursor TEXT NOT NULL  -- how far it has come, in no journal
    ) WITHOUT ROWID;
    CREATE INDEX coupon_round_of ON coupon_round (template_id, round_id);
    CREATE INDEX coupon_round_open ON coupon_round (round_id) WHERE state = 'running';
    CREATE INDEX coupon_round_back ON coupon_round (round_id) WHERE state = 'withdrawn';
    CREATE INDEX tier_step_by_tier ON tier_step (tier, member_id) WHERE newest;
    CREATE TABLE coupon_count (  -- kept by the coupons themselves
        template_id TEXT NOT NULL, round_id TEXT NOT NULL, state TEXT NOT NULL, many INTEGER NOT NULL,
        PRIMARY KEY (template_id, round_id, state)
    ) WITHOUT ROWID;
    INSERT INTO coupon_count SELECT template_id, '', state, COUNT(*) FROM coupon GROUP BY 1, 3;
    CREATE TRIGGER coupon_is_counted AFTER INSERT ON coupon
    BEGIN
        INSERT INTO coupon_count VALUES (NEW.template_id, NEW.round_id, NEW.state, 1)
            ON CONFLICT (template_id, round_id, state) DO UPDATE SET many = many + 1;
    END;
    CREATE TRIGGER coupon_is_counted_anew AFTER UPDATE OF state ON coupon WHEN OLD.state <> NEW.state
    BEGIN
        UPDATE coupon_count SET many = many - 1
            WHERE template_id = OLD.template_id AND round_id = OLD.round_id AND state = OLD.state;
        DELETE FROM coupon_count WHERE many = 0
            AND template_id = OLD.template_id AND round_id = OLD.round_id AND state = OLD.state;
        INSERT INTO coupon_count VALUES (NEW.template_id, NEW.round_id, NEW.state, 1)
            ON CONFLICT (template_id, round_id, state) DO UPDATE SET many = many + 1;
    END;
"""
