# shellcheck shell=bash
# Installs what a Debian 12 machine lacks. Sourced by ./run and ./test; quick when nothing is missing.
#   install_packages LIST...   LIST: build, pages, test
#   install_if_possible LIST   what a step can be left out without; says so where it is

build_packages="gcc libc6-dev meson ninja-build pkg-config python3 libuv1-dev libmicrohttpd-dev libjansson-dev
  libsqlite3-dev libzstd-dev libssl-dev libsodium-dev libyaml-dev libseccomp-dev libxxhash-dev libxlsxwriter-dev
  libcurl4-openssl-dev libzip-dev libexpat1-dev libcmocka-dev libpango1.0-dev fonts-noto-cjk libsundials-dev"
pages_packages="nodejs npm"
test_packages="clang llvm libclang-rt-14-dev chromium openssl curl clang-format python3-yaml tshark poppler-utils"
cortex_packages="gcc-arm-none-eabi libnewlib-arm-none-eabi"

install_packages() {
  local missing=() list package
  for list in "$@"; do
    # A Node.js that did not come from Debian serves as well.
    if [ "$list" = pages ] && command -v node >/dev/null && command -v npm >/dev/null; then continue; fi
    local name="${list}_packages"
    for package in ${!name}; do
      dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "installing: ${missing[*]}" >&2
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "please run as root once, or install: ${missing[*]}" >&2; return 1; }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

install_if_possible() {
  install_packages "$1" && return 0
  local name="${1}_packages"
  echo "could not install: ${!name}" >&2
  return 1
}

# Builds pages/dist where sources are newer; npm packages are fetched only when the lock file changed.
build_pages() {
  local stamp=pages/node_modules/.installed dist=pages/dist/index.html
  if [ ! -f "$stamp" ] || [ pages/package-lock.json -nt "$stamp" ]; then
    (cd pages && npm ci --no-audit --no-fund --loglevel=error) || return 1
    touch "$stamp"
  fi
  if [ ! -f "$dist" ] || [ -n "$(find pages/src pages/public pages/index.html pages/package.json pages/*.ts -newer "$dist" -print -quit 2>/dev/null)" ]; then
    (cd pages && npm run --silent build) || return 1
  fi
}

# configure FOLDER OPTION...: meson setup once.
configure() {
  local folder=$1
  shift
  [ -f "$folder/build.ninja" ] || meson setup "$folder" "$@" >"/tmp/yanwu-meson-$$.log" 2>&1 ||
    { cat "/tmp/yanwu-meson-$$.log" >&2; rm -rf "$folder"; return 1; }
  rm -f "/tmp/yanwu-meson-$$.log"
}
