#!/bin/bash
#
# reservation.sh MAC SERVER: gives the machine a NIC with this MAC, at whose cable a DHCP server (busybox udhcpd) with the lines SERVER
# answers, starts NetworkManager and waits until it has settled. Prints the IPv4 addresses and routes of the NIC.

set -euo pipefail
shopt -s inherit_errexit

# No udev here: NetworkManager goes without it where it cannot write to /sys.
mount --options remount,bind,ro /sys
ip link set lo up
ip link add lan0 address "$1" type veth peer name switch
ip address add 192.168.50.1/24 dev switch
ip link set switch up
printf 'interface switch\nlease_file /run/leases\npidfile /run/udhcpd.pid\noption subnet 255.255.255.0\noption router 192.168.50.1\n%s\n' "$2" >/run/udhcpd.conf
: >/run/leases
busybox udhcpd -f /run/udhcpd.conf 2>/run/udhcpd.log &
start_networkmanager
nm-online --wait-for-startup --quiet --timeout=60
ip -4 -json address show dev lan0 | jq -r '.[].addr_info[] | "\(.local)/\(.prefixlen)"'
ip -4 route show dev lan0
