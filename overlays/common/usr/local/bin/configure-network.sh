#!/bin/bash
#
# configure-network.sh: lets NetworkManager read the rendered key files and waits until the node's own addresses are up on
# its own links. The interface is the one with the right MAC address, never the one with a default route.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly ADDRESS_WAIT=60 # seconds; 802.3ad and spanning tree take half of it

readonly CABLE_TODO="plug in the cable or enable the port of the switch; with a link, look at nmcli device and journalctl -b -u NetworkManager; the node keeps trying"

readonly LEASE_TODO="correct the reservation of the MAC at the DHCP server, or the node's ip; then restart the node, or take up the connection again with nmcli"

ABSENT='' BEFORE=''

addresses_are_up() {
  ABSENT=$(missing_addresses)
  [[ -z $ABSENT ]]
}

# During a retry, the console keeps showing the failure until the retry succeeds.
say_no_addresses() {
  local message other cause=address-missing todo=$CABLE_TODO
  message="not up: ${ABSENT//$'\n'/, }"
  other=$(other_lease) || other=''
  if [[ -n $other ]]; then
    cause=address-differs todo=$LEASE_TODO
    message+="; the network gave ${other//$'\n'/, } instead"
  fi
  message+=$'\n'$(describe_links)
  if [[ $BEFORE == failed ]]; then
    ledger network failed "$cause" "$message" "$todo"
    MISSING=(network "$cause" "$message" "$todo")
  else
    missing network "$cause" "$message" "$todo"
  fi
}

guard network
load_node
check_identified network
if ! nmcli connection reload; then
  stop network networkmanager-missing "NetworkManager does not answer" "systemctl status NetworkManager; journalctl -b -u NetworkManager"
fi
BEFORE=$(step_state network)
await "$ADDRESS_WAIT" say_no_addresses addresses_are_up || stop_missing
ledger network 'done' '' "${NODE_IPS// /, } up"
