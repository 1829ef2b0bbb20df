#!/bin/sh
# Stop Foresight when it is removed, not when it is upgraded: dpkg says remove, rpm the number 0 of what stays.
set -e
case "${1:-}" in
  remove | 0)
    if [ -d /run/systemd/system ]; then
      systemctl --no-reload disable --now foresight.service
    fi
    ;;
esac
