# shellcheck shell=bash
#
# ceph/services.sh: the services of the cluster in the image's settings: pools, file systems, the dashboard's first user. Every
# node with a monitor may set them, at any time and repeatedly; the result is always the same.

readonly CEPH_POOLS=$CONFIG_DIR/ceph-pools.tsv
readonly POOL_GROUPS=32     # the autoscaler's least, https://github.com/ceph/ceph/blob/reef/src/pybind/mgr/pg_autoscaler/module.py
readonly DASHBOARD_WAIT=180 # seconds; switching a module on restarts the manager

# admit_entities, on a monitor's node, before its other daemons show the keys of the same image.
admit_entities() {
  import_entities || refused monitor "the keys of the image"
}

# offer_services, on a monitor's node: pools, file systems; they need no OSD yet.
offer_services() {
  ledger pools running '' "creating the pools"
  offer_pools || refused pools "the pools of the definition" || return 1
  if [[ $CEPH_CEPHFS == yes ]]; then
    offer_file_system || refused pools "the file system" || return 1
  fi
  ledger pools 'done' '' "the pools match the definition"
}

# refused STEP WHAT: leaves the reason in the step's ledger; status 1.
refused() {
  ledger "$1" failed ceph-refused "the cluster does not accept $2: $(why)" "correct the definition if it is wrong; this node keeps trying"
  return 1
}

why() { last_line "$WHY"; }

offer_pools() {
  local name application size min_size present settings
  present=$(ceph_as mon. osd pool ls detail --format json 2>/dev/null) || no_answer || return 1
  while IFS=$'\t' read -r name application size min_size; do
    if ! jq -e --arg name "$name" 'any(.[]; .pool_name == $name)' <<<"$present" >/dev/null; then
      make_pool "$name" || return 1
      present=$(ceph_as mon. osd pool ls detail --format json 2>/dev/null) || no_answer || return 1
    fi
    settings=$(jq -r --arg name "$name" '.[] | select(.pool_name == $name) | "\(.size) \(.min_size) \(.application_metadata | keys | join(","))"' <<<"$present") ||
      no_answer || return 1
    offer_pool_settings "$name" "$application" "$size" "$min_size" "$settings" || return 1
  done <"$CEPH_POOLS" || return
  mark_manager_pool "$present"
}

# make_pool NAME: with as many placement groups as the autoscaler would have split its one into a minute later, each of them
# unavailable for a moment. Where the monitors refuse these as too many for the OSDs (ERANGE), that is left to it.
make_pool() {
  if ! try_ceph osd pool create "$1" "$POOL_GROUPS"; then
    [[ $WHY == *ERANGE* ]] && try_ceph osd pool create "$1"
  fi
}

# mark_manager_pool PRESENT: a manager that ended while it made its own pool leaves it without its mark, a warning for ever.
mark_manager_pool() {
  if jq -e 'any(.[]; .pool_name == ".mgr" and .application_metadata == {})' <<<"$1" >/dev/null; then
    try_ceph osd pool application enable .mgr mgr
  fi
}

# offer_pool_settings NAME APPLICATION SIZE MIN_SIZE PRESENT: whatever differs is set.
offer_pool_settings() {
  local name=$1 application=$2 size=$3 min_size=$4 has_size has_min has_applications
  read -r has_size has_min has_applications <<<"$5"
  if [[ $has_size != "$size" ]]; then
    try_ceph osd pool set "$name" size "$size" --yes-i-really-mean-it || return 1
    has_min='' # follows the size
  fi
  if [[ $has_min != "$min_size" ]]; then
    try_ceph osd pool set "$name" min_size "$min_size" || return 1
  fi
  # A pool of a file system is marked by `fs new`.
  if [[ $application != cephfs && -z $has_applications ]]; then
    try_ceph osd pool application enable "$name" "$application" || return 1
  fi
}

offer_file_system() {
  local pool present first=''
  local -a pools
  read -r -a pools <<<"$CEPH_FS_DATA_POOLS"
  present=$(ceph_as mon. fs ls --format json 2>/dev/null) || no_answer || return 1
  if ! jq -e --arg name "$CEPH_FS_NAME" 'any(.[]; .name == $name)' <<<"$present" >/dev/null; then
    make_file_system "${pools[0]}" || return 1
    first=${pools[0]}
  fi
  for pool in "${pools[@]}"; do
    if [[ $pool != "$first" ]] && ! jq -e --arg pool "$pool" 'any(.[].data_pools[]; . == $pool)' <<<"$present" >/dev/null; then
      try_ceph fs add_data_pool "$CEPH_FS_NAME" "$pool" || return 1
    fi
  done
}

# make_file_system DATA_POOL: a metadata pool that is marked as a file system's holds one, whose map was lost with the stores of
# all monitors; a new one would be written over it. https://docs.ceph.com/en/reef/cephfs/recover-fs-after-mon-store-loss/
make_file_system() {
  local marked
  marked=$(ceph_as mon. osd pool application get "$CEPH_FS_METADATA_POOL" --format json 2>/dev/null | jq '.cephfs.metadata != null') || no_answer || return 1
  case $marked in
    true) try_ceph fs new "$CEPH_FS_NAME" "$CEPH_FS_METADATA_POOL" "$1" --force --recover && try_ceph fs set "$CEPH_FS_NAME" joinable true ;;
    false) try_ceph fs new "$CEPH_FS_NAME" "$CEPH_FS_METADATA_POOL" "$1" ;;
    *) no_answer ;;
  esac
}

# offer_dashboard: creates its first user, on nodes that have the password and an admin key.
offer_dashboard() {
  local password=$CEPH_ETC/dashboard-password
  WHY=''
  if ! ceph_as mon. mgr module ls --format json 2>/dev/null | jq -e '.enabled_modules | index("dashboard")' >/dev/null; then
    try_ceph mgr module enable dashboard || refused pools "the dashboard" || return 1
  fi
  if [[ -e $password ]] && ! wait_until "$DASHBOARD_WAIT" dashboard_has_user "$password"; then
    refused pools "the dashboard's first user" || return 1
  fi
}

dashboard_has_user() {
  if ceph_as client.admin dashboard ac-user-show admin >/dev/null 2>&1; then
    return 0
  fi
  WHY=$(ceph_as client.admin dashboard ac-user-create admin --in-file "$1" administrator --force-password 2>&1 >/dev/null)
}

no_answer() {
  WHY="the monitors did not answer in $CEPH_ANSWER s"
  return 1
}

# try_ceph COMMAND...: sets WHY to the reason if the monitors refuse.
try_ceph() { WHY=$(ceph_as mon. "$@" 2>&1 >/dev/null); }

ceph_health() { CEPH_PATIENCE=5 ask_ceph health 2>/dev/null | head -n 1; }
