# ledger/ledger.jq: the lines of this boot's ledger (raw, a torn one is skipped) and a transition become three things:
# line 1 the new ledger line, or nothing when it would repeat the last one of its step; line 2 status.json; from line 3
# on the text above the login prompt.

def worst: if any(. == "failed") then "failed" elif any(. == "waiting") then "waiting" elif any(. == "running") then "running" else "ok" end;

# agetty reads backslashes in issue files; control characters have no business on a console.
def console: gsub("\\\\"; "\\\\") | explode | map(select(. >= 32 or . == 10)) | implode;
def indented(by): split("\n") | map(by + .) | join("\n");

def paragraph:
  "  \(.step): \(.state)" + (if .cause == "" then "" else " (\(.cause)) since \(.since)" end)
  + (if .message == "" then "" else "\n" + (.message | indented("    ")) end)
  + (if .todo == "" then "" else "\n" + ("what to do: " + .todo | indented("    ")) end);

def issue:
  "coldstart: \(if any(.steps[]; .step == "detect" and .state == "failed") then "image for" else "node" end) \(.node) of cluster \(.cluster), \(.boot_role), \(.state), \(.health)\n"
  + (.steps | map(select(.state == "failed" or .state == "waiting" or (.state != "running" and .cause != "")) | paragraph + "\n") | join(""));

[inputs | fromjson? | select(type == "object" and .boot == $boot)] as $past
| ($past | map(select(.step == $step)) | last) as $before
| ($before != null and $before.state == $state and $before.cause == $cause) as $same
| {time: $time, boot: $boot, step: $step, state: $state, cause: $cause, message: $message,
   since: (if $same then $before.since else $time end), todo: $todo} as $entry
| ($same and $before.message == $message and $before.todo == $todo) as $repeated
| (if $repeated then "" else $entry | tojson end),
  ({time: $time, boot: $boot, cluster: $cluster, node: $node, boot_role: $boot_role, state: $bootstrap_state}
   + ($past + (if $repeated then [] else [$entry] end)
      | (map(.step) | to_entries | unique_by(.value) | sort_by(.key) | map(.value)) as $order
      | INDEX(.step) as $last
      | [$order[] | $last[.] | {step, state, cause, message, since, todo}]
      | {health: (map(.state) | worst), steps: .})
   | tojson, (issue | console))
