# shellcheck shell=bash
#
# node/match.sh: cards that the definition knows by name, driver, path or a part of the address instead of the whole address (nics.tsv).
# A card that detect has found is one of the node's like the others: its address is in RUN_DIR/nics and in the key file of its interface.

has_matches() { [[ -e $CONFIG_DIR/nics.tsv ]]; }

# survey_nics NICS: lines `interface<TAB>mac`, one for each interface and each card of list_nics' output that matches it. A card that an
# interface names by its whole address is not for another interface.
survey_nics() {
  local interface name driver path mac named card address its_driver rest
  has_matches || return 0
  named=$(cut -f 5 "$CONFIG_DIR/nics.tsv") || return
  while IFS=$'\t' read -r interface name driver path mac; do
    if _is_named "$mac"; then
      continue
    fi
    while IFS=$'\t' read -r card address its_driver rest; do
      if [[ -n $card ]] && { [[ $mac == "$address" ]] || ! grep -qxF -e "$address" <<<"$named"; } &&
        _fits "$card" "$name" && _fits "$its_driver" "$driver" && _fits "$address" "$mac" && _fits_path "$card" "$path"; then
        printf '%s\t%s\n' "$interface" "$address"
      fi
    done <<<"$1"
  done <"$CONFIG_DIR/nics.tsv"
}

# Whether the definition names the card by its whole address: then nothing is to be found.
_is_named() { [[ " $NODE_MACS " == *" $1 "* ]]; }

# The right side is a pattern.
# shellcheck disable=SC2053
_fits() { [[ $2 == - || $1 == $2 ]]; }

_fits_path() {
  local path
  if [[ $2 == - ]]; then
    return 0
  fi
  path=$(udevadm info --query=property --property=ID_PATH --value "$SYS_DIR/class/net/$1") || return
  _fits "$path" "$2"
}

# doubtful_nics PAIRS: of survey_nics' output, the interfaces with several cards and the cards with several interfaces, in words.
doubtful_nics() {
  awk -F '\t' 'NF == 2 { cards[$1] = cards[$1] " " $2; count[$1]++; interfaces[$2] = interfaces[$2] " " $1; users[$2]++ }
    END {
      for (name in count) if (count[name] > 1) print name " matches several cards:" cards[name]
      for (mac in users) if (users[mac] > 1) print mac " matches several interfaces:" interfaces[mac]
    }' <<<"$1" | sort
}

# unmatched_nics PAIRS: the interfaces without a card, one per line: `lan (driver ixgbe)`.
unmatched_nics() {
  local interface name driver path mac text
  has_matches || return 0
  while IFS=$'\t' read -r interface name driver path mac; do
    if _is_named "$mac" || grep -qF -e "$interface"$'\t' <<<"$1"; then
      continue
    fi
    text="name $name, driver $driver, path $path, mac $mac,"
    text=$(sed -E 's/(name|driver|path|mac) -,//g; s/^ *//; s/, *$//; s/,  */, /g' <<<"$text") || return
    printf '%s (%s)\n' "$interface" "$text"
  done <"$CONFIG_DIR/nics.tsv"
}

# has_own_disk: the state disk is there that no other machine has. True where the definition names no such disk.
has_own_disk() {
  local survey
  has_state_disk || return 0
  load_state_disk || return
  if [[ -z $STATE_DISK_BY_ID$STATE_DISK_WWN$STATE_DISK_SERIAL ]]; then
    return 0
  fi
  survey=$(survey_disks) || return
  jq -e '(.fitting | length) > 0 or (.twins | length) > 0' <<<"$survey" >/dev/null
}

# take_nics PAIRS: the cards are this node's from now on.
take_nics() {
  local interface mac folder=$COLDSTART_ROOT/etc/NetworkManager/system-connections
  cut -f 2 <<<"$1" >"$RUN_DIR/nics" || return
  while IFS=$'\t' read -r interface mac; do
    if [[ -n $interface ]]; then
      sed -i "s/^mac-address=.*/mac-address=$mac/" "$folder/$interface.nmconnection" || return
    fi
  done <<<"$1"
}

# take_late_nics NICS: takes cards that have appeared since detect, unless it is in doubt for which interface.
take_late_nics() {
  local pairs doubts found taken
  has_matches || return 0
  pairs=$(survey_nics "$1") && doubts=$(doubtful_nics "$pairs") && found=$(cut -f 2 <<<"$pairs") && taken=$(cat "$RUN_DIR/nics") || return
  if [[ -z $doubts && $found != "$taken" ]]; then
    take_nics "$pairs" && nmcli connection reload
  fi
}
