#!/bin/bash
#
# configure-network.sh: has NetworkManager read the rendered key files and waits until the node's own addresses are up on
# the node's own links. The interface is the one with the right MAC address, never the one with a default route.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly ADDRESS_WAIT=60 # seconds; 802.3ad and spanning tree take half of it

MISSING=''

addresses_are_up() {
  MISSING=$(missing_addresses)
  [[ -z $MISSING ]]
}

guard network
load_node
check_identified network
if ! nmcli connection reload; then
  stop network networkmanager-missing "NetworkManager does not answer" "systemctl status NetworkManager; journalctl -b -u NetworkManager"
fi
if ! addresses_are_up; then
  # On a retry the failure stays on the console until it is over.
  if [[ $(step_state network) != failed ]]; then
    ledger network waiting address-missing "waiting up to $ADDRESS_WAIT s for ${MISSING//$'\n'/, }"$'\n'"$(describe_links)"
  fi
  if ! wait_until "$ADDRESS_WAIT" addresses_are_up; then
    stop network address-missing "not up: ${MISSING//$'\n'/, }"$'\n'"$(describe_links)" \
      "plug in the cable or enable the port of the switch; with a link, look at nmcli device and journalctl -b -u NetworkManager; the node keeps trying"
  fi
fi
ledger network 'done' '' "${NODE_IPS// /, } up"
