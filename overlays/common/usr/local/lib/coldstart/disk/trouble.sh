# shellcheck shell=bash
#
# disk/trouble.sh: detects a /var that is not writable: full, or read-only after errors. It detects this by writing, because free
# blocks may be reserved, or there may be no inodes left.

readonly DISK_PROBE=$COLDSTART_ROOT/var/.coldstart-probe

# The problem that watch_var found last: a cause of the ledger, or empty.
VAR_TROUBLE=''

# watch_var: says in the step var what keeps /var from being written, and that nothing does any more. Status 1 while something
# does. Before /var is what it will be there is nothing to watch.
watch_var() {
  local before
  if [[ ! -e $LEDGER_PERSISTENT ]]; then
    return 0
  fi
  VAR_TROUBLE=$(disk_trouble)
  case $VAR_TROUBLE in
    '')
      before=$(step_state var) || before=''
      if [[ $before == failed ]]; then
        ledger var 'done' '' "/var is writable again"
      fi
      return 0
      ;;
    disk-full)
      ledger var failed disk-full "/var is full; this node cannot save its state" \
        "df /var; df --inodes /var; du -xsh /var/*; the kubelet runs and removes container images that no pod uses; this node continues automatically when there is free space"
      ;;
    disk-read-only)
      ledger var failed disk-read-only "/var is read-only; the kernel does this when the disk reports errors" \
        "dmesg; smartctl; a restart checks the file system; replace a disk that reports errors"
      ;;
    *)
      ledger var failed disk-errors "/var cannot be written" "dmesg; smartctl; replace a disk that reports errors"
      ;;
  esac
  return 1
}

# disk_trouble: disk-full, disk-read-only, disk-errors, or nothing. What dd says is English (LC_ALL), see errno(3).
disk_trouble() {
  local said cause=''
  if ! said=$(dd if=/dev/zero of="$DISK_PROBE" bs=64K count=1 conv=fsync status=none 2>&1); then
    case $said in
      *'No space left on device' | *'Disk quota exceeded') cause='disk-full' ;;
      *'Read-only file system') cause='disk-read-only' ;;
      *) cause='disk-errors' ;;
    esac
  fi
  rm -f "$DISK_PROBE" 2>/dev/null || true
  printf '%s\n' "$cause"
}
