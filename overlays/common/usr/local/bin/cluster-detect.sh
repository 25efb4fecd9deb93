#!/bin/bash
#
# cluster-detect.sh: checks that this machine is the node of the image. Compares the permanent address of every network
# card with the definitions in the image. Network and disk are used only if this node matches exactly; otherwise there is
# a report on the console, above the login prompt and in the ledger.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly LATE_NICS=30 # seconds; USB and some SR-IOV cards appear long after udev is idle
readonly REBUILD="compare the addresses with hardware.mac_addresses in the configuration; correct it, build again and boot the new image, or boot the image that belongs to this machine"

NICS='' MATCHES=''

scan() {
  local macs
  NICS=$(list_nics)
  macs=$(cut -f 2 <<<"$NICS") || return
  # shellcheck disable=SC2086 # a list of addresses
  MATCHES=$(nodes_of $macs)
}

found_a_match() {
  scan || return
  [[ -n $MATCHES ]]
}

say_no_match() {
  if [[ -z $NICS ]]; then
    missing detect no-nic "the system has found no network card in this machine yet"
  else
    missing detect no-matching-nic "no network card of this machine is in the configuration"
  fi
}

# On a wrong machine, the prompt must not show the name of the node.
refuse() {
  local cause=$1 sentence=$2
  hostname unidentified
  rm -f "$RUN_DIR/identified"
  if [[ -n $NICS ]]; then
    sentence+=$'\n'$(describe_nics "$NICS")
  fi
  stop detect "$cause" "$sentence" "$3"
}

accept() {
  hostname "$NODE_HOSTNAME"
  printf '%s\n' "$NODE_NAME" >"$RUN_DIR/identified"
  say_identity "$NICS"
}

guard detect
load_node
ledger detect running '' "looking for a network card of $NODE_NAME"
settle_devices
await "$LATE_NICS" say_no_match found_a_match || true

if [[ -z $NICS ]]; then
  refuse no-nic "the system has found no network card in this machine" \
    "check that the card is enabled in the firmware; if it needs a firmware or driver package, add it to the image"
elif [[ -z $MATCHES ]]; then
  refuse no-matching-nic "the image is for $NODE_NAME, but no node in the configuration has a network card of this machine" "$REBUILD"
elif [[ $MATCHES == *$'\n'* ]]; then
  refuse nics-of-several-nodes "the network cards of this machine belong to different nodes: ${MATCHES//$'\n'/, }" \
    "list an address for one node only: remove it from the others, build again and boot the new image"
elif [[ $MATCHES != "$NODE_NAME" ]]; then
  refuse image-of-another-node "the image is for $NODE_NAME, but this machine is $MATCHES in the configuration" \
    "boot the image of $MATCHES here, and this one on $NODE_NAME"
fi
accept
