#!/bin/bash
#
# cluster-update.sh BUNDLE [--force]: writes an update into the other slot of this installed node; the next start tries it. BUNDLE is
# the file or URL of an update bundle of this node. Of the large files that nodes share, those that the running slot lacks are
# taken from where the bundle is. --force also installs an older release. The running slot stays as it is, whatever happens.
# It may be interrupted and called again at any time.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"
# shellcheck source=update/bundle.sh
source "$LIB_DIR/update/bundle.sh"
# shellcheck source=update/files.sh
source "$LIB_DIR/update/files.sh"
# shellcheck source=update/slots.sh
source "$LIB_DIR/update/slots.sh"

source_of() {
  SOURCE='' FORCE=''
  local word
  for word in "$@"; do
    case $word in
      --force) FORCE=yes ;;
      -*) SOURCE='' && break ;;
      *) SOURCE=$word ;;
    esac
  done
  if [[ -z $SOURCE ]]; then
    printf 'usage: cluster-update.sh BUNDLE [--force]\n' >&2
    exit 2
  fi
}

# Two updates at a time would write the same slot.
be_alone() {
  mkdir -p "$RUN_DIR"
  exec 8>"$RUN_DIR/update.lock"
  if ! flock --nonblock 8; then
    printf 'cluster-update.sh: another update is running\n' >&2
    exit 1
  fi
}

source_of "$@"
be_alone
guard update
load_node
require_slots
SHOWN=$(shown "$SOURCE")
ledger update running '' "$SHOWN is being checked"
fetch_bundle "$SOURCE"
read_bundle
check_identity
check_release
obtain_files "${SOURCE%/*}"
ledger update running '' "release $RELEASE is being written to slot $(other_slot)"
install_bundle
rm -rf "$UPDATE_DIR"
ledger update 'done' '' "slot $(other_slot) holds release $RELEASE; the next start tries it"
