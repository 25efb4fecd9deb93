# kubernetes/node-labels.jq: the nodes of the API server, $members (as `etcdctl member list` prints them) and $table (lines `node<TAB>key=value`)
# become lines `node<TAB>label,label…` of what is missing or different. A node that is no master, and has no role yet, is a worker.

($table | split("\n") | map(select(. != "" and (startswith("#") | not)) | split("\t") | {node: .[0], label: .[1]})) as $wanted
| ($members | split("\n") | map(split(", ")[2])) as $masters
| .items[] | .metadata.name as $name | (.metadata.labels // {}) as $has
| [($wanted[] | select(.node == $name) | .label | capture("^(?<key>[^=]*)=(?<value>.*)$") | select($has[.key] != .value) | "\(.key)=\(.value)"),
   (select(any($has | keys[]; startswith("node-role.kubernetes.io/")) or any($masters[]; . == $name) | not) | "node-role.kubernetes.io/worker=")]
| select(length > 0) | "\($name)\t\(join(","))"
