#!/bin/bash
#
# kubelet.sh: in place of a kubelet, where no pods can run: asks for a certificate as the real one does, registers its node, and
# says every few seconds that the node is ready for pods. What the scheduler gives it, it leaves alone.

# shellcheck source=coldstart.sh
source /usr/local/lib/coldstart/coldstart.sh
load_node
CONFIG=$(kubelet_config)
readonly CONFIG PEM=$KUBELET_DIR/pki/kubelet-client-current.pem KEY=$KUBELET_DIR/pki/kubelet-client.key.tmp

# send METHOD PATH TYPE ARGUMENT...: standard input.
send() {
  curl --silent --fail --max-time 10 --output /dev/null --cacert "$KUBERNETES_DIR/pki/ca.crt" \
    --request "$1" --header "Content-Type: $3" --data-binary @- "${@:4}" "https://127.0.0.1:$API_PORT$2"
}

send_as_node() { send "$@" --cert <(_credential certificate "$CONFIG") --key <(_credential key "$CONFIG"); }

# https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/
obtain_certificate() {
  local name token
  [[ ! -e $CONFIG ]] || return 0
  token=$(awk '$1 == "token:" { print $2 }' "$KUBERNETES_DIR/bootstrap-kubelet.conf")
  mkdir -p "$KUBELET_DIR/pki"
  openssl ecparam -name prime256v1 -genkey -noout >"$KEY"
  name=stand-in-$(openssl rand -hex 8)
  openssl req -new -key "$KEY" -subj "/O=system:nodes/CN=system:node:$NODE_NAME" |
    jq --raw-input --slurp --arg name "$name" '{metadata: {$name}, spec: {
      request: @base64, signerName: "kubernetes.io/kube-apiserver-client-kubelet", usages: ["digital signature", "client auth"]}}' |
    send POST "$REQUESTS" application/json --header @<(printf 'Authorization: Bearer %s\n' "$token") || return 1
  wait_until 20 takes_certificate "$name" "$token" || return 1
  cat "$KEY.crt" "$KEY" >"$PEM"
  printf 'client-certificate: %s\nclient-key: %s\n' "$PEM" "$PEM" >"$CONFIG"
}

takes_certificate() {
  request --cacert "$KUBERNETES_DIR/pki/ca.crt" --header @<(printf 'Authorization: Bearer %s\n' "$2") "https://127.0.0.1:$API_PORT$REQUESTS/$1"
  jq --exit-status --raw-output '.status.certificate | values | @base64d' <<<"$BODY" >"$KEY.crt"
}

# taints: registerWithTaints of the kubelet's configuration, as JSON. A node that has them a moment later gets pods of others.
taints() {
  awk '/^[^ ]/ { on = 0 } on; $1 == "registerWithTaints:" { on = 1 }' "$KUBERNETES_DIR/kubelet.yaml" |
    jq --raw-input --null-input --compact-output '
      reduce (inputs | capture("^ +(?<first>- )?(?<key>[A-Za-z]+): (?<value>.*)$")) as {$first, $key, $value} ([];
        (if $first == null then . else . + [{}] end) | .[-1][$key] = ($value | fromjson? // $value))'
}

is_registered() {
  ask_api "$CONFIG" "/api/v1/nodes/$NODE_NAME" ||
    jq --null-input --arg name "$NODE_NAME" --argjson taints "$(taints)" '{metadata: {$name}, spec: {$taints}}' |
    send_as_node POST /api/v1/nodes application/json
}

report() {
  jq --null-input --compact-output --arg boot "$(_boot_id)" --arg name "$NODE_NAME" --arg ips "$NODE_IPS" '(now | todateiso8601) as $now
    | {pods: "110", cpu: "1", memory: "1Gi"} as $room
    | {status: {
        nodeInfo: {bootID: $boot}, capacity: $room, allocatable: $room,
        addresses: ([$ips | split(" ")[] | {type: "InternalIP", address: .}] + [{type: "Hostname", address: $name}]),
        conditions: [{type: "Ready", status: "True", reason: "StandIn", message: "", lastHeartbeatTime: $now, lastTransitionTime: $now}]}}' |
    send_as_node PATCH "/api/v1/nodes/$NODE_NAME/status" application/merge-patch+json
}

systemd-notify --ready
until obtain_certificate && is_registered; do
  sleep 1
done
while true; do
  report || printf 'the API server does not take it\n' >&2
  sleep 5
done
