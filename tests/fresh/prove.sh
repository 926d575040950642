#!/usr/bin/env bash
# Proves ./run and ./test inside a Debian 12 that has only git and bash. By hand, as root; prints the times.
#   tests/fresh/prove.sh FOLDER [run|test|all]
# FOLDER is kept: a second call is the "quick the second time" measurement. Chromium's and the sanitizers' needs
# (/proc, /dev/shm) are mounted; the host's certificates and name service are lent, nothing else.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
root=${1:?usage: tests/fresh/prove.sh FOLDER [run|test|all]}
what=${2:-all}
if [ ! -x "$root/bin/bash" ]; then
  debootstrap --variant=minbase --include=git,bash,ca-certificates bookworm "$root" http://deb.debian.org/debian
fi
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
cp /etc/hosts "$root/etc/hosts"
cp /etc/apt/apt.conf.d/99* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/dev" || mount --bind /dev "$root/dev"
trap 'umount "$root/proc" "$root/dev" 2>/dev/null || true' EXIT
inside() {
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    bash -c "cd /root/yanwu && $1"
}
if [ ! -d "$root/root/yanwu/.git" ]; then
  git clone --quiet "$here" "$root/root/yanwu"
else
  git -C "$root/root/yanwu" pull --quiet
fi
timed() {
  local began=$SECONDS
  inside "$2" || { echo "FAILED after $((SECONDS - began)) s: $1"; exit 1; }
  echo "$1: $((SECONDS - began)) s"
}
case $what in run | all)
  timed "./run --build, first" "./run --build"
  timed "./run --build, again" "./run --build"
  inside "./run --fresh >/tmp/run.log 2>&1 & echo \$! >/tmp/run.pid"
  began=$SECONDS
  until inside "grep -q 'http://' /tmp/run.log 2>/dev/null"; do
    [ $((SECONDS - began)) -lt 60 ] || { cat "$root/tmp/run.log"; exit 1; }
    sleep 0.2
  done
  echo "./run prints the address after: $((SECONDS - began)) s"
  cat "$root/tmp/run.log"
  inside "kill \$(cat /tmp/run.pid)"
  ;;
esac
case $what in test | all)
  timed "./test, first" "./test"
  timed "./test, again" "./test"
  ;;
esac
