# shellcheck shell=bash
#
# update/live.sh: changes that a running node takes without a restart. Its files are then those of the other slot, as after a start from
# there; in memory, so a power cut leaves nothing half done: the next start runs the other slot as a whole.

readonly LIVE_DIR=$RUN_DIR/live
readonly LIVE_PATHS=$LIVE_DIR/paths     # of the files that were, or were to be, replaced in this start
readonly LIVE_RELEASE=$LIVE_DIR/release # of the slot that runs
readonly LIVE_IMAGE=$LIVE_DIR/image     # that was applied as a whole

readonly MOST_NAMED=20 # files in an answer

# live_action PATH: what takes the file; `none` where it is read each time that it is needed. Status 1: only a restart takes it. The same
# paths are in src/render/catalog/live.ts.
live_action() {
  case $1 in
    etc/kubernetes/own-labels | etc/kubernetes/own-annotations.json) printf 'labels\n' ;;
    etc/kubernetes/restricted-labels.tsv | etc/kubernetes/bootstrap-tokens.tsv) printf 'nodes\n' ;;
    etc/kubernetes/addons/*) printf 'addons\n' ;;
    etc/rauc/system.conf) printf 'rauc\n' ;;
    etc/ssh/authorized_keys.d/*) printf 'none\n' ;;
    etc/cluster-config/cluster.yaml | etc/cluster-config/nodes/*) printf 'none\n' ;; # for people
    *) return 1 ;;
  esac
}

# describe_slot DIR: the kernel's arguments, the files that nodes share, and the inventory of the node layer as src/render/tree/inventory.ts
# has it. src/usecases/rollout/comparison.ts describes an image that is built in the same way.
describe_slot() {
  sed -n "s/^set node_kernel_args='\(.*\)'\$/arguments \1/p" "$1/boot/grub/node.cfg" || return
  awk -F '\t' '$1 ~ /^live\/(vmlinuz|initrd\.img|.*\.squashfs)$/ && $1 != "live/node.squashfs" { print "shared " $2 }' "$1/live/files.tsv" || return
  _with_mounted loop,ro "$1/live/node.squashfs" layer _list_layer
}

# _list_layer DIR: files and links; folders are there because of them.
_list_layer() {
  {
    find "$1" -mindepth 1 -type f -print0 | xargs -0 --no-run-if-empty sha256sum --zero | tr '\0' '\n' | sed 's/  /\t/' &&
      find "$1" -mindepth 1 -type l -printf '%m\t%U:%G\tsymlink\t%p\t%l\n' &&
      find "$1" -mindepth 1 -type f -printf '%m\t%U:%G\tfile\t%p\t\n'
  } | awk -F '\t' -v skipped="${#1}" 'NF == 2 { digest[$2] = "sha256:" $1; next }
    { target = $3 == "file" ? digest[$4] : $5; gsub(/\\/, "&&", target); gsub(/ /, "\\x20", target)
      printf "%4s %s %s %s %s\n", substr("0000" $1, length($1) + 1), $2, $3, target, substr($4, skipped + 2) }'
}

# differing ONE OTHER: paths of the files in which two descriptions differ; what no file path is begins with `!`.
differing() {
  local one other
  one=$(sort -u <<<"$1") || return
  other=$(sort -u <<<"$2") || return
  comm -3 <(printf '%s\n' "$one") <(printf '%s\n' "$other") | sed 's/^\t//' | awk '/^$/ { next } $1 == "arguments" { print "!kernel arguments"; next }
    $1 == "shared" { print "!packages or artifacts"; next } { folder = $3 == "directory"; sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, ""); print (folder ? "!" : "") $0 }' | sort -u
}

# changed_by DESCRIPTION: what differs from the slot that runs, and what this start has replaced already.
changed_by() {
  local running
  running=$(describe_slot "$COLDSTART_ROOT/run/live/medium") || return
  { differing "$running" "$1" && { cat "$LIVE_PATHS" 2>/dev/null || true; }; } | sort -u
}

# not_live PATHS: those that only a restart takes.
not_live() {
  local path
  while IFS= read -r path; do
    if [[ -n $path ]] && ! live_action "$path" >/dev/null; then
      printf '%s\n' "$path"
    fi
  done <<<"$1"
}

# compare_image: reads the description of an image, and says as JSON what a node that runs this slot needs for it. A try or a return is
# no ground for it.
compare_image() {
  local wanted changed restart live=true
  wanted=$(cat)
  changed=$(changed_by "$wanted")
  restart=$(not_live "$changed")
  if [[ -n $restart || -z $wanted ]]; then
    live=false
  fi
  jq -n -c --argjson live "$live" --arg changed "$changed" --argjson most "$MOST_NAMED" \
    '{$live, changed: ($changed | split("\n") | map(select(. != "") | ltrimstr("!")) | .[:$most])}'
}

# pending_is_live: whether the running system can take the update that waits for its try.
pending_is_live() {
  local device
  load_state_disk || return
  device=$(_pending_device) || return
  umount "$LIVE_DIR/layer" 2>/dev/null || true
  _with_mounted ro "$device" slot _slot_is_live
}

_slot_is_live() {
  local description changed restart
  description=$(describe_slot "$1") || return
  changed=$(changed_by "$description") || return
  restart=$(not_live "$changed") || return
  [[ -z $restart ]]
}

_pending_device() {
  local label=$SLOT_B_PARTLABEL
  if [[ $RECORD_SLOT == A ]]; then
    label=$SLOT_A_PARTLABEL
  fi
  printf '%s\n' "$DISK_LINK_DIR/by-partlabel/$label"
}

# apply_live: the update that waits for its try. Status 1 and WHY; then the running system is as before.
apply_live() {
  local device why status=0
  load_state_disk || return
  device=$(_pending_device) || return
  WHY="slot $RECORD_SLOT cannot be read"
  umount "$LIVE_DIR/layer" 2>/dev/null || true
  _with_mounted ro "$device" slot _apply_slot || status=$?
  if ((status == 3)); then
    why=$WHY
    undo_live || why+="; and its former files are not all in use again: $WHY"
    WHY=$why
  fi
  return "$status"
}

# _apply_slot DIR: status 3 where it has begun to replace files.
_apply_slot() {
  local description changed restart
  description=$(describe_slot "$1") || return
  WHY="the running slot cannot be read"
  changed=$(changed_by "$description") || return
  restart=$(not_live "$changed") || return
  if [[ -n $restart ]]; then
    restart=${restart%%$'\n'*}
    WHY="only a restart takes ${restart#!}"
    return 1
  fi
  if [[ ! -e $LIVE_RELEASE ]]; then
    running_release | write_file "$LIVE_RELEASE" 0644 || return
  fi
  printf '%s\n' "$changed" | write_file "$LIVE_PATHS" 0644 || return
  rm -f "$LIVE_IMAGE" || return
  WHY="the files cannot be replaced"
  _with_mounted loop,ro "$1/live/node.squashfs" layer _put_files "$changed" || return 3
  _take_files "$changed" || return 3
  sed -n "s/^set node_image='\(.*\)'\$/\1/p" "$1/boot/grub/node.cfg" | write_file "$LIVE_IMAGE" 0644 || return 3
}

# undo_live: the files of the running slot again.
undo_live() {
  local changed
  if [[ ! -e $LIVE_PATHS ]]; then
    return 0
  fi
  changed=$(<"$LIVE_PATHS") || return
  rm -f "$LIVE_IMAGE" || return
  _with_mounted loop,ro "$COLDSTART_ROOT/run/live/medium/live/node.squashfs" layer _put_files "$changed" || return
  _take_files "$changed" || return
  rm -f "$LIVE_PATHS" "$LIVE_RELEASE"
}

# _put_files PATHS DIR
_put_files() {
  local path target
  while IFS= read -r path; do
    target=$COLDSTART_ROOT/$path
    if [[ -z $path ]]; then
      continue
    elif [[ ! -e $2/$path && ! -L $2/$path ]]; then
      rm -f -- "$target" || return
    else
      mkdir -p "${target%/*}" && cp -a -- "$2/$path" "$target.coldstart" && mv -T -- "$target.coldstart" "$target" || return
    fi
  done <<<"$1"
}

# _take_files PATHS: tells those that have read the files already.
_take_files() {
  local path actions=''
  while IFS= read -r path; do
    if [[ -n $path ]]; then
      actions+=" $(live_action "$path")" || return
    fi
  done <<<"$1"
  if [[ $actions == *rauc* ]]; then
    WHY="RAUC does not start again"
    systemctl try-restart rauc.service || return
  fi
  if [[ $actions == *labels* ]]; then
    wait_until 120 label_own_node || return
  fi
  if [[ $actions == *nodes* ]]; then
    WHY="the masters' work on nodes has failed: journalctl -u cluster-nodes"
    systemctl restart cluster-nodes.service || return
  fi
  if [[ $actions == *addons* ]] && ! systemctl restart cluster-addons.service; then
    WHY=$(jq -r '.steps[] | select(.step == "addons") | .message' "$RUN_DIR/status.json") || WHY="a manifest cannot be applied"
    return 1
  fi
}

# _with_mounted HOW SOURCE NAME COMMAND...: runs the command with the folder as its last argument.
_with_mounted() {
  local how=$1 source=$2 point=$LIVE_DIR/$3 status=0
  shift 3
  umount "$point" 2>/dev/null || true
  mkdir -p "$point" && mount -o "$how" "$source" "$point" || return
  "$@" "$point" || status=$?
  umount "$point" || return
  return "$status"
}
