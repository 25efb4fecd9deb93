# kubernetes/node-labels.jq: the nodes of the API server and $table (lines `node<TAB>key=value`) become lines `node<TAB>label,label…` of
# what is missing or different.

($table | split("\n") | map(select(. != "") | split("\t") | {node: .[0], label: .[1]})) as $wanted
| .items[] | .metadata.name as $name | (.metadata.labels // {}) as $has
| [$wanted[] | select(.node == $name) | .label | capture("^(?<key>[^=]*)=(?<value>.*)$") | select($has[.key] != .value) | "\(.key)=\(.value)"]
| select(length > 0) | "\($name)\t\(join(","))"
