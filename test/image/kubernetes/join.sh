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
  curl --silent --max-time 20 --interface "$from" --cacert "$CA" --write-out ' %{http_code}' "${AS[@]}" "$@" | tr '\n' ' '
}
# Whose certificate the callers show: the worker's, unless they are others.
AS=(--cert /worker/etc/kubernetes/pki/join-client.crt --key /worker/etc/kubernetes/pki/join-client.key)
as() { AS=(--cert "/others/$1.crt" --key "/others/$1.key"); }
as_worker() { AS=(--cert /worker/etc/kubernetes/pki/join-client.crt --key /worker/etc/kubernetes/pki/join-client.key); }
# What TLS says of a certificate that haproxy does not take: curl's status, and the alert.
refused() {
  local said
  said=$(curl --silent --max-time 20 --interface 127.0.0.8 --cacert "$CA" --write-out '%{http_code} %{errormsg}' "${AS[@]}" --request POST "$(url /v1/join)")
  printf '%s' "${said%% *}"
  grep -o 'alert [a-z ]*' <<<"$said"
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
  */api/v1/nodes/*) printf '\n404 ' ;;
  */configmaps/coldstart-refused) if [[ -e /tmp/refused ]]; then printf '%s\n200 ' "$(</tmp/refused)"; else printf '\n404 '; fi ;;
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
  as kube-proxy
  say 'the service proxy' "$(ask 127.0.0.3 --request POST "$(url /v1/join)")"
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

mkdir -p /run/haproxy # the RuntimeDirectory of its unit
haproxy -f /etc/haproxy/haproxy.cfg >/tmp/haproxy.log 2>&1 &
wait_for bash -c "exec 3<>/dev/tcp/$HERE/$PORT"
say 'before the service runs' "$(ask 127.0.0.2 --output /dev/null --request POST "$(url /v1/join)")"

systemd-socket-activate --accept --inetd --listen /run/cluster-join.sock --setenv PATH="/usr/local/bin:$PATH" \
  /usr/local/bin/cluster-join.sh 2>/tmp/handler.log &
wait_for test -S /run/cluster-join.sock
chown haproxy /run/cluster-join.sock
chmod 0600 /run/cluster-join.sock

join >/tmp/worker.log 2>&1
say joined "$? $(stat -c '%a' /worker/etc/kubernetes/bootstrap-kubelet.conf)"
given=$(awk '$1 == "token:" { print $2 }' /worker/etc/kubernetes/bootstrap-kubelet.conf)
made=$(jq -r '.stringData | "\(."token-id").\(."token-secret")"' /tmp/applied)
say 'same token' "$([[ $given == "$made" && ${#given} == 23 ]] && echo yes)"
say 'made for' "$(jq -r '.metadata.labels[]' /tmp/applied)"

say 'another path' "$(ask 127.0.0.3 --request POST "$(url /metrics)")"
say 'a name in the path' "$(ask 127.0.0.3 --request POST "$(url /v1/join/worker-02)")"
say 'another method' "$(ask 127.0.0.3 "$(url /v1/join)")"
say 'a body' "$(ask 127.0.0.3 --data x "$(url /v1/join)")"
say 'large headers' "$(ask 127.0.0.3 --request POST --header "x: $(head -c 6000 /dev/zero | tr '\0' x)" "$(url /v1/join)")"

# Who has no certificate for joining of this authority.
AS=()
say 'no certificate' "$(refused)"
as foreign
say 'of another secrets store' "$(refused)"
as expired
say expired "$(refused)"
as early
say 'not valid yet' "$(refused)"
as kubelet
say 'of a server' "$(refused)"
as forged
say 'made by itself' "$(refused)"
for other in kube-proxy admin apiserver-kubelet-client; do
  as "$other"
  say "$other" "$(ask 127.0.0.9 --request POST "$(url /v1/join)")"
done
as etcd
say etcd "$(refused)"
as previous
say 'of the authority before' "$(ask 127.0.0.9 --output /dev/null --request POST "$(url /v1/join)")"
as_worker

# A client's own headers say nothing.
say 'forged headers' "$(ask 127.0.0.4 --output /dev/null --request POST --header 'X-Forwarded-For: 10.9.9.9' --header 'X-Join-Name: coldstart:joining:worker-02' \
  --header 'x-join-serial: 00' --header 'X-JOIN-NOT-BEFORE: 990101000000Z' --header 'X-Join-Name: coldstart:joining:master-01' "$(url '/v1/join?name=worker-02')")"
say 'made for them' "$(jq -r '.metadata.labels[]' /tmp/applied)"

serial=$(openssl x509 -noout -serial -in /worker/etc/kubernetes/pki/join-client.crt)
printf '{"data": {"serial.%s": "%s"}}' "${serial#*=}" "$(date -u +%FT%TZ)" >/tmp/refused
say 'refused serial' "$(ask 127.0.0.9 --request POST "$(url /v1/join)")"
printf '{"data": {"name.worker-01": "%s"}}' "$(date -u --date tomorrow +%FT%TZ)" >/tmp/refused
say 'refused name' "$(ask 127.0.0.9 --request POST "$(url /v1/join)")"
rm /tmp/refused

say 'without TLS' "$(curl --silent --max-time 5 --interface 127.0.0.3 --output /dev/null --write-out '%{http_code}' "http://$HERE:$PORT/v1/join")"
say 'old TLS' "$(curl --silent --max-time 5 --interface 127.0.0.3 --cacert "$CA" --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 --output /dev/null "$(url /v1/join)"; echo $?)"
say 'by another name' "$(curl --silent --max-time 5 --interface 127.0.0.3 --cacert "$CA" --resolve "master-02:$PORT:$HERE" "https://master-02:$PORT/" >/dev/null; echo $?)"

# Half a request, and then nothing.
began=$SECONDS
{ printf 'POST /v1/join HTTP/1.1\r\nHo'; sleep 30; } |
  timeout 40 openssl s_client -quiet -verify_quiet -cert "${AS[1]}" -key "${AS[3]}" -CAfile "$CA" -connect "$HERE:$PORT" -bind 127.0.0.5:0 >/tmp/slow 2>/dev/null &
slow=$!
wait_for grep -q '^HTTP' /tmp/slow
say slow "$(head -n 1 /tmp/slow | tr -d '\r' | cut -d ' ' -f 2) after $((SECONDS - began < 9 ? 5 : 99)) s"
kill "$slow" 2>/dev/null

# Somebody who does not stop; others are served meanwhile.
for ((i = 0; i < 40; i++)); do ask 127.0.0.6 --output /dev/null --request POST "$(url /v1/join)"; done >/tmp/flood
say flood "$(tr ' ' '\n' </tmp/flood | sort | uniq -c | awk '$2 != "" { printf "%s x %s ", $2, ($1 >= 15 ? "many" : "few") }')"
say 'told to the flood' "$(ask 127.0.0.6 --request POST "$(url /v1/join)")"
join >/tmp/worker-again.log 2>&1
say 'joined meanwhile' "$?"

# The worker whose certificate is of another secrets store says so.
cp /others/foreign.crt /worker/etc/kubernetes/pki/join-client.crt
cp /others/foreign.key /worker/etc/kubernetes/pki/join-client.key
join >/tmp/worker-foreign.log 2>&1
say 'its ledger' "$(tail -n 1 /worker/run/cluster/ledger.jsonl | jq -r '"\(.step) \(.state) \(.cause)"')"

sed -n -E 's/^(\S+ \(certificate [0-9A-F?]+\) from \S+: [0-9]{3} .*)$/log: \1/p' /tmp/handler.log
for secret in "${given#*.}" "$(sed -n 2p /worker/etc/kubernetes/pki/join-client.key)"; do
  say 'in a log' "$(cat /tmp/*.log /worker/run/cluster/ledger.jsonl | grep -cF "$secret")"
done
