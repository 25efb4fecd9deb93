#!/bin/bash
#
# cluster-report.sh: what `coldstart status` and `coldstart update` know of this node, as one JSON object. It changes nothing. What cannot be
# found out is null. `boot` tells one start of the machine from the next.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly ANSWER=120 # seconds for each question; the health of a machine that is slow takes a while

# answer_of COMMAND...: the JSON object that it prints, whatever its status is; otherwise null.
answer_of() {
  local answer
  answer=$(timeout --kill-after=5 "${COLDSTART_DEADLINE:-$ANSWER}" "$@" 2>/dev/null) || true
  answer=$(jq -c 'objects' <<<"$answer" 2>/dev/null) || answer=''
  printf '%s\n' "${answer:-null}"
}

# first_end: the certificate of this node that ends first.
first_end() {
  local ends end='' file
  ends=$(certificate_ends) || ends=''
  IFS=$'\t' read -r end file <<<"$ends" || true
  if [[ -z $end ]]; then
    printf 'null\n'
    return
  fi
  jq -n -c --arg file "$file" --argjson at "$end" '{$file, ends: ($at | todate)}'
}

# warnings: of steps that are done with a cause which somebody should look at. What a definition may want, e.g. no state disk, is none.
warnings() {
  jq -c '[.steps[] | select(.state == "done" and (.cause | test("^(certificate-expiring|data-nearly-full|etcd-snapshot-.*|nic-missing)$")))
    | {step, cause, message: (.message | split("\n")[0])}]' "$RUN_DIR/status.json" 2>/dev/null || printf '[]\n'
}

load_node
update=$(answer_of cluster-update.sh --status)
health=$(answer_of cluster-health.sh --json)
certificate=$(first_end)
warnings=$(warnings)
turn=null
if has_role master; then
  turn=$(answer_of cluster-rollout.sh turn)
fi
boot=$(_boot_id) || boot=''
jq -n -c --arg node "$NODE_NAME" --arg cluster "$CLUSTER_NAME" --arg boot "$boot" --argjson update "$update" --argjson health "$health" \
  --argjson certificate "$certificate" --argjson warnings "$warnings" --argjson turn "$turn" \
  '{$node, $cluster, $boot, $update, $health, $certificate, $warnings, $turn}'
