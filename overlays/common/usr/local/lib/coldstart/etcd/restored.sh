# shellcheck shell=bash
#
# etcd/restored.sh: a cluster that an administrator restored from a snapshot (cluster-etcd-restore.sh) takes the place of the one before it.
# Masters that were off meanwhile still have data of the former cluster, and may even be its majority. A number says which cluster is the
# latest: the time of the restore, in a key of its etcd and in a file of each member; 0 in a cluster that was never restored. A master
# that finds a later one keeps its own data aside and joins that one.

readonly RESTORED_KEY=coldstart/restored
readonly RESTORED_FILE=etcd-restored  # in STATE_DIR: the number of the data of this node
readonly GIVEN_UP_FILE=etcd-given-up  # in STATE_DIR: ids of clusters that this node must not join again, one a line

# Masters of a cluster that was restored after this node's.
RESTORED=''

# own_restore: the number of this node's data.
own_restore() {
  local number
  number=$(read_state "$RESTORED_FILE" 0) || number=0
  [[ $number =~ ^[0-9]{1,15}$ ]] || number=0
  printf '%s\n' "$number"
}

# restored_at URL: the number of the cluster of that etcd; also without a majority.
restored_at() {
  local number
  number=$(etcdctl_at "$1" get --consistency s --print-value-only "$RESTORED_KEY" 2>/dev/null) || number=''
  [[ $number =~ ^[0-9]{1,15}$ ]] || number=0
  printf '%s\n' "$number"
}

# restored_elsewhere: sets RESTORED; status 1 where there is none.
restored_elsewhere() {
  local ours own others address url number
  RESTORED=''
  ours=$(read_state etcd-cluster-id) || return
  own=$(own_restore) || return
  # Data without an id comes from this script's own restore, or is not finished.
  [[ -n $ours ]] || return
  others=$(other_masters) || return
  for address in $others; do
    probe_master "$address"
    if [[ $PROBE == cluster* && $PROBE != "cluster $ours" ]]; then
      url=$(etcd_url "$address" 2379) || return
      number=$(restored_at "$url") || return
      if ((number > own)); then
        RESTORED+=" $address"
      fi
    fi
  done
  [[ -n $RESTORED ]]
}

# is_latest_restore: whether this node's cluster was restored after those of the masters in FOREIGN. They give up theirs.
is_latest_restore() {
  local own address url number
  own=$(own_restore) || return
  ((own > 0)) || return
  for address in $FOREIGN; do
    url=$(etcd_url "$address" 2379) || return
    number=$(restored_at "$url") || return
    ((number < own)) || return
  done
}

# learn_restored: of the cluster that this node has joined.
learn_restored() {
  local own number
  own=$(own_restore) || return
  number=$(restored_at https://127.0.0.1:2379) || return
  if ((number > own)); then
    write_state "$RESTORED_FILE" "$number"
  fi
}

# tell_restored: the key follows the file, which was there before the cluster.
tell_restored() {
  local own number
  own=$(own_restore) || return
  ((own > 0)) || return 0
  number=$(restored_at https://127.0.0.1:2379) || return
  ((number >= own)) || etcdctl_at https://127.0.0.1:2379 put "$RESTORED_KEY" "$own" >/dev/null 2>&1
}

# is_given_up ID
is_given_up() { [[ -s $STATE_DIR/$GIVEN_UP_FILE ]] && grep -qxF "$1" "$STATE_DIR/$GIVEN_UP_FILE"; }

# note_given_up ID
note_given_up() {
  if ! is_given_up "$1"; then
    { cat "$STATE_DIR/$GIVEN_UP_FILE" 2>/dev/null || true; printf '%s\n' "$1"; } | write_file "$STATE_DIR/$GIVEN_UP_FILE" 0644
  fi
}

# put_data_aside ID: of the cluster ID. Somebody may want it all the same.
put_data_aside() {
  local place=$GIVEN_UP_DIR/$1
  mkdir -p "$GIVEN_UP_DIR" || return
  if [[ -e $place ]]; then
    place+=-$(date -u +%Y%m%dT%H%M%SZ) || return
  fi
  mv -T "$ETCD_DIR/member" "$place" && sync "$ETCD_DIR" "$GIVEN_UP_DIR"
}
