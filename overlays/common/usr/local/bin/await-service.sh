#!/bin/bash
#
# await-service.sh SECONDS CURL_ARGUMENT... URL: for ExecStartPost=, until a service says that it is ready. Ends as soon as the
# service's process has ended: systemd starts it again only after this (systemd.service(5), $MAINPID).

set -euo pipefail

readonly DEADLINE=$((SECONDS + $1))
shift
until curl --silent --fail --output /dev/null --noproxy '*' --max-time 5 "$@"; do
  if [[ ! -d /proc/$MAINPID ]]; then
    printf 'it has ended before it was ready\n' >&2
    exit 1
  fi
  if ((SECONDS >= DEADLINE)); then
    printf 'it is not ready in time\n' >&2
    exit 1
  fi
  sleep 1
done
