# shellcheck shell=bash
#
# update/health.sh: whether this node does what its roles say. The steps of the ledger tell how it came up; the other checks, whether
# that still holds.

# Steps that tell nothing of what the node does for its cluster.
readonly UNRELATED_STEPS='["update", "install", "certificates", "snapshots", "time", "reset", "clusters"]'
readonly STEADY=30 # seconds that a service has run; one that ends again and again does not reach it

# What survey_health saw, a check a line: name, yes or no, reason; separated by tabs.
HEALTH=''

survey_health() {
  HEALTH=''
  _survey_steps || return
  _examine identity is_identified || return
  _examine addresses addresses_are_up || return
  _examine gateway gateways_answer || return
  _examine clock clock_is_right || return
  if [[ $BOOT_ROLE != storage ]] && has_cluster_secrets; then
    _survey_services || return
    if has_role master; then
      _examine etcd etcd_is_member || return
      _examine api api_server_works || return
    fi
    _examine kubelet node_is_ready || return
  fi
  if has_role ceph-mon; then
    _examine monitor monitor_takes_part || return
  fi
  if has_role ceph-osd; then
    _examine osds osds_are_up || return
  fi
}

# came_up: what is quickly known before all else: the scripts that form the cluster have ended.
came_up() {
  local step steps state
  steps=$(_expected_steps) || return
  for step in $steps; do
    state=$(step_state "$step") || return
    if [[ $state != @(done|skipped) && $RECORD_KNOWN != *"\"step-$step\""* ]]; then
      return 1
    fi
  done
}

# health_json: the answer of cluster-health.sh. In the start that tries an update, what failed already before it does not count.
health_json() {
  local known='[]' boot
  boot=$(_boot_id) || boot=''
  if [[ -n $RECORD_BOOT && $RECORD_BOOT == "$boot" ]]; then
    known=$RECORD_KNOWN
  fi
  jq -n -R -c --argjson known "$known" '
    [inputs | select(. != "") | split("\t") | {name: .[0], healthy: (.[1] == "yes"), reason: (if .[2] == "" then null else .[2] end)}
      | if .healthy or (.name | IN($known[]) | not) then . else .known = true end]
    | {healthy: all(.[]; .healthy or .known), checks: .}' <<<"$HEALTH"
}

# is_healthy: asks anew.
is_healthy() {
  survey_health || return
  health_json | jq -e .healthy >/dev/null
}

# unhealthy_reasons: what counts against this node, as one line.
unhealthy_reasons() {
  health_json | jq -r '[.checks[] | select((.healthy or .known) | not) | "\(.name): \(.reason)"] | join("; ") | .[:1000]'
}

# _examine NAME CHECK: WHY says what the check found.
_examine() {
  WHY=''
  if "$2"; then
    _note_check "$1" yes ''
  else
    _note_check "$1" no "${WHY:-the check failed}"
  fi
}

_note_check() { HEALTH+=$1$'\t'$2$'\t'${3//[[:cntrl:]]/ }$'\n'; }

# _expected_steps: those with which every start of this node ends.
_expected_steps() {
  printf 'bootstrap\n'
  if [[ -e $CONFIG_DIR/ceph.env ]] && has_ceph_role; then
    printf 'ceph\n'
  fi
}

_survey_steps() {
  local rows step state reason
  rows=$(jq -r --argjson unrelated "$UNRELATED_STEPS" --arg expected "$(_expected_steps)" '
    .steps as $steps
    | ($expected | split("\n") | map(select(. != "" and (IN($steps[].step) | not)) | [., "missing", "has not run in this start"])),
      [$steps[] | select(.step | IN($unrelated[]) | not) | [.step, .state, "\(.cause) \(.message | split("\n")[0])"]]
    | .[] | @tsv' "$RUN_DIR/status.json" 2>/dev/null) || rows=$'detect\tmissing\tno step has run in this start'
  while IFS=$'\t' read -r step state reason; do
    case $state in
      'done' | skipped) _note_check "step-$step" yes '' || return ;;
      *) _note_check "step-$step" no "$state: $reason" || return ;;
    esac
  done <<<"$rows"
}

is_identified() {
  WHY="this machine is not identified as $NODE_NAME"
  [[ $(cat "$RUN_DIR/identified" 2>/dev/null || true) == "$NODE_NAME" ]]
}

addresses_are_up() {
  local missing
  missing=$(missing_addresses) || return
  WHY="not up: ${missing//$'\n'/, }"
  [[ -z $missing ]]
}

# gateways_answer: to ARP or neighbour discovery; many do not answer a ping.
gateways_answer() {
  local gateways gateway link neighbour
  gateways=$({ ip -j -4 route show default && ip -j -6 route show default; } | jq -r '.[] | select(.gateway?) | "\(.gateway) \(.dev)"' | sort -u) || gateways=''
  while read -r gateway link; do
    if [[ -z $gateway ]] || ping -c 1 -W 2 -I "$link" "$gateway" >/dev/null 2>&1; then
      continue
    fi
    neighbour=$(ip -j neighbour show to "$gateway" dev "$link" | jq -r '.[] | select(.state? // [] | any(. == "FAILED" or . == "INCOMPLETE") | not).lladdr // empty') ||
      neighbour=''
    WHY="the gateway $gateway on $link does not answer"
    [[ -n $neighbour ]] || return
  done <<<"$gateways"
}

clock_is_right() {
  if ! clock_suits_certificates; then
    WHY=$CLOCK_WHY
    return 1
  fi
  WHY="chrony does not run"
  time_service_runs
}

_survey_services() {
  local unit words units=(containerd kubelet kube-proxy haproxy)
  if has_role master; then
    units+=(etcd kube-apiserver kube-controller-manager kube-scheduler)
  fi
  for unit in "${units[@]}"; do
    if _is_steady "$unit"; then
      _note_check "service-$unit" yes '' || return
    else
      words=$(last_words "$unit") || return
      _note_check "service-$unit" no "it does not stay up: $words" || return
    fi
  done
}

# _is_steady UNIT: it has run for some time. systemd counts microseconds since the start of the machine.
_is_steady() {
  local since uptime
  unit_is_active "$1" || return
  since=$(systemctl show --property ActiveEnterTimestampMonotonic --value "$1") || return
  uptime=$(cut -d . -f 1 "$PROC_DIR/uptime") || return
  ((uptime - ${since:-0} / 1000000 >= STEADY))
}

etcd_is_member() {
  local members
  WHY="this node's etcd does not answer"
  # shellcheck disable=SC2034 # own_member reads it
  MEMBERS=$(etcdctl_at https://127.0.0.1:2379 member list 2>/dev/null) || return
  WHY="this node is no member of etcd"
  members=$(own_member learner) || return
  [[ -n $members ]] || return
  WHY="this node is not yet a voting member of etcd"
  [[ $members == false ]] || return
  WHY="etcd has no leader, or does not take writes in time"
  etcdctl_at https://127.0.0.1:2379 endpoint health >/dev/null 2>&1
}

# The API server of this master itself, not one that the local load balancer chose.
api_server_works() {
  local url
  url=$(etcd_url "$NODE_IP" "$API_PORT") || return
  WHY="the API server of this node is not ready"
  curl --silent --fail --noproxy '*' --max-time 10 --output /dev/null --cacert "$KUBERNETES_DIR/pki/ca.crt" "$url/readyz"
}

# node_is_ready: its kubelet says so, and has renewed its lease in the last minute: what the API says of a node that ended stays for a while.
node_is_ready() {
  local config ready renewed now
  config=$(kubelet_config) || return
  ask_api "$config" "/api/v1/nodes/$NODE_NAME" || return
  ready=$(jq -r '.status.conditions[]? | select(.type == "Ready") | "\(.status) \(.message)"' <<<"$BODY") || return
  WHY="the node is not Ready: ${ready#* }"
  [[ ${ready%% *} == True ]] || return
  ask_api "$config" "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/$NODE_NAME" || return
  renewed=$(jq -r '.spec.renewTime // ""' <<<"$BODY") || return
  WHY="the kubelet has not reported since $renewed"
  renewed=$(date +%s --date "$renewed") || return
  now=$(date +%s) || return
  ((now - renewed < 60))
}

monitor_takes_part() {
  WHY="this node's monitor is not in the quorum"
  monitor_is_in_quorum
}

osds_are_up() {
  local units unit id down=''
  units=$(systemctl list-units --all --plain --no-legend --full 'ceph-osd@*.service') || return
  while read -r unit _; do
    id=${unit#ceph-osd@}
    id=${id%.service}
    if [[ -n $id ]] && ! osd_is_up "$id"; then
      down+=${down:+, }osd.$id
    fi
  done <<<"$units"
  WHY="not up: $down"
  [[ -z $down ]]
}
