"""The numbered migrations, from the first table on. A step is never edited once it has shipped."""

from __future__ import annotations

import sqlite3

from services.store import schema_balances, schema_members, schema_points, schema_tags
from services.store.db import LEDGER

# Texts are UTF-8, times UTC milliseconds, amounts minor units. Tables with a natural key that rises
# with time carry no rowid: one page less to write for each sale.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE box (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE journal (
        seq INTEGER PRIMARY KEY,  -- gap-free: the head row's and one; no row is ever removed
        type TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        body BLOB NOT NULL,       -- the event as it goes to HQ, byte for byte
        hash BLOB NOT NULL        -- SHA-256(hash of the row before || body)
    );
    CREATE TABLE cursor (
        reader TEXT PRIMARY KEY, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE request (
        key TEXT PRIMARY KEY, fingerprint BLOB NOT NULL, answer TEXT NOT NULL, at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE basket (till TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE sale (
        sale_id TEXT PRIMARY KEY, till TEXT NOT NULL, till_seq INTEGER NOT NULL, number TEXT NOT NULL,
        business_day TEXT NOT NULL, operator_id TEXT NOT NULL, currency TEXT NOT NULL,
        total_minor INTEGER NOT NULL, begun_at_ms INTEGER NOT NULL, ended_at_ms INTEGER NOT NULL,
        journal_seq INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX sale_by_till ON sale (till, till_seq);
    CREATE TABLE sale_line (
        sale_id TEXT NOT NULL, line_number INTEGER NOT NULL, sku TEXT NOT NULL, gtin TEXT NOT NULL,
        name TEXT NOT NULL, variant TEXT NOT NULL, quantity INTEGER NOT NULL,
        unit_price_minor INTEGER NOT NULL, extended_minor INTEGER NOT NULL,
        entry_method TEXT NOT NULL, voided INTEGER NOT NULL,
        PRIMARY KEY (sale_id, line_number)
    ) WITHOUT ROWID;
    CREATE TABLE tender (
        sale_id TEXT NOT NULL, n INTEGER NOT NULL, key TEXT NOT NULL, amount_minor INTEGER NOT NULL,
        tendered_minor INTEGER NOT NULL, change_minor INTEGER NOT NULL,
        PRIMARY KEY (sale_id, n)
    ) WITHOUT ROWID;
    CREATE TABLE posting (
        sale_id TEXT NOT NULL, n INTEGER NOT NULL, account TEXT NOT NULL, currency TEXT NOT NULL,
        amount_minor INTEGER NOT NULL,
        PRIMARY KEY (sale_id, n)
    ) WITHOUT ROWID;
    CREATE TABLE job (
        job_id TEXT PRIMARY KEY, till TEXT NOT NULL, kind TEXT NOT NULL, sale_id TEXT NOT NULL,
        copy_number INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
        reason TEXT NOT NULL, created_at_ms INTEGER NOT NULL, changed_at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX job_open ON job (till, created_at_ms)
        WHERE state IN ('queued', 'sending', 'unknown');
    CREATE TABLE category (key TEXT PRIMARY KEY, name TEXT NOT NULL, rank INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE style (
        style TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, garment TEXT NOT NULL,
        initials TEXT NOT NULL,  -- pinyin initials of the name, lower case, made at import
        rank INTEGER NOT NULL    -- place in the grid; best sellers first
    ) WITHOUT ROWID;
    CREATE INDEX style_by_rank ON style (rank);
    CREATE TABLE article (
        sku TEXT PRIMARY KEY, style TEXT NOT NULL REFERENCES style, gtin TEXT NOT NULL,
        colour TEXT NOT NULL, swatch TEXT NOT NULL, size TEXT NOT NULL,
        colour_rank INTEGER NOT NULL, size_rank INTEGER NOT NULL,
        price_minor INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX article_by_gtin ON article (gtin) WHERE gtin <> '';
    CREATE INDEX article_by_style ON article (style);
    CREATE TABLE staff (
        staff_id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, pin_hash TEXT NOT NULL,
        active INTEGER NOT NULL, rank INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE pin_failure (  -- survives a restart, or a restart would be a way round it
        subject TEXT PRIMARY KEY, failures INTEGER NOT NULL, locked_until_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE session (
        token_hash BLOB PRIMARY KEY, staff_id TEXT NOT NULL, till TEXT NOT NULL, csrf TEXT NOT NULL,
        begun_at_ms INTEGER NOT NULL, seen_at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE sale ADD COLUMN kind TEXT NOT NULL DEFAULT 'sale';      -- sale, return, exchange, void
    ALTER TABLE sale ADD COLUMN rounding_minor INTEGER NOT NULL DEFAULT 0;  -- total + rounding = tenders
    ALTER TABLE sale ADD COLUMN original_id TEXT NOT NULL DEFAULT '';   -- which lines come back from
    ALTER TABLE sale ADD COLUMN reason TEXT NOT NULL DEFAULT '';
    ALTER TABLE sale ADD COLUMN approver_id TEXT NOT NULL DEFAULT '';
    ALTER TABLE sale_line ADD COLUMN net_minor INTEGER NOT NULL DEFAULT 0;  -- after all adjustments
    ALTER TABLE sale_line ADD COLUMN category TEXT NOT NULL DEFAULT '';
    ALTER TABLE sale_line ADD COLUMN seller_id TEXT NOT NULL DEFAULT '';
    ALTER TABLE sale_line ADD COLUMN list_price_minor INTEGER;          -- before a person changed the price
    ALTER TABLE sale_line ADD COLUMN return_of TEXT NOT NULL DEFAULT '';    -- sale, and its line
    ALTER TABLE sale_line ADD COLUMN return_line INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX sale_line_returned ON sale_line (return_of, return_line) WHERE return_of <> '';
    UPDATE sale_line SET net_minor = extended_minor;
    ALTER TABLE tender ADD COLUMN exact_minor INTEGER NOT NULL DEFAULT 0;   -- before cash was rounded
    ALTER TABLE tender ADD COLUMN reference TEXT NOT NULL DEFAULT '';
    UPDATE tender SET exact_minor = amount_minor;
    CREATE TABLE adjustment (
        sale_id TEXT NOT NULL, n INTEGER NOT NULL, line_number INTEGER NOT NULL, layer INTEGER NOT NULL,
        source TEXT NOT NULL, source_version INTEGER NOT NULL, amount_minor INTEGER NOT NULL,
        label_zh TEXT NOT NULL, label_en TEXT NOT NULL,
        PRIMARY KEY (sale_id, n)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE stock (  -- an article that no stock document has named has no row
        sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE stock_document (
        document_id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, number TEXT NOT NULL,
        other_store TEXT NOT NULL, direction TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL,
        operator_id TEXT NOT NULL, at_ms INTEGER NOT NULL,
        moved_at_ms INTEGER NOT NULL,  -- when it changed what is on hand; 0: not yet
        reverses TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX stock_document_by_number ON stock_document (number) WHERE number <> '';
    CREATE TABLE stock_line (
        document_id TEXT NOT NULL, sku TEXT NOT NULL, n INTEGER NOT NULL, quantity INTEGER NOT NULL,
        expected INTEGER NOT NULL, found INTEGER NOT NULL, moved INTEGER NOT NULL,
        looked_seq INTEGER NOT NULL,  -- the journal's newest row when a count looked at the article
        PRIMARY KEY (document_id, sku)
    ) WITHOUT ROWID;
    CREATE INDEX stock_line_by_sku ON stock_line (sku);
    """,
    """
    CREATE TABLE role_right (  -- only where the shop's rule differs from what a new shop begins with
        key TEXT PRIMARY KEY, four_eyes INTEGER NOT NULL,
        limits TEXT NOT NULL  -- JSON: role -> the largest size, null for any
    ) WITHOUT ROWID;
    CREATE TABLE attendance (  -- as it was clocked
        span_id TEXT PRIMARY KEY, staff_id TEXT NOT NULL, business_day TEXT NOT NULL,
        in_at_ms INTEGER NOT NULL, out_at_ms INTEGER NOT NULL, state TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX attendance_open ON attendance (staff_id) WHERE state = 'open';
    CREATE INDEX attendance_by_day ON attendance (business_day, staff_id);
    CREATE TABLE attendance_correction (
        span_id TEXT NOT NULL, n INTEGER NOT NULL, in_at_ms INTEGER NOT NULL, out_at_ms INTEGER NOT NULL,
        reason TEXT NOT NULL, operator_id TEXT NOT NULL, approver_id TEXT NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY (span_id, n)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE job ADD COLUMN printer TEXT NOT NULL DEFAULT '';   -- it was sent to
    ALTER TABLE job ADD COLUMN language TEXT NOT NULL DEFAULT '';  -- empty: as the shop prints
    ALTER TABLE job ADD COLUMN document TEXT NOT NULL DEFAULT '';  -- JSON, of no sale
    """,
    """
    ALTER TABLE category ADD COLUMN name_en TEXT NOT NULL DEFAULT '';  -- empty: it has the one name
    """,
    """
    CREATE INDEX IF NOT EXISTS sale_by_business_day ON sale (business_day);  -- reports read whole days
    """,
    """
    CREATE TABLE promotion (
        promotion_id TEXT NOT NULL, version INTEGER NOT NULL,
        body BLOB NOT NULL,         -- its definition as JSON, never changed
        from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,  -- 0: it stands
        PRIMARY KEY (promotion_id, version)
    ) WITHOUT ROWID;
    CREATE TABLE promotion_use (
        promotion_id TEXT NOT NULL,
        scope TEXT NOT NULL,        -- "store", "day 2026-11-22", "member <id>"
        used INTEGER NOT NULL, spent_minor INTEGER NOT NULL,
        PRIMARY KEY (promotion_id, scope)
    ) WITHOUT ROWID;
    CREATE TABLE price (
        sku TEXT NOT NULL, list TEXT NOT NULL, from_ms INTEGER NOT NULL,
        to_ms INTEGER NOT NULL,     -- not included; 0: no end
        unit_minor INTEGER NOT NULL,
        PRIMARY KEY (sku, list, from_ms)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE commission_plan (
        version INTEGER PRIMARY KEY, from_month TEXT NOT NULL, rules TEXT NOT NULL,  -- JSON
        operator_id TEXT NOT NULL, at_ms INTEGER NOT NULL
    );
    """,
    """
    CREATE TABLE shift (
        shift_id TEXT PRIMARY KEY, till TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL,
        business_day TEXT NOT NULL, operator_id TEXT NOT NULL, opened_at_ms INTEGER NOT NULL,
        first_seq INTEGER NOT NULL, unknown_float INTEGER NOT NULL, closed_at_ms INTEGER NOT NULL,
        closed_by TEXT NOT NULL, last_seq INTEGER NOT NULL  -- 0 while it is open
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX shift_by_till ON shift (till, number);
    CREATE UNIQUE INDEX shift_open ON shift (till) WHERE state = 'open';
    CREATE TABLE cash_move (
        move_id TEXT PRIMARY KEY, shift_id TEXT NOT NULL, kind TEXT NOT NULL, currency TEXT NOT NULL,
        amount_minor INTEGER NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL,
        operator_id TEXT NOT NULL, approver_id TEXT NOT NULL, moved_at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX cash_move_by_shift ON cash_move (shift_id, move_id);
    CREATE TABLE cash_count (
        shift_id TEXT NOT NULL, number INTEGER NOT NULL, operator_id TEXT NOT NULL,
        late INTEGER NOT NULL, counted_at_ms INTEGER NOT NULL, cash BLOB NOT NULL,  -- JSON, as in the event
        PRIMARY KEY (shift_id, number)
    ) WITHOUT ROWID;
    CREATE TABLE z_report (
        till TEXT NOT NULL, number INTEGER NOT NULL, shift_id TEXT NOT NULL,
        body BLOB NOT NULL,       -- JSON, as in the event
        hash_prev BLOB NOT NULL, hash BLOB NOT NULL,  -- SHA-256(hash_prev || body), chained per till
        PRIMARY KEY (till, number)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX z_by_shift ON z_report (shift_id);
    """,
    """
    CREATE TABLE tender_draw (  -- of the original sale's tenders, used up by goods that came back
        sale_id TEXT NOT NULL, n INTEGER NOT NULL, original_id TEXT NOT NULL, amount_minor INTEGER NOT NULL,
        back_minor INTEGER NOT NULL,  -- of that paid back; the rest went into new goods
        PRIMARY KEY (sale_id, n)
    ) WITHOUT ROWID;
    CREATE INDEX tender_draw_by_original ON tender_draw (original_id);
    CREATE INDEX sale_by_original ON sale (original_id) WHERE original_id <> '';
    """,
    """
    ALTER TABLE sale_line ADD COLUMN style TEXT NOT NULL DEFAULT '';
    """,
    """
    CREATE TABLE parked (
        parked_id TEXT PRIMARY KEY, ticket INTEGER NOT NULL, state TEXT NOT NULL, basket_id TEXT NOT NULL,
        till TEXT NOT NULL, operator_id TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL,
        business_day TEXT NOT NULL, parked_at_ms INTEGER NOT NULL, currency TEXT NOT NULL,
        pieces INTEGER NOT NULL, total_minor INTEGER NOT NULL, ended_at_ms INTEGER NOT NULL,
        ended_till TEXT NOT NULL, ended_by TEXT NOT NULL, end_reason TEXT NOT NULL,
        resumed_as TEXT NOT NULL,
        body BLOB NOT NULL        -- the basket, and which of its lines follow the price list
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX parked_by_ticket ON parked (ticket);
    CREATE INDEX parked_open ON parked (ticket) WHERE state = 'parked';
    CREATE INDEX parked_by_time ON parked (parked_at_ms);
    CREATE INDEX parked_by_basket ON parked (basket_id);
    CREATE INDEX parked_by_resumed ON parked (resumed_as) WHERE resumed_as <> '';
    """,
    """
    CREATE TABLE gift_card (
        card_id TEXT PRIMARY KEY,
        code TEXT NOT NULL,         -- as printed: what is lost with a paper must print again
        sale_id TEXT NOT NULL, line_number INTEGER NOT NULL, currency TEXT NOT NULL,
        balance_minor INTEGER NOT NULL CHECK (balance_minor >= 0),
        used INTEGER NOT NULL, cancelled INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX gift_card_by_code ON gift_card (code);
    CREATE INDEX gift_card_by_sale ON gift_card (sale_id, line_number);
    CREATE TABLE gift_card_move (
        sale_id TEXT NOT NULL, n INTEGER NOT NULL, card_id TEXT NOT NULL, kind TEXT NOT NULL,
        amount_minor INTEGER NOT NULL, balance_minor INTEGER NOT NULL,
        PRIMARY KEY (sale_id, n)
    ) WITHOUT ROWID;
    CREATE INDEX gift_card_move_by_card ON gift_card_move (card_id);
    """,
    """
    CREATE TABLE instalment_plan (
        plan_id TEXT PRIMARY KEY, sale_id TEXT NOT NULL, currency TEXT NOT NULL, provider TEXT NOT NULL,
        months INTEGER NOT NULL, fee_bp INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX instalment_plan_by_sale ON instalment_plan (sale_id);
    CREATE TABLE instalment_due (
        plan_id TEXT NOT NULL, n INTEGER NOT NULL, day TEXT NOT NULL, agreed_minor INTEGER NOT NULL,
        owed_minor INTEGER NOT NULL CHECK (owed_minor >= 0),
        PRIMARY KEY (plan_id, n)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE exchange_rate (  -- never changed: a later version takes its place
        rate_id TEXT PRIMARY KEY, currency TEXT NOT NULL, version INTEGER NOT NULL,
        buy_e8 INTEGER NOT NULL CHECK (buy_e8 > 0), valid_from_ms INTEGER NOT NULL,
        source TEXT NOT NULL, entered_by TEXT NOT NULL, entered_at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX exchange_rate_by_version ON exchange_rate (currency, version);
    CREATE INDEX exchange_rate_by_time ON exchange_rate (currency, valid_from_ms);
    ALTER TABLE tender ADD COLUMN currency TEXT NOT NULL DEFAULT '';  -- of notes; empty: the sale's
    ALTER TABLE tender ADD COLUMN foreign_minor INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tender ADD COLUMN rate_e8 INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE tender ADD COLUMN rate_id TEXT NOT NULL DEFAULT '';
    """,
    """
    CREATE TRIGGER sale_is_paid AFTER INSERT ON posting WHEN NEW.account = 'revenue:sales'
    BEGIN
        SELECT RAISE(ABORT, 'the tenders are not the total and its rounding')
        WHERE (SELECT total_minor + rounding_minor FROM sale WHERE sale_id = NEW.sale_id)
            IS NOT (SELECT COALESCE(SUM(amount_minor), 0) FROM tender WHERE sale_id = NEW.sale_id);
    END;
    """,
    """
    ALTER TABLE sale ADD COLUMN member_id TEXT NOT NULL DEFAULT '';  -- who bought
    CREATE INDEX sale_by_member ON sale (member_id, ended_at_ms) WHERE member_id <> '';
    """,
    schema_members.TABLES,
    """
    CREATE TABLE brought_back AS  -- by promotion: its uses in sales where all that had it came back
        SELECT source, COUNT(*) AS times, SUM(given) AS given FROM (
            SELECT a.source, -SUM(a.amount_minor) AS given FROM adjustment a
            JOIN sale_line l ON l.sale_id = a.sale_id AND l.line_number = a.line_number
            WHERE a.source_version > 0 AND a.amount_minor < 0
            GROUP BY a.sale_id, a.source, a.source_version
            HAVING MAX(l.quantity + (
                SELECT COALESCE(SUM(r.quantity), 0) FROM sale_line r WHERE r.return_of = a.sale_id
                AND r.return_of <> '' AND r.return_line = a.line_number AND NOT r.voided)) = 0
        ) GROUP BY source;
    UPDATE promotion_use SET
        used = used - (SELECT times FROM brought_back WHERE source = promotion_id),
        spent_minor = spent_minor - (SELECT given FROM brought_back WHERE source = promotion_id)
        WHERE scope = 'store' AND promotion_id IN (SELECT source FROM brought_back);
    DROP TABLE brought_back;
    """,
    schema_balances.STORED_VALUE,
    """
    CREATE TABLE bag (  -- with a rowid: more than 1,000 bytes need no page of their own, made and freed
        till TEXT PRIMARY KEY, body BLOB NOT NULL
    );
    INSERT INTO bag SELECT till, body FROM basket;
    DROP TABLE basket;
    ALTER TABLE bag RENAME TO basket;
    """,
    schema_balances.COUPONS,
    schema_points.TABLES,
    schema_points.CHECK_INS,
    schema_points.REFERRALS,
    schema_balances.OCCASIONS,
    schema_members.DUPLICATES,
    schema_tags.TABLES,
    """
    ALTER TABLE style ADD COLUMN tax_bp INTEGER;  -- contained in its prices; NULL: the shop's rate
    ALTER TABLE sale_line ADD COLUMN tax_bp INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sale_line ADD COLUMN tax_minor INTEGER NOT NULL DEFAULT 0;  -- contained in net_minor
    """,
    schema_members.GUESSES,
    """
    CREATE TABLE used_then AS  -- by a sale: whether all that had it came back, and what it gave
        SELECT a.source, s.member_id, -SUM(a.amount_minor) AS given,
            CAST(substr(j.body, instr(j.body, CAST('"time":"' AS BLOB)) + 8, 10) AS TEXT) AS day,
            json_extract(CAST(p.body AS TEXT), '$.terms.uses_per_day') AS by_day,
            json_extract(CAST(p.body AS TEXT), '$.terms.uses_per_member') AS by_member,
            MAX(l.quantity + (
                SELECT COALESCE(SUM(r.quantity), 0) FROM sale_line r WHERE r.return_of = a.sale_id
                AND r.return_of <> '' AND r.return_line = a.line_number AND NOT r.voided)) > 0 AS kept
        FROM adjustment a JOIN sale s USING (sale_id) JOIN journal j ON j.seq = s.journal_seq
        JOIN sale_line l ON l.sale_id = a.sale_id AND l.line_number = a.line_number
        JOIN promotion p ON p.promotion_id = a.source AND p.version = a.source_version
        WHERE s.kind IN ('sale', 'exchange') AND a.amount_minor < 0
        GROUP BY a.sale_id, a.source, a.source_version;
    DELETE FROM promotion_use WHERE scope <> 'store';  -- of days and members: nothing was given back before
    INSERT INTO promotion_use (promotion_id, scope, used, spent_minor)
        SELECT source, 'day ' || day, SUM(kept), SUM(given * kept) FROM used_then WHERE by_day > 0
        GROUP BY 1, 2;
    INSERT INTO promotion_use (promotion_id, scope, used, spent_minor)
        SELECT source, 'member ' || member_id, SUM(kept), SUM(given * kept) FROM used_then
        WHERE by_member > 0 AND member_id <> '' GROUP BY 1, 2;
    DROP TABLE used_then;
    """,
    schema_tags.LIVES,
    schema_members.NOTES,
    schema_balances.COUPON_ROUNDS,
    """
    ALTER TABLE sale_line ADD COLUMN bonus_minor INTEGER NOT NULL DEFAULT 0;  -- of net_minor, a discount
    ALTER TABLE tender ADD COLUMN bonus_minor INTEGER NOT NULL DEFAULT 0;  -- of amount_minor, a discount
    """,
    schema_members.BY_CHANCE,
    schema_members.CORRECTED_NOTES,
)


def migrate() -> int:
    """Bring the open database to the newest schema; the number of the last step done.

    Each step is one transaction with its own number, so a power cut leaves the old or the new schema.
    Raises AssertionError for a database of a newer program.
    """
    version = int(LEDGER.execute_sql("PRAGMA user_version").fetchone()[0])
    assert version <= len(MIGRATIONS), f"database has schema {version}, this program {len(MIGRATIONS)}"
    for number in range(version + 1, len(MIGRATIONS) + 1):
        with LEDGER.write():
            for statement in _statements(MIGRATIONS[number - 1]):
                LEDGER.execute_sql(statement)
            LEDGER.execute_sql(f"PRAGMA user_version = {number:d}")
    return len(MIGRATIONS)


def _statements(script: str) -> list[str]:
    """A trigger has semicolons of its own."""
    lines = (line.split("--")[0] for line in script.splitlines())
    found, rest = [], ""
    for part in "\n".join(lines).split(";"):
        rest = f"{rest}{part};"
        if sqlite3.complete_statement(rest):
            found.append(rest.strip())
            rest = ""
    return [statement for statement in found if statement != ";"]
