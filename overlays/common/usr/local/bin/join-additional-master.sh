#!/bin/bash
#
# join-additional-master.sh: lets a further master join. On a node that has joined it starts the services of a master.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

begin_role "joining as a further master" master-additional joined
if ! has_cluster_secrets; then
  formation_is_missing
  exit
fi
check_programs etcd etcdctl kube-apiserver kube-controller-manager kube-scheduler kubelet kubectl
join_or_go_on_with_etcd
give_way_to_first_api_server
run_master
end_role joined
