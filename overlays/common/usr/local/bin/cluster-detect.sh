#!/bin/bash
#
# cluster-detect.sh: checks that this machine is the node of the image: it has a network card with one of the node's permanent
# addresses. If the definition knows none, all cards that it describes are there, and the state disk. Otherwise, network and disk are not used, and there is a report on the console, above the login prompt and in the ledger.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly LATE_NICS=30 # seconds; USB and some SR-IOV cards appear long after udev is idle

NICS='' PAIRS='' DOUBTS=''

found_a_match() {
  NICS=$(list_nics) && PAIRS=$(survey_nics "$NICS") && DOUBTS=$(doubtful_nics "$PAIRS") || return
  # Waiting takes no doubt away.
  [[ -n $DOUBTS ]] || is_own_machine
}

is_own_machine() {
  local unmatched
  if [[ -n $NODE_MACS ]]; then
    has_own_nic "$NICS"
  else
    unmatched=$(unmatched_nics "$PAIRS") && [[ -z $unmatched ]] && has_own_disk
  fi
}

say_no_match() {
  local unmatched
  unmatched=$(unmatched_nics "$PAIRS") || unmatched=''
  if [[ -z $NICS ]]; then
    missing detect no-nic "the system has found no network card in this machine yet"
  elif [[ -z $NODE_MACS && -z $unmatched ]]; then
    missing detect no-own-disk "the state disk of $NODE_NAME is not in this machine"
  elif [[ -z $NODE_MACS ]]; then
    missing detect no-matching-nic "no network card of this machine is ${unmatched//$'\n'/ or } of $NODE_NAME"
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
  local macs owners own=$CLUSTER_NAME/$NODE_NAME identify unmatched
  macs=$(cut -f 2 <<<"$NICS")
  identify="on the build machine: coldstart identify ${macs//$'\n'/ }"
  owners=$(owners_of_disks) || owners=''
  unmatched=$(unmatched_nics "$PAIRS") || unmatched=''
  if [[ -z $NODE_MACS && -n $owners && $owners != *"$own"* ]]; then
    refuse_other_image "$owners" "boot the image of that node here"
  elif [[ -z $NODE_MACS && -z $unmatched ]]; then
    refuse no-own-disk "the image is for $NODE_NAME, but its state disk is not in this machine, and the definition has no MAC of it" \
      "boot the image in the machine of $NODE_NAME; if the disk was replaced: correct hardware.state_disk, build again and boot the new image"
  elif [[ -z $NODE_MACS ]]; then
    refuse no-matching-nic "the image is for $NODE_NAME, but no network card of this machine is ${unmatched//$'\n'/ or }" \
      "boot the image in the machine of $NODE_NAME, or correct the match of the interface, build again and boot the new image"
  elif [[ -z $owners ]]; then
    refuse no-matching-nic "the image is for $NODE_NAME, but no network card of this machine belongs to it" \
      "$identify; boot the image of the node that it names, or correct hardware.mac_addresses, build again and boot the new image"
  elif [[ $owners == "$own" ]]; then
    refuse no-matching-nic "the state disk of $own is in this machine, but no network card of $NODE_NAME" \
      "if the card was replaced: correct hardware.mac_addresses, build again and boot the new image"
  else
    refuse_other_image "$owners" "boot the image of that node here; to be sure, $identify"
  fi
}

refuse_other_image() {
  refuse image-of-another-node "the image is for $NODE_NAME, but the state disk of ${1//$'\n'/, } is in this machine" "$2"
}

# belongs_to_other: a machine that is known by no address has the state disk of another node, and not this node's.
belongs_to_other() {
  local owners
  if [[ -n $NODE_MACS ]]; then
    return 1
  fi
  owners=$(owners_of_disks) || owners=''
  [[ -n $owners ]] && ! grep -qxF "$CLUSTER_NAME/$NODE_NAME" <<<"$owners"
}

accept() {
  take_nics "$PAIRS"
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
elif [[ -n $DOUBTS ]]; then
  refuse nic-ambiguous "it is not clear which network card is meant: ${DOUBTS//$'\n'/; }" \
    "add a name or a path to the match of the interface, or write the mac, build again and boot the new image"
elif ! is_own_machine || belongs_to_other; then
  refuse_machine
fi
accept
