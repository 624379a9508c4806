#!/usr/bin/env bash
# Provide the browser that the tests drive, where the distribution has one to offer.
set -euo pipefail
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$name" ] && command -v "$name" >/dev/null && exit 0
done
as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
# Ubuntu's chromium-browser is a snap, which does not run everywhere: only Debian's own package is installed here.
if grep -q '^ID=debian' /etc/os-release 2>/dev/null && "${as_root[@]}" true 2>/dev/null; then
    echo "Installing Debian's chromium for the browser tests ..."
    "${as_root[@]}" apt-get update -qq
    exec "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
fi
echo "The browser tests need Chromium or Chrome. Install one and repeat the command, or say where it is:" >&2
echo "    CHROMIUM=/path/to/chrome make test" >&2
exit 1
