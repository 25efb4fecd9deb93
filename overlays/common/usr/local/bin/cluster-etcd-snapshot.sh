#!/bin/bash
#
# cluster-etcd-snapshot.sh [--now]: saves the data of etcd on the state disk if the last snapshot is old enough, or now, and copies it to
# the user's store, if there is one. On masters with a state disk, cluster-etcd-snapshot.timer calls it again and again, so it also repeats
# what failed.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

case "${1:-}" in
  '' | --now) ;;
  *)
    printf 'usage: cluster-etcd-snapshot.sh [--now]\n' >&2
    exit 64
    ;;
esac
load_node
if [[ ! -e $SNAPSHOT_ENV ]]; then
  printf 'cluster-etcd-snapshot.sh: %s makes no snapshots: it is no master with a state disk, or control_plane.etcd_snapshots.keep is 0\n' "$NODE_NAME" >&2
  exit 1
fi
load_snapshots
guard snapshots
mkdir -p "$RUN_DIR"
exec 8>"$RUN_DIR/etcd-snapshot.lock"
# The other one may take as long as a snapshot does.
if ! flock --wait "${COLDSTART_DEADLINE:-$SNAPSHOT_WAIT}" 8; then
  printf 'cluster-etcd-snapshot.sh: another snapshot is being made\n' >&2
  end_quietly
fi
if [[ ${1:-} == --now ]] || snapshot_is_due; then
  if ! take_snapshot; then
    say_no_snapshot
    end_quietly
  fi
  printf 'cluster-etcd-snapshot.sh: revision %s, %s keys\n' "$SNAPSHOT_REVISION" "$SNAPSHOT_KEYS"
fi
if ! store_snapshots; then
  say_not_stored
  end_quietly
fi
say_snapshots
