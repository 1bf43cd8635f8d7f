"""The other processes of the box: uplink, HQ, broker, jobs. Each loads its own part alone."""

from __future__ import annotations

import sys
from pathlib import Path

from device import VERSION, identity, keyring
from device.clock import Clock
from device.config import Settings
from device.leash import CannotStart, until_told
from services.flows.backups import Place
from services.flows.shop import Shop
from services.jobs.contract import Arguments, Refused
from services.registry import discover
from services.store import journal, schema
from services.store.copies import NotCopied
from services.store.db import LEDGER, AlreadyOpen
from services.store.sealed import VAULT

LOCAL = "127.0.0.1"  # where the embedded broker listens


def open_ledger(settings: Settings) -> None:
    """Open the database for writing, in its newest form, and the members' keys.

    Raises CannotStart when somebody else has it.
    """
    try:
        LEDGER.open(settings.database)
    except AlreadyOpen as error:
        raise CannotStart(str(error)) from error
    schema.migrate()
    VAULT.open(settings.member_keys, keyring.load(settings.data_dir), settings.member_keys_copy)


def close_ledger() -> None:
    """Both databases; harmless when closed."""
    VAULT.shut()
    LEDGER.shut()


def uplink(settings: Settings) -> int:
    from services.uplink.process import UplinkSettings, run

    broker, clock = settings.broker, Clock(0)
    chain = bool(broker.host)  # thousands of stores must not come back in one second; the demo may
    run(
        UplinkSettings(
            database=str(settings.database),
            socket=str(settings.socket),
            store_id=settings.store.id,
            shard=broker.shard,
            host=broker.host or LOCAL,
            port=broker.port,
            username=broker.username,
            password=broker.password,
            firmware=VERSION,
            reconnect_min_ms=1_000 if chain else 200,
            reconnect_first_ms=5_000 if chain else 500,
            reconnect_max_ms=120_000 if chain else 2_000,
            birth_jitter_ms=10_000 if chain else 0,
        ),
        until_told(),
        clock.now_ms,
        clock.quality,
    )
    return 0


def hq(settings: Settings) -> int:
    from services.hq.consumer import HqSettings, run

    broker = settings.broker
    run(
        HqSettings(
            database=f"{settings.hq.dir}/hq.db",
            host=broker.host or LOCAL,
            port=broker.port,
            username=broker.username,
            password=broker.password,
        ),
        until_told(),
        Clock(0).now_ms,
    )
    return 0


def enrol(settings: Settings, store: str, shard: int, epoch: int) -> int:
    """Also while HQ runs: the store hears of it in HQ's next answer."""
    from services.hq import last_known, z_chains
    from services.hq.ingest import Ingest, NotEnrolled
    from services.hq.schema import open_database

    connection = open_database(Path(settings.hq.dir) / "hq.db")
    try:
        Ingest(connection, Clock(0).now_ms).enrol(store, shard, epoch)
        sold = last_known.receipt_numbers(connection, store)
        closed = last_known.shifts(connection, store)
        zs = {till: ":".join(map(str, z)) for till, z in last_known.zs(connection, store).items()}
        used = "".join(
            f" {till}={sold.get(till, 0)}"
            + (f"/{closed[till]}" if till in closed else "")
            + (f"/{zs[till]}" if till in zs else "")
            for till in sorted({*sold, *closed})
        )
        strays = ", ".join(f"{z_no} of till {till}" for till, z_no in z_chains.strays(connection, store))
    except NotEnrolled as error:
        raise CannotStart(str(error)) from error
    finally:
        connection.close()
    if strays:
        sys.stdout.write(f"Zs that follow no other: {strays}\n")
    sys.stdout.write(f"epoch {epoch} of {store} begins; on its box: job new_epoch {epoch}{used}\n")
    return 0


def broker(settings: Settings) -> int:
    from device import broker as embedded

    port = settings.broker.port
    try:
        embedded.run(port, settings.data_dir / "broker", until_told())
    except OSError as error:
        raise CannotStart(f"the broker cannot be served at {LOCAL}:{port}: {error}") from error
    return 0


def _told(line: str) -> None:
    """Beside what the job answers at its end."""
    sys.stderr.write(line + "\n")


def job(settings: Settings, name: str, words: tuple[str, ...]) -> int:
    try:
        open_ledger(settings)
        sys.stdout.write(run_job(settings, name, words) + "\n")
    finally:
        close_ledger()
    return 0


def run_job(settings: Settings, name: str, words: tuple[str, ...]) -> str:
    """One line of what the job did. The database is open for writing."""
    known = discover("services.jobs", "JOB")
    if name not in known:
        raise CannotStart(f"there is no job {name!r}: {', '.join(sorted(known))}")
    clock = Clock(journal.newest_at_ms())

    def shop() -> Shop:
        from device.shop import make_shop  # only for a job that asks: it brings every part

        return make_shop(settings, clock)

    try:
        kept = Place(Path(settings.backup.dir), settings.backup.keep) if settings.backup.dir else None
        given = Arguments(words, identity.hash_pin, clock.now_ms, shop, settings.data_dir, _told, kept)
        return str(known[name].run(given))
    except (Refused, NotCopied) as refused:
        raise CannotStart(str(refused)) from refused
