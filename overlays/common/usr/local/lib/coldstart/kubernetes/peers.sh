# shellcheck shell=bash
#
# kubernetes/peers.sh: what this node knows of the other nodes. The image names a few masters, the first guess; the running cluster says the rest
# (`peers.json`), and the node remembers what it heard last.

readonly PEERS=peers.json

# known_masters: the addresses of the masters, one a line: as the cluster said last; the first guess of the image when it has not said any yet.
# A guess that is newer than what was heard (`guess` is the guess of the image at that time) is added: the masters may have moved meanwhile.
known_masters() {
  local file
  for file in "$RUN_DIR/$PEERS" "$STATE_DIR/$PEERS"; do
    if [[ -s $file ]] &&
      jq -e -r --arg guess "$MASTER_IPS" '
        [(.masters[].address), (select(.guess != $guess) | $guess | split(" ")[])] | select(length > 0)
        | reduce .[] as $address ([]; if index($address) then . else . + [$address] end) | .[]' "$file" 2>/dev/null; then
      return 0
    fi
  done
  # shellcheck disable=SC2086 # a list
  printf '%s\n' $MASTER_IPS
}
