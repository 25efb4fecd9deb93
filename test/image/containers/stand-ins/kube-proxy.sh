#!/bin/bash
#
# kube-proxy.sh: in place of kube-proxy, where the kernel has not what it needs: says that it is well. With `answer`, to one who asks.

if [[ $1 == answer ]]; then
  while read -r line && [[ $line != $'\r' ]]; do :; done
  printf 'HTTP/1.0 200 OK\r\n\r\n'
else
  exec systemd-socket-activate --accept --inetd --listen=127.0.0.1:10256 "$0" answer
fi
