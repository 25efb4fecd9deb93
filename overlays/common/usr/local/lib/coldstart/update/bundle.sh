# shellcheck shell=bash
#
# update/bundle.sh: fetches an update bundle, and decides whether it is for this node. RAUC checks signature, name and release
# again when it installs; here the reasons get their names.

UPDATE_DIR=$COLDSTART_ROOT/var/lib/cluster-update
readonly UPDATE_DIR
readonly BUNDLE=$UPDATE_DIR/update.raucb
readonly UPDATE_CONFIG=$COLDSTART_ROOT/etc/rauc/system.conf

# bring FROM TO: a file or a URL. A part of an earlier try is continued. Status 1 with the reason in WHY; WHY is empty if there is
# no such file.
bring() {
  local from=$1 to=$2 status=0
  WHY=''
  mkdir -p "${to%/*}" || return
  if [[ $from != http://* && $from != https://* ]]; then
    [[ -e ${from#file://} ]] || return
    WHY=$(cp -- "${from#file://}" "$to.partial" 2>&1) || return
  else
    # The address may hold a token, so it does not stand on curl's command line.
    WHY=$(printf 'url = "%s"\n' "$from" | curl --config - --silent --show-error --globoff --fail --location \
      --proto '=http,https' --cacert "$UPDATE_DIR/authorities.pem" --connect-timeout 10 --speed-limit 1024 --speed-time 60 \
      --retry 5 --continue-at - --output "$to.partial" 2>&1) || status=$?
    if ((status == 22)) && [[ $WHY == *' 416'* ]]; then
      status=0 # the part was the whole file
    elif ((status == 22)) && [[ $WHY == *' 404'* ]]; then
      WHY=''
    fi
    ((status == 0)) || return
  fi
  sync -- "$to.partial" && mv -- "$to.partial" "$to" || return
}

# shown SOURCE: for messages, without the token in a link of coldstart serve.
shown() {
  if [[ $1 =~ ^(https?://[^/@]+/).*/([^/]+)$ ]]; then
    printf '%s…/%s\n' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]%%\?*}"
  else
    printf '%s\n' "$1"
  fi
}

fetch_bundle() {
  # coldstart serve has a certificate of the cluster's own authority.
  cat "$COLDSTART_ROOT/etc/ssl/certs/ca-certificates.crt" "$COLDSTART_ROOT/etc/kubernetes/pki/ca.crt" \
    >"$UPDATE_DIR/authorities.pem" 2>/dev/null || true
  # Another bundle may have the same address.
  rm -f "$BUNDLE" "$BUNDLE.partial"
  if ! bring "$1" "$BUNDLE"; then
    stop_if_full
    stop update bundle-unreachable "$SHOWN cannot be read: ${WHY:-there is no such file}" \
      "check the address, the network and the server; then call cluster-update.sh again"
  fi
}

# A full disk has its own name.
stop_if_full() {
  if ! watch_var; then
    stop update "$VAR_TROUBLE" "/var cannot take the update" "see the step var; then call cluster-update.sh again"
  fi
}

# read_bundle: sets MANIFEST to what was signed, as JSON.
read_bundle() {
  local said="$RUN_DIR/update.log" text
  if MANIFEST=$(rauc info --output-format=json-2 "$BUNDLE" 2>"$said"); then
    rm -f "$said"
    return
  fi
  text=$(<"$said")
  rm -f "$said"
  if [[ $text == *'signature verification failed'* ]]; then
    # Only for the message: nothing of it is trusted.
    MANIFEST=$(rauc info --no-verify --output-format=json-2 "$BUNDLE" 2>/dev/null) || MANIFEST='{}'
    read_claim
    stop_if_foreign_cluster
    stop update bundle-untrusted "$SHOWN has no signature of this cluster: $(last_line "$text")" \
      "build it with the secrets store of this cluster; after a rotation of the update authority, first install a bundle that the former authority signed"
  fi
  stop update bundle-damaged "$SHOWN is damaged or was cut off: $(last_line "$text")" \
    "compare it with SHA256SUMS of the build; copy it again"
}

# read_claim: sets CLAIMED_CLUSTER and CLAIMED_NODE to what the manifest says of itself: coldstart/CLUSTER/NODE.
read_claim() {
  local text
  text=$(jq -r '.update.compatible // ""' <<<"$MANIFEST" | tr -cd '[:alnum:]./-') || return
  IFS=/ read -r _ CLAIMED_CLUSTER CLAIMED_NODE _ <<<"$text///"
}

stop_if_foreign_cluster() {
  if [[ -n $CLAIMED_CLUSTER && $CLAIMED_CLUSTER != "$CLUSTER_NAME" ]]; then
    stop update bundle-foreign-cluster "$SHOWN is for the cluster $CLAIMED_CLUSTER, and this node is of $CLUSTER_NAME" \
      "use the bundle $NODE_NAME.raucb of $CLUSTER_NAME"
  fi
}

check_identity() {
  read_claim
  stop_if_foreign_cluster
  if [[ $CLAIMED_CLUSTER/$CLAIMED_NODE != "$CLUSTER_NAME/$NODE_NAME" ]]; then
    stop update bundle-foreign-node "$SHOWN is for the node ${CLAIMED_NODE:-?}, and this is $NODE_NAME" "use the bundle $NODE_NAME.raucb"
  fi
}

# check_release: sets RELEASE.
check_release() {
  local present
  RELEASE=$(jq -r '.update.version // ""' <<<"$MANIFEST")
  present=$(sed -n 's/^min-bundle-version=//p' "$UPDATE_CONFIG")
  if [[ ! $RELEASE =~ ^[0-9]{1,9}$ || ! $present =~ ^[0-9]{1,9}$ ]]; then
    stop update bundle-damaged "$SHOWN has no release number" "build it again"
  fi
  if [[ $FORCE != yes ]] && ((RELEASE < present)); then
    stop update bundle-older "$SHOWN is release $RELEASE, and release $present is running" \
      "use the newest bundle; to go back to the older one all the same, call cluster-update.sh with --force"
  fi
}
