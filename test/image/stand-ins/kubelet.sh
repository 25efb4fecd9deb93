#!/bin/bash
#
# kubelet.sh: in place of a kubelet, where no pods can run: registers its node with the certificate of the real one, and says every
# few seconds that the node is ready for pods. What the scheduler gives it, it leaves alone.

# shellcheck source=coldstart.sh
source /usr/local/lib/coldstart/coldstart.sh
load_node
readonly CONFIG=$KUBERNETES_DIR/kubelet.conf

# send METHOD PATH TYPE: standard input.
send() {
  curl --silent --fail --max-time 10 --output /dev/null --cacert "$KUBERNETES_DIR/pki/ca.crt" --cert <(_credential certificate "$CONFIG") \
    --key <(_credential key "$CONFIG") --request "$1" --header "Content-Type: $3" --data-binary @- "https://127.0.0.1:$API_PORT$2"
}

is_registered() {
  ask_api kubelet "/api/v1/nodes/$NODE_NAME" ||
    send POST /api/v1/nodes application/json <<<"{\"metadata\": {\"name\": \"$NODE_NAME\"}}"
}

report() {
  jq --null-input --compact-output --arg boot "$(_boot_id)" '(now | todateiso8601) as $now
    | {pods: "110", cpu: "1", memory: "1Gi"} as $room
    | {status: {
        nodeInfo: {bootID: $boot}, capacity: $room, allocatable: $room,
        conditions: [{type: "Ready", status: "True", reason: "StandIn", message: "", lastHeartbeatTime: $now, lastTransitionTime: $now}]}}' |
    send PATCH "/api/v1/nodes/$NODE_NAME/status" application/merge-patch+json
}

until is_registered; do
  sleep 1
done
systemd-notify --ready
while true; do
  report || printf 'the API server does not take it\n' >&2
  sleep 5
done
