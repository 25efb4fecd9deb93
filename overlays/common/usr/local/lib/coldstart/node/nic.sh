# shellcheck shell=bash
#
# node/nic.sh: the machine's network cards, and which of them are this node's. A card is known by its permanent address: the
# current one of a bond's port is the bond's.

# list_nics: lines `name<TAB>mac<TAB>driver<TAB>link`, sorted by name. Physical cards are the interfaces with a device;
# only where there is none at all, in a container, the virtual ones stand in for them.
list_nics() {
  local nics
  nics=$(_interfaces _has_device)
  if [[ -z $nics ]]; then
    nics=$(_interfaces _is_container_nic)
  fi
  if [[ -n $nics ]]; then
    printf '%s\n' "$nics"
  fi
}

_interfaces() {
  local wanted=$1 path
  for path in "$SYS_DIR"/class/net/*; do
    if [[ -e $path/address ]] && "$wanted" "$path"; then
      printf '%s\t%s\t%s\t%s\n' "${path##*/}" "$(_permanent_mac "$path")" "$(_driver "$path")" "$(_link_state "$path")"
    fi
  done
}

_has_device() { [[ -e $1/device ]] && _is_ethernet "$1"; }

# Type 1 is Ethernet (ARPHRD_ETHER in linux/if_arp.h).
_is_ethernet() {
  local type
  read -r type <"$1/type" && [[ $type == 1 ]]
}

_is_container_nic() {
  _is_ethernet "$1" && [[ ! -e $1/bridge && ! -e $1/bonding ]] && ! grep -qsE '^DEVTYPE=(bond|bridge|vlan|vxlan|wlan)$' "$1/uevent"
}

# Virtual cards report no permanent address or all zeros; a bond remembers that of its ports.
_permanent_mac() {
  local mac
  mac=$(ethtool -P "${1##*/}" 2>/dev/null | awk '/^Permanent address:/ { print tolower($3) }') || mac=''
  if [[ ! $mac =~ ^([0-9a-f]{2}:){5}[0-9a-f]{2}$ || $mac == 00:00:00:00:00:00 ]]; then
    mac=$(cat "$1/bonding_slave/perm_hwaddr" 2>/dev/null || cat "$1/address") || mac=''
  fi
  printf '%s\n' "${mac,,}"
}

_driver() {
  local driver
  driver=$(readlink "$1/device/driver" || printf 'none')
  printf '%s\n' "${driver##*/}"
}

# The carrier of a card that was not brought up cannot be read, and bringing it up would be touching the network.
_link_state() {
  case $(cat "$1/carrier" 2>/dev/null || true) in
    1) printf 'link up\n' ;;
    0) printf 'no link\n' ;;
    *) printf 'not brought up\n' ;;
  esac
}

# has_own_nic NICS: whether any card of list_nics' output has an address of this node.
has_own_nic() {
  local mac macs
  macs=$(cut -f 2 <<<"$1") || return
  for mac in $NODE_MACS; do
    if grep -qxF "$mac" <<<"$macs"; then
      return 0
    fi
  done
  return 1
}

# nearest_own_mac MAC: `mac of node (n digits differ)`, the address of this node with the fewest differing hexadecimal digits.
nearest_own_mac() {
  awk -v mac="$1" -v macs="$NODE_MACS" -v node="$NODE_NAME" 'BEGIN {
    best = 99
    count = split(macs, all, " ")
    for (n = 1; n <= count; n++) {
      differ = 0
      for (i = 1; i <= 17; i++) if (substr(all[n], i, 1) != substr(mac, i, 1)) differ++
      if (differ < best) { best = differ; nearest = all[n] }
    }
    print nearest " of " node " (" best (best == 1 ? " digit differs)" : " digits differ)")
  }'
}

# describe_nics NICS: one or two lines per card of list_nics' output, for a person at the console.
describe_nics() {
  local name mac driver link nearest
  while IFS=$'\t' read -r name mac driver link; do
    printf '%s  %s  driver %s, %s\n' "$name" "$mac" "$driver" "$link"
    if [[ -n $NODE_MACS ]]; then
      nearest=$(nearest_own_mac "$mac") || nearest=unknown
      printf '  nearest address: %s\n' "$nearest"
    fi
  done <<<"$1"
}

# say_identity NICS: of a machine that was found to be this node, and which of its cards are not there. They are looked for as long
# as one is missing (cluster-watch.sh).
say_identity() {
  local missing
  missing=$(_missing_macs "$1" && _missing_matches "$1")
  if [[ -z $missing ]]; then
    ledger detect 'done' '' "this machine is $NODE_NAME"
  else
    ledger detect 'done' nic-missing "this machine is $NODE_NAME, but it has no card with ${missing//$'\n'/, }" \
      "check that the card is plugged in and enabled in the firmware, or remove its address from the configuration"
  fi
}

_missing_matches() {
  local pairs
  pairs=$(survey_nics "$1") && unmatched_nics "$pairs"
}

_missing_macs() {
  local mac macs
  macs=$(cut -f 2 <<<"$1") || return
  for mac in $NODE_MACS; do
    if ! grep -qxF "$mac" <<<"$macs"; then
      printf '%s\n' "$mac"
    fi
  done
}
