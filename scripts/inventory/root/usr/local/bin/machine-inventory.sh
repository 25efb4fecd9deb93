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

# cards: the drivers and speeds that ip(8) does not say, by name.
cards() {
  local path name driver
  for path in "$ROOT"/sys/class/net/*; do
    name=${path##*/}
    driver=$(readlink "$path/device/driver" || true)
    jq -n --arg name "$name" --arg driver "${driver##*/}" --arg speed "$(content "/sys/class/net/$name/speed")" \
      '{($name): {$driver, speed: (($speed | tonumber? // null) | if . != null and . > 0 then . else null end)}}'
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
        driver: ($extra[.ifname].driver // ""),
        pci: .parentdev,
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

# The medium of this image is no disk of the machine.
disks() {
  local blocks names
  blocks=$(answer lsblk --json --bytes --tree --output NAME,TYPE,SIZE,MODEL,SERIAL,WWN,ROTA,RM,TRAN,FSTYPE,LABEL,PTTYPE,MOUNTPOINTS)
  names=$(by_id)
  jq -n --argjson blocks "$blocks" --argjson names "$names" '
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
          holds: holds
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
