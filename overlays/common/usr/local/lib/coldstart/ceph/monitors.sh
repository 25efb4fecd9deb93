# shellcheck shell=bash
#
# ceph/monitors.sh: the monitors that this node knows: those of the image, a first guess for a cold start, and those that the
# cluster had when this node asked last. Monitors that were added after the image was built are found with their help.

readonly LAST_MONITORS=$STATE_DIR/ceph-monitors # name, IP, address for ceph.conf; one monitor a line

# image_monitors: a line for each monitor of the image, as in LAST_MONITORS.
image_monitors() {
  local -a names ips addresses
  local index
  read -r -a names <<<"$CEPH_MONS"
  read -r -a ips <<<"$CEPH_MON_IPS"
  read -r -a addresses <<<"$CEPH_MON_ADDRS"
  for index in "${!names[@]}"; do
    printf '%s\t%s\t%s\n' "${names[index]}" "${ips[index]}" "${addresses[index]}"
  done
}

# known_monitors: a line for each monitor that the cluster had last, then for each of the image at another address. A damaged
# line is left out.
known_monitors() {
  local last=/dev/null
  if [[ -e $LAST_MONITORS ]]; then
    last=$LAST_MONITORS
  fi
  image_monitors | awk -F '\t' 'NF == 3 && $3 ~ /^\[.*\]$/ && !seen[$3]++' "$last" -
}

# known_monitor_names: each once.
known_monitor_names() { known_monitors | cut -f 1 | sort -u; }

# name_monitors: the programs of Ceph on this node ask the monitors on standard input. The file belongs to the image, and is
# written again at each boot.
name_monitors() {
  local addresses conf=$CEPH_ETC/ceph.conf text
  addresses=$(cut -f 3 | paste -s -d ,) || return
  text=$(sed "s|^mon_host = .*|mon_host = $addresses|" "$conf") || return
  if [[ $text != "$(<"$conf")" ]]; then
    printf '%s\n' "$text" | write_file "$conf" 0644
  fi
}

# remember_monitors: the monitors as the cluster has them now, for the next start.
remember_monitors() {
  local map present before=''
  map=$(ask_ceph mon dump --format json 2>/dev/null) || return
  present=$(jq -r '.mons[] | [.name, (.public_addrs.addrvec[0].addr | sub(":[0-9]+$"; "") | gsub("[][]"; "")),
    "[" + ([.public_addrs.addrvec[] | "\(.type):\(.addr)"] | join(",")) + "]"] | @tsv' <<<"$map") || return
  if [[ -e $LAST_MONITORS ]]; then
    before=$(<"$LAST_MONITORS") || return
  fi
  if [[ -n $present && $present != "$before" ]]; then
    printf '%s\n' "$present" | write_file "$LAST_MONITORS" 0644
  fi
}
