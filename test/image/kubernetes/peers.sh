#!/bin/bash
#
# peers.sh: inside the root of master-01, with the API servers' certificates of all masters below /others: what cluster-peers.sh makes of
# what a stand-in for the API servers says, with the real haproxy, keepalived, nftables and routes. Prints `name: yes`, or what
# there is instead.

set -uo pipefail
readonly LAN=192.168.50 PORT=6443 CA=/etc/kubernetes/pki/ca.crt
mkdir -p /run/cluster /run/haproxy /run/netns

say() { printf '%s: %s\n' "$1" "$2"; }
# same NAME BEFORE COMMAND...: the command prints that.
same() {
  local differences
  differences=$(diff <(printf '%s\n' "$2") <("${@:3}") | tr '\n' ';')
  say "$1" "${differences:-yes}"
}
# at_most NAME NUMBER MOST
at_most() { if (($2 <= $3)); then say "$1" yes; else say "$1" "$2 times"; fi; }
# holds NAME EXPECTED COMMAND...: as soon as the command prints that, within 20 s.
holds() {
  local name=$1 expected=$2 found end=$((SECONDS + 20))
  shift 2
  while found=$("$@" 2>&1); [[ $found != "$expected" ]] && ((SECONDS < end)); do sleep 0.2; done
  if [[ $found == "$expected" ]]; then found=yes; else found="${found//$'\n'/; } instead of ${expected//$'\n'/; }"; fi
  say "$name" "$found"
}

# --- The switch, with the other masters on its other side ---

ip netns add others
ip link set lo up
ip link add lan0 type veth peer name lan0 netns others
ip address add "$LAN.11/24" dev lan0
ip link set lan0 up
ip -n others link set lo up
ip -n others link set lan0 up
for last in 12 13 14; do ip -n others address add "$LAN.$last/24" dev lan0; done

# --- The API servers: haproxy ends TLS, and one script per request says what the test wants ---

cat >/usr/local/sbin/answer <<'END'
#!/bin/bash
read -r _ target _
while IFS= read -r line && [[ $line != $'\r' ]]; do :; done
printf '%s\n' "$target" >>/tmp/requests
head='HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n'
if [[ -e /tmp/refusal ]]; then
  printf "$head" "$(</tmp/refusal)"
  printf '{"kind": "Status", "code": %d}\n' "$(cut -d ' ' -f 1 /tmp/refusal)"
elif [[ $target == '/api/v1/namespaces/kube-system/configmaps?watch=true&fieldSelector=metadata.name%3Dcoldstart-peers&'* ]]; then
  seen=$(stat --format %s /tmp/events)
  printf "$head" '200 OK'
  if [[ -e /tmp/object ]]; then jq -c '{type: "ADDED", object: .}' /tmp/object; fi
  printf '%s\n' "$$" >>/tmp/watches
  exec tail --bytes "+$((seen + 1))" --follow /tmp/events
else
  printf "$head" '404 Not Found'
fi
END
chmod +x /usr/local/sbin/answer
touch /tmp/{events,requests,watches}
systemd-socket-activate --accept --inetd --listen /run/answer.sock /usr/local/sbin/answer 2>/tmp/answer.log &

# api_server NAME LAST: this master's; it keeps only the node's own kubelet for itself.
api_server() {
  local where=(ip netns exec others)
  [[ $2 == 11 ]] && where=()
  cat >"/tmp/$2.cfg" <<END
global
  ssl-load-extra-del-ext
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend api
  bind $LAN.$2:$PORT ssl crt /others/$1/apiserver.crt verify optional ca-file $CA
  http-request return status 200 content-type text/plain string ok if { path /readyz }
  http-request return status 200 content-type text/plain string $1-at-$2 if { path /who }
  http-request deny deny_status 401 unless { ssl_c_s_dn(CN) -m str system:node:master-01 }
  use_backend api
backend api
  server api unix@/run/answer.sock
END
  "${where[@]}" haproxy -db -f "/tmp/$2.cfg" &>"/tmp/api-$2.log" &
  printf '%s\n' "$!" >"/tmp/$2.pid"
}
silence() { for last in "$@"; do kill -KILL "$(<"/tmp/$last.pid")"; done; }

# --- What the cluster says ---

node() { jq -cn '{name: $ARGS.positional[0], hostname: ($ARGS.positional[0] + ".lab.example"), addresses: [$ARGS.positional[1]], pods: [$ARGS.positional[2]]}' --args "$@"; }
master() { jq -cn '{name: $ARGS.positional[0], address: $ARGS.positional[1]}' --args "$@"; }
of() { jq -cs . <<<"$*"; }
config_map() { jq -cn --arg peers "$1" '{kind: "ConfigMap", metadata: {name: "coldstart-peers"}, data: {"peers.json": $peers}}'; }
event() { jq -c --arg type "$1" '{type: $type, object: .}' >>/tmp/events; }
# tell MASTERS NODES: as of now.
tell() {
  config_map "{\"masters\": $1, \"nodes\": $2}" >/tmp/object.new
  mv /tmp/object.new /tmp/object
  event MODIFIED </tmp/object
}
close_watches() {
  local pid
  while read -r pid; do kill "$pid" 2>/dev/null; done </tmp/watches
  : >/tmp/watches
}

# --- What the node makes of it ---

routes() { ip route show proto 202 | awk '{ print $1, $3 }'; }
known() { nft --json list set inet coldstart-pods nodes4 | jq -r '[.nftables[].set.elem? // empty | .[]] | sort | map(ltrimstr("192.168.50.")) | join(" ")'; }
names() { getent hosts "$@" | awk '{ print $1 }'; }
share() { jq -r '.plugins[0].ipam.ranges[][].subnet' /etc/cni/net.d/10-coldstart.conflist; }
peer_masters() {
  rm -f /tmp/keepalived.data
  kill -USR1 "$(</run/keepalived.pid)"
  sleep 0.3
  sed -n '/Unicast Peer :/,/Unicast checksum/s/^ *\([0-9.]*\) min_ttl.*/\1/p' /tmp/keepalived.data | tr '\n' ' '
}
# Which masters the local API port reaches: by connections that are open at the same time, as haproxy gives a new one to who has fewest.
reached() {
  local tries
  for ((tries = 0; tries < 12; tries++)); do
    # haproxy 3.0 keeps a client that waits for the next try with a server whose sessions it has to end.
    { printf 'GET /who HTTP/1.1\r\nHost: kubernetes\r\n\r\n'; sleep 1; } | timeout 4 openssl s_client -quiet -no_ign_eof -verify_quiet -CAfile "$CA" -connect "127.0.0.1:$PORT" 2>/dev/null |
      grep -ao 'master-0[0-9]-at-[0-9]*' &
  done | sort -u | tr '\n' ' '
}
all_of_it() { routes; known; share; cat /etc/hosts /run/cluster/keepalived-peers.conf; printf 'show servers state masters\n' | socat - /run/haproxy/admin.sock | awk '$2 == "masters" && $7 % 2 == 0 { print $4, $5 }'; }

cat >/usr/local/bin/systemctl <<'END'
#!/bin/sh
case "$*" in
  *is-active*) test -e /run/keepalived.pid ;;
  'reload keepalived') kill -HUP "$(cat /run/keepalived.pid)" ;;
esac
END
chmod +x /usr/local/bin/systemctl
start_node() {
  # shellcheck disable=SC2016 # keepalived's own variable
  printf '$API_INTERFACE=lan0\n' >/run/cluster/keepalived.conf
  nft --file /etc/kubernetes/pod-network.nft
  haproxy -db -f /etc/haproxy/haproxy.cfg &>/tmp/haproxy.log &
  balancer=$!
  until [[ -S /run/haproxy/admin.sock ]]; do sleep 0.1; done
  /usr/local/bin/cluster-peers.sh --apply &>>/tmp/apply.log # as haproxy's unit does
  setsid /usr/local/bin/cluster-peers.sh &>>/tmp/peers.log &
  peers=$!
}

cp /etc/hosts /tmp/hosts
api_server master-01 11
api_server master-02 12
start_node
keepalived --dont-fork --log-console --use-file /etc/keepalived/keepalived.conf &>/tmp/keepalived.log &
until [[ -e /run/keepalived.pid ]]; do sleep 0.1; done

m1=$(master master-01 $LAN.11) m2=$(master master-02 $LAN.12)
n1=$(node master-01 $LAN.11 10.244.0.0/24) n2=$(node master-02 $LAN.12 10.244.1.0/24)
holds 'the first guess is used' 'master-01-at-11 master-02-at-12 ' reached
holds 'the first guess is among keepalived' "$LAN.12 " peer_masters

# --- Nodes and masters come, move and go ---

w=$(node worker-01 $LAN.21 10.244.2.0/24)
bad=$(node worker-09 999.168.50.29 10.244.9.0/24)
tell "$(of "$m1" "$m2")" "$(of "$bad" "$n1" "$n2" "$w" "$(node worker-08 1:2 10.244.8.0/24)")"
holds 'a node comes: routes to its pods' $'10.244.1.0/24 192.168.50.12\n10.244.2.0/24 192.168.50.21' routes
holds 'a node comes: it knows the way back' '11 12 21' known
holds 'a node comes: its names' "$LAN.21"$'\n'"$LAN.21" names worker-01 worker-01.lab.example
holds 'the share of this node' 10.244.0.0/24 share

api_server master-03 13
m3=$(master master-03 $LAN.13) n3=$(node master-03 $LAN.13 10.244.3.0/24)
tell "$(of "$m1" "$m2" "$m3")" "$(of "$n1" "$n2" "$n3" "$w")"
holds 'a master comes: connections reach it' 'master-01-at-11 master-02-at-12 master-03-at-13 ' reached
holds 'a master comes: it is among keepalived' "$LAN.12 $LAN.13 " peer_masters

w=$(node worker-01 $LAN.31 10.244.2.0/24)
tell "$(of "$m1" "$m2" "$m3")" "$(of "$n1" "$n2" "$n3" "$w")"
holds 'a node moves: routes' $'10.244.1.0/24 192.168.50.12\n10.244.2.0/24 192.168.50.31\n10.244.3.0/24 192.168.50.13' routes
holds 'a node moves: it knows the way back' '11 12 13 31' known
holds 'a node moves: its name' "$LAN.31" names worker-01

w=$(node worker-01 $LAN.31 10.244.7.0/24)
tell "$(of "$m1" "$m2" "$m3")" "$(of "$n1" "$n2" "$n3" "$w")"
holds 'another share: routes' $'10.244.1.0/24 192.168.50.12\n10.244.3.0/24 192.168.50.13\n10.244.7.0/24 192.168.50.31' routes

api_server master-03 14
silence 13
m3=$(master master-03 $LAN.14) n3=$(node master-03 $LAN.14 10.244.3.0/24)
tell "$(of "$m1" "$m2" "$m3")" "$(of "$n1" "$n2" "$n3" "$w")"
holds 'a master moves: connections reach it' 'master-01-at-11 master-02-at-12 master-03-at-14 ' reached
holds 'a master moves: keepalived' "$LAN.12 $LAN.14 " peer_masters
holds 'a master moves: its name' "$LAN.14" names master-03

tell "$(of "$m1" "$m2" "$m3")" "$(of "$n1" "$n2" "$n3")"
holds 'a node goes: routes' $'10.244.1.0/24 192.168.50.12\n10.244.3.0/24 192.168.50.14' routes
holds 'a node goes: nobody knows the way back' '11 12 14' known
holds 'a node goes: its name' '' names worker-01

# Connections that stay open to each of the masters.
for ((i = 0; i < 3; i++)); do
  sleep 100 | timeout 100 openssl s_client -connect "127.0.0.1:$PORT" &>"/tmp/open-$i.txt" &
done
open() { printf 'show stat\n' | socat - /run/haproxy/admin.sock | awk -F , '$1 == "masters" && $2 == "master-03" { print ($5 > 0 ? "some" : "none") }'; }
holds 'a connection to the third master' some open
tell "$(of "$m1" "$m2")" "$(of "$n1" "$n2")"
holds 'a master is removed: nothing reaches it' 'master-01-at-11 master-02-at-12 ' reached
holds 'a master is removed: its connections end' none open
holds 'a master is removed: keepalived' "$LAN.12 " peer_masters

# --- What is no news ---

before=$(all_of_it)
asked() { wc --lines </tmp/requests; }
# opened_again NAME COUNT: the watch is, after it was closed.
opened_again() { holds "$1" yes eval "(( \$(asked) > $2 )) && echo yes"; }
count=$(asked)
printf '%s\n' 'garbage' '[]' '17' '"ADDED"' '{}' '{"type": "MODIFIED"}' '{"type": "MODIFIED", "object": {}}' \
  '{"type": "MODIFIED", "object": {"data": {"peers.json": 7}}}' '{"type": "BOOKMARK", "object": {"metadata": {}}}' $'\xff\xfe\x01' '' >>/tmp/events
config_map '' | event MODIFIED
config_map 'garbage' | event MODIFIED
config_map '{}' | event MODIFIED
config_map '{"masters": [], "nodes": []}' | event MODIFIED
config_map '{"masters": [{"name": "master-09; del server", "address": "192.168.50.19"}, {"name": "master-08", "address": "no"}]}' | event MODIFIED
config_map '{}' | event DELETED
printf '{"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}\n' >>/tmp/events
sleep 1
same 'no news changes nothing' "$before" all_of_it
at_most 'no news closes nothing' "$(($(asked) - count))" 0

w=$(node worker-01 $LAN.41 10.244.2.0/24)
config_map "{\"masters\": $(of "$m1" "$m2"), \"nodes\": $(of "$n1" "$n2" "$w")}" >/tmp/object
event MODIFIED </tmp/object
holds 'news after that' "$LAN.41" names worker-01

# Half an event, and the connection ends.
config_map "{\"masters\": $(of "$m1"), \"nodes\": []}" | jq -c '{type: "MODIFIED", object: .}' | head --bytes 150 >>/tmp/events
sleep 0.5
same 'half an event changes nothing' '11 12 41' known
close_watches
printf '\n' >>/tmp/events
opened_again 'a closed watch is opened again' "$count"

# The API server answers, but not with a watch.
before=$(all_of_it) count=$(asked)
printf '410 Gone' >/tmp/refusal
close_watches
opened_again 'what is gone is asked for' "$count"
sleep 4
at_most 'what is gone is not asked for all the time' "$(($(asked) - count))" 3
same 'what is gone changes nothing' "$before" all_of_it
rm /tmp/refusal
w=$(node worker-01 $LAN.51 10.244.2.0/24)
tell "$(of "$m1" "$m2")" "$(of "$n1" "$n2" "$w")"
holds 'news after that, too' "$LAN.51" names worker-01

# --- No master answers; the node restarts ---

before=$(all_of_it)
silence 11 12
sleep 2
same 'silence changes nothing' "$before" all_of_it
kill -KILL -- "-$peers" "$balancer"
rm -rf /run/cluster /run/haproxy/admin.sock
mkdir /run/cluster
ip route flush proto 202
cp /tmp/hosts /etc/hosts
kill "$(</run/keepalived.pid)"
start_node
same 'after a restart all is as last known' "$before" all_of_it

api_server master-02 12
tell "$(of "$m1" "$m2")" "$(of "$n1" "$n2")"
holds 'a master answers again' '11 12' known
