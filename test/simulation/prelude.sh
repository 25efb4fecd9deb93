# shellcheck shell=bash
#
# prelude.sh: read by every bash of a simulated node before its script (BASH_ENV). Commands that touch the world become
# functions that ask the simulator over descriptor 3 and wait; so does what changes the disk, since the power may fail just
# then. SECONDS is the simulator's clock: unset once, it is a variable like any other.

unset SECONDS
SECONDS=0

_ask() {
  local IFS=$'\x1f' answer status
  printf '%s\x1e' "$*" >&3
  # Without an answer the machine is off.
  IFS= read -r -d $'\x1e' -u 3 answer || exit 137
  status=${answer%%$'\x1f'*} answer=${answer#*$'\x1f'}
  SECONDS=${answer%%$'\x1f'*} answer=${answer#*$'\x1f'}
  printf '%s' "${answer%%$'\x1f'*}"
  printf '%s' "${answer#*$'\x1f'}" >&2
  return "$status"
}

etcdctl() { _ask etcdctl "$@"; }
systemctl() { _ask systemctl "$@"; }
journalctl() { printf 'the last words\n'; }
sleep() { _ask sleep "$@"; }
chronyc() { _ask chronyc "$@"; }
ip() { _ask ip "$@"; }

curl() {
  local argument
  local -a arguments=()
  for argument in "$@"; do
    if [[ $argument == @/* ]]; then
      argument=$(<"${argument#@}")
    fi
    arguments+=("$argument")
  done
  _ask curl "${arguments[@]}"
}

kubectl() {
  local input=''
  if [[ "$*" == *'--filename -' ]]; then
    input=$(command cat)
  fi
  _ask kubectl "$@" "$input"
}

# The ledger is the simulator's, which reads it as it is written.
jq() {
  case "$*" in
    *ledger.jq* | *'inputs | fromjson'*) _ask jq "$@" ;;
    *) command jq "$@" ;;
  esac
}

rm() { _on_disk rm "$@"; }
mv() { _on_disk mv "$@"; }
_on_disk() {
  if [[ "$*" != */run/* ]]; then
    _ask "$@"
    command "$@"
  elif [[ $1 == mv ]]; then
    printf '%s\n' "$(<"${*: -2:1}")" >"${!#}"
  fi
}
sync() { [[ "$*" == */run/* ]] || _ask sync "$@"; }

# What is left of these a process each would do, and most of the time would go there.
dd() {
  local text
  IFS= read -r -d '' text || true
  printf '%s' "$text" >>"${1#of=}"
}
mkdir() { [[ -d ${!#} ]] || command mkdir "$@"; }
touch() { [[ -e ${!#} ]] || command touch "$@"; }
chmod() { :; }
dirname() { printf '%s\n' "${1%/*}"; }
readlink() { if [[ $# != 2 || $1 != -f || $2 == *..* || -L $2 ]]; then command readlink "$@"; else printf '%s\n' "$2"; fi; }
# shellcheck disable=SC2120 # the scripts do pass arguments
cat() { if (($# == 1)) && [[ -f $1 ]]; then printf '%s\n' "$(<"$1")"; else command cat "$@"; fi; }
date() {
  local format=${!#}
  if [[ $1 == --date ]]; then
    command date "$@"
  else
    printf "%(${format#+})T\n" "$((1767225600 + SECONDS))"
  fi
}
# Certificates are made up, and from the day on which each scenario begins.
openssl() { printf 'notBefore=2026-01-01 00:00:00Z\n'; }
ethtool() { printf 'Permanent address: %s\n' "$(<"$COLDSTART_ROOT/sys/class/net/$2/address")"; }
flock() { :; }
agetty() { :; }
udevadm() { :; }
etcd() { :; }
containerd() { :; }
kubelet() { :; }
kube-proxy() { :; }
kube-apiserver() { :; }
kube-scheduler() { :; }
kube-controller-manager() { :; }

_ask clock
