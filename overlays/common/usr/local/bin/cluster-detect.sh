#!/bin/bash
#
# cluster-detect.sh: checks that this machine is the node of the image: it has a network card with one of the node's permanent
# addresses. Otherwise, network and disk are not used, and there is a report on the console, above the login prompt and in the ledger.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly LATE_NICS=30 # seconds; USB and some SR-IOV cards appear long after udev is idle

NICS=''

found_a_match() {
  NICS=$(list_nics) || return
  has_own_nic "$NICS"
}

say_no_match() {
  if [[ -z $NICS ]]; then
    missing detect no-nic "the system has found no network card in this machine yet"
  else
    missing detect no-matching-nic "no network card of this machine belongs to $NODE_NAME"
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

# refuse_machine: no card is this node's. The claim on a state disk says whose machine it is; else the build machine knows.
refuse_machine() {
  local macs owners own=$CLUSTER_NAME/$NODE_NAME identify
  macs=$(cut -f 2 <<<"$NICS")
  identify="on the build machine: coldstart identify ${macs//$'\n'/ }"
  owners=$(owners_of_disks) || owners=''
  if [[ -z $owners ]]; then
    refuse no-matching-nic "the image is for $NODE_NAME, but no network card of this machine belongs to it" \
      "$identify; boot the image of the node that it names, or correct hardware.mac_addresses, build again and boot the new image"
  elif [[ $owners == "$own" ]]; then
    refuse no-matching-nic "the state disk of $own is in this machine, but no network card of $NODE_NAME" \
      "if the card was replaced: correct hardware.mac_addresses, build again and boot the new image"
  else
    refuse image-of-another-node "the image is for $NODE_NAME, but the state disk of ${owners//$'\n'/, } is in this machine" \
      "boot the image of that node here; to be sure, $identify"
  fi
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
elif ! has_own_nic "$NICS"; then
  refuse_machine
fi
accept
