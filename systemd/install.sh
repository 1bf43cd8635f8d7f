#!/bin/sh
# Puts the gateway on a Debian 12 or Raspberry Pi OS box: make install (as root).
# Run it again after every update; the settings in /etc/store-gateway/gateway.toml are never touched.
# With DESTDIR=FOLDER the files go under that folder and nothing of this machine is changed.
set -eu
cd "$(dirname "$0")/.."
DESTDIR="${DESTDIR:-}"
opt="$DESTDIR/opt/store-gateway"
etc="$DESTDIR/etc"
packages="python3 python3-venv python3-evdev tzdata"
system_python=/usr/bin/python3 # the one that python3-evdev belongs to

say() { echo "install: $*"; }

put() { # put SOURCE TARGET [MODE]
    if cmp -s "$1" "$2"; then return; fi
    mkdir -p "$(dirname "$2")"
    install -m "${3:-644}" "$1" "$2.new"
    mv "$2.new" "$2"
    say "wrote $2"
}

install_packages() {
    missing=""
    for package in $packages; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    say "installing Debian packages:$missing"
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

copy_program() {
    mkdir -p "$opt"
    for part in device drivers services web_console systemd; do
        rm -rf "$opt/$part.new"
        mkdir "$opt/$part.new"
        tar -C "$part" --exclude=__pycache__ -cf - . | tar -C "$opt/$part.new" --no-same-owner -xf -
        if diff -rq --exclude=__pycache__ "$opt/$part.new" "$opt/$part" >/dev/null 2>&1; then
            rm -rf "$opt/$part.new"
            continue
        fi
        rm -rf "$opt/$part"
        mv "$opt/$part.new" "$opt/$part"
        say "wrote $opt/$part"
    done
    put pyproject.toml "$opt/pyproject.toml"
    put README.md "$opt/README.md"
}

copy_system_files() {
    for unit in gateway.socket gateway.service gateway-uplink.service gateway-job@.service gateway-nightly.timer; do
        put "systemd/$unit" "$etc/systemd/system/$unit"
    done
    put systemd/watchdog.conf "$etc/systemd/system.conf.d/gateway.conf"
    put systemd/modules-load.conf "$etc/modules-load.d/gateway.conf"
    put systemd/sysusers.conf "$etc/sysusers.d/gateway.conf"
    put systemd/tmpfiles.conf "$etc/tmpfiles.d/gateway.conf"
    put systemd/99-gateway.rules "$etc/udev/rules.d/99-gateway.rules"
    if [ -e "$etc/store-gateway/gateway.toml" ]; then
        say "kept $etc/store-gateway/gateway.toml"
    else
        put systemd/gateway.toml "$etc/store-gateway/gateway.toml" 640
    fi
}

make_venv() {
    $system_python -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
    # evdev has no wheel: Debian's own is used, through the system's site packages.
    [ -x "$opt/.venv/bin/python" ] || $system_python -m venv --system-site-packages "$opt/.venv"
    python="$opt/.venv/bin/python"
    # What the program needs, and lgpio for the board's pins. Nothing is fetched when all of it is there.
    "$python" -c 'import tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
board = [each for each in project["optional-dependencies"]["board"] if not each.startswith("evdev")]
print(*project["dependencies"], *board, sep="\n")' >"$opt/requirements.txt"
    say "installing Python packages into $opt/.venv"
    "$python" -m pip install -q --disable-pip-version-check -r "$opt/requirements.txt"
    # The gateway cannot write here: compile now, or every start compiles again.
    "$python" -m compileall -q "$opt/device" "$opt/drivers" "$opt/services" "$opt/web_console"
}

tell_system() {
    systemd-sysusers "$etc/sysusers.d/gateway.conf"
    systemd-tmpfiles --create "$etc/tmpfiles.d/gateway.conf"
    say "user and folders are there"
    if [ ! -d /run/systemd/system ]; then
        say "systemd does not run here: units are in place but not enabled"
        return
    fi
    systemctl daemon-reload
    systemctl restart systemd-modules-load.service
    if systemctl is-active --quiet systemd-udevd.service; then # not in a container
        udevadm control --reload
        udevadm trigger --subsystem-match=input --subsystem-match=tty --subsystem-match=usbmisc \
            --subsystem-match=gpio
    fi
    systemctl enable --quiet gateway.socket gateway.service gateway-uplink.service gateway-nightly.timer
    say "units are enabled"
    cat <<END

Next:
  1. edit /etc/store-gateway/gateway.toml: the store's id and name, trusted_hosts, the broker, the devices
  2. systemctl restart gateway.socket gateway.service gateway-uplink.service gateway-nightly.timer
  3. journalctl -u gateway -u gateway-uplink -f
END
}

if [ -z "$DESTDIR" ]; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "install: run this as root" >&2
        exit 1
    fi
    install_packages
fi
copy_program
copy_system_files
if [ -z "$DESTDIR" ]; then
    make_venv
    tell_system
fi
say "done"
