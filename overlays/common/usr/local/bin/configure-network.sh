#!/bin/bash
#
# configure-network.sh: lets NetworkManager read the rendered key files and waits until the node's own addresses are up on
# its own links. The interface is the one with the right MAC address, never the one with a default route.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly ADDRESS_WAIT=60 # seconds; 802.3ad and spanning tree take half of it

readonly CABLE_TODO="plug in the cable or enable the port of the switch; with a link, look at nmcli device and journalctl -b -u NetworkManager; the node keeps trying"

ABSENT='' BEFORE=''

addresses_are_up() {
  ABSENT=$(missing_addresses)
  [[ -z $ABSENT ]]
}

# During a retry, the console keeps showing the failure until the retry succeeds.
say_no_addresses() {
  local message
  message="not up: ${ABSENT//$'\n'/, }"$'\n'"$(describe_links)"
  if [[ $BEFORE == failed ]]; then
    ledger network failed address-missing "$message" "$CABLE_TODO"
    MISSING=(network address-missing "$message" "$CABLE_TODO")
  else
    missing network address-missing "$message" "$CABLE_TODO"
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
