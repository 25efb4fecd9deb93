# kubernetes/own-labels.jq: this node's Node, $table (lines `key=value`) and $own (annotations) become the merge patch that gives it these labels and
# annotations; none when it has them. Which it has set is in annotations, so that they end with the image that has them. The hostname is for the others' /etc/hosts.

($table | split("\n") | map(select(. != "" and (startswith("#") | not)) | capture("^(?<key>[^=]*)=(?<value>.*)$")) | from_entries) as $wanted
| (.metadata.labels // {}) as $has | (.metadata.annotations // {}) as $notes
| ($notes["node.coldstart/labels"] // "" | split(",") | map(select(. != "" and $wanted[.] == null and $has[.] != null) | {key: ., value: null}) | from_entries)
  + ($wanted | with_entries(select($has[.key] != .value))) as $labels
| ($notes["node.coldstart/annotations"] // "" | split(",")) as $set
| (($set | map(select($own[.] == null) | {key: ., value: null}) | from_entries)
  + $own
  + (if $own == {} and $set == [] then {} else {"node.coldstart/annotations": (if $own == {} then null else $own | keys | join(",") end)} end)
  + {"node.coldstart/labels": ($wanted | keys | join(",")), "node.coldstart/hostname": $hostname}) as $annotations
| select($labels != {} or any($annotations | to_entries[]; $notes[.key] != .value))
| {metadata: {$labels, $annotations}}
