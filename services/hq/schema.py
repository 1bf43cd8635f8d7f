"""HQ's own tables, as numbered migrations. A step is never edited once it has shipped."""

from __future__ import annotations

import sqlite3
from pathlib import Path

BUSY_TIMEOUT_S = 10.0

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA wal_autocheckpoint=4000",  # 16 MB: a backlog is not copied into the file page by page
    "PRAGMA synchronous=FULL",  # an acknowledged event survives a power cut at HQ too
    "PRAGMA cache_size=-16000",
)

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE hq (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    INSERT INTO hq VALUES ('incarnation', '1');
    CREATE TABLE store (
        store TEXT PRIMARY KEY, shard INTEGER NOT NULL, epoch INTEGER NOT NULL,
        hwm INTEGER NOT NULL,           -- every event up to here is committed
        head BLOB NOT NULL,             -- the chain's hash there
        online INTEGER NOT NULL, boot INTEGER NOT NULL, last INTEGER NOT NULL,
        rejected_from INTEGER,          -- the stream is refused from here on; NULL when it is not
        reason TEXT NOT NULL, heard_at_ms INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE event (
        store TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
        id TEXT NOT NULL, type TEXT NOT NULL, dataschema TEXT NOT NULL,
        body BLOB NOT NULL,             -- as it came, byte for byte
        hash BLOB NOT NULL, projected INTEGER NOT NULL, received_at_ms INTEGER NOT NULL
    );                                  -- with a rowid: bodies of 1 KB would spill out of an index
    CREATE UNIQUE INDEX event_by_seq ON event (store, epoch, seq);
    CREATE UNIQUE INDEX event_by_id ON event (id);
    CREATE TABLE sale (
        store TEXT NOT NULL, sale_id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
        number TEXT NOT NULL, business_day TEXT NOT NULL, till TEXT NOT NULL, operator_id TEXT NOT NULL,
        currency TEXT NOT NULL, total_minor INTEGER NOT NULL, ended_at_ms INTEGER NOT NULL,
        PRIMARY KEY (store, sale_id)
    ) WITHOUT ROWID;
    CREATE TABLE quarantine (
        topic TEXT NOT NULL, reason TEXT NOT NULL, first INTEGER NOT NULL,
        times INTEGER NOT NULL, detail TEXT NOT NULL, payload BLOB NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY (topic, reason, first)
    );
    CREATE INDEX quarantine_by_age ON quarantine (at_ms);
    """,
    """
    CREATE TABLE z (                    -- in the order in which they came
        n INTEGER PRIMARY KEY, store TEXT NOT NULL, till TEXT NOT NULL, z_no INTEGER NOT NULL,
        epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
        hash TEXT NOT NULL, grand_total_minor INTEGER NOT NULL,
        fits INTEGER NOT NULL           -- whether it follows the till's Z before it
    );
    CREATE INDEX z_by_till ON z (store, till, n);
    INSERT INTO z (store, till, z_no, epoch, seq, hash, grand_total_minor, fits)
        SELECT store, till, json_extract(told, '$.z.z_no'), epoch, seq, json_extract(told, '$.hash'),
            json_extract(told, '$.z.grand_total_minor'), json_extract(told, '$.hash_prev') = COALESCE(
                LAG(json_extract(told, '$.hash')) OVER (PARTITION BY store, till ORDER BY came),
                '0000000000000000000000000000000000000000000000000000000000000000')
        FROM (SELECT store, epoch, seq, rowid AS came, json_extract(CAST(body AS TEXT), '$.data') AS told,
                json_extract(CAST(body AS TEXT), '$.data.workstation_id') AS till
            FROM event WHERE type = 'shift.closed')
        WHERE json_extract(told, '$.hash') IS NOT NULL
            AND json_extract(told, '$.z.grand_total_minor') IS NOT NULL
        ORDER BY came;
    """,
    """
    ALTER TABLE sale ADD COLUMN tax_minor INTEGER NOT NULL DEFAULT 0;    -- of all rates
    ALTER TABLE sale ADD COLUMN bonus_minor INTEGER NOT NULL DEFAULT 0;  -- of total_minor, a discount
    UPDATE sale SET tax_minor = (
        SELECT COALESCE(SUM(json_extract(t.value, '$.tax_minor')), 0)
        FROM event e, json_each(CAST(e.body AS TEXT), '$.data.taxes') t
        WHERE e.store = sale.store AND e.epoch = sale.epoch AND e.seq = sale.seq);
    """,
)


def open_database(path: Path) -> sqlite3.Connection:
    """The file at `path`, created or brought to the newest schema. For one thread."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    assert version <= len(MIGRATIONS), f"database has schema {version}, this program {len(MIGRATIONS)}"
    for number in range(version + 1, len(MIGRATIONS) + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE; {MIGRATIONS[number - 1]} PRAGMA user_version = {number:d}; COMMIT;"
        )
    return connection
