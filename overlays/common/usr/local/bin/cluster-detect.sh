#!/bin/bash
#
# cluster-detect.sh: is this machine the node that the image was made for? Compares the permanent address of every
# network card with the definitions in the image. Nothing but an exact match of this node lets the network and the disk
# be touched; anything else leaves a report on the console, above the login prompt and in the ledger.

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
    missing detect no-nic "this machine has no network card that the system knows yet"
  else
    missing detect no-matching-nic "no card of this machine is defined"
  fi
}

# Until somebody has acted, the prompt must not claim to be the node.
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
  refuse no-nic "this machine has no network card that the system knows" \
    "look whether the card is enabled in the firmware; a card that needs firmware or a driver of its own needs it in the image"
elif [[ -z $MATCHES ]]; then
  refuse no-matching-nic "the image is for $NODE_NAME, but no network card of this machine is defined for any node" "$REBUILD"
elif [[ $MATCHES == *$'\n'* ]]; then
  refuse nics-of-several-nodes "the network cards of this machine are defined for different nodes: ${MATCHES//$'\n'/, }" \
    "an address may stand under one node only: remove it from the others, build again and boot the new image"
elif [[ $MATCHES != "$NODE_NAME" ]]; then
  refuse image-of-another-node "the image is for $NODE_NAME, but this machine is defined as $MATCHES" \
    "boot the image of $MATCHES here, and this one on $NODE_NAME"
fi
accept
