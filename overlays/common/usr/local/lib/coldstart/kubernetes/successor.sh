# shellcheck shell=bash
#
# kubernetes/successor.sh: a worker's kubelet keeps its certificate on the state disk. After a rotation of the authority
# (docs/SECRETS.md) the image names the successor first, but this certificate is of the predecessor, and is refused as soon as that is
# retired. So the node asks for one of the successor, as a kubelet that renews its own:
# https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/

readonly SUCCESSOR_WAIT=60 # seconds; masters approve and sign such a request at once

# follow_successor: the kubelet keeps the certificate that it has until it has another one.
follow_successor() {
  local file
  if ! has_certificate || _is_of_present_authority "$KUBELET_CERTIFICATE"; then
    return 0
  fi
  ledger join running '' "asking for a certificate of the authority's successor"
  file=$KUBELET_DIR/pki/kubelet-client-$(date -u +%F-%H-%M-%S).pem
  WHY=''
  if ! _ask_for_certificate "$file"; then
    rm -f "$file"
    ledger join 'done' certificate-of-predecessor "the certificate of this node's kubelet is of the authority's predecessor: $WHY" \
      "restart the masters with their new images, then this node"
    return 0
  fi
  # A kubelet takes nothing but a link for its present certificate (kubernetes: client-go, util/certificate/certificate_store.go).
  ln -sfn "${file##*/}" "$KUBELET_CERTIFICATE.new" || return
  mv -T "$KUBELET_CERTIFICATE.new" "$KUBELET_CERTIFICATE" || return
  sync "$KUBELET_DIR/pki" || return
  systemctl try-restart --no-block kubelet
  ledger join 'done' '' "the kubelet has a certificate of the authority's successor"
}

# _is_of_present_authority FILE: the authority that signs now is the first one in ca.crt.
_is_of_present_authority() {
  local authority
  authority=$(openssl x509 -in "$KUBERNETES_DIR/pki/ca.crt") || return
  openssl verify -no_check_time -CAfile <(printf '%s\n' "$authority") "$1" >/dev/null 2>&1
}

# _ask_for_certificate FILE: writes certificate and key there. Status 1, and WHY.
_ask_for_certificate() {
  local config key asked name
  config=$(kubelet_config) || return
  key=$(openssl ecparam -name prime256v1 -genkey -noout) || return
  asked=$(_request_of "$key") || return
  if ! ask_api "$config" "$REQUESTS" --request POST --header 'Content-Type: application/json' --data-binary @- <<<"$asked" &&
    [[ $STATUS != 201 ]]; then
    return 1
  fi
  name=$(jq -r .metadata.name <<<"$BODY") || return
  if ! wait_until "$SUCCESSOR_WAIT" _is_signed "$config" "$name"; then
    WHY=${WHY:-no master has signed the request $name within $SUCCESSOR_WAIT s}
    return 1
  fi
  printf '%s\n%s\n' "$CERTIFICATE" "$key" | write_file "$1" 0600 || return
  if ! _is_of_present_authority "$1"; then
    WHY='the masters still sign with the predecessor'
    return 1
  fi
}

_request_of() {
  openssl req -new -key <(printf '%s\n' "$1") -subj "/O=system:nodes/CN=system:node:$NODE_NAME" |
    jq --raw-input --slurp --arg name "coldstart-$NODE_NAME-" '{
      apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest", metadata: {generateName: $name},
      spec: {request: @base64, signerName: "kubernetes.io/kube-apiserver-client-kubelet", usages: ["digital signature", "client auth"]}}'
}

# _is_signed CONFIG NAME: sets CERTIFICATE.
_is_signed() {
  ask_api "$1" "$REQUESTS/$2" || return
  CERTIFICATE=$(jq --exit-status --raw-output '.status.certificate | values | @base64d' <<<"$BODY")
}
