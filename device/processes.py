"""The other processes of the box: uplink, HQ, broker, jobs; each until it is told to stop."""

from __future__ import annotations

import sys

from device import broker as embedded
from device import identity
from device.config import Settings
from device.leash import until_told
from services.hq import consumer
from services.jobs.contract import Arguments
from services.registry import discover
from services.store import schema
from services.store.db import LEDGER
from services.uplink import process


def uplink(settings: Settings) -> int:
    process.run(
        process.UplinkSettings(
            database=str(settings.database),
            socket=str(settings.socket),
            store_id=settings.store.id,
            shard=settings.broker.shard,
            host=settings.broker.host or "127.0.0.1",
            port=settings.broker.port,
            username=settings.broker.username,
            password=settings.broker.password,
        ),
        until_told(),
    )
    return 0


def hq(settings: Settings) -> int:
    consumer.run(
        consumer.HqSettings(
            database=f"{settings.hq.dir}/hq.db",
            host=settings.broker.host or "127.0.0.1",
            port=settings.broker.port,
        ),
        until_told(),
    )
    return 0


def broker(settings: Settings) -> int:
    embedded.run(settings.broker.port, settings.data_dir / "broker", until_told())
    return 0


def job(settings: Settings, name: str, words: tuple[str, ...]) -> int:
    LEDGER.open(settings.database)
    try:
        schema.migrate()
        sys.stdout.write(run_job(name, words) + "\n")
    finally:
        LEDGER.shut()
    return 0


def run_job(name: str, words: tuple[str, ...]) -> str:
    """One line of what the job did. The database is open for writing."""
    return str(discover("services.jobs", "JOB")[name].run(Arguments(words, identity.hash_pin)))
