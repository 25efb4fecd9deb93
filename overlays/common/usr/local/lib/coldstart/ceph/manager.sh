# shellcheck shell=bash
#
# ceph/manager.sh: the manager of this node, and with CephFS its metadata server. The monitors make their keys when the node asks
# with a bootstrap key of its image; so a further node needs nothing of the monitors' images.

BEGUN='' HANDED_OVER='' REFUSED_ENTITY=''
readonly SAME_DEFINITION="boot the monitors' nodes with images from the same definition and secrets store; this node keeps trying"

# begin_manager: await_manager says how it ended, and begins what could not be begun yet.
begin_manager() {
  ledger manager running '' "starting the manager"
  manager_begins || true
  mds_begins || true
}

# The capabilities are those that a bootstrap key may ask for (MonCap.cc, expand_profile), and those that Ceph's documentation adds to
# them (https://docs.ceph.com/en/reef/install/manual-deployment/).

# manager_begins: with its certificate, which its own key may set and which it reads when it begins.
manager_begins() {
  if [[ $BEGUN != *' mgr '* ]]; then
    get_daemon_key mgr mon 'allow profile mgr' osd 'allow *' mds 'allow *' || return
    hand_over_certificate || true
    start_ceph_unit "ceph-mgr@$NODE_NAME" || return
    BEGUN+=' mgr '
  fi
}

mds_begins() {
  if [[ $CEPH_CEPHFS == yes && $BEGUN != *' mds '* ]]; then
    get_daemon_key mds mon 'allow profile mds' osd 'allow rwx' mds 'allow' mgr 'profile mds' || return
    start_ceph_unit "ceph-mds@$NODE_NAME" || return
    BEGUN+=' mds '
  fi
}

# get_daemon_key KIND CAPS...: the key of this node's daemon of the kind; the monitors make one for a daemon that has none. A daemon
# that runs with another key (it was removed, or the monitors were created again) is restarted. If they refuse, the daemon goes on with
# the key that it has. Sets CAUSE, REFUSED_ENTITY and WHY where it has none.
get_daemon_key() {
  local kind=$1 ring said=$RUN_DIR/daemon-key.log text before=''
  shift
  ring=$(daemon_ring "$kind") || return
  if text=$(ceph_as "client.bootstrap-$kind" auth get-or-create "$kind.$NODE_NAME" "$@" 2>"$said"); then
    if [[ -e $ring ]]; then
      before=$(<"$ring") || return
    fi
    printf '%s\n' "$text" | write_file "$ring" 0600 || return
    owned_by_ceph "${ring%/*}" || return
    if [[ -n $before && $before != "$text" ]]; then
      systemctl try-restart --no-block "ceph-$kind@$NODE_NAME"
    fi
  else
    CAUSE=ceph-key-refused REFUSED_ENTITY=$kind.$NODE_NAME
    WHY=$(<"$said") || return
    [[ -s $ring ]]
  fi
}

# hand_over_certificate: the dashboard's, to the monitors; once is enough. Sets CAUSE, REFUSED_ENTITY and WHY where they refuse.
hand_over_certificate() {
  local name
  if [[ $CEPH_DASHBOARD != yes || $HANDED_OVER == yes ]]; then
    return 0
  fi
  CAUSE=ceph-key-refused REFUSED_ENTITY=mgr.$NODE_NAME
  for name in crt key; do
    WHY=$(ceph_as "mgr.$NODE_NAME" config-key set "mgr/dashboard/$NODE_NAME/$name" --in-file "$CEPH_ETC/dashboard.$name" 2>&1 >/dev/null) || return 1
  done
  HANDED_OVER=yes
}

await_manager() {
  await "$CEPH_UP" say_no_manager manager_works || fail_missing || return 1
  ledger manager 'done' '' "$NODE_NAME is a manager"
}

say_no_manager() {
  if [[ $CAUSE == ceph-key-refused ]]; then
    missing manager ceph-key-refused "the monitors refuse $REFUSED_ENTITY: $(why)" "$SAME_DEFINITION"
  else
    missing manager ceph-manager-missing "the monitors do not see mgr.$NODE_NAME" "journalctl -b -u ceph-mgr@$NODE_NAME; $SAME_DEFINITION"
  fi
}

manager_works() { manager_begins && hand_over_certificate && mds_begins && manager_is_known; }

manager_is_known() {
  CAUSE=ceph-manager-missing
  ceph_as "mgr.$NODE_NAME" mgr dump --format json 2>/dev/null |
    jq -e --arg name "$NODE_NAME" '.active_name == $name or any(.standbys[]; .name == $name)' >/dev/null
}
