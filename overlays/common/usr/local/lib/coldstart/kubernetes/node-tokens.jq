# kubernetes/node-tokens.jq: the nodes of the API server and $table (lines `node<TAB>token`) become {keep: a list of secrets, remove:
# names of secrets, states: of the nodes}. A node that is missing has its token: for $ttl seconds from the beginning of $cluster
# (the namespace kube-system) when it never joined, or an hour from when a person renewed it; for minutes on end when it was a
# member. One that is ready has none, so that nobody can use it a second time.
#
# With $random (sixteen characters for each node; not empty) tokens are not those of the table, but new ones: for nodes that
# $present (the secrets there are) has none for, or one that ends within the minute.

def ready: any(.status.conditions[]?; .type == "Ready" and .status == "True");
def secret_name: "bootstrap-token-\(.id)";

($cluster | fromjson | .metadata) as $cluster | ($ttl | tonumber) as $ttl
| ($present | fromjson | .items | INDEX(.metadata.name)) as $present
| (.items | map({key: .metadata.name, value: (if ready then "ready" else "lost" end)}) | from_entries) as $known
| $table | split("\n") | map(select(. != "") | split("\t") | {node: .[0], token: .[1]} | .state = ($known[.node] // "new"))
| map(. + {until: (
    if .state == "ready" then 0
    elif .state == "lost" then now + 900
    else [
      ($cluster.creationTimestamp | fromdateiso8601) + $ttl,
      ($cluster.annotations["renewed.coldstart/\(.node)"] | (fromdateiso8601? // 0) + 3600)
    ] | max end)})
| (map({key: .node, value: .state}) | from_entries) as $states
# A token of the user's own is every node's.
| group_by(.token) | map({token: .[0].token, nodes: map(.node), until: (map(.until) | max | floor)})
| map(. + {id: (.token | split(".")[0]), secret: (.token | split(".")[1])})
| map(.present = $present[secret_name])
| {
    keep: {apiVersion: "v1", kind: "List", items: [
      [.[] | select(.until > now)
        | select($random == "" or (.present.data.expiration // "" | @base64d | fromdateiso8601? // 0) < now + 60)]
      | to_entries[] | .key as $index | .value | {
        apiVersion: "v1", kind: "Secret", type: "bootstrap.kubernetes.io/token",
        # Refused by the API server when another master was faster.
        metadata: ({name: secret_name, namespace: "kube-system"}
          + (.present.metadata.resourceVersion | if . == null then {} else {resourceVersion: .} end)),
        stringData: {
          "token-id": .id, "token-secret": (if $random == "" then .secret else $random[$index * 16:$index * 16 + 16] end),
          expiration: (if $limit == "" then .until else [.until, (now + ($limit | tonumber) | floor)] | min end | todateiso8601),
          description: "lets join: \(.nodes | join(", "))",
          "usage-bootstrap-authentication": "true", "usage-bootstrap-signing": "false",
          "auth-extra-groups": "system:bootstrappers:coldstart:workers"}}]},
    remove: [.[] | select(.until <= now) | secret_name],
    states: $states
  }
