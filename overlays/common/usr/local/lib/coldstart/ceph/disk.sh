# shellcheck shell=bash
#
# ceph/disk.sh: the OSD disks of this machine and their owners. On a finished OSD, BlueStore's label in the first block names
# the cluster and the OSD. Before it exists, a claim in the second block does this; BlueStore overwrites it later. A file in
# /var also stores the claim, so that an incomplete OSD is recognised after a power cut.

readonly OSD_DISKS=$CONFIG_DIR/osd-disks.tsv
readonly OSD_PREPARING=$STATE_DIR/osd-preparing # one file per claim: the OSD's UUID, with its key
readonly OSD_CLAIM_OFFSET=4096                  # bytes; the superblock of BlueFS is written there

# survey_osd_disks: JSON {disks: [paths], twins: [[paths of one disk]], missing: [reports]} of all selectors.
survey_osd_disks() {
  local by_id wwn serial model path min_size max_size rotational
  if [[ ! -e $OSD_DISKS ]]; then
    printf '{"disks": [], "twins": [], "missing": []}\n'
    return
  fi
  # A tab is white space to `read`, which would skip empty columns; so they hold a dash.
  while IFS=$'\t' read -r by_id wwn serial model path min_size max_size rotational; do
    survey_disks_by "${by_id#-}" "${wwn#-}" "${serial#-}" "${model#-}" "${path#-}" "${min_size#-}" "${max_size#-}" "${rotational#-}" || return
  done <"$OSD_DISKS" | jq -c -s '{disks: (map(.fitting[]) | unique), twins: (map(.twins[]) | unique), missing: [.[] | select(.fitting == []) | .report]}'
}

# osd_label DISK: BlueStore's label as JSON, `{}` where there is none.
osd_label() {
  local text
  text=$(ceph-bluestore-tool show-label --dev "$1" 2>/dev/null) || text='{}'
  jq -c '[.[]][0] // {}' <<<"$text"
}

# osd_claim DISK: the UUID of a claim for this cluster, empty when there is none.
osd_claim() {
  local text
  text=$(_read_block "$1" "$OSD_CLAIM_OFFSET" "coldstart-osd-disk v1 $CEPH_FSID ") || return
  printf '%s\n' "${text##* }"
}

# osd_disk_state DISK: finished, unfinished or blank, all three ours to use; other (another cluster's OSD) or foreign. Status 1 where
# the disk does not say.
osd_disk_state() {
  local disk=$1 label claim uuid whose
  label=$(osd_label "$disk") || return
  uuid=$(jq -r '.osd_uuid // ""' <<<"$label") || return
  whose=$(jq -r '"\(.ceph_fsid) \(.ready)"' <<<"$label") || return
  claim=$(osd_claim "$disk") || return
  if [[ $whose == "$CEPH_FSID ready" ]]; then
    printf 'finished\n'
  elif [[ -n ${uuid:-$claim} && -e $OSD_PREPARING/${uuid:-$claim} ]]; then
    printf 'unfinished\n'
  elif [[ -n $uuid ]]; then
    printf 'other\n'
  elif _is_blank_but_for_claim "$disk" "$claim"; then
    printf 'blank\n'
  else
    printf 'foreign\n'
  fi
}

# A claim without an OSD means a disk without data: the state disk was lost before the OSD was created.
_is_blank_but_for_claim() {
  local disk=$1 claim=$2 size signatures
  if [[ -z $claim ]]; then
    _is_blank "$disk"
    return
  fi
  size=$(disk_size "$disk") && signatures=$(wipefs --no-act --noheadings "$disk") || return
  [[ -z $signatures ]] && _is_zero "$disk" 0 "$OSD_CLAIM_OFFSET" &&
    _is_zero "$disk" $((OSD_CLAIM_OFFSET + CLAIM_BLOCK)) "$EDGE" && _is_zero "$disk" $((size - EDGE))
}

# osd_disks: the paths of the disks that the selectors match.
osd_disks() { survey_osd_disks | jq -r '.disks[]'; }

# holds_data_of_the_cluster: whether one of this node's disks is a finished OSD of it. Where that cannot be found out the script
# ends: a "no" might found a second cluster.
holds_data_of_the_cluster() {
  local disks disk state
  disks=$(osd_disks) || exit
  for disk in $disks; do
    state=$(osd_disk_state "$disk") || exit
    if [[ $state == finished ]]; then
      return 0
    fi
  done
  return 1
}
