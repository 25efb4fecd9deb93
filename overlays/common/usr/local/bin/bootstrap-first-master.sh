#!/bin/bash
#
# bootstrap-first-master.sh: initialises the cluster, or joins the existing cluster of another master. On a node that has
# done so it starts the services of a master.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

begin_role "initialising the cluster" master-first bootstrapped
if ! has_cluster_secrets; then
  formation_is_missing
  exit
fi
check_programs etcd etcdctl kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl
found_or_join_etcd
run_master
end_role bootstrapped
