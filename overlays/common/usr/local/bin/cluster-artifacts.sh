#!/bin/bash
#
# cluster-artifacts.sh: downloads the files of /etc/cluster-config/artifacts.tsv (name, URL, SHA-256 or -, mode, destination) to
# the state disk, and links them to their destinations at each boot. Existing files are only compared with their digests.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"
# shellcheck source=kubernetes/artifacts.sh
source "$LIB_DIR/kubernetes/artifacts.sh"

guard artifacts
load_node
mapfile -t rows <"$CONFIG_DIR/artifacts.tsv"
for index in "${!rows[@]}"; do
  IFS=$'\t' read -r name url digest mode destination <<<"${rows[index]}"
  ledger artifacts running '' "$name from $url ($((index + 1)) of ${#rows[@]})"
  obtain_artifact "$name" "$url" "$digest"
  place_artifact "$mode" "$destination"
done
ledger artifacts 'done' '' "${#rows[@]} programs of Kubernetes $KUBERNETES_VERSION are in place"
