# disk/find.jq: the output of lsblk and a disk selector become {fitting: [paths], twins: [[paths]], report: text}. All selectors
# that are given must hold; the report says of every disk what keeps it from being the one. Twins are the fitting paths that
# lead to one disk: a world wide name is given to one disk in the world, a serial number by each maker as it likes.

def given: . != "";
def human: . as $b | if $b >= 1073741824 then "\($b / 107374182.4 | round / 10) GiB" else "\($b / 104857.6 | round / 10) MiB" end;
def trimmed: if . == null then "" else sub("^\\s+"; "") | sub("\\s+$"; "") end;
def wwn: ascii_downcase | sub("^(0x|naa\\.)"; "");
def tree: ., (.children // [] | .[] | tree);
def own_slot: .partlabel // "" | IN($slots | split(" ")[] | select(given));
def mountpoints: [tree | select(own_slot | not) | .mountpoints // [] | .[] | select(. != null)];
def holders: [.children // [] | .[] | tree | select(.type != "part") | "\(.type) \(.name)"];

def differs:
  (if ($by_id | given) and .path != $by_id_path then "is not /dev/disk/by-id/\($by_id)" else empty end),
  (if ($path | given) and .path != $resolved_path then "is not \($path)" else empty end),
  (if ($wwn | given) and (.wwn | trimmed | wwn) != ($wwn | wwn) then "its WWN is \(.wwn | trimmed | tojson), not \($wwn | tojson)" else empty end),
  (if ($serial | given) and (.serial | trimmed) != $serial then "its serial number is \(.serial | trimmed | tojson), not \($serial | tojson)" else empty end),
  (if ($model | given) and (.model | trimmed) != $model then "its model is \(.model | trimmed | tojson), not \($model | tojson)" else empty end),
  (if ($min_size | given) and .size < ($min_size | tonumber) then "smaller than \($min_size | tonumber | human)" else empty end),
  (if ($max_size | given) and .size > ($max_size | tonumber) then "larger than \($max_size | tonumber | human)" else empty end),
  (if ($rotational | given) and .rota != ($rotational == "yes") then (if .rota then "rotating" else "not rotating" end) else empty end);

def unusable:
  (if .ro then "read-only" else empty end),
  (if mountpoints | any(. == "/run/live/medium") then "the boot medium of this system"
   elif mountpoints != [] then "in use, mounted at \(mountpoints | join(", "))" else empty end),
  (if holders != [] then "in use by \(holders | join(", "))" else empty end);

def line:
  "\(.path)  \([.model | trimmed | select(given)] + ["serial \(.serial | trimmed | if given then . else "unknown" end)", (.size | human)] | join(", "))"
  + ": " + ([unusable, differs] | if . == [] then "fits" else join("; ") end);

# A loop device counts only where the selector names it: laboratories and tests.
def identity: [.wwn, .serial] | map(trimmed);
def twins: map(select(.wwn | trimmed | given)) | group_by(identity) | map(select(length > 1) | map(.path));

[.blockdevices[] | select(.type == "disk" or (.type == "loop" and .path == $resolved_path)) | select(.size > 0)]
| map(select([unusable, differs] == [])) as $fitting
| {fitting: ($fitting | map(.path)), twins: ($fitting | twins), report: (map(line) | join("\n"))}
