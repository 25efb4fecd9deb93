#!/bin/bash
#
# network-up.sh MAC: gives the machine a NIC with this MAC and a cable, starts NetworkManager and waits until it has settled.
# Prints the routes of both families, a line `==`, and the name servers as programs find them.

set -euo pipefail
shopt -s inherit_errexit

# No udev here: NetworkManager goes without it where it cannot write to /sys.
mount --options remount,bind,ro /sys
ip link set lo up
ip link add lan0 address "$1" type veth peer name switch
ip link set switch up
start_networkmanager
nm-online --wait-for-startup --quiet --timeout=30
ip -4 route show dev lan0
ip -6 route show dev lan0
printf '==\n'
cat /etc/resolv.conf
