#!/bin/sh
# Let systemd know the unit, and a running Foresight the new binary. The package does not start it: it wants a
# configuration first.
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart foresight.service
fi
