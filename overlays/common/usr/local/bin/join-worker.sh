#!/bin/bash
#
# join-worker.sh: lets a worker join, with its token or with its certificate. On a node that has joined it starts the
# services of a worker.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

say_no_api() {
  missing api api-unreachable "no master's API server answers" \
    "switch on the masters, $FIRST_MASTER first, and check their consoles; this node keeps trying"
}

wait_for_api() {
  run_unit api haproxy "the local proxy to the API servers"
  await "$API_WAIT" say_no_api api_answers || stop_missing
  ledger 'api' 'done' '' "an API server answers"
}

check_join_information() {
  if [[ ! -e $KUBELET_DIR/kubelet.conf && ! -e $KUBERNETES_DIR/bootstrap-kubelet.conf ]]; then
    stop bootstrap join-information-missing "this node has no token to join with" "build the image again"
  fi
}

begin_role "joining as a worker" worker joined
if ! has_cluster_secrets; then
  formation_is_missing
  exit
fi
check_programs kubelet kubectl
wait_for_api
renounce_early_certificate
obtain_join_information
check_join_information
follow_successor
start_node
end_role joined
