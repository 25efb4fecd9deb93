# kubernetes/peers.jq: functions for what masters publish of the nodes (`peers.json`), and for what each node makes of it:
#
#   {"masters": [{"name", "address", "etcd"}], "nodes": [{"name", "hostname", "addresses": [...], "pods": [ranges]}]}
#
# `etcd` is the address of the master's etcd where that is another one than the API server's. What is not of the right form is left out: it becomes commands of ip, nft and haproxy, and one that nft does not take stops all.

def is_name: type == "string" and test("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\\z");
def is_four: test("^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])([.]|\\z)){4}\\z") and (endswith(".") | not);
def is_six: split("::") as $halves | [$halves[] | select(. != "") | split(":")[]]
  | all(.[]; test("^[0-9a-f]{1,4}\\z")) and (if $halves[1] then length < 8 and $halves[2] == null else length == 8 end);
def is_address: type == "string" and (is_four or is_six);
def is_range: type == "string" and (split("/") | length == 2 and (.[0] | is_address)
  and (.[1] | test("^[0-9]{1,3}\\z")) and (.[1] | tonumber) <= (if .[0] | contains(":") then 128 else 32 end));
def family: if contains(":") then 6 else 4 end;

def valid_peers: {
  masters: [.masters[]? | objects | {name, address} + (if .etcd | is_address then {etcd} else {} end)
    | select((.name | is_name) and (.address | is_address))],
  nodes: [.nodes[]? | objects | select(.name | is_name) | {
    name, hostname: (if .hostname | is_name then .hostname else .name end),
    addresses: [.addresses[]? | select(is_address)], pods: [.pods[]? | select(is_range)]}]
};

# --- What masters publish ---

# The groups of 16 bits of an address, and whether a range lies within another one.
def from_hex: reduce (explode[] | if . > 96 then . - 87 else . - 48 end) as $digit (0; . * 16 + $digit);
def groups:
  if contains(":") then
    split("::") | map(split(":") | map(select(. != "")))
    | (if length == 1 then .[0] else .[0] + [range(8 - (.[0] + .[1] | length)) | "0"] + .[1] end) | map(from_hex)
  else split(".") | map(tonumber) | [.[0] * 256 + .[1], .[2] * 256 + .[3]] end;
def is_within($outer):
  split("/") as [$address, $length] | ($outer | split("/")) as [$network, $prefix]
  | ($address | family) == ($network | family) and ($length | tonumber) >= ($prefix | tonumber)
    and (($address | groups) as $left | ($network | groups) as $right | all(range($left | length);
      . as $at | pow(2; 16 - ([16, ([0, ($prefix | tonumber) - 16 * $at] | max)] | min)) as $unit
      | ($left[$at] / $unit | floor) == ($right[$at] / $unit | floor)));

# A node says its hostname and its addresses itself, and a new one also its share. So that none speaks for another: the hostname begins
# with the node's name, and a share lies in the pod network and belongs to the node that was there first.
def peer($ranges): .metadata.name as $name | {
  name: $name,
  hostname: (.metadata.annotations["node.coldstart/hostname"] // ""
    | if is_name and split(".")[0] == ($name | split(".")[0]) then . else $name end),
  addresses: [.status.addresses[]? | select(.type == "InternalIP").address | select(is_address)],
  pods: [.spec.podCIDRs[]? | select(is_range) | . as $share | select($ranges | split(" ") | any(. as $range | $share | is_within($range)))]
};
def without_repeated_shares:
  reduce .[] as $node ({seen: {}, nodes: []}; .seen as $seen
    | ($node | .pods |= map(select($seen[.] | not))) as $node
    | .nodes += [$node] | reduce $node.pods[] as $share (.; .seen[$share] = true)) | .nodes;

# Input: the list of nodes of the API server; $members: what `etcdctl member list` prints; $apart: the addresses of API servers that are not
# where the member of etcd is, each after a line with its key; $ranges: the pod network.
def published($members; $apart; $ranges): ($apart | split("\n") | [range(0; length - 1; 2) as $at | {key: (.[$at] | split("/")[-1]), value: .[$at + 1]}]
  | map(select(.value | is_address)) | from_entries) as $servers | {
  masters: ([$members | split("\n")[] | split(", ") | select(.[1] == "started" and .[5] == "false")
    | {name: .[2], address: (.[3] // "" | capture("^https://\\[?(?<host>[^]/]*?)\\]?:[0-9]+(,|$)") | .host)}
    | select((.name | is_name) and (.address | is_address))
    | if $servers[.name] then {name, address: $servers[.name], etcd: .address} else . end] | sort_by(.name)),
  nodes: (.items | sort_by(.metadata.creationTimestamp, .metadata.name) | map(peer($ranges)) | without_repeated_shares | sort_by(.name))
};

# --- What a node makes of it ---

def whole: if contains("/") then . else "\(.)/\(if family == 6 then 128 else 32 end)" end;

# Lines of `ip -batch`; $present: the routes that this node has set before, as `ip -j route` lists them.
def route_changes($own; $present; $protocol):
  ([.nodes[] | select(.name != $own) | .addresses as $addresses | .pods[] | . as $pods
    | first($addresses[] | select(family == ($pods | family))) as $via | {key: $pods, value: $via}] | from_entries) as $wanted
  | ($present | map({key: (.dst | whole), value: (.gateway // "")}) | from_entries) as $has
  | ($has | keys[] | select($wanted[.] == null) | "route del \(.) proto \($protocol)"),
    ($wanted | to_entries[] | select($has[.key] != .value) | "route replace \(.key) via \(.value) proto \($protocol)");

# Lines of `nft -f`: addresses that know the way back to a pod; $others: further ones, separated by blanks or lines.
def known_sources($others):
  [.nodes[].addresses[], .masters[].address, ($others | splits("[ \n]+") | select(is_address))] | unique
  | (4, 6) as $family | "inet coldstart-pods nodes\($family)" as $set | map(select(family == $family))
  | "flush set \($set)", (select(length > 0) | "add element \($set) { \(join(", ")) }");

# /etc/hosts: what the image says, and below the mark what the cluster says. It knows better where the other nodes are.
def hosts($own; $text; $mark):
  def names: reduce (.hostname, (.hostname | split(".")[0]), .name) as $name ([]; if index($name) then . else . + [$name] end);
  [.nodes[] | select(.name != $own) | . + {names: names}] as $learnt
  | ([$learnt[].names[] | {key: ., value: true}] | from_entries) as $known
  | ($text | split("\n\($mark)\n")[0] | rtrimstr("\n") | split("\n")
    | map(select((split("#")[0] // "" | [splits("[ \t]+")][1:] | any(. != "" and $known[.])) | not))) as $image
  | $image[], (select($learnt | length > 0) | $mark, ($learnt[] | .names as $names | .addresses[] | "\(.)\t\($names | join(" "))"));

# Commands of haproxy; $state: `show servers state`; $defaults: what each server has; $is_complete: whether masters that are not among
# these are none.
def server_changes($port; $state; $defaults; $is_complete):
  ([$state | split("\n")[] | split(" ") | select(.[1] == "masters")
    | {key: .[3], value: {address: .[4], port: .[18], isOff: ((.[6] | tonumber) % 2 == 1)}}] | from_entries) as $has
  | (.masters | map({key: .name, value: .address}) | from_entries) as $wanted
  | ($wanted | to_entries[] | .key as $name | .value as $address | "masters/\($name)" as $server | $has[$name] as $is
    | if $is == null then
        "add server \($server) \(if $address | family == 6 then "[\($address)]" else $address end):\($port) verifyhost \($name) \($defaults)",
        "enable health \($server)", "enable server \($server)"
      else
        (select($is_complete and [$is.address, $is.port] != [$address, $port])
          | "set server \($server) addr \($address) port \($port)", "shutdown sessions server \($server)"),
        (select($is.isOff) | "set server \($server) state ready")
      end),
    (select($is_complete and ($wanted | length > 0)) | $has | to_entries[] | select($wanted[.key] == null and (.value.isOff | not))
      | "set server masters/\(.key) state maint", "shutdown sessions server masters/\(.key)");

# Input: the CNI configuration of the image; $shares: of this node.
def pod_network($shares): .plugins[0].ipam += {
  ranges: ($shares | map([{subnet: .}])),
  routes: ($shares | map({dst: (if family == 6 then "::/0" else "0.0.0.0/0" end)}))
};
