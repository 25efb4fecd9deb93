# shellcheck shell=bash
#
# disk/claim.sh: the owner of a state disk or a data disk: DISK_KIND and DISK_OWNER. The claim is one block between the partition table and the first partition, written
# before anything else. A second block, right after it, says that the layout was completed. As long as only the first
# exists, the disk has no valuable data, so a start that a power cut interrupted is repeated. After the second block
# exists, nothing is formatted again.

readonly CLAIM_OFFSET=524288 # bytes; behind the 34 sectors of a GPT, before the first partition at 1 MiB
readonly CLAIM_BLOCK=4096    # bytes
readonly EDGE=1048576        # bytes at both ends that must be zero on a blank disk

claim_text() { printf 'coldstart-%s-disk v1 %s\n' "$DISK_KIND" "$DISK_OWNER"; }

# read_claim DISK: the text of the claim of a state disk or a data disk, empty when there is none.
read_claim() {
  local kind claim
  for kind in state data; do
    claim=$(_read_block "$1" "$CLAIM_OFFSET" "coldstart-$kind-disk v1 ") || return
    if [[ -n $claim ]]; then
      printf '%s\n' "$claim"
      return
    fi
  done
}

# describe_claim CLAIM: in words.
describe_claim() {
  local kind=${1#coldstart-}
  printf 'the %s disk of %s' "${kind%%-*}" "${1#coldstart-*-disk v1 }"
}

# owners_of_disks: `cluster/node` of each claim on a state disk of this machine, each once, sorted. A disk that cannot be read says nothing.
owners_of_disks() {
  local disk claim
  lsblk --json --nodeps --output PATH,TYPE | jq -r '.blockdevices[] | select(.type == "disk").path' | while IFS= read -r disk; do
    claim=$(read_claim "$disk" 2>/dev/null) || continue
    if [[ $claim == 'coldstart-state-disk v1 '* ]]; then
      printf '%s\n' "${claim#coldstart-state-disk v1 }"
    fi
  done | sort -u
}

write_claim() { claim_text | _write_block "$1" "$CLAIM_OFFSET"; }

layout_text() { printf 'coldstart-layout v1 %s\n' "$DISK_OWNER"; }

# read_layout_text DISK: layout_text where the layout was finished once, else nothing.
read_layout_text() { _read_block "$1" $((CLAIM_OFFSET + CLAIM_BLOCK)) 'coldstart-layout v1 '; }

write_layout_finished() { layout_text | _write_block "$1" $((CLAIM_OFFSET + CLAIM_BLOCK)); }

# disk_state DISK: blank, unfinished (ours), finished (ours), claimed (by another) or foreign. Status 1 where the disk does not say:
# a block that cannot be read just now must not make an unfinished disk of a finished one.
disk_state() {
  local disk=$1 claim layout
  claim=$(read_claim "$disk") || return
  if [[ $claim == "$(claim_text)" ]]; then
    layout=$(read_layout_text "$disk") || return
    if [[ $layout == "$(layout_text)" ]]; then
      printf 'finished\n'
    else
      printf 'unfinished\n'
    fi
  elif [[ -n $claim ]]; then
    printf 'claimed\n'
  elif _is_blank "$disk"; then
    printf 'blank\n'
  else
    printf 'foreign\n'
  fi
}

_is_blank() {
  local disk=$1 size signatures
  size=$(disk_size "$disk") && signatures=$(wipefs --no-act --noheadings "$disk") || return
  [[ -z $signatures ]] && _is_zero "$disk" 0 && _is_zero "$disk" $((size - EDGE))
}

# _is_zero DISK OFFSET [BYTES]: a disk that cannot be read is not blank.
_is_zero() {
  local bytes=${3:-$EDGE}
  dd if="$1" bs=64K iflag=skip_bytes,count_bytes skip="$2" count="$bytes" status=none | cmp -s -n "$bytes" - /dev/zero
}

# The first line of the block, when it begins as it should; a foreign disk may hold anything there.
_read_block() {
  local disk=$1 offset=$2 beginning=$3 text
  text=$(dd if="$disk" bs="$CLAIM_BLOCK" iflag=skip_bytes skip="$offset" count=1 status=none | tr -d '\0' | tr -c '[:print:]\n' '?' | head -n 1) || return
  if [[ $text == "$beginning"* ]]; then
    printf '%s\n' "$text"
  fi
}

_write_block() {
  dd of="$1" bs="$CLAIM_BLOCK" oflag=seek_bytes seek="$2" count=1 iflag=fullblock conv=sync,notrunc,fsync status=none
}
