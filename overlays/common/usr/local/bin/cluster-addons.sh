#!/bin/bash
#
# cluster-addons.sh: applies /etc/kubernetes/addons/*.yaml, and the folders there that hold a kustomization.yaml, in the order
# of their names. It may run on several masters at any time and repeatedly; the result is always the same.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

apply() {
  local how=--filename
  if [[ -d $1 ]]; then
    how=--kustomize
  fi
  WHY=$(apply_as admin "$how" "$1" 2>&1 >/dev/null | tail -n 1 | cut -c 1-300)
}

guard addons
load_node
count=0
for file in "$KUBERNETES_DIR/addons"/*; do
  if [[ $file != *.yaml && ! -e $file/kustomization.yaml ]]; then
    continue
  fi
  ledger addons running '' "applying ${file##*/}"
  if ! wait_until 120 apply "$file"; then
    stop addons addon-refused "${file##*/} cannot be applied: $WHY" \
      "other masters wait for the permissions that the first master sets; if it is your own manifest, correct it in the configuration; this node keeps trying"
  fi
  count=$((count + 1))
done
ledger addons 'done' '' "$count applied"
