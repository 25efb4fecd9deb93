#!/bin/bash
#
# machine-inventory.sh: what this machine has, as JSON: network cards, disks, firmware, memory. Reads only; writes to stdout.
# Tests put COLDSTART_ROOT in front of every path.

set -euo pipefail
shopt -s inherit_errexit nullglob

readonly ROOT=${COLDSTART_ROOT:-}

# content FILE: its first line without blanks at the end, or nothing. Files of sysfs may be there and yet refuse to be read.
content() {
  local line=''
  IFS= read -r line 2>/dev/null <"$ROOT$1" || true
  printf '%s' "${line%"${line##*[![:space:]]}"}"
}

# answer COMMAND...: what it prints; an empty object if it fails, as for a program that has nothing to say.
answer() {
  local said
  if said=$("$@" 2>/dev/null) && [[ -n $said ]] && jq -e . >/dev/null 2>&1 <<<"$said"; then
    printf '%s' "$said"
  else
    printf '{}'
  fi
}

machine() {
  jq -n --arg vendor "$(content /sys/class/dmi/id/sys_vendor)" --arg product "$(content /sys/class/dmi/id/product_name)" \
    --arg serial "$(content /sys/class/dmi/id/product_serial)" '{$vendor, $product, $serial}'
}

firmware() {
  local kind=BIOS
  if [[ -d $ROOT/sys/firmware/efi ]]; then
    kind=UEFI
  fi
  jq -n --arg kind "$kind" --arg vendor "$(content /sys/class/dmi/id/bios_vendor)" \
    --arg version "$(content /sys/class/dmi/id/bios_version)" '{$kind, $vendor, $version}'
}

# memory: bytes. MemTotal is what the firmware left to the kernel, in KiB (proc_meminfo(5)).
memory() {
  awk '$1 == "MemTotal:" { printf "%.0f", $2 * 1024 }' "$ROOT/proc/meminfo"
}

# cards: what ip(8) does not say, by name: driver, speed, udev's ID_PATH, and how the card got its MAC (addr_assign_type: 0 is permanent).
cards() {
  local path name driver place
  for path in "$ROOT"/sys/class/net/*; do
    name=${path##*/}
    driver=$(readlink "$path/device/driver" || true)
    place=$(udevadm info --query=property --property=ID_PATH --value --path="/sys/class/net/$name" 2>/dev/null) || place=''
    jq -n --arg name "$name" --arg driver "${driver##*/}" --arg speed "$(content "/sys/class/net/$name/speed")" --arg path "$place" \
      --arg assigned "$(content "/sys/class/net/$name/addr_assign_type")" '{($name): {
        $driver, $path, permanent: ($assigned == "0" or $assigned == ""),
        speed: (($speed | tonumber? // null) | if . != null and . > 0 then . else null end)
      }}'
  done | jq -s add
}

# Bonds, bridges and VLANs have `linkinfo`; a card has a parent device. ip-link(8) says the permanent address where it differs.
nics() {
  local links neighbours extra
  links=$(answer ip -json -details link show)
  neighbours=$(answer lldpcli -f json0 show neighbors)
  extra=$(cards)
  jq -n --argjson links "$links" --argjson lldp "$neighbours" --argjson extra "$extra" '
    def first_value: [.. | objects | .value? // empty | strings] | first;
    ([$lldp.lldp?[]?.interface[]? | {(.name): {
      system: ((.chassis // []) | [.[] | .name // [] ] | first_value // ""),
      port: ((.port // []) | ([.[] | .descr // []] | first_value) // ([.[] | .id // []] | first_value) // "")
    }}] | add // {}) as $neighbours
    | [$links | arrays | .[] | select(.link_type == "ether" and .linkinfo == null and .parentdev != null) | {
        name: .ifname,
        mac: (.permaddr // .address),
        permanent: (.permaddr != null or $extra[.ifname].permanent != false),
        driver: ($extra[.ifname].driver // ""),
        pci: .parentdev,
        path: ($extra[.ifname].path // ""),
        link: ((.flags // []) | index("LOWER_UP") != null),
        speed: $extra[.ifname].speed,
        neighbour: $neighbours[.ifname]
      }]'
}

# by_id: links below /dev/disk/by-id, as {"sda": "ata-…"}. Of several, a name without wwn- or nvme-eui says more to people.
by_id() {
  local link disk
  for link in "$ROOT"/dev/disk/by-id/*; do
    disk=$(readlink "$link")
    jq -n --arg name "${link##*/}" --arg disk "${disk##*/}" '{name: $name, disk: $disk}'
  done | jq -s '
    sort_by((.name | test("^(wwn-|nvme-eui|nvme-nvme|scsi-)")), .name)
    | reduce .[] as $one ({}; if has($one.disk) then . else .[$one.disk] = $one.name end)'
}

# claims: what coldstart wrote on disks that belong to a node, as {"sda": "data lab/worker-01/fast"}; see disk/claim.sh of the nodes.
claims() {
  local disk text
  for disk in $1; do
    text=$(dd if="$ROOT/dev/$disk" bs=4096 iflag=skip_bytes skip=524288 count=1 status=none 2>/dev/null | tr -d '\0' | head -n 1 | tr -c '[:print:]' ' ') || text=''
    if [[ $text =~ ^coldstart-(state|data)-disk\ v1\ ([a-z0-9./-]+) ]]; then
      jq -n --arg disk "$disk" --arg claim "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}" '{($disk): $claim}'
    fi
  done | jq -s 'add // {}'
}

# The medium of this image is no disk of the machine.
disks() {
  local blocks names found claims
  blocks=$(answer lsblk --json --bytes --tree --output NAME,TYPE,SIZE,MODEL,SERIAL,WWN,ROTA,RM,TRAN,FSTYPE,LABEL,PTTYPE,MOUNTPOINTS)
  names=$(by_id)
  found=$(jq -r '.blockdevices[]? | select(.type == "disk" and .size > 0).name' <<<"$blocks")
  claims=$(claims "$found")
  jq -n --argjson blocks "$blocks" --argjson names "$names" --argjson claims "$claims" '
    def holds: [.pttype, (recurse(.children[]?) | if .fstype then .fstype + (if .label then " " + .label else "" end) else empty end)]
      | map(select(. != null)) | join(", ");
    def is_medium: any(recurse(.children[]?) | .mountpoints[]? | strings; startswith("/run/live"));
    [$blocks.blockdevices[]?
      | select(.type == "disk" and (.name | test("^(zram|ram|loop|nbd|fd)") | not) and .size > 0 and (is_medium | not))
      | {
          name,
          model: ((.model // "") | gsub("^\\s+|\\s+$"; "")),
          serial: ((.serial // "") | gsub("^\\s+|\\s+$"; "")),
          wwn: (.wwn // ""),
          by_id: ($names[.name] // ""),
          size,
          rotational: .rota,
          removable: .rm,
          transport: (.tran // ""),
          holds: holds,
          claim: ($claims[.name] // ""),
          partitions: [.children[]? | select(.type == "part") | {size, filesystem: (.fstype // "")}]
        }]'
}

# Switches, disks and firmware say anything: no text may steer the console that shows it.
main() {
  local machine firmware memory nics disks
  machine=$(machine)
  firmware=$(firmware)
  memory=$(memory)
  nics=$(nics)
  disks=$(disks)
  jq -n --argjson machine "$machine" --argjson firmware "$firmware" --argjson memory "$memory" --argjson nics "$nics" \
    --argjson disks "$disks" '{coldstart_inventory: 1, $machine, $firmware, $memory, $nics, $disks}
      | walk(if type == "string" then gsub("\\p{Cntrl}"; " ") else . end)'
}

main
