# shellcheck shell=bash
#
# disk/data.sh: the data disks of this node, and their partitions. data-disks.tsv has the selectors, data-mounts.tsv the
# partitions: disk, label, file system, mount point.

readonly DATA_MOUNTS=$CONFIG_DIR/data-mounts.tsv
readonly DATA_LINKS=$RUN_DIR/data-disks # by label, what the mount units mount; not there, nothing is mounted

DATA_SELECTOR=()

# survey_data_disk: as survey_disks, for the selector in DATA_SELECTOR. A tab is white space to `read`, so empty columns hold a dash.
survey_data_disk() {
  local field fields=()
  for field in "${DATA_SELECTOR[@]}"; do
    fields+=("${field#-}")
  done
  survey_disks_by "${fields[@]}"
}

# data_mounts NAME: `disk label filesystem mountpoint` of each partition, of one disk or of all ('').
data_mounts() {
  if [[ -e $DATA_MOUNTS ]]; then
    awk -F '\t' -v disk="$1" 'disk == "" || $1 == disk' "$DATA_MOUNTS"
  fi
}

# missing_data_mounts NAME: the mount points of the data disk, or of all (''), where its partition is not mounted, one a line.
missing_data_mounts() {
  local label mount wanted mounted
  data_mounts "$1" | while IFS=$'\t' read -r _ label _ mount; do
    wanted=$(readlink -e "$DATA_LINKS/$label") || wanted=''
    mounted=$(findmnt -n -o SOURCE --mountpoint "$COLDSTART_ROOT$mount") && mounted=$(readlink -e "$mounted") || mounted=''
    if [[ -z $wanted || $mounted != "$wanted" ]]; then
      printf '%s\n' "$mount"
    fi
  done
}
