#!/bin/bash
#
# cluster-images.sh: gives containerd the container images that came with this node's image, so that pods start without a
# registry. What containerd has already is left alone; the kubelet does not clear away any of it.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly IMAGES_DIR=$COLDSTART_ROOT/usr/share/coldstart/images

k8s_images() { ctr --namespace k8s.io images "$@"; }

# digests_in ARCHIVE: of the images in an OCI archive; nothing for docker-save's older form, which names none.
digests_in() {
  tar -xOf "$1" index.json 2>/dev/null | jq -r '.manifests[].digest' 2>/dev/null || true
}

has_all() {
  local digest count=0
  while IFS= read -r digest; do
    [[ $PRESENT == *"$digest"* ]] || return 1
    count=$((count + 1))
  done < <(digests_in "$1")
  ((count > 0))
}

# The kubelet clears away images that no pod uses when the disk fills up; these could not be had again.
keep_from_clearing() {
  local ours=$1 present reference digest
  present=$(k8s_images ls)
  while read -r reference _ digest _; do
    if [[ -n $digest && $ours == *"$digest"* ]]; then
      k8s_images label "$reference" io.cri-containerd.pinned=pinned >/dev/null
    fi
  done <<<"$present"
}

guard images
load_node
# On a retry the failure stays on the console until it is over.
BEFORE=$(step_state images)
archives=()
for archive in "$IMAGES_DIR"/*.tar; do
  if [[ -f $archive ]]; then
    archives+=("$archive")
  fi
done
PRESENT=$(k8s_images ls) || stop images containerd-not-ready "containerd does not answer" "journalctl -b -u containerd; this node keeps trying"
imported=0
for archive in "${archives[@]}"; do
  if ! has_all "$archive"; then
    if [[ $BEFORE != failed ]]; then
      ledger images running '' "importing ${archive##*/}"
    fi
    if ! said=$(k8s_images import "$archive" 2>&1); then
      stop images image-not-imported "containerd does not take ${archive##*/}: ${said##*$'\n'}" \
        "is it an OCI archive for this architecture? build the image again with a sound one; this node keeps trying"
    fi
    keep_from_clearing "$(digests_in "$archive")"
    imported=$((imported + 1))
  fi
done
ledger images 'done' '' "${#archives[@]} archives, $imported of them new"
