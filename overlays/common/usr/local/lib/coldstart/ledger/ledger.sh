# shellcheck shell=bash
#
# ledger/ledger.sh: the node's own record of its first boot. Each transition of a step becomes one line of JSON, the console's
# text, /run/cluster/status.json and the text above the login prompt. Causes are permanent words that
# docs/TROUBLESHOOTING.md explains.

# Exists from the moment on that /var/lib/cluster-state is where it will stay for this boot: how many of this boot's lines the
# history there holds.
readonly LEDGER_PERSISTENT=$RUN_DIR/ledger-persistent

# ledger STEP STATE CAUSE MESSAGE [TODO]: STATE is running, done, waiting, failed or skipped; CAUSE is a word, empty when
# all is well. A repetition of the step's last line is not written again. What is true now is written first, in memory; the
# history on the state disk as far as that takes it. Whoever reports is not held up by a report: the status is 0.
ledger() {
  # What is waited for is said again after anything else about its step (common/wait.sh).
  if [[ $1 == "${MISSING[0]:-}" && $2 != waiting ]]; then
    MISSING=()
  fi
  if ! _locked _write_present "$@"; then
    printf 'coldstart: %s cannot be written, so the next line is only here\n' "$RUN_DIR"
    _say "$@"
  fi
  if [[ -e $LEDGER_PERSISTENT ]] && ! _locked _write_history && [[ $1 != var ]]; then
    watch_var || true
  fi
}

# The lock is for writers in other processes; it must not outlive the function in a child that goes on.
_locked() {
  mkdir -p "$RUN_DIR" "$ISSUE_DIR" || return
  (
    flock 9 || exit
    "$@" 9>&-
  ) 9>"$RUN_DIR/ledger.lock"
}

# stop STEP CAUSE MESSAGE TODO: the step failed; so does the script. A full disk may be what is behind it.
stop() {
  STOPPED=yes
  ledger "$1" failed "$2" "$3" "$4"
  watch_var || true
  exit 1
}

# end_quietly: fails without a line in the ledger; the reason stands there already.
end_quietly() {
  STOPPED=yes
  exit 1
}

# guard STEP: a script that ends in any other way than by stop or with success leaves a word about it, too.
guard() {
  STOPPED=''
  # shellcheck disable=SC2064 # the step of now
  trap "_report_unexpected_end \$? '$1'" EXIT
}

_report_unexpected_end() {
  if (($1 == 0)) || [[ -n $STOPPED ]]; then
    return 0
  fi
  if watch_var; then
    ledger "$2" failed unexpected-end "${0##*/} ended with status $1" \
      "read its last lines: journalctl -b -t ${0##*/}; this is a bug in coldstart or a fault of the hardware"
  else
    ledger "$2" failed "$VAR_TROUBLE" "${0##*/} ended, because /var is not writable" "see the step var; this node keeps trying"
  fi
}

_write_present() {
  local step=$1 state=$2 cause=$3 message=$4 todo=${5:-} now boot output line rest issue before
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ) || return
  boot=$(_boot_id) || return
  touch "$RUN_DIR/ledger.jsonl" || return
  output=$(
    jq -n -R -r -f "$LIB_DIR/ledger/ledger.jq" --arg time "$now" --arg boot "$boot" \
      --arg step "$step" --arg state "$state" --arg cause "$cause" --arg message "$message" --arg todo "$todo" \
      --arg cluster "${CLUSTER_NAME:-unknown}" --arg node "${NODE_NAME:-unknown}" --arg boot_role "${BOOT_ROLE:-unknown}" \
      --arg bootstrap_state "$(_state_word)" "$RUN_DIR/ledger.jsonl"
  ) || return
  line=${output%%$'\n'*}
  rest=${output#*$'\n'}
  if [[ -n $line ]]; then
    _append_line "$RUN_DIR/ledger.jsonl" "$line" || return
  fi
  _replace "$RUN_DIR/status.json" "${rest%%$'\n'*}" || return
  issue=${rest#*$'\n'}$'\n'
  before=$(cat "$ISSUE_DIR/50-cluster.issue" 2>/dev/null && printf 'end\n') || before=''
  _replace "$ISSUE_DIR/50-cluster.issue" "$issue" || return
  if [[ -n $line ]]; then
    _say "$step" "$state" "$cause" "$message" "$todo"
  fi
  # A running agetty prints the issue again, unless somebody is typing already.
  if [[ $before != "$issue"$'\n'end ]]; then
    agetty --reload 2>/dev/null || true
  fi
}

# What the history lacks of this boot: the last line, and what a full disk did not take before.
_write_history() {
  local kept lines line
  kept=$(<"$LEDGER_PERSISTENT") || return
  lines=$(tail -n "+$((kept + 1))" "$RUN_DIR/ledger.jsonl") || return
  if [[ -z $lines ]]; then
    return 0
  fi
  while IFS= read -r line; do
    _append_line "$STATE_DIR/ledger.jsonl" "$line" || return
    kept=$((kept + 1))
    printf '%s\n' "$kept" >"$LEDGER_PERSISTENT" || return
  done <<<"$lines"
}

# One write per line, so that a reader never sees half of one; a line that a power cut or a full disk tore is closed first.
_append_line() {
  local file=$1 line=$2 end='' gap=''
  if [[ -s $file ]]; then
    end=$(tail -c 1 "$file") || return
  fi
  if [[ -n $end ]]; then
    gap=$'\n'
  fi
  printf '%s%s\n' "$gap" "$line" | dd of="$file" oflag=append conv=notrunc,fsync iflag=fullblock bs=256K status=none
}

# In /run, where there is nothing to sync.
_replace() {
  printf '%s\n' "$2" >"$1.new" || return
  mv -T "$1.new" "$1"
}

_say() {
  local step=$1 state=$2 cause=$3 message=$4 todo=${5:-}
  printf 'coldstart: %s %s%s: %s\n' "$step" "$state" "${cause:+ ($cause)}" "$message"
  if [[ -n $todo ]]; then
    printf 'coldstart: what to do: %s\n' "$todo"
  fi
}

_boot_id() { cat "$PROC_DIR/sys/kernel/random/boot_id"; }

# The ledger is written before there is a state, too, and about damaged ones.
_state_word() { bootstrap_state 2>/dev/null || printf 'damaged\n'; }

# persist_ledger: what was recorded before /var was there is carried over; from now on both files are written. Repeating it
# adds nothing.
persist_ledger() {
  if ! { _locked _begin_history && _locked _write_history; }; then
    watch_var || true
  fi
}

_begin_history() {
  local kept
  mkdir -p "$STATE_DIR" || true
  kept=$(_lines_of_this_boot "$STATE_DIR/ledger.jsonl" 2>/dev/null | wc -l) || kept=0
  printf '%s\n' "$kept" >"$LEDGER_PERSISTENT"
}

_lines_of_this_boot() {
  local boot
  boot=$(_boot_id) || return
  jq -n -R -c --arg boot "$boot" 'inputs | fromjson? | select(type == "object" and .boot == $boot)' "$1"
}

# step_state STEP: the step's state in this boot, empty when it has none.
step_state() {
  if [[ -s $RUN_DIR/status.json ]]; then
    jq -r --arg step "$1" '.steps[] | select(.step == $step) | .state' "$RUN_DIR/status.json" || true
  fi
}

# shown_causes: what the ledger has to say in this boot, each cause once.
shown_causes() {
  if [[ -s $RUN_DIR/status.json ]]; then
    jq -r '[.steps[].cause | select(. != "")] | unique[]' "$RUN_DIR/status.json"
  fi
}
