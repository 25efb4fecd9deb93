# shellcheck shell=bash
#
# node/earlier-life.sh: what an earlier life of this node has left on its disk, under another secrets store. The claim of the disk names
# cluster and node alone. A certificate of another authority is worth nothing to anybody; data of etcd may be all that is left of a
# cluster, so a person decides about it.

# check_earlier_life: before anything of the disk is used.
check_earlier_life() {
  if [[ -s $KUBELET_CERTIFICATE ]] && ! is_of_authority "$KUBERNETES_DIR/pki/ca.crt" "$KUBELET_CERTIFICATE"; then
    forget_kubelet
  fi
  if etcd_has_data && has_role master; then
    check_etcd_authority
  fi
}

# is_of_authority AUTHORITIES CERTIFICATE: whether one of them has signed it, whenever that was.
is_of_authority() { openssl verify -no_check_time -partial_chain -CAfile "$1" "$2" >/dev/null 2>&1; }

# forget_kubelet: the certificate goes last: as long as it is there, this is done again. A worker joins anew with its token; a
# master's kubelet has a certificate in its image.
forget_kubelet() {
  ledger state running earlier-life "the certificate of this node's kubelet on the state disk is from another secrets store and is not valid in this cluster"
  if ! has_role master; then
    rm -f "$STATE_DIR/cluster-joined"
    write_state bootstrap-state uninitialized
  fi
  drop_kubelet_certificate
  ledger state 'done' '' "$NODE_NAME is a $BOOT_ROLE, $(bootstrap_state); data from an earlier use with another secrets store was dropped"
}

# check_etcd_authority: a rotation has both authorities in the images until it is retired.
check_etcd_authority() {
  local known ours
  known=$(read_state etcd-authority) || known=damaged
  ours=$(authorities_in "$ETCD_PKI/ca.crt")
  if [[ -n $known && -n $ours && $'\n'$ours$'\n' != *$'\n'"$known"$'\n'* ]]; then
    stop etcd etcd-of-another-store "the data of etcd on the state disk belongs to another secrets store than this image; it was not changed" \
      "boot an image from the secrets store of the disk; if its data is no longer needed: reset-bootstrap.sh, then restart: the node joins again"
  fi
}

# note_etcd_authority: under which the data of etcd is written from now on. Before there is any, so that no power cut leaves data that
# nobody can tell; and at each start, for disks that know none yet and for rotations.
note_etcd_authority() {
  local all current known
  all=$(authorities_in "$ETCD_PKI/ca.crt") || return
  current=${all%%$'\n'*}
  known=$(read_state etcd-authority 2>/dev/null) || known=''
  if [[ -n $current && $current != "$known" ]]; then
    write_state etcd-authority "$current"
  fi
}

# authorities_in FILE: the SHA-256 of each certificate, as `openssl x509 -fingerprint` has it, in small letters without colons.
authorities_in() {
  local text
  if [[ -e $1 ]]; then
    awk '/^-----BEGIN/ { text = ""; next } /^-----END/ { print text; next } { text = text $0 }' "$1" | while IFS= read -r text; do
      base64 --decode <<<"$text" | sha256sum | cut -d ' ' -f 1 || return
    done
  fi
}
