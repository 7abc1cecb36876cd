#!/usr/bin/env bash
# Proves docker/Dockerfile and docker/compose.yaml on a machine without a container engine: builds the image with buildah
# on a base made from this machine's node, runs the two containers of compose.yaml, and sends real traffic through them.
#
#   apt-get install -y buildah debootstrap && docker/prove.sh
#
# As root, on Debian or Ubuntu, with node and npm. Takes two minutes and 3 GB in TMPDIR; leaves nothing behind.
#   DEBIAN_MIRROR   where debootstrap downloads from (http://deb.debian.org/debian)
#   DEBIAN_ROOT     a bookworm root made by `debootstrap --variant=minbase` before, to save that step
#
# The containers have mount, PID and (the client) network namespaces of their own, as under an engine; what is not the same
# is listed in docs/containers.md.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(id -u)" = 0 ] || { echo "docker/prove.sh: must run as root" >&2; exit 2; }
for tool in buildah debootstrap unshare node npm curl; do
  command -v "$tool" >/dev/null || { echo "docker/prove.sh: $tool is missing" >&2; exit 2; }
done

readonly BYTES=$((64 * 1024 * 1024))
readonly SUITE=bookworm
work=$(mktemp -d)
run=$work/run
# The volume's mount must be seen by containers started later, and go away with the work directory.
cleanup() {
  local status=$?
  trap - EXIT
  jobs -p | xargs -r kill -KILL 2>/dev/null || true
  wait 2>/dev/null || true
  store umount --all >/dev/null 2>&1 || true
  local at
  for at in "$run" "$work/memfd"; do umount "$at" 2>/dev/null || true; done
  rm -rf --one-file-system "$work"
  [ "$status" = 0 ] && echo "all proved" || echo "FAILED" >&2
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

store() { buildah --storage-driver vfs --root "$work/storage" --runroot "$work/runroot" "$@"; }
proved() { printf 'proved: %s\n' "$*"; }
fail() { printf 'docker/prove.sh: %s\n' "$*" >&2; exit 1; }
# equal WHAT ACTUAL EXPECTED
equal() { [ "$2" = "$3" ] || fail "$1: $2, not $3"; }
# within SECONDS COMMAND...: until it succeeds
within() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || return 1
    sleep 0.2
  done
}
# ask JSON-FILE EXPRESSION: an expression over `it`, printed; lists one item a line
ask() {
  node -e 'const it = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"));
    const v = eval(process.argv[2]); console.log(Array.isArray(v) ? v.join("\n") : String(v))' "$1" "$2"
}

## The base image: a minimal Debian, this machine's node and npm, and what it takes for npm to reach its registry.
base=$(store from scratch)
root=$(store mount "$base")
if [ -n "${DEBIAN_ROOT:-}" ]; then
  cp -a "$DEBIAN_ROOT/." "$root/"
else
  debootstrap --variant=minbase "$SUITE" "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$work/debootstrap.log" ||
    { tail -20 "$work/debootstrap.log" >&2; fail "debootstrap failed"; }
fi
npm_home=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
install -D -m 0755 "$(readlink -f "$(command -v node)")" "$root/usr/local/bin/node"
mkdir -p "$root/usr/local/lib/node_modules" "$root/usr/local/etc"
cp -a "$npm_home" "$root/usr/local/lib/node_modules/npm"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
{
  echo "registry=$(npm config get registry 2>/dev/null)"
  echo update-notifier=false
} >"$root/usr/local/etc/npmrc"
certificates=${NODE_EXTRA_CA_CERTS:-$(npm config get cafile 2>/dev/null)}
if [ -f "$certificates" ]; then
  install -D -m 0644 "$certificates" "$root/usr/local/etc/certificates.pem"
  store config --env NODE_EXTRA_CA_CERTS=/usr/local/etc/certificates.pem "$base"
fi
store config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$base"
store umount "$base" >/dev/null
store commit --quiet --rm "$base" localhost/node-base >/dev/null
echo "base image: $SUITE with node $(node --version), npm $(npm --version 2>/dev/null)"

## The image.
store build --isolation=chroot --format docker --build-arg BASE_IMAGE=localhost/node-base \
  --tag localhost/netmemd --file docker/Dockerfile . >"$work/build.log" 2>&1 ||
  { grep -v "^npm error  " "$work/build.log" >&2; fail "the image does not build"; }
proved "docker/Dockerfile builds: $(grep -c STEP "$work/build.log") steps"

store inspect --type image localhost/netmemd >"$work/image.json"
mapfile -t entrypoint < <(ask "$work/image.json" 'it.Docker.config.Entrypoint')
mapfile -t health < <(ask "$work/image.json" 'it.Docker.config.Healthcheck.Test.slice(1)')
equal "user of the image" "$(ask "$work/image.json" 'it.Docker.config.User')" 1000:1000
equal "kind of health check" "$(ask "$work/image.json" 'it.Docker.config.Healthcheck.Test[0]')" CMD
equal "entrypoint" "${entrypoint[*]}" netmemd
equal "health check" "${health[*]}" "netmemd ping"

daemon=$(store from --pull-never localhost/netmemd)
client=$(store from --pull-never localhost/netmemd)
app=$(store mount "$daemon")/app
for package in typescript vitest @biomejs fast-check; do
  [ ! -e "$app/node_modules/$package" ] || fail "development dependency $package is in the image"
done
[ -z "$(find "$app" ! -user 0 -print -quit)" ] || fail "the application is not root's"
[ ! -e "$app/src" ] && [ ! -e "$app/test" ] || fail "sources are in the image"
proved "user 1000:1000, entrypoint and health check set, production dependencies only, /app is root's ($(du -sm "$app" | cut -f1) MB)"

## What compose.yaml says of the two services; only the ports are others, they may be taken here.
read -r http_port traffic_port < <(node -e '
  const s = [0, 0].map(() => require("net").createServer().listen(0, "127.0.0.1"));
  setTimeout(() => { console.log(s.map((x) => x.address().port).join(" ")); s.forEach((x) => x.close()); }, 50)')
node -e '
  const { parse } = require("module").createRequire(process.argv[1] + "/")("yaml");
  console.log(JSON.stringify(parse(require("fs").readFileSync("docker/compose.yaml", "utf8"))))' "$app" >"$work/compose.json"
mapfile -t environment < <(ask "$work/compose.json" 'Object.entries(it.services.netmemd.environment).map((e) => e.join("="))')
mapfile -t receiver < <(ask "$work/compose.json" '[...it.services.client.entrypoint, ...it.services.client.command]')
volume_options=$(ask "$work/compose.json" 'it.volumes.run.driver_opts.o')
equal "container port of the API" "$(ask "$work/compose.json" 'it.services.netmemd.ports[0]')" 127.0.0.1:8420:8420
equal "volume of the daemon" "$(ask "$work/compose.json" 'it.services.netmemd.volumes[0]')" run:/run/netmemd
equal "volume of the client" "$(ask "$work/compose.json" 'it.services.client.volumes[0]')" run:/run/netmemd:ro
equal "network of the client" "$(ask "$work/compose.json" 'it.services.client.network_mode')" none
receiver=("${receiver[@]/5201/$traffic_port}")
environment+=("NETMEMD_HTTP_PORT=$http_port")
with_environment=()
for pair in "${environment[@]}"; do with_environment+=(--env "$pair"); done
mkdir "$run" "$work/memfd"
mount -t tmpfs -o "$volume_options" netmemd-run "$run"

# contained CONTAINER VOLUME UNSHARE-FLAG... -- RUN-FLAG... -- COMMAND...: a container with namespaces of its own
contained() {
  local container=$1 volume=$2 namespaces=() flags=()
  shift 2
  while [ "$1" != -- ]; do namespaces+=("$1"); shift; done
  shift
  while [ "$1" != -- ]; do flags+=("$1"); shift; done
  shift
  exec unshare --pid --fork --kill-child --mount-proc "${namespaces[@]}" \
    buildah --storage-driver vfs --root "$work/storage" --runroot "$work/runroot" run --isolation=chroot --cap-drop all \
    --volume "$volume" "${flags[@]}" "$container" -- "$@"
}
healthy() { store run --isolation=chroot --env "NETMEMD_HTTP_PORT=$http_port" "$daemon" -- "${health[@]}" >/dev/null 2>&1; }
# The process of node below the one given, which is the first of the container's own.
process_of() {
  local child
  for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
    case $(readlink "/proc/$child/exe") in
      */node) echo "$child" ;;
      *) process_of "$child" ;;
    esac
  done
}
# status_for HOST: the status of an API request with that Host header
status_for() { curl -s -o /dev/null -w '%{http_code}' -H "Host: $1" "http://127.0.0.1:$http_port/v1"; }
api() { curl -s "http://127.0.0.1:$http_port/v1/$1" -H 'content-type: application/json' -d "$2"; }

## The daemon.
! healthy || fail "the health check succeeds without a daemon"
touch "$work/started"
(contained "$daemon" "$run:/run/netmemd" -- "${with_environment[@]}" -- "${entrypoint[@]}") >"$work/daemon.log" 2>&1 &
daemon_job=$!
within 30 healthy || { cat "$work/daemon.log" >&2; fail "the daemon does not become healthy"; }
proved "the health check fails without a daemon and succeeds with one"

daemon_pid=$(process_of "$daemon_job")
[ -n "$daemon_pid" ] || fail "the daemon's process is not to be found"
equal "uid of the daemon" "$(awk '/^Uid:/ { print $2 }' "/proc/$daemon_pid/status")" 1000
equal "capabilities of the daemon" "$(awk '/^CapEff:/ { print $2 }' "/proc/$daemon_pid/status")" 0000000000000000
[ "$(readlink "/proc/$daemon_pid/ns/pid")" != "$(readlink /proc/self/ns/pid)" ] || fail "the daemon has no PID namespace"
equal "Host 127.0.0.1" "$(status_for "127.0.0.1:$http_port")" 200
equal "Host netmemd" "$(status_for "netmemd:8420")" 200
equal "Host example.com" "$(status_for example.com)" 403
proved "the daemon runs as uid 1000 without capabilities; Host 127.0.0.1 and netmemd are served, another name is refused"

api dmabuf/create '{"size":1073741824}' >"$work/enospc.json"
equal "1 GiB in a smaller volume" "$(ask "$work/enospc.json" it.errno)" ENOSPC
grep -q /run/netmemd "$work/enospc.json" || fail "ENOSPC does not name the run directory: $(cat "$work/enospc.json")"
proved "a dmabuf larger than the volume: $(ask "$work/enospc.json" 'it.errno + ", " + it.extack.msg')"

## The client: no network, its own PID namespace, the volume read-only. The traffic comes through the published port.
(contained "$client" "$run:/run/netmemd:ro" --net -- -- "${receiver[@]}") >"$work/client.log" 2>&1 &
client_job=$!
waits() { grep -q 'Waiting for connection' "$work/client.log"; }
within 30 waits || { cat "$work/client.log" >&2; fail "the client does not get ready"; }
client_pid=$(process_of "$client_job")
[ -n "$client_pid" ] || fail "the client's process is not to be found"
for namespace in pid net mnt; do
  [ "$(readlink "/proc/$client_pid/ns/$namespace")" != "$(readlink "/proc/$daemon_pid/ns/$namespace")" ] ||
    fail "client and daemon share their $namespace namespace"
done
grep -q ' /run/netmemd ro[, ]' "/proc/$client_pid/mountinfo" || fail "the client's volume is not read-only"
memory=$(find "$run" -name 'mem-*' -type f -printf '%f %s bytes mode %m')
[ -n "$memory" ] || fail "no dmabuf in the volume"
{ yes "$(printf '\1\2\3\4\5\6')" | tr '\n' '\0' || true; } | head -c "$BYTES" >"/dev/tcp/127.0.0.1/$traffic_port"
wait "$client_job" || { cat "$work/client.log" >&2; fail "the client failed"; }
grep -qx 'validation passed' "$work/client.log" || fail "the client did not validate"
grep -q "^total_received=$BYTES " "$work/client.log" || fail "the client did not get $BYTES bytes"
proved "two containers, one volume ($memory): $(grep '^total_received' "$work/client.log"), every byte checked in the client's mapping"
within 10 test -z "$(find "$run" -name 'mem-*')" || fail "the dmabuf outlives its client"

## The end.
kill -TERM "$daemon_pid"
wait "$daemon_job" || fail "the daemon's exit status is $?"
equal "left in the run directory" "$(ls -A "$run")" ""
written=$(find "$(store mount "$daemon")" "$(store mount "$client")" -xdev -newer "$work/started" -type f -size +0 |
  grep -v -e '/etc/resolv.conf$' -e '/etc/hosts$' -e '/etc/hostname$' -e '/run/.containerenv$' || true)
equal "written to the root file systems" "$written" ""
proved "SIGTERM: exit status 0, the run directory is empty; nothing was written to the root file systems (read_only holds)"

## Why compose.yaml says "file": a memfd is out of reach from another PID namespace, and the client says so.
mount -t tmpfs -o "$volume_options" netmemd-memfd "$work/memfd"
(contained "$daemon" "$work/memfd:/run/netmemd" -- "${with_environment[@]}" --env NETMEMD_BACKING=memfd -- "${entrypoint[@]}") \
  >"$work/daemon-memfd.log" 2>&1 &
daemon_job=$!
within 30 healthy || { cat "$work/daemon-memfd.log" >&2; fail "the daemon with memfd backing does not become healthy"; }
daemon_pid=$(process_of "$daemon_job")
if (contained "$client" "$work/memfd:/run/netmemd:ro" --net -- -- "${receiver[@]}") >"$work/client-memfd.log" 2>&1; then
  fail "a memfd could be mapped from another PID namespace"
fi
grep -q 'need backing "file"' "$work/client-memfd.log" || { cat "$work/client-memfd.log" >&2; fail "the client does not say why"; }
kill -TERM "$daemon_pid"
wait "$daemon_job" || fail "the daemon's exit status is $?"
proved "memfd backing from another PID namespace is refused with the reason"
