# node-tokens.jq: the nodes of the API server and $table (lines `node<TAB>token`) become {keep: a list of secrets, remove:
# names of secrets}. A node that is missing has its token: for $ttl seconds from $since (the cluster's beginning) when it never
# joined, for minutes on end when it was a member. One that is ready has none, so that nobody can use it a second time.

def ready: any(.status.conditions[]?; .type == "Ready" and .status == "True");
def seconds: if . == "" then 0 else fromdateiso8601 end;

($since | seconds) as $since | ($ttl | tonumber) as $ttl
| (.items | map({key: .metadata.name, value: (if ready then "ready" else "lost" end)}) | from_entries) as $known
| $table | split("\n") | map(select(. != "") | split("\t") | {node: .[0], token: .[1]})
| map(. + {until: (
    if .node == $renewed then now + 3600
    elif $known[.node] == "ready" then 0
    elif $known[.node] == "lost" then now + 900
    else $since + $ttl end)})
# A token of the user's own is every node's.
| group_by(.token) | map({token: .[0].token, nodes: map(.node), until: (map(.until) | max | floor)})
| map(. + {id: (.token | split(".")[0]), secret: (.token | split(".")[1])})
| {
    keep: {apiVersion: "v1", kind: "List", items: [.[] | select(.until > now) | {
      apiVersion: "v1", kind: "Secret", type: "bootstrap.kubernetes.io/token",
      metadata: {name: "bootstrap-token-\(.id)", namespace: "kube-system"},
      stringData: {
        "token-id": .id, "token-secret": .secret, expiration: (.until | todateiso8601),
        description: "lets join: \(.nodes | join(", "))",
        "usage-bootstrap-authentication": "true", "usage-bootstrap-signing": "false",
        "auth-extra-groups": "system:bootstrappers:coldstart:workers"}}]},
    remove: [.[] | select(.until <= now) | "bootstrap-token-\(.id)"]
  }
