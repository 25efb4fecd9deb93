# shellcheck shell=bash disable=SC2016 # filters of jq
#
# kubernetes/shares.sh: this node's share of the pod network. The controller manager gives it to the Node; it is remembered, so that pods start
# also while no API server answers. Only with `cni: routed`; other networks have their own shares.

readonly SHARE_WAIT=600 # seconds; the controller manager of one of the masters

# Ranges, separated by commas, as the API server has them for this node; empty when it has none.
SHARES=''

# take_share: the last step of a node that has joined.
take_share() {
  if [[ ! -e $POD_NETWORK ]]; then
    return 0
  fi
  await "$SHARE_WAIT" say_no_share share_is_known || stop_missing
  keep_share "$SHARES"
}

share_is_known() {
  local config
  config=$(kubelet_config) || return
  ask_api "$config" "/api/v1/nodes/$NODE_NAME" || return
  SHARES=$(jq -r '.spec.podCIDRs // [] | join(",")' <<<"$BODY") || return
  [[ -n $SHARES ]]
}

say_no_share() {
  if [[ $STATUS == 200 ]]; then
    missing node pod-share-missing "no controller manager has given this node a share of the pod network yet" \
      "on a master: systemctl status kube-controller-manager; this node keeps trying"
  else
    missing node api-unreachable "no master's API server answers: $WHY" "check the masters' consoles; this node keeps trying"
  fi
}

# open_share: at boot, the share that this node had last.
open_share() {
  local shares
  if [[ -e $POD_NETWORK ]]; then
    shares=$(read_state pod-shares) || return
    if [[ -n $shares ]]; then
      keep_share "$shares"
    fi
  fi
}

# apply_share: the share that the cluster says this node has, for one whose entry was deleted and made again.
apply_share() {
  local shares
  if [[ -e $POD_NETWORK ]]; then
    shares=$(with_peers 'first(.nodes[] | select(.name == $own) | .pods | join(",")) // ""' --arg own "$NODE_NAME") || return
    if [[ -n $shares ]]; then
      keep_share "$shares"
    fi
  fi
}

# keep_share SHARES: a container runtime reads the file as soon as it is there.
keep_share() {
  local shares=$1 before config
  config=$(jq -L "$LIB_DIR/kubernetes" --arg shares "$shares" 'include "peers"; pod_network($shares | split(","))' "$POD_NETWORK") || return
  before=$(cat "$CNI_CONFIG" 2>/dev/null) || before=''
  if [[ $config != "$before" ]]; then
    printf '%s\n' "$config" | write_file "$CNI_CONFIG" 0644 || return
  fi
  write_state pod-shares "$shares"
}
