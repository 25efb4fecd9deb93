# shellcheck shell=bash
#
# shell.sh: the bash of one simulated node. It reads the library once; each script that the simulator asks for on standard input
# runs in a copy of it that is its own process group. Commands that touch the world become functions that ask the simulator
# over descriptor 3 and wait for the answer on the script's own descriptor. So does what changes the disk, since the power may
# fail just then. SECONDS is the simulator's clock: unset once, it is a variable like any other; so is RANDOM.
#
#   SLOT SECONDS SCRIPT ARGUMENT...   what comes in, fields and ends marked as below; WORDS/SLOT.in is standard input
#   SLOT began PID | ended STATUS | COMMAND ARGUMENT...   what goes out

unset SECONDS RANDOM
SECONDS=0 RANDOM=0 SLOT=0 BEGAN=0
FIELD=$'\x1f' END=$'\x1e'
set -m
# A process for each of these, and others below, would be most of what a scenario costs.
dirname() { printf '%s\n' "${1%/*}"; }
readlink() { printf '%s\n' "${!#}"; }
# shellcheck source=../../overlays/common/usr/local/lib/coldstart/coldstart.sh
. "$COLDSTART_LIBRARY/coldstart.sh"
set +e

# An answer is its status, the time, and the lengths of what it writes; then that.
_ask() {
  local IFS=$FIELD answer status out err
  printf '%s\x1e' "$SLOT$FIELD$*" >&3
  IFS= read -r -N 32 -u "$((4 + SLOT))" answer || exit 137
  status=$((10#${answer:0:4})) SECONDS=$((10#${answer:4:12} - BEGAN)) out=$((10#${answer:16:8})) err=$((10#${answer:24:8}))
  if ((out > 0)); then
    IFS= read -r -N "$out" -u "$((4 + SLOT))" answer
    printf '%s' "$answer"
  fi
  if ((err > 0)); then
    IFS= read -r -N "$err" -u "$((4 + SLOT))" answer
    printf '%s' "$answer" >&2
  fi
  return "$status"
}

for name in etcdctl systemctl sleep chronyc rm mv sync find ledger step_state; do
  eval "$name() { _ask $name \"\$@\"; }"
done
# Scripts that call each other are processes of their own, too.
for name in "$BIN_DIR"/*; do
  eval "${name##*/}() { _ask run ${name##*/} \"\$@\"; }"
done
for name in flock agetty udevadm chmod etcd containerd kubelet kube-proxy kube-apiserver kube-scheduler kube-controller-manager; do
  eval "$name() { :; }"
done
# Only IPv4 has routes.
ip() {
  case $* in
    *' show proto '*) _ask ip "$@" ;;
    *' -batch -') _ask ip "$@" "$(_all)" ;;
    *) printf '[]\n' ;;
  esac
}
nft() { _ask nft "$(_all)"; }
socat() { _ask socat "$(_all)"; }
timeout() { "${@:2}"; }
certificate_state() { [[ -e $1 ]] && printf 'good\n'; }
is_of_authority() { :; }
journalctl() { printf 'the last words\n'; }
source() { [[ $1 == */coldstart.sh ]] || builtin source "$@"; }

# What other tests are about: cards and addresses, the clock, the file of the ledger.
missing_addresses() { :; }
clock_suits_certificates() { :; }
persist_ledger() { :; }
is_of_this_node() { [[ $1 == *"node-csr-$NODE_NAME\""* ]]; }

curl() {
  local argument
  local -a arguments=()
  for argument in "$@"; do
    case $argument in
      @-) argument=$(_all) ;;
      @/*) argument=$(<"${argument#@}") ;;
    esac
    arguments+=("$argument")
  done
  _ask curl "${arguments[@]}"
}

kubectl() {
  local input=''
  if [[ "$*" == *'--filename -' ]]; then
    input=$(_all)
  fi
  _ask kubectl "$@" "$input"
}

# The answer begins with its status.
ask_api() {
  BODY=$(_ask ask_api "${1##*/}" "$2")
  STATUS=${BODY%%$'\n'*} BODY=${BODY#*$'\n'}
  WHY=$BODY
  [[ $STATUS == 200 ]]
}

_all() {
  local text
  IFS= read -r -d '' text || true
  printf '%s' "$text"
}
mkdir() { [[ -d ${!#} ]] || command mkdir "$@"; }
mktemp() {
  local path=${1%XXXXXX}$BASHPID
  : >"$path"
  printf '%s\n' "$path"
}
cat() {
  case $# in
    0) _all ;;
    1) [[ -f $1 ]] && printf '%s\n' "$(<"$1")" ;;
    *) command cat "$@" ;;
  esac
}
date() {
  local format=${!#}
  printf "%(${format#+})T\n" "$((1767225600 + BEGAN + SECONDS))"
}
tr() {
  local text
  if [[ "$*" == '-d \0' ]]; then
    IFS= read -r -d '' text || true
    printf '%s' "$text"
  else
    command tr "$@"
  fi
}
tail() {
  local -a lines
  if [[ "$*" == '-n 1' ]]; then
    mapfile -t lines
    ((${#lines[@]} == 0)) || printf '%s\n' "${lines[-1]}"
  else
    command tail "$@"
  fi
}
head() {
  local line
  if [[ "$*" == '-n 1' ]]; then
    IFS= read -r line && printf '%s\n' "$line"
  else
    command head "$@"
  fi
}
cut() {
  local line
  if [[ "$*" == '-c 1-300' ]]; then
    while IFS= read -r line; do printf '%s\n' "${line:0:300}"; done
  else
    command cut "$@"
  fi
}
grep() {
  local line
  if [[ $1 == -q && $# == 2 ]]; then
    while IFS= read -r line; do
      if [[ $line =~ $2 ]]; then
        return 0
      fi
    done
    return 1
  fi
  command grep "$@"
}

while IFS=$FIELD read -r -d "$END" -a command; do
  (
    set +m
    SLOT=${command[0]} BEGAN=${command[1]} SECONDS=0
    words=$COLDSTART_WORDS/$SLOT
    printf '%s\x1fbegan\x1f%s\x1e' "$SLOT" "$BASHPID" >&3
    (
      BASH_ARGV0=$BIN_DIR/${command[2]}
      set -e
      builtin source "$0" "${command[@]:3}"
    ) <"$words.in" >"$words.out" 2>"$words.err"
    printf '%s\x1fended\x1f%s\x1e' "$SLOT" "$?" >&3
  ) &
done
# The simulator is gone, maybe without having ended anything.
# shellcheck disable=SC2046 # a list of numbers
kill -KILL $(jobs -p) 2>/dev/null
