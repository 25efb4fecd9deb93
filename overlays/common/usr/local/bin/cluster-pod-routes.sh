#!/bin/bash
#
# cluster-pod-routes.sh: sets the routes to the pods of all other nodes that this node knows, and which addresses know the way back to a pod. It
# may run repeatedly. It also runs whenever an interface comes up, because the kernel removes the routes of an interface that goes down.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

load_node
apply_pod_network
