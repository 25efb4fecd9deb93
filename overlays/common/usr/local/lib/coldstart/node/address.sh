# shellcheck shell=bash
#
# node/address.sh: are the node's addresses up where they belong: on a card of this node, or on a bond, VLAN or bridge over one.

# missing_addresses: those of NODE_IPS, and that of a master's etcd, that are not usable yet, one per line.
missing_addresses() {
  local address present wanted=$NODE_IPS
  if [[ " $wanted " != *" $ETCD_IP "* ]]; then
    wanted+=" $ETCD_IP"
  fi
  present=$(_addresses_on_own_links) || present=''
  for address in $wanted; do
    if ! grep -qxF "$address" <<<"$present"; then
      printf '%s\n' "$address"
    fi
  done
}

# other_lease: `address (interface)` of each address that this node's links got by DHCP or from routers instead of one of LEASED_IPS that is
# missing, one per line; nothing if none is missing, or none came.
other_lease() {
  local missing address own
  missing=$(missing_addresses) && own=$(_own_interfaces) || return
  for address in $LEASED_IPS; do
    if grep -qxF "$address" <<<"$missing"; then
      ip -j address show | jq -r --arg wanted "$address" --arg own "$own" '
        .[] | .ifname as $name | select($own | split("\n") | index($name))
        | .addr_info[]? | select(.dynamic and (.scope == "global") and ((.local | contains(":")) == ($wanted | contains(":"))))
        | "\(.local) (\($name))"' || return
    fi
  done | sort -u
}

# describe_links: the node's cards and what their links say, for the message about a missing address.
describe_links() {
  local name mac driver link wanted nics cards
  nics=$(list_nics)
  for wanted in $OWN_MACS; do
    cards=$(awk -F '\t' -v mac="$wanted" '$2 == mac' <<<"$nics") || cards=''
    while IFS=$'\t' read -r name mac driver link; do
      printf '%s (%s): %s\n' "$wanted" "${name:-not in this machine}" "${link:-no card}"
    done <<<"$cards"
  done
}

# Addresses that are tentative or duplicate (IPv6) do not count, nor those of an interface without carrier.
_addresses_on_own_links() {
  local interface address own
  own=$(_own_interfaces) || return
  ip -j address show | jq -r '
    .[] | select(.operstate != "DOWN" and .operstate != "LOWERLAYERDOWN") | .ifname as $name
    | .addr_info[]? | select((.tentative or .dadfailed) | not) | "\($name) \(.local)"' |
    while read -r interface address; do
      if grep -qxF "$interface" <<<"$own"; then
        printf '%s\n' "$address"
      fi
    done
}

# The node's cards and all that is stacked on them; the kernel links what lies above as upper_<name>.
_own_interfaces() {
  local nics name mac rest
  nics=$(list_nics) || return
  while IFS=$'\t' read -r name mac rest; do
    if [[ " $OWN_MACS " == *" $mac "* ]]; then
      _with_uppers "$name"
    fi
  done <<<"$nics" | sort -u
}

_with_uppers() {
  local upper
  printf '%s\n' "$1"
  for upper in "$SYS_DIR/class/net/$1"/upper_*; do
    if [[ -e $upper || -L $upper ]]; then
      _with_uppers "${upper##*/upper_}"
    fi
  done
}
