#!/bin/bash
#
# cluster-images.sh: imports the container images in this node's image into containerd, so that pods start without a
# registry. Skips images that containerd already has. The kubelet never removes these images.

# shellcheck source=coldstart.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../lib/coldstart/coldstart.sh"

readonly IMAGES_DIR=$COLDSTART_ROOT/usr/share/coldstart/images

k8s_images() { ctr --namespace k8s.io images "$@"; }

# digests_in ARCHIVE: the digests of the images in an OCI archive; none for the older format of docker save.
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

# When the disk fills up, the kubelet removes images that no pod uses; these images have no registry to get them again.
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
# During a retry, the console keeps showing the failure until the retry succeeds.
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
      stop images image-not-imported "containerd does not import ${archive##*/}: ${said##*$'\n'}" \
        "check that it is an OCI archive for this architecture, and build the image again with a correct one; this node keeps trying"
    fi
    keep_from_clearing "$(digests_in "$archive")"
    imported=$((imported + 1))
  fi
done
ledger images 'done' '' "${#archives[@]} archives, $imported of them new"
