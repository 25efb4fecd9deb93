#!/bin/bash
#
# inventory-show.sh: takes the inventory of this machine, shows it on all consoles with a QR code, and copies it to a stick whose file
# system is called INVENTORY. A timer runs it again and again: cables, disks and neighbours come late. Only changes are shown.
# Tests put COLDSTART_ROOT in front of every path.

set -euo pipefail
shopt -s inherit_errexit nullglob

readonly ROOT=${COLDSTART_ROOT:-}
readonly FOLDER=$ROOT/run/coldstart-inventory
readonly STICK=INVENTORY
# Characters of a QR code at most: beyond, it has more lines than a console.
readonly LONGEST=400

# short FILE: the lines of the QR code, as src/usecases/inventory/facts.ts reads them.
short() {
  jq -r '
    def word: if . == "" or . == null then "-" else gsub("\\s"; "_") end;
    "coldstart-inventory 1",
    "machine \(.machine.serial | word) \(.machine.product)",
    (.nics[] | "nic \(.mac) \(if .link then "up" else "down" end) \(.name)\(if .permanent == false then " " + (.path | word) else "" end)"),
    (.disks[] | select(.removable | not) | "disk \(.size) \(if .rotational then "hdd" else "ssd" end) \(.serial | word) \(.model)")
  ' "$1"
}

# words FILE: for people.
words() {
  jq -r '
    def size: . / 1e9 | floor | tostring + " GB";
    "\(.machine.vendor) \(.machine.product), serial number \(.machine.serial); \(.firmware.kind) \(.firmware.version); \(.memory / 1073741824 | round) GiB of memory",
    "",
    (.nics[] | "\(.mac)\(if .permanent == false then " (not permanent)" else "" end)  \(.name)  \(.driver)  \(if .link then "link" + (if .speed then " \(.speed) Mbit/s" else "" end) else "no link" end)\(if .neighbour then "  at \(.neighbour.system) port \(.neighbour.port)" else "" end)"),
    (if .nics == [] then "no network card was found" else empty end),
    "",
    (.disks[] | "\(.name)  \(.size | size)  \(if .rotational then "rotating" else "solid state" end)  \(.model)  serial \(.serial)  \(if .claim != "" then "coldstart: \(.claim)" elif .holds == "" then "blank" else "on it: \(.holds)" end)"),
    (if .disks == [] then "no disk was found" else empty end)
  ' "$1"
}

# code FILE: as a QR code. Without the models of disks, then without disks, if it would be too large.
code() {
  local text
  text=$(short "$1")
  if ((${#text} > LONGEST)); then
    text=$(sed -E 's/^(disk [^ ]+ [^ ]+ [^ ]+) .*/\1 /' <<<"$text")
  fi
  if ((${#text} > LONGEST)); then
    text=$(grep -v '^disk ' <<<"$text")
  fi
  if ((${#text} > LONGEST)); then
    printf 'This machine has too much for a QR code.\n'
    return
  fi
  qrencode --type=ANSIUTF8 --level=L --margin=2 <<<"$text"
}

# addresses: those in the network that the user named; all, if there is none: the network may be reached through a router.
addresses() {
  local address found network
  [[ -s $ROOT/etc/coldstart/inventory-network ]] || return 0
  network=$(<"$ROOT/etc/coldstart/inventory-network")
  found=$(global_addresses to "$network")
  if [[ -z $found ]]; then
    found=$(global_addresses)
  fi
  for address in $found; do
    if [[ $address == *:* ]]; then
      address="[$address]"
    fi
    printf 'Over HTTP, in the network %s: curl http://%s/ -o NAME.json\n' "$network" "$address"
  done
}

# global_addresses SELECTOR...: of ip-address(8).
global_addresses() {
  local found
  found=$(ip -json address show scope global "$@")
  jq -r '.[].addr_info[]? | select(.scope == "global") | .local' <<<"$found"
}

page() {
  printf '\033[2J\033[Hcoldstart inventory. Nothing on this machine was changed. Switch it off when you are done.\n\n'
  words "$FOLDER/inventory.json"
  printf '\nQR code; on the build machine: coldstart inventory read NAME.txt\n'
  code "$FOLDER/inventory.json"
  addresses
  stick_note
}

stick_note() {
  if [[ -s $FOLDER/stick ]]; then
    printf 'Written to the stick %s: %s\n' "$STICK" "$(<"$FOLDER/stick")"
  else
    printf 'To get a file: put in a stick with a FAT file system that is called %s.\n' "$STICK"
  fi
}

# file_name: of this machine on a stick: its serial number, or the first MAC.
file_name() {
  local name
  name=$(jq -r '[.machine.serial, .nics[0].mac, "machine"] | map(strings | gsub("[^A-Za-z0-9-]"; "-") | select(. != "" and . != "-")) | first' "$FOLDER/inventory.json")
  printf '%s.json' "${name:0:60}"
}

# to_stick: to each removable file system of the name. No other disk is ever written to.
to_stick() {
  local device name found
  name=$(file_name)
  found=$(lsblk --json --list --output PATH,LABEL,FSTYPE)
  found=$(jq -r --arg wanted "$STICK" '.blockdevices[]? | select(.label == $wanted and .fstype == "vfat") | .path' <<<"$found")
  for device in $found; do
    mkdir -p "$FOLDER/mount"
    if mount -t vfat -o rw,nosuid,nodev,noexec "$device" "$FOLDER/mount"; then
      if cp "$FOLDER/inventory.json" "$FOLDER/mount/$name.new" && mv "$FOLDER/mount/$name.new" "$FOLDER/mount/$name"; then
        printf '%s' "$name" >"$FOLDER/stick"
      fi
      umount "$FOLDER/mount" || printf 'inventory: %s is still in use\n' "$device" >&2
    else
      printf 'inventory: %s cannot be written to\n' "$device" >&2
    fi
  done
}

# On each console that the kernel writes to.
show() {
  local console text
  text=$(page)
  for console in $(<"$ROOT/sys/class/tty/console/active"); do
    printf '%s\n' "$text" >"$ROOT/dev/$console" || printf 'inventory: %s takes no text\n' "$console" >&2
  done
}

main() {
  local fresh shown digest where
  mkdir -p "$FOLDER"
  fresh=$("${BASH_SOURCE[0]%/*}/machine-inventory.sh")
  printf '%s\n' "$fresh" >"$FOLDER/inventory.json.new"
  mv "$FOLDER/inventory.json.new" "$FOLDER/inventory.json"
  to_stick
  digest=$(sha256sum "$FOLDER/inventory.json")
  where=$(addresses)
  shown="$digest $where $(cat "$FOLDER/stick" 2>/dev/null || true)"
  if [[ $shown == "$(cat "$FOLDER/shown" 2>/dev/null || true)" ]]; then
    return
  fi
  show
  printf '%s' "$shown" >"$FOLDER/shown"
}

main
