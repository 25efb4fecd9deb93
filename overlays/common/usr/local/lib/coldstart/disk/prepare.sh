# shellcheck shell=bash
#
# disk/prepare.sh: the disk of now, in DISK: found by its selector, and claimed and partitioned if it is blank. What belongs to
# something else is refused and not changed.

readonly LATE_DISKS=30 # seconds; USB and SAS disks spin up after udev is idle

# Who reports and how: the step of the ledger, the disk in words, its setting, and the unit with the journal.
DISK_STEP='' DISK_WORDS='' DISK_SETTING='' DISK_UNIT=''
DISK='' SURVEY=''

# survey_disk: as survey_disks_by, for the disk of now.
survey_disk() {
  if [[ $DISK_KIND == state ]]; then
    survey_disks
  else
    survey_data_disk
  fi
}

found_a_disk() {
  SURVEY=$(survey_disk) || return
  jq -e '.fitting != []' <<<"$SURVEY" >/dev/null
}

say_no_disk() { missing "$DISK_STEP" no-matching-disk "no disk matches the selector of $DISK_WORDS"; }

# find_selected_disk: leaves its path in DISK.
find_selected_disk() {
  local count paths report
  local choose="compare with $DISK_SETTING in the configuration; attach the disk or correct the selector so that exactly one disk matches, build again and boot the new image"
  settle_devices
  await "$LATE_DISKS" say_no_disk found_a_disk || true
  count=$(jq '.fitting | length' <<<"$SURVEY")
  paths=$(jq '.twins[0] | length' <<<"$SURVEY")
  report=$(jq -r .report <<<"$SURVEY")
  case $count in
    0) stop "$DISK_STEP" no-matching-disk "no disk matches the selector of $DISK_WORDS"$'\n'"$report" "$choose" ;;
    1) DISK=$(jq -r '.fitting[0]' <<<"$SURVEY") ;;
    "$paths") stop "$DISK_STEP" disk-on-several-paths "$DISK_WORDS is visible on several paths"$'\n'"$report" \
      "leave only one path to the disk (zoning, cabling); or set $DISK_SETTING.path to one of them below /dev/disk/by-path/, build again and boot the new image" ;;
    *) stop "$DISK_STEP" several-disks "several disks match the selector of $DISK_WORDS"$'\n'"$report" "$choose" ;;
  esac
}

# own_disk: claims and partitions DISK if it is blank, and goes on with what a power cut interrupted. Otherwise nothing is written.
own_disk() {
  local state
  state=$(disk_state "$DISK") || stop "$DISK_STEP" disk-unreadable "$DISK cannot be read; nothing on it was changed" \
    "dmesg; smartctl; check cable and controller; replace a disk that reports errors; a restart tries again"
  case $state in
    finished) ;;
    blank)
      _check_size
      write_claim "$DISK"
      _lay_out "partitioning the blank disk $DISK"
      ;;
    unfinished)
      _check_size
      _lay_out "partitioning $DISK again after a power cut"
      ;;
    claimed) _refuse_claimed ;;
    foreign) _refuse_foreign ;;
  esac
}

# finish_layout: what needs to be there is there; from now on DISK is never formatted again.
finish_layout() {
  local layout
  layout=$(read_layout_text "$DISK")
  if [[ $layout != "$(layout_text)" ]]; then
    write_layout_finished "$DISK"
  fi
}

_check_size() {
  local size smallest
  size=$(disk_size "$DISK")
  smallest=$(smallest_disk)
  if ((size < smallest)); then
    stop "$DISK_STEP" disk-too-small "$DISK has $(human_size "$size"), $DISK_WORDS needs at least $(human_size "$smallest")" \
      "attach a larger disk, or select another one"
  fi
}

_lay_out() {
  ledger "$DISK_STEP" running '' "$1"
  make_layout "$DISK" || stop "$DISK_STEP" layout-failed "$DISK could not be partitioned: $(tail -n 1 "$LAYOUT_LOG")" \
    "read the reason with: journalctl -b -u $DISK_UNIT; replace the disk if it reports input/output errors; a restart tries again"
}

_refuse_foreign() {
  stop "$DISK_STEP" foreign-disk "$DISK contains data that does not belong to this node; it was not changed"$'\n'"$(describe_disk "$DISK")" \
    "if its content is not needed: cluster-disk.sh --clear $DISK, then restart; otherwise correct the selector"
}

_refuse_claimed() {
  local claim
  claim=$(read_claim "$DISK")
  stop "$DISK_STEP" claimed-disk "$DISK is $(describe_claim "$claim") and was not changed; this node is $DISK_OWNER" \
    "put the disk back into that machine; if its content is no longer needed: cluster-disk.sh --clear $DISK, then restart"
}
