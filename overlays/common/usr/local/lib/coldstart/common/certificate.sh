# shellcheck shell=bash
#
# common/certificate.sh: checks the validity of certificates with the clock of this node. If one is not valid, either the clock or the
# certificate is wrong; a time server tells which.

KUBELET_CERTIFICATE=$KUBELET_DIR/pki/kubelet-client-current.pem
readonly KUBELET_CERTIFICATE

# The problem that clock_suits_certificates found: a cause of the ledger, and a sentence.
CLOCK_CAUSE='' CLOCK_WHY=''

# certificate_state FILE: good, early or ended. Status 1 where the file holds no certificate.
certificate_state() {
  local dates begin end now
  dates=$(openssl x509 -in "$1" -noout -startdate -enddate -dateopt iso_8601 2>/dev/null) || return
  begin=$(_seconds "${dates%%$'\n'*}") || return
  end=$(_seconds "${dates##*$'\n'}") || return
  now=$(date +%s) || return
  if ((now < begin)); then
    printf 'early\n'
  elif ((now >= end)); then
    printf 'ended\n'
  else
    printf 'good\n'
  fi
}

# _seconds NAME=TIME: since 1970.
_seconds() { date --date "${1#*=}" +%s; }

# clock_suits_certificates: whether those of the image are good now, and the kubelet's own is not one of the future, unless that is
# the certificate's fault: renounce_early_certificate. What is no certificate at all is a matter of the services that use it.
clock_suits_certificates() {
  local file state
  CLOCK_CAUSE='' CLOCK_WHY=''
  for file in "$KUBERNETES_DIR"/pki/*.crt "$ETCD_PKI"/*.crt; do
    state=$(certificate_state "$file") || continue
    if [[ $state != good ]]; then
      _blame_clock "$state" "$file"
      return 1
    fi
  done
  state=$(certificate_state "$KUBELET_CERTIFICATE") || return 0
  if [[ $state == early ]] && ! time_server_answers; then
    _blame_clock early "$KUBELET_CERTIFICATE"
    return 1
  fi
}

_blame_clock() {
  local state=$1 file=${2#"$COLDSTART_ROOT"} now
  now=$(date -u +%FT%TZ) || now=unknown
  if [[ $state == early ]]; then
    CLOCK_CAUSE=clock-behind CLOCK_WHY="the clock says $now, before $file is valid"
  else
    CLOCK_CAUSE=clock-ahead CLOCK_WHY="the clock says $now, after the end of $file"
  fi
  if time_server_answers; then
    CLOCK_CAUSE=certificate-$state CLOCK_WHY+=", and a time server confirms that"
  fi
}

# renounce_early_certificate: the masters' clock was ahead when they made the kubelet's, and is right now. A kubelet looks at the end of
# its certificate only (kubernetes: pkg/kubelet/certificate/bootstrap/bootstrap.go), so it would use this one and be refused.
renounce_early_certificate() {
  local state
  state=$(certificate_state "$KUBELET_CERTIFICATE") || return 0
  if [[ $state == early ]]; then
    ledger join running certificate-early "the certificate of this node's kubelet is not valid yet: the masters' clock was ahead when they issued it; the node joins again"
    drop_kubelet_certificate
  fi
}

# drop_kubelet_certificate: a kubelet without one joins anew.
drop_kubelet_certificate() {
  systemctl stop kubelet
  rm -rf "$KUBELET_DIR/kubelet.conf" "$KUBELET_DIR/pki"
  sync "$KUBELET_DIR"
}
