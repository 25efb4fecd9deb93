# shellcheck shell=bash
#
# ceph/ceph.sh: the node's part of Ceph as the image says it (/etc/cluster-config/ceph.env), and how its scripts talk to the
# monitors. Names of daemons are names of nodes.

readonly CEPH_ETC=$COLDSTART_ROOT/etc/ceph
readonly CEPH_VAR=$COLDSTART_ROOT/var/lib/ceph
readonly QUORUM_WAIT=300 # seconds; the others may be switched on at any time, and the unit tries again
readonly CEPH_ANSWER=60  # seconds that one command may take; its Python alone takes several on a machine that is busy
readonly CEPH_CONNECT=15 # seconds of them to reach a monitor; without a quorum none lets anybody in
readonly CEPH_UP=120     # seconds until a daemon that was started is part of the cluster

CEPH_FSID='' CEPH_MONS='' CEPH_MON_ADDRS='' CEPH_MON_IPS='' CEPH_CEPHFS='' CEPH_DASHBOARD='' CEPH_FS_NAME=''
CEPH_FS_METADATA_POOL='' CEPH_FS_DATA_POOLS=''

load_ceph() {
  # shellcheck source=/dev/null
  source "$CONFIG_DIR/ceph.env"
  _require ceph.env CEPH_FSID CEPH_MONS CEPH_MON_ADDRS CEPH_MON_IPS
}

has_ceph_role() { has_role ceph-mon || has_role ceph-mgr || has_role ceph-osd; }

# ceph_as NAME COMMAND...: the ceph command as one of the node's own identities.
ceph_as() {
  local name=$1 keyring=$CEPH_ETC/ceph.$1.keyring
  shift
  case $name in
    mon.) keyring=$CEPH_ETC/ceph.mon.keyring ;;
    mgr.* | mds.*) keyring=$(daemon_ring "${name%%.*}") || return ;;
  esac
  timeout --kill-after=5 "$CEPH_ANSWER" ceph --name "$name" --keyring "$keyring" --connect-timeout "${CEPH_PATIENCE:-$CEPH_CONNECT}" "$@"
}

# daemon_ring KIND: the key ring of this node's manager (mgr) or metadata server (mds).
daemon_ring() { printf '%s/%s/ceph-%s/keyring\n' "$CEPH_VAR" "$1" "$NODE_NAME"; }

# ceph_identity: the identity with which this node asks about the cluster.
ceph_identity() {
  if has_role ceph-mon; then
    printf 'mon.\n'
  elif has_role ceph-osd; then
    printf 'client.bootstrap-osd\n'
  else
    printf 'client.bootstrap-mgr\n'
  fi
}

# ask_ceph COMMAND...: asks the monitors as this node.
ask_ceph() { ceph_as "$(ceph_identity)" "$@"; }

# The monitors do not answer before a majority of them agrees.
monitors_answer() {
  WHY=$(ask_ceph mon dump 2>&1 >/dev/null)
}

await_monitors() {
  if ! wait_until 20 monitors_answer && ! await "$QUORUM_WAIT" say_no_quorum monitors_answer; then
    stop_missing
  fi
  remember_monitors || true
  ledger monitor running '' "a majority of the monitors answers"
}

say_no_quorum() {
  local names
  require_own_monitor
  names=$(known_monitor_names | paste -s -d ,) || return
  missing monitor ceph-no-quorum "no majority of the monitors (${names//,/, }) answers$(_monitors_seen)" \
    "switch on the nodes with monitors, a majority is enough; if they are lost, see ceph-no-quorum in TROUBLESHOOTING.md; this node keeps trying"
}

_monitors_seen() {
  local seen
  seen=$(reachable_monitors)
  seen=${seen//$'\n'/ }
  printf '; something listens on port 3300 of: %s' "${seen:-none of the others}"
}

# reachable_monitors: names of the other monitors with an open port. All are asked in parallel.
reachable_monitors() {
  local monitors name ip pids=''
  monitors=$(known_monitors) || return
  while IFS=$'\t' read -r name ip _; do
    if [[ -n $name && $name != "$NODE_NAME" ]]; then
      _listens "$ip" "$name" &
      pids+=" $!"
    fi
  done <<<"$monitors"
  # shellcheck disable=SC2086 # process ids
  wait $pids
}

_listens() {
  if timeout 2 bash -c ": </dev/tcp/$1/3300" 2>/dev/null; then
    printf '%s\n' "$2"
  fi
}

# start_ceph_unit UNIT: starts it, also after earlier failures.
start_ceph_unit() {
  if ! unit_is_active "$1"; then
    begin_unit "$1"
  fi
}

# owned_by_ceph FILE...: gives files to the daemons' user.
owned_by_ceph() { chown -R ceph:ceph "$@"; }
