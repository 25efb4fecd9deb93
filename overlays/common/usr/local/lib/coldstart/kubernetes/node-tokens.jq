# kubernetes/node-tokens.jq: the nodes of the API server and $table (lines `node<TAB>token`) become {keep: a list of secrets, remove:
# names of secrets}. A node that is missing has its token as long as kubernetes/window.jq says; one that is ready, or that a person refused
# ($refused, the ConfigMap or null), has none, so that nobody can use it.
#
# With $random (sixteen characters for each node; not empty) tokens are not those of the table, but new ones: for nodes that
# $present (the secrets there are) has none for, or one that ends within the minute.

include "window";

def secret_name: "bootstrap-token-\(.id)";

($cluster | fromjson) as $cluster | ($refused | fromjson) as $refused
| ($present | fromjson | .items | INDEX(.metadata.name)) as $present
| (.items | map({key: .metadata.name, value: (if ready then "ready" else "lost" end)}) | from_entries) as $known
| $table | split("\n") | map(select(. != "") | split("\t") | {node: .[0], token: .[1]})
| map(. + {until: (
    if refused_at($refused; "name.\(.node)") > 0 then 0
    else joins_until($cluster; $ttl; .node; $known[.node] // "new"; 0) end)})
# A token of the user's own is every node's.
| group_by(.token) | map({token: .[0].token, nodes: map(.node), until: (map(.until) | max | floor)})
| map(. + {id: (.token | split(".")[0]), secret: (.token | split(".")[1])})
| map(.present = $present[secret_name])
| {
    keep: {apiVersion: "v1", kind: "List", items: [
      [.[] | select(.until > now)
        | select($random == "" or (.present.data.expiration // "" | @base64d | seconds) < now + 60)]
      | to_entries[] | .key as $index | .value | {
        apiVersion: "v1", kind: "Secret", type: "bootstrap.kubernetes.io/token",
        # Refused by the API server when another master was faster.
        metadata: ({name: secret_name, namespace: "kube-system"}
          + (.present.metadata.resourceVersion | if . == null then {} else {resourceVersion: .} end)),
        stringData: {
          "token-id": .id, "token-secret": (if $random == "" then .secret else $random[$index * 16:$index * 16 + 16] end),
          expiration: (.until | todateiso8601),
          description: "lets join: \(.nodes | join(", "))",
          "usage-bootstrap-authentication": "true", "usage-bootstrap-signing": "false",
          "auth-extra-groups": "system:bootstrappers:coldstart:workers"}}]},
    remove: [.[] | select(.until <= now) | secret_name]
  }
