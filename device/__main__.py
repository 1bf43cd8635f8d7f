"""The command line of the box: python -m device COMMAND."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from device import logs
from device.config import ConfigError, Settings, load
from device.leash import CANNOT_START, CannotStart


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code."""
    if not __debug__:
        sys.stderr.write("python -O removes checks this program relies on; start it without -O\n")
        return 2
    given = _parser().parse_args(arguments)
    try:
        settings = load(given.config)
        logs.setup(given.command)
        return int(_COMMANDS[given.command](settings, given))
    except (ConfigError, CannotStart) as error:
        sys.stderr.write(f"{error}\n")
        return CANNOT_START


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m device", description=__doc__)
    parser.add_argument("--config", type=Path, help="the settings file; without one: the demo on twins")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="the gateway: till, devices, the only writer of the database")
    commands.add_parser("uplink", help="carries the journal to HQ over MQTT")
    commands.add_parser("hq", help="the reference HQ consumer")
    enrol = commands.add_parser("enrol", help="at HQ: give a store a new epoch")
    enrol.add_argument("store")
    enrol.add_argument("shard", type=int)
    enrol.add_argument("epoch", type=int)
    commands.add_parser("broker", help="the embedded MQTT 5 broker")
    commands.add_parser("demo", help="a complete store on software twins")
    commands.add_parser("check", help="check the settings file, the journal's chain and the books")
    restore = commands.add_parser("restore", help="put a copy of the ledger onto a box that has none")
    restore.add_argument("copy", type=Path)
    job = commands.add_parser("job", help="run one job and end")
    job.add_argument("name")
    job.add_argument("words", nargs="*")
    return parser


def _run(settings: Settings, _: argparse.Namespace) -> int:
    from device import gateway

    gateway.run(settings)
    return 0


def _uplink(settings: Settings, _: argparse.Namespace) -> int:
    from device import processes

    return processes.uplink(settings)


def _hq(settings: Settings, _: argparse.Namespace) -> int:
    from device import processes

    return processes.hq(settings)


def _enrol(settings: Settings, given: argparse.Namespace) -> int:
    from device import processes

    return processes.enrol(settings, given.store, given.shard, given.epoch)


def _broker(settings: Settings, _: argparse.Namespace) -> int:
    from device import processes

    return processes.broker(settings)


def _demo(settings: Settings, given: argparse.Namespace) -> int:
    from device import demo

    return demo.run(settings, given.config)


def _check(settings: Settings, _: argparse.Namespace) -> int:
    from device import check

    return check.run(settings)


def _restore(settings: Settings, given: argparse.Namespace) -> int:
    from device import restore

    return restore.run(settings, given.copy)


def _job(settings: Settings, given: argparse.Namespace) -> int:
    from device import processes

    return processes.job(settings, given.name, tuple(given.words))


_COMMANDS = {
    "run": _run,
    "uplink": _uplink,
    "hq": _hq,
    "enrol": _enrol,
    "broker": _broker,
    "demo": _demo,
    "check": _check,
    "restore": _restore,
    "job": _job,
}

if __name__ == "__main__":
    sys.exit(main())
