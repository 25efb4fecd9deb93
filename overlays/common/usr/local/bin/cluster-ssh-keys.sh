#!/bin/bash
#
# cluster-ssh-keys.sh: creates SSH host keys, once per state disk. Without a state disk they are in memory and change at each boot.
# The ECDSA key is in the image, because whoever has the secrets store must know it.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly SSH_KEY_DIR=$COLDSTART_ROOT/var/lib/coldstart/ssh
umask 077

make_key() {
  local type=$1 folder
  folder=$(mktemp -d "$RUN_DIR/ssh.XXXXXX")
  ssh-keygen -q -t "$type" -N '' -C "$NODE_NAME" -f "$folder/key"
  # The private key is written last: its existence means that the pair is complete.
  write_file "$SSH_KEY_DIR/ssh_host_${type}_key.pub" 0644 <"$folder/key.pub"
  write_file "$SSH_KEY_DIR/ssh_host_${type}_key" 0600 <"$folder/key"
  rm -r "$folder"
}

guard ssh-keys
load_node
mkdir -p "$RUN_DIR" "$SSH_KEY_DIR"
for type in ed25519 rsa; do
  if [[ ! -s $SSH_KEY_DIR/ssh_host_${type}_key ]]; then
    make_key "$type"
  fi
done
BEFORE=$(step_state ssh-keys)
if [[ $BEFORE == failed ]]; then
  ledger ssh-keys 'done' '' "the SSH host keys exist"
fi
