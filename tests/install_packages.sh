#!/bin/sh
# The Debian packages that the tests need: a real broker, a real browser, fault injection, Chinese type,
# and what evdev is built with. Does nothing when all are there.
set -eu
packages="mosquitto chromium-headless-shell strace fonts-noto-cjk gcc python3-dev linux-libc-dev systemd systemd-container udev"
missing=""
for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "installing for the tests:$missing"
if [ "$(id -u)" -eq 0 ]; then
    run=""
elif command -v sudo >/dev/null 2>&1; then
    run="sudo"
else
    echo "The tests need these Debian packages, and this user may not install them:$missing" >&2
    exit 1
fi
$run apt-get update -qq
DEBIAN_FRONTEND=noninteractive $run apt-get install -y -qq --no-install-recommends $missing >/dev/null
