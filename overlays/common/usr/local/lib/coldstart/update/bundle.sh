# shellcheck shell=bash
#
# update/bundle.sh: fetches an update bundle, and decides whether it is for this node. RAUC checks signature, name and release
# again when it installs; here the reasons get their names.

UPDATE_DIR=$COLDSTART_ROOT/var/lib/cluster-update
readonly UPDATE_DIR
BUNDLE=$UPDATE_DIR/update.raucb
readonly UPDATE_CONFIG=$COLDSTART_ROOT/etc/rauc/system.conf

# What this node shows to a server that asks who it is: a file with its certificate and key; empty for none.
CLIENT_CERTIFICATE=''

readonly SLOWEST=1024 # bytes a second, over a minute; a server that is slower counts as silent
readonly LONGEST=7200 # seconds for one file; a part stays, and the next call continues it

# bring FROM TO MOST: a file or a URL, of at most so many bytes. A part of an earlier try is continued. Status 1 with the reason in WHY;
# WHY is empty if there is no such file.
bring() {
  local from=$1 to=$2 most=$3 status=0
  WHY=''
  mkdir -p "${to%/*}" || return
  if is_address "$from"; then
    _download "$from" "$to.partial" "$most" || status=$?
    if ((status == 33)); then # the server cannot continue the part
      rm -f "$to.partial" || return
      status=0
      _download "$from" "$to.partial" "$most" || status=$?
    fi
    # A full disk, or more than the file may have: the part is of no use.
    if ((status == 23 || status == 63)); then
      rm -f "$to.partial" || return
    fi
    ((status == 0)) || return
  else
    _copy "${from#file://}" "$to.partial" "$most" || return
  fi
  sync -- "$to.partial" && mv -- "$to.partial" "$to"
}

is_address() { [[ $1 == http://* || $1 == https://* ]]; }

# _download ADDRESS FILE MOST: the status of curl(1). The address may hold a token, so it stands neither on the command line nor in
# what is said.
_download() {
  local status=0 shown reason client=()
  if [[ -n $CLIENT_CERTIFICATE ]]; then
    client=(--cert "$CLIENT_CERTIFICATE")
  fi
  WHY=$(printf 'url = "%s"\n' "$1" | curl --config - --silent --show-error --globoff --fail --location --max-redirs 5 \
    --proto '=http,https' "${client[@]}" --cacert "$UPDATE_DIR/authorities.pem" --connect-timeout 10 --speed-limit "$SLOWEST" --speed-time "${COLDSTART_DEADLINE:-60}" \
    --max-time "$LONGEST" --max-filesize "$3" --retry 5 --retry-max-time 300 --continue-at - --output "$2" 2>&1) || status=$?
  shown=$(shown "$1") || return
  WHY=${WHY//"$1"/"$shown"}
  # curl goes on for several lines about a certificate that it does not trust.
  reason=$(grep '^curl: (' <<<"$WHY" | tail -n 1) || reason=$WHY
  WHY=$(last_line "$reason") || return
  if ((status == 22)) && [[ $WHY == *' 416'* ]]; then
    return 0 # the part was the whole file
  fi
  if ((status == 22)) && [[ $WHY == *' 404'* ]]; then
    WHY=''
  fi
  return "$status"
}

_copy() {
  local size
  [[ -e $1 ]] || return
  WHY="it is no plain file"
  [[ -f $1 ]] || return
  size=$(stat --dereference --format=%s -- "$1") || return
  WHY="it has $size bytes, more than the $3 that there is room for"
  ((size <= $3)) || return
  if ! WHY=$(cp -- "$1" "$2" 2>&1); then
    rm -f "$2" || return
    return 1
  fi
}

# shown SOURCE: for messages, without what may be secret in an address: user, password, path and query. What stays is the server and
# the name of a bundle.
shown() {
  local host name
  if ! is_address "$1"; then
    printf '%s\n' "$1"
    return
  fi
  host=${1#*://}
  host=${host%%[/?#]*}
  name=${1%%[?#]*}
  name=${name##*/}
  if [[ $name != *.raucb ]]; then
    name=''
  fi
  printf '%s://%s/…%s\n' "${1%%://*}" "${host##*@}" "${name:+/$name}"
}

# prepare_trust: the authorities whose servers this node believes, and, for the address of the definition, what it shows of itself.
prepare_trust() {
  local config certificate key
  # coldstart serve has a certificate of the cluster's own authority.
  cat "$COLDSTART_ROOT/etc/ssl/certs/ca-certificates.crt" "$COLDSTART_ROOT/etc/kubernetes/pki/ca.crt" "$CONFIG_DIR/fetch-ca.crt" \
    >"$UPDATE_DIR/authorities.pem" 2>/dev/null || true
  if [[ -z $FETCH_URL || $1 != "$FETCH_URL/"* ]]; then
    return 0
  fi
  config=$(kubelet_config) || return
  certificate=$(_credential certificate "$config") || return
  key=$(_credential key "$config") || return
  printf '%s\n%s\n' "$certificate" "$key" | write_file "$RUN_DIR/fetch-client.pem" 0600 || return
  CLIENT_CERTIFICATE=$RUN_DIR/fetch-client.pem
}

fetch_bundle() {
  local most
  if ! prepare_trust "$1"; then
    stop update bundle-unreachable "$SHOWN cannot be read: this node has no certificate to show" "journalctl -u kubelet; then call cluster-update.sh again"
  fi
  # Another bundle may have the same address.
  rm -f "$BUNDLE" "$BUNDLE.partial"
  most=$(room)
  if ! bring "$1" "$BUNDLE" "$most"; then
    stop_if_full
    rm -f "$BUNDLE.partial"
    stop update bundle-unreachable "$SHOWN cannot be read: ${WHY:-there is no such file}" \
      "check the address, the network and the server; then call cluster-update.sh again"
  fi
}

# room: bytes that an update may take of /var. A tenth of what is free stays free for the node's own work.
room() {
  local free
  free=$(df --block-size=1 --output=avail "$UPDATE_DIR" | tail -n 1) || return
  printf '%s\n' "$((free - free / 10))"
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
