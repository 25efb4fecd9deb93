# shellcheck shell=bash
#
# etcd/snapshot-store.sh: copies the snapshots of etcd to the user's S3 storage (control_plane.etcd_snapshots.store). A copy that fails is
# repeated by the next run; the snapshot stays on the state disk. Nothing is removed from the store.

SNAPSHOT_STORED=$SNAPSHOT_DIR/.stored # names of the snapshots that the store has, one a line
SNAPSHOT_CREDENTIALS=$KUBERNETES_DIR/snapshot-store-credentials
SNAPSHOT_CA=$KUBERNETES_DIR/snapshot-store-ca.crt
readonly SNAPSHOT_STORED SNAPSHOT_CREDENTIALS SNAPSHOT_CA
readonly STORE_WAIT=3600 # seconds for one copy
readonly STORE_SILENCE=60 # seconds that nearly nothing may pass the connection

# Settings; empty without a store.
SNAPSHOT_STORE_URL='' SNAPSHOT_STORE_REGION=''

has_snapshot_store() { [[ -n $SNAPSHOT_STORE_URL ]]; }

snapshot_place() { printf '%s/%s/%s\n' "$SNAPSHOT_STORE_URL" "$CLUSTER_NAME" "$NODE_NAME"; }

# store_snapshots: each that the store does not have, the oldest first. Sets WHY if one was not copied.
store_snapshots() {
  local names name stored=''
  WHY=''
  has_snapshot_store || return 0
  names=$(list_snapshots | sort) || return
  if [[ -e $SNAPSHOT_STORED ]]; then
    # Those that are still here.
    stored=$(grep -xF -f <(printf '%s\n' "$names") "$SNAPSHOT_STORED") || stored=''
  fi
  while IFS= read -r name; do
    if [[ -z $name ]] || grep -qxF "$name" <<<"$stored"; then
      continue
    fi
    _store_snapshot "$name" || return
    stored+=${stored:+$'\n'}$name
    if ! write_file "$SNAPSHOT_STORED" 0600 <<<"$stored"; then
      WHY="$SNAPSHOT_STORED cannot be written"
      return 1
    fi
  done <<<"$names"
}

# _store_snapshot NAME: the store compares the digest that is signed, so what it takes is complete.
_store_snapshot() {
  local config sum place
  WHY="$1 cannot be read"
  sum=$(sha256sum "$SNAPSHOT_DIR/$1") || return
  WHY="$SNAPSHOT_CREDENTIALS cannot be read"
  config=$(_snapshot_store_config "${sum%% *}") || return
  place=$(snapshot_place) || return
  request --config <(printf '%s\n' "$config") --max-time "$STORE_WAIT" --speed-limit 1000 --speed-time "$STORE_SILENCE" \
    --upload-file "$SNAPSHOT_DIR/$1" "$place/$1"
  if [[ $STATUS == 2?? ]]; then
    return 0
  fi
  if [[ $STATUS != 000 ]]; then
    WHY="it answers with $STATUS$(_s3_error)"
  fi
  return 1
}

# _s3_error: the code in the answer: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
_s3_error() {
  if [[ $BODY =~ \<Code\>([A-Za-z]{1,60})\</Code\> ]]; then
    printf ' (%s)\n' "${BASH_REMATCH[1]}"
  fi
}

# _snapshot_store_config SHA256: lines for curl, which reads them from a pipe. check has made sure that nothing in them needs escaping.
_snapshot_store_config() {
  local credentials
  credentials=$(<"$SNAPSHOT_CREDENTIALS") || return
  printf 'user = "%s"\naws-sigv4 = "aws:amz:%s:s3"\nheader = "x-amz-content-sha256: %s"\n' "$credentials" "$SNAPSHOT_STORE_REGION" "$1"
  if [[ -e $SNAPSHOT_CA ]]; then
    printf 'cacert = "%s"\n' "$SNAPSHOT_CA"
  fi
}

say_not_stored() {
  local place
  place=$(snapshot_place) || return
  ledger snapshots skipped etcd-snapshot-not-stored "the data of etcd is saved on this node, but not copied to $place: $WHY" \
    "check the store, and control_plane.etcd_snapshots.store; this node keeps trying"
}
