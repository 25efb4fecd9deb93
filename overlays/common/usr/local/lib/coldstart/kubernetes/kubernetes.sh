# shellcheck shell=bash
#
# kubernetes/kubernetes.sh: the services of Kubernetes on this node, and what the API server knows of it.

KUBERNETES_DIR=$COLDSTART_ROOT/etc/kubernetes
KUBELET_DIR=$COLDSTART_ROOT/var/lib/kubelet
readonly KUBERNETES_DIR KUBELET_DIR

readonly SERVICE_WAIT=900 # seconds; a slow machine reads a hundred megabytes from a stick for each of them
readonly API_WAIT=600
readonly NODE_WAIT=600
readonly FIRST_API_WAIT=300 # seconds for the first API server of a new cluster

# has_service_proxy: not where something else, such as Cilium, serves the services.
has_service_proxy() { [[ -e $COLDSTART_ROOT/etc/systemd/system/kube-proxy.service ]]; }

# An image without certificates was built by an old version; the state of such a node does not change.
has_cluster_secrets() { [[ -s $KUBERNETES_DIR/pki/ca.crt ]]; }

# kubectl_as FILE ARGUMENT...: with this kubeconfig of /etc/kubernetes, or any other by its path.
kubectl_as() {
  local config=$1
  shift
  if [[ $config != /* ]]; then
    config=$KUBERNETES_DIR/$config.conf
  fi
  kubectl --kubeconfig "$config" --request-timeout 60s "$@"
}

# ask_api FILE PATH [ARGUMENT...]: what the API server answers to a GET, in BODY; with arguments of curl, to another request; with the client certificate of such a kubeconfig. Status 1, and
# WHY, where it refuses or does not answer. By curl: kubectl takes three times the processor, a second of a slow machine's, and
# this is asked again and again.
ask_api() {
  local config=$1 certificate key message
  if [[ $config != /* ]]; then
    config=$KUBERNETES_DIR/$config.conf
  fi
  WHY="$config cannot be read" STATUS=000
  certificate=$(_credential certificate "$config") || return
  key=$(_credential key "$config") || return
  request --noproxy '*' --max-filesize 0 --cacert "$KUBERNETES_DIR/pki/ca.crt" --cert <(printf '%s\n' "$certificate") \
    --key <(printf '%s\n' "$key") "${@:3}" "https://127.0.0.1:$API_PORT$2"
  if [[ $STATUS != 000 && $STATUS != 200 ]]; then
    message=$(jq -r '.message?' <<<"$BODY" 2>/dev/null) || message=$BODY
    WHY=$(first_line "$message")
  fi
  [[ $STATUS == 200 ]]
}

# stream_api FILE PATH SECONDS: what the API server says on a watch, an event a line, for so long at most; as ask_api. Status 1 or of curl(1)
# when it ends otherwise than by the API server.
stream_api() {
  local config=$1 certificate key
  if [[ $config != /* ]]; then
    config=$KUBERNETES_DIR/$config.conf
  fi
  certificate=$(_credential certificate "$config") || return
  key=$(_credential key "$config") || return
  curl --silent --fail --no-buffer --globoff --proto =https --noproxy '*' --connect-timeout 5 --max-time "$3" --cacert "$KUBERNETES_DIR/pki/ca.crt" \
    --cert <(printf '%s\n' "$certificate") --key <(printf '%s\n' "$key") "https://127.0.0.1:$API_PORT$2"
}

# _credential certificate|key FILE: as PEM; it stands in the kubeconfig, or in a file that it names.
_credential() {
  local name value
  while read -r name value; do
    case $name in
      "client-$1-data:") base64 --decode <<<"$value" || return ;;
      "client-$1:") cat "$value" || return ;;
    esac
  done <"$2"
}

# apply_as FILE ARGUMENT...: applies manifests and overwrites changes of others. Only the server checks them, because kubectl
# would load the description of the whole API for its check.
apply_as() {
  local config=$1
  shift
  kubectl_as "$config" apply --server-side --force-conflicts --validate=false --field-manager coldstart "$@"
}

kubelet_config() {
  if has_role master; then
    printf '%s\n' "$KUBERNETES_DIR/kubelet.conf"
  else
    printf '%s\n' "$KUBELET_DIR/kubelet.conf"
  fi
}

# check_programs NAME...: they are in the image, or cluster-artifacts.service downloads them.
check_programs() {
  local name missing=''
  if has_service_proxy; then
    set -- "$@" kube-proxy
  fi
  for name in "$@"; do
    if ! command -v "$name" >/dev/null; then
      missing+=" $name"
    fi
  done
  if [[ -n $missing ]]; then
    stop bootstrap programs-missing "not in this image:$missing" \
      "see the step artifacts, which downloads them; if there is no such step, build the image again with kubernetes.delivery: embedded"
  fi
}

# run_unit STEP UNIT WHAT
run_unit() {
  local step=$1 unit=$2 what=$3
  if unit_is_active "$unit"; then
    return
  fi
  ledger "$step" running '' "starting $what"
  if ! start_unit "$unit" "$SERVICE_WAIT"; then
    stop "$step" service-not-ready "$unit is not ready: $(last_words "$unit")" "journalctl -b -u $unit; this node keeps trying"
  fi
}

# give_way_to_first_api_server: it makes the roles that Kubernetes brings along, and ends itself where that takes longer than
# 30 s (kubernetes: pkg/registry/rbac/rest/storage_rbac.go); on slow machines it would, were others at it at the same time.
give_way_to_first_api_server() {
  local state
  state=$(bootstrap_state)
  if [[ $state != uninitialized ]]; then
    return
  fi
  run_unit api haproxy "the local proxy to the API servers"
  if ! api_answers; then
    ledger 'api' running '' "waiting for the first API server of the cluster for up to $FIRST_API_WAIT s"
    wait_until "$FIRST_API_WAIT" api_answers || true
  fi
}

# start_api_server: this master's own, and that it can really write and read. Some builds of it call themselves ready
# without having asked etcd.
start_api_server() {
  run_unit api haproxy "the local proxy to the API servers"
  run_unit api kube-apiserver "the API server"
  start_virtual_address
  ledger 'api' running '' "asking the API server for this node"
  if ! wait_until "$API_WAIT" own_api_works; then
    stop api api-not-working "the API server runs, but does not work: $WHY" "journalctl -b -u kube-apiserver; systemctl status etcd; this node keeps trying"
  fi
}

# With the certificate of this node's kubelet, which every API server knows from its first moment on; through the local
# load balancer, as all others will.
own_api_works() { ask_api kubelet "/api/v1/nodes/$NODE_NAME" || [[ $STATUS == 404 ]]; }

# Only the running node knows the name of the interface with its address.
start_virtual_address() {
  local interface
  if [[ ! -e $COLDSTART_ROOT/etc/keepalived/keepalived.conf ]] || unit_is_active keepalived; then
    return
  fi
  interface=$(ip -j address show | jq -r --arg ip "$NODE_IP" 'first(.[] | select(any(.addr_info[]?; .local == $ip)) | .ifname)')
  # shellcheck disable=SC2016 # keepalived's own variable
  printf '$API_INTERFACE=%s\n' "$interface" | write_file "$RUN_DIR/keepalived.conf" 0644
  apply_virtual_peers
  run_unit api keepalived "the virtual address $API_ENDPOINT"
}

start_controllers() {
  ledger controllers running '' "starting the controller manager and the scheduler"
  begin_unit kube-controller-manager
  begin_unit kube-scheduler
}

await_controllers() {
  run_unit controllers kube-controller-manager "the controller manager"
  run_unit controllers kube-scheduler "the scheduler"
  ledger controllers 'done' '' "controller manager and scheduler run"
}

# start_node: the kubelet first, nothing can run a pod before it (erratum 7); the service proxy needs nothing of it to start.
start_node() {
  if [[ -e $COLDSTART_ROOT/etc/systemd/system/cluster-pod-network.service ]]; then
    run_unit node cluster-pod-network "the pod network"
  fi
  open_share
  run_unit node containerd "containerd"
  ledger node running '' "starting the kubelet"
  begin_unit kubelet
  if has_service_proxy; then
    begin_unit kube-proxy
  fi
  await_registration
  if has_service_proxy; then
    run_unit node kube-proxy "the service proxy"
  fi
  end_registration
}

# api_answers: any master, through the local load balancer.
api_answers() {
  curl --silent --fail --noproxy '*' --max-time 5 --output /dev/null --cacert "$KUBERNETES_DIR/pki/ca.crt" "https://127.0.0.1:$API_PORT/readyz"
}
