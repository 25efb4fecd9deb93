# shellcheck shell=bash
#
# node/node.sh: who this image says it is. The values were decided when it was built (/etc/cluster-config/node.env); here they
# are only read, and a missing one is an error.

# The names that the files set: a stray one is empty rather than inherited, and hooks find them in their environment.
export CLUSTER_NAME='' NODE_NAME='' NODE_HOSTNAME='' NODE_IP='' NODE_IPS='' NODE_MACS='' NODE_ROLES='' BOOT_ROLE=''
# The addresses of the node's cards: NODE_MACS, and those of the cards that node/match.sh has found.
OWN_MACS=''
# Those of NODE_IPS that come by DHCP or from routers.
LEASED_IPS=''
export FIRST_MASTER='' FIRST_MASTER_IP='' MASTER_NAMES='' MASTER_IPS='' API_PORT='' API_ENDPOINT='' CLUSTER_DOMAIN=''
# Where the etcd of this master and of all masters is; where the image does not say it, at their addresses. MASTER_GUESS is all that an image
# says of where masters are.
export ETCD_IP='' ETCD_MASTER_IPS='' MASTER_GUESS=''
export KUBERNETES_VERSION='' KUBERNETES_DELIVERY='' POD_CIDRS='' SERVICE_CIDRS='' TOKEN_DISTRIBUTION='' TOKEN_TTL=''
STATE_DISK_BY_ID='' STATE_DISK_WWN='' STATE_DISK_SERIAL='' STATE_DISK_MODEL='' STATE_DISK_PATH='' STATE_DISK_MIN_SIZE=''
STATE_DISK_MAX_SIZE='' STATE_DISK_ROTATIONAL='' STATE_DISK_OWNER='' VAR_PARTLABEL=''
# The disk of now, for disk/: its kind (state or data), its owner as the claim has it, and the definitions of its partitions.
DISK_KIND=state DISK_OWNER='' DISK_DEFINITIONS=$REPART_DIR
export BIOS_PARTLABEL='' ESP_PARTLABEL='' SLOT_A_PARTLABEL='' SLOT_B_PARTLABEL='' INSTALL=''

load_node() {
  ETCD_IP='' ETCD_MASTER_IPS=''
  # shellcheck source=/dev/null
  source "$CONFIG_DIR/node.env" || return
  _require node.env CLUSTER_NAME NODE_NAME NODE_HOSTNAME NODE_IPS NODE_ROLES BOOT_ROLE || return
  MASTER_GUESS=$MASTER_IPS${ETCD_MASTER_IPS:+ $ETCD_MASTER_IPS}
  ETCD_IP=${ETCD_IP:-$NODE_IP} ETCD_MASTER_IPS=${ETCD_MASTER_IPS:-$MASTER_IPS}
  has_matches || _require node.env NODE_MACS || return
  OWN_MACS=$NODE_MACS
  if [[ -e $RUN_DIR/nics ]]; then
    OWN_MACS+=" $(tr '\n' ' ' <"$RUN_DIR/nics")" || return
  fi
}

has_state_disk() { [[ -e $CONFIG_DIR/state-disk.env ]]; }

load_state_disk() {
  # shellcheck source=/dev/null
  source "$CONFIG_DIR/state-disk.env" || return
  _require state-disk.env STATE_DISK_OWNER VAR_PARTLABEL SLOT_A_PARTLABEL SLOT_B_PARTLABEL || return
  DISK_KIND=state DISK_OWNER=$STATE_DISK_OWNER DISK_DEFINITIONS=$REPART_DIR
}

# has_role ROLE: exactly this role, not a part of its name.
has_role() {
  local role
  for role in $NODE_ROLES; do
    if [[ $role == "$1" ]]; then
      return 0
    fi
  done
  return 1
}

_require() {
  local file=$1 name
  shift
  for name in "$@"; do
    if [[ -z ${!name} ]]; then
      printf 'coldstart: %s/%s does not set %s; the image is damaged, build it again\n' "$CONFIG_DIR" "$file" "$name" >&2
      return 1
    fi
  done
}
