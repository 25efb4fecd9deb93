#!/bin/bash
#
# await-service.sh SECONDS CURL_ARGUMENT... URL: for ExecStartPost=, waits until a service is ready. Ends as soon as the
# service's process has ended: systemd starts it again only after this (systemd.service(5), $MAINPID).

set -euo pipefail
# shellcheck source=common/wait.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/common/wait.sh"

answers() { curl --silent --fail --output /dev/null --noproxy '*' --max-time 5 "$@"; }
has_ended() { [[ ! -d /proc/$MAINPID ]]; }
is_decided() { answers "$@" || has_ended; }

if ! wait_until "$1" is_decided "${@:2}"; then
  printf 'it was not ready in time\n' >&2
  exit 1
fi
if has_ended; then
  printf 'it ended before it was ready\n' >&2
  exit 1
fi
