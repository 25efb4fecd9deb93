# shellcheck shell=bash
#
# etcd/snapshot.sh: saves the data of etcd on the state disk, and removes old snapshots. A file of the folder is complete and verified: it
# gets its name last.

SNAPSHOT_DIR=$COLDSTART_ROOT/var/lib/etcd-snapshots
SNAPSHOT_NEW=$SNAPSHOT_DIR/.new.db # etcdctl itself writes to .new.db.part first
SNAPSHOT_ENV=$CONFIG_DIR/etcd-snapshots.env # on masters that make snapshots
readonly SNAPSHOT_DIR SNAPSHOT_NEW SNAPSHOT_ENV
readonly SNAPSHOT_WAIT=600  # seconds for etcd to send it
readonly SNAPSHOT_ROOM=3    # so many times the size of the data must be free
readonly SNAPSHOT_SHARE=10  # per cent of /var that all snapshots may take together
readonly SNAPSHOT_LEAST=2   # snapshots that stay all the same

# The reason why there is no snapshot, for the ledger. What verify_snapshot has read.
SNAPSHOT_CAUSE='' SNAPSHOT_REVISION=0 SNAPSHOT_KEYS=0

# Settings: seconds, and a number of files.
SNAPSHOT_EVERY='' SNAPSHOT_KEEP=''

load_snapshots() {
  # shellcheck source=/dev/null
  source "$SNAPSHOT_ENV"
  _require etcd-snapshots.env SNAPSHOT_EVERY SNAPSHOT_KEEP
}

# list_snapshots: their names, the newest first.
list_snapshots() {
  if [[ -d $SNAPSHOT_DIR ]]; then
    find "$SNAPSHOT_DIR" -maxdepth 1 -type f -name 'etcd-*.db' -printf '%f\n' | sort --reverse
  fi
}

# snapshot_is_due: whether none was made in the last SNAPSHOT_EVERY seconds. A clock that was ahead has made files of the future.
snapshot_is_due() {
  local recent=''
  if [[ -d $SNAPSHOT_DIR ]]; then
    recent=$(find "$SNAPSHOT_DIR" -maxdepth 1 -type f -name 'etcd-*.db' -newermt "-$SNAPSHOT_EVERY seconds" ! -newermt '+1 minute') || return
  fi
  [[ -z $recent ]]
}

# take_snapshot: sets SNAPSHOT_CAUSE and WHY if there is none.
take_snapshot() {
  local name output
  SNAPSHOT_CAUSE=etcd-snapshot-failed WHY=''
  if ! etcdctl_at https://127.0.0.1:2379 endpoint health >/dev/null 2>&1; then
    WHY="the etcd of this node does not answer, or reaches no majority of the masters"
    return 1
  fi
  if ! install -d -m 0700 "$SNAPSHOT_DIR" || ! rm -f "$SNAPSHOT_NEW" "$SNAPSHOT_NEW.part"; then
    WHY="$SNAPSHOT_DIR cannot be written"
    return 1
  fi
  has_snapshot_room || return
  if ! output=$(etcdctl_at https://127.0.0.1:2379 --command-timeout "${SNAPSHOT_WAIT}s" snapshot save "$SNAPSHOT_NEW" 2>&1); then
    WHY=$(last_line "$output")
  elif verify_snapshot "$SNAPSHOT_NEW"; then
    name=etcd-$(date -u +%Y%m%dT%H%M%SZ).db || return
    if chmod 0600 "$SNAPSHOT_NEW" && sync "$SNAPSHOT_NEW" && mv -T "$SNAPSHOT_NEW" "$SNAPSHOT_DIR/$name" && sync "$SNAPSHOT_DIR"; then
      remove_old_snapshots "$name"
      return
    fi
    WHY="$SNAPSHOT_DIR cannot be written"
  fi
  rm -f "$SNAPSHOT_NEW" "$SNAPSHOT_NEW.part" || true
  return 1
}

# has_snapshot_room: the rest of the node needs the disk more than a snapshot does.
has_snapshot_room() {
  local size free
  size=$(etcdctl_at https://127.0.0.1:2379 endpoint status --write-out fields 2>/dev/null | awk -F ' : ' '$1 == "\"DBSize\"" { print $2; exit }') || size=''
  free=$(df --output=avail --block-size=1 "$SNAPSHOT_DIR" | tail -n 1) || free=''
  free=${free//[[:space:]]/}
  if [[ ! $size =~ ^[0-9]+$ || ! $free =~ ^[0-9]+$ ]]; then
    WHY="the size of etcd's data or the room on /var is unknown"
    return 1
  fi
  if ((free < SNAPSHOT_ROOM * size)); then
    SNAPSHOT_CAUSE=etcd-snapshot-no-room
    WHY="etcd has $((size >> 20)) MiB of data, and $((free >> 20)) MiB of /var are free; a snapshot needs $SNAPSHOT_ROOM times its size"
    return 1
  fi
}

# verify_snapshot FILE: the checksum that etcd has added fits (etcdutl snapshot restore asks for the same), and the database is whole. Sets
# SNAPSHOT_REVISION and SNAPSHOT_KEYS, or WHY.
# shellcheck disable=SC2034 # for messages of scripts
verify_snapshot() {
  local size sum added status
  size=$(stat --dereference --format %s "$1") || { WHY="it cannot be read"; return 1; }
  # Pages of the database are multiples of 512 bytes; the SHA-256 follows them.
  if ((size % 512 != 32)); then
    WHY="it has no checksum: it is incomplete, or no snapshot"
    return 1
  fi
  added=$(tail -c 32 "$1" | od -An -v -tx1 | tr -d ' \n') || added=unreadable
  sum=$(head -c -32 "$1" | sha256sum) || sum=''
  if [[ ${sum%% *} != "$added" ]]; then
    WHY="its checksum is wrong: it is damaged"
    return 1
  fi
  if ! status=$(etcdutl snapshot status "$1" --write-out json 2>&1); then
    WHY=$(last_line "$status")
    return 1
  fi
  if ! status=$(jq -r '"\(.revision) \(.totalKey)"' <<<"$status" 2>/dev/null); then
    WHY="etcdutl does not understand it"
    return 1
  fi
  SNAPSHOT_REVISION=${status% *} SNAPSHOT_KEYS=${status#* }
}

# remove_old_snapshots NAME: NAME is the new one, and stays even if a clock that was ahead has made others that look newer.
remove_old_snapshots() {
  local total names name size count=1 sum
  total=$(df --output=size --block-size=1 "$SNAPSHOT_DIR" | tail -n 1) || return
  names=$(list_snapshots) || return
  sum=$(stat --format %s "$SNAPSHOT_DIR/$1") || return
  for name in $names; do
    if [[ $name == "$1" ]]; then
      continue
    fi
    size=$(stat --format %s "$SNAPSHOT_DIR/$name") || return
    count=$((count + 1)) sum=$((sum + size))
    if ((count > SNAPSHOT_KEEP || (count > SNAPSHOT_LEAST && sum * 100 > total * SNAPSHOT_SHARE))); then
      rm -f "$SNAPSHOT_DIR/$name" || return
      sum=$((sum - size))
    fi
  done
}

say_snapshots() {
  local copied=''
  if has_snapshot_store; then
    copied=", and copied to $(snapshot_place)"
  fi
  ledger snapshots 'done' '' "the data of etcd is saved in ${SNAPSHOT_DIR#"$COLDSTART_ROOT"} every $((SNAPSHOT_EVERY / 60)) minutes$copied"
}

say_no_snapshot() {
  case $SNAPSHOT_CAUSE in
    etcd-snapshot-no-room)
      ledger snapshots skipped etcd-snapshot-no-room "the data of etcd was not saved: $WHY" \
        "df /var; du -xsh /var/*; lower control_plane.etcd_snapshots.keep, or attach a larger state disk; this node keeps trying"
      ;;
    *)
      ledger snapshots skipped etcd-snapshot-failed "the data of etcd was not saved: $WHY" \
        "etcdctl endpoint status; journalctl -b -u etcd -u cluster-etcd-snapshot; this node keeps trying"
      ;;
  esac
}
