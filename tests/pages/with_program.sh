#!/usr/bin/env bash
# Starts a demonstration on free ports and runs the page tests for a running program against it.
#   tests/pages/with_program.sh [BUILD]
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build}
work=$(mktemp -d)
"$build/yanwu" demo --data "$work/data" --days 3 --http-listen 127.0.0.1:0 --device-listen 127.0.0.1:0 >"$work/out" 2>"$work/err" &
program=$!
trap 'kill $program 2>/dev/null; wait $program 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 150); do
  url=$(grep -o 'http://127.0.0.1:[0-9]*' "$work/out" | head -n 1) && [ -n "$url" ] && break
  kill -0 $program 2>/dev/null || { cat "$work/out" "$work/err" >&2; exit 1; }
  sleep 0.2
done
[ -n "${url:-}" ] || { echo "the demonstration printed no address" >&2; cat "$work/err" >&2; exit 1; }
sleep 15 # three days of history arrive meanwhile
YANWU_URL=$url node --test tests/pages/program.test.mjs
