"""The embedded MQTT 5 broker for one machine without a mosquitto. It keeps nothing over a restart."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from iotcore import Broker

LOG = logging.getLogger(__name__)

LOOK_S = 0.5
PACKET_BYTES_MAX = 256 * 1024
CONNECTIONS_MAX = 32

# [v5.1] and not [v4.1]: this broker speaks MQTT 5 only on a listener declared so. Segments bound what
# it holds of one topic for slow readers; the stream resends what it drops.
CONFIG = f"""\
id = 0

[router]
id = 0
max_connections = {CONNECTIONS_MAX}
max_outgoing_packet_count = 200
max_segment_size = 1048576
max_segment_count = 8

[v5.1]
name = "store"
listen = "127.0.0.1:{{port}}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = {PACKET_BYTES_MAX}
max_inflight_count = 100
dynamic_filters = true
"""


def run(port: int, data_dir: Path, stop: threading.Event) -> None:
    """Serve MQTT 5 on 127.0.0.1:`port` until `stop`, in a child process that dies with this one.

    Raises OSError when the port is taken, RuntimeError when the broker does not start or dies.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    config = data_dir / "broker.toml"
    config.write_text(CONFIG.format(port=port))
    with Broker(config_path=str(config)) as broker:
        LOG.info("broker on port %d", port)
        while not stop.wait(LOOK_S):
            if not broker.is_running:
                raise RuntimeError("the embedded broker has died")
