#!/bin/bash
#
# join.sh [units]: inside the root of a master, with the files of a worker below /worker: the join service behind haproxy, and
# what all kinds of callers get; with `units` as systemd runs and confines it, and only whether a node can join. Prints
# `name: result` lines; the rest is what the handler logs.

set -uo pipefail
readonly HERE=192.168.50.11 PORT=8444 CA=/etc/kubernetes/pki/ca.crt

say() { printf '%s: %s\n' "$1" "$2"; }
wait_for() { for ((i = 0; i < 100; i++)); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; }
# From an address of its own each, as requests are counted by address.
ask() {
  local from=$1
  shift
  curl --silent --max-time 20 --interface "$from" --cacert "$CA" --write-out ' %{http_code}' "$@" | tr '\n' ' '
}
url() { printf 'https://%s:%s%s' "$HERE" "$PORT" "$1"; }
join() { COLDSTART_ROOT=/worker COLDSTART_DEADLINE=1 bash -c 'source /usr/local/lib/coldstart/coldstart.sh; load_node; obtain_join_information'; }

# The API server, as kubectl and curl see it.
cat >/usr/local/bin/kubectl <<'EOF'
#!/bin/bash
case "$*" in
  *apply*) jq -c . >/tmp/applied ;;
esac
EOF
cat >/usr/local/bin/curl <<'EOF'
#!/bin/bash
case ${!#} in
  */api/v1/nodes) printf '{"items": []}\n200 ' ;;
  */api/v1/namespaces/kube-system) printf '{"metadata": {"creationTimestamp": "%s"}}\n200 ' "$(date -u +%FT%TZ)" ;;
  *) exec /usr/bin/curl "$@" ;;
esac
EOF
chmod +x /usr/local/bin/{kubectl,curl}

if [[ ${1:-} == units ]]; then
  systemctl start haproxy.service cluster-join.socket
  say started "$(systemctl is-active haproxy.service cluster-join.socket | tr '\n' ' ')"
  join >/tmp/worker.log 2>&1
  say joined "$? $(stat -c '%a' /worker/etc/kubernetes/bootstrap-kubelet.conf)"
  say 'wrong proof' "$(ask 127.0.0.3 --data "$(ask 127.0.0.3 "$(url /v1/join/worker-01)" | cut -d ' ' -f 1) 0" "$(url /v1/join/worker-01)")"
  say 'what is left of them' "$(systemctl list-units --all --plain --no-legend 'cluster-join@*' | wc -l)"
  journalctl --boot --identifier cluster-join --output cat --no-pager | sed 's/^/log: /'
  exit
fi

ip link set lo up
ip address add "$HERE/32" dev lo
say units "$(systemd-analyze --man=no verify cluster-join.socket cluster-join@verify.service 2>&1)"
say configuration "$(haproxy -c -q -f /etc/haproxy/haproxy.cfg 2>&1) $?"

printf '#!/bin/sh\n' >/usr/local/bin/systemctl
chmod +x /usr/local/bin/systemctl

haproxy -f /etc/haproxy/haproxy.cfg >/tmp/haproxy.log 2>&1 &
wait_for curl --silent --insecure --max-time 2 "$(url /)"
say 'before the service runs' "$(ask 127.0.0.2 --output /dev/null "$(url /v1/join/worker-01)")"

systemd-socket-activate --accept --inetd --listen /run/cluster-join.sock --setenv PATH="/usr/local/bin:$PATH" \
  /usr/local/bin/cluster-join.sh 2>/tmp/handler.log &
wait_for test -S /run/cluster-join.sock
chown haproxy /run/cluster-join.sock
chmod 0600 /run/cluster-join.sock

join >/tmp/worker.log 2>&1
say joined "$? $(stat -c '%a' /worker/etc/kubernetes/bootstrap-kubelet.conf)"
given=$(awk '$1 == "token:" { print $2 }' /worker/etc/kubernetes/bootstrap-kubelet.conf)
made=$(jq -r '.items[0].stringData | "\(."token-id").\(."token-secret")"' /tmp/applied)
say 'same token' "$([[ $given == "$made" && ${#given} == 23 ]] && echo yes)"

say 'another path' "$(ask 127.0.0.3 "$(url /metrics)")"
say 'another method' "$(ask 127.0.0.3 --request DELETE "$(url /v1/join/worker-01)")"
say 'too large' "$(ask 127.0.0.3 --data "$(head -c 5000 /dev/zero | tr '\0' x)" "$(url /v1/join/worker-01)")"
say 'large headers' "$(ask 127.0.0.3 --header "x: $(head -c 6000 /dev/zero | tr '\0' x)" "$(url /v1/join/worker-01)")"
say 'wrong proof' "$(ask 127.0.0.3 --data "$(printf '%064d %064d' 0 0)" "$(url /v1/join/worker-01)")"
say 'another address' "$(ask 127.0.0.4 --output /dev/null --header 'X-Forwarded-For: 10.9.9.9' "$(url /v1/join/worker-02)")"
say 'without TLS' "$(curl --silent --max-time 5 --interface 127.0.0.3 --output /dev/null --write-out '%{http_code}' "http://$HERE:$PORT/v1/join/worker-01")"
say 'old TLS' "$(curl --silent --max-time 5 --interface 127.0.0.3 --cacert "$CA" --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 --output /dev/null "$(url /v1/join/worker-01)"; echo $?)"
say 'by another name' "$(curl --silent --max-time 5 --interface 127.0.0.3 --cacert "$CA" --resolve "master-02:$PORT:$HERE" "https://master-02:$PORT/" >/dev/null; echo $?)"

# Half a request, and then nothing.
began=$SECONDS
{ printf 'GET /v1/join/worker-01 HTTP/1.1\r\nHo'; sleep 30; } |
  timeout 40 openssl s_client -quiet -verify_quiet -CAfile "$CA" -connect "$HERE:$PORT" -bind 127.0.0.5:0 >/tmp/slow 2>/dev/null &
slow=$!
wait_for grep -q '^HTTP' /tmp/slow
say slow "$(head -n 1 /tmp/slow | tr -d '\r' | cut -d ' ' -f 2) after $((SECONDS - began < 9 ? 5 : 99)) s"
kill "$slow" 2>/dev/null

# Somebody who does not stop; others are served meanwhile.
for ((i = 0; i < 40; i++)); do ask 127.0.0.6 --output /dev/null "$(url /v1/join/worker-01)"; done >/tmp/flood
say flood "$(tr ' ' '\n' </tmp/flood | sort | uniq -c | awk '$2 != "" { printf "%s x %s ", $2, ($1 >= 15 ? "many" : "few") }')"
say 'told to the flood' "$(ask 127.0.0.6 "$(url /v1/join/worker-01)")"
join >/tmp/worker-again.log 2>&1
say 'joined meanwhile' "$?"

sed -n -E 's/^(\S+ from \S+: [0-9]{3} .*)$/log: \1/p' /tmp/handler.log
for secret in "${given#*.}" "$(cut -d . -f 2 /worker/etc/kubernetes/join-token)"; do
  say 'in a log' "$(cat /tmp/*.log /worker/run/cluster/ledger.jsonl | grep -cF "$secret")"
done
