# shellcheck shell=bash
#
# disk/room.sh: warns of data disks that are nearly full. cluster-watch.sh calls it each time.

readonly FULL_FROM=90  # percent of blocks or inodes that root alone does not keep, as df(1) counts them
readonly ROOM_BELOW=88 # a warning ends here, so that it does not come and go

# say_data_room: in the step data, once its disks are ready. What is not mounted, and whether /var is full, is said elsewhere.
say_data_room() {
  local before limit=$FULL_FROM full
  before=$(jq -r '[.steps[]? | select(.step == "data")] | last // {} | "\(.state) \(.cause)"' "$RUN_DIR/status.json" 2>/dev/null) || return 0
  case $before in
    'done ') ;;
    'done data-nearly-full') limit=$ROOM_BELOW ;;
    *) return 0 ;;
  esac
  full=$(full_data_mounts "$limit") || return 0
  if [[ -n $full ]]; then
    ledger data 'done' data-nearly-full "nearly full: ${full//$'\n'/, }" \
      "df; df --inodes; remove what is not needed, or move it to another disk; the disk keeps its partitions"
  elif [[ $before == *data-nearly-full ]]; then
    ledger data 'done' '' "all data disks have room again"
  fi
}

# full_data_mounts PERCENT: the mount points of data disks of which so much is used, one a line.
full_data_mounts() {
  local mount used
  data_mounts '' | while IFS=$'\t' read -r _ _ _ mount; do
    used=$(df --output=pcent,ipcent,target "$COLDSTART_ROOT$mount" 2>/dev/null) || continue
    awk -v limit="$1" -v mount="$mount" -v target="$COLDSTART_ROOT$mount" \
      'NR == 2 && $3 == target && ($1 + 0 >= limit || $2 + 0 >= limit) { print mount }' <<<"$used" || return
  done
}
