#!/usr/bin/env sh
# Debian's Chromium, for the journeys: installed when we may, asked for when we may not.
set -eu
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing chromium for the browser tests" >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
else
    echo "The browser tests need chromium: sudo apt install chromium" >&2
    exit 3
fi
