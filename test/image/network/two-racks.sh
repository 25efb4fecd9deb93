#!/bin/bash
#
# two-racks.sh MAC ADDRESS ROUTER FAR FARROUTER: gives the machine a NIC with this MAC on a cable to a router, which has the address
# ROUTER there and FARROUTER in the network of another machine with the address FAR (with their prefixes). Starts NetworkManager, and
# prints whether the two machines hear each other, each under the address of the other.

set -euo pipefail
shopt -s inherit_errexit
mac=$1 address=$2 router=$3 far=$4 far_router=$5

# No udev here: NetworkManager goes without it where it cannot write to /sys.
mount --options remount,bind,ro /sys
ip link set lo up
ip netns add router
ip netns add far
ip link add lan0 address "$mac" type veth peer name near netns router
ip link add far0 netns far type veth peer name far netns router
ip -n router addr add "$router" dev near
ip -n router addr add "$far_router" dev far
ip -n far addr add "$far" dev far0
for of in router:near router:far far:far0; do
  ip -n "${of%:*}" link set "${of#*:}" up
done
ip -n far route add default via "${far_router%/*}"
ip netns exec router sysctl -q net.ipv4.ip_forward=1
start_networkmanager
nm-online --wait-for-startup --quiet --timeout=30
ip -4 route get "${far%/*}" | head -n 1
ping -c 1 -W 5 "${far%/*}" >/dev/null && printf 'hears the other network\n'
ip netns exec far ping -c 1 -W 5 "$address" >/dev/null && printf 'is heard there\n'
