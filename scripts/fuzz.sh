#!/usr/bin/env bash
# Runs every fuzz target for a while on its seeds.   scripts/fuzz.sh BUILD SECONDS [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 seconds=$2
shift 2
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cd "$build/fuzz" && find . -maxdepth 1 -type f -perm -u+x -name 'fuzz_*' -printf '%f\n' | sort)
[ ${#targets[@]} -gt 0 ] || { echo "no fuzz target in $build/fuzz" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
for target in "${targets[@]}"; do
  seeds=fuzz/seeds/${target#fuzz_}
  [ -d "$seeds" ] || { echo "$target has no seeds in $seeds" >&2; exit 1; }
  mkdir -p "$work/$target"
  echo "== $target"
  "$build/fuzz/$target" -max_total_time="$seconds" -rss_limit_mb=3000 -timeout=20 -artifact_prefix="$work/" \
    -print_final_stats=1 "$work/$target" "$seeds" 2>&1 | tail -n 12
done
