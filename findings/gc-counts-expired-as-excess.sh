#!/bin/sh
# Replays the commands of e2e::namespace_features::s34_gc::filesystem in a fresh directory, without swamp-uat.
#
# gc-counts-expired-as-excess: it says 3: it counts the version of the expired item too
# Planned: of four versions where two are to be kept, 2 are too many
#
# Usage: SWAMP_BIN=/path/to/swamp sh findings/gc-counts-expired-as-excess.sh [directory]
SWAMP_BIN=${SWAMP_BIN:?set it to the swamp to try}
if [ -n "$1" ]; then
  mkdir -p "$1" && ROOT=$(cd "$1" && pwd -P) || exit
else
  ROOT=$(mktemp -d) && ROOT=$(cd "$ROOT" && pwd -P) || exit
  trap 'chmod -R u+rwx "$ROOT"; rm -rf "$ROOT"; echo "removed $ROOT: name a directory to keep it"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' HUP TERM
fi
mkdir -p "$ROOT/home"
# A home that has seen swamp's invitation to its club.
settle() {
  mkdir -p "$1/.config/swamp" "$1/.swamp"
  [ -z "$SWAMP_UAT_DENO_CACHE" ] || ln -s "$SWAMP_UAT_DENO_CACHE" "$1/.swamp/deno-cache"
  printf '{"firstRunShown":true,"lastShown":"%s"}' "$(date -u +%Y-%m-%dT%H:%M:%S.000Z)" \
    > "$1/.config/swamp/auth_nudge.json"
}
settle "$ROOT/home"
echo "in $ROOT"
# A word as a shell reads it.
word() {
  case $1 in
    '' | *[!A-Za-z0-9_./:=,@%+-]*)
      printf " '%s'" "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")" ;;
    *) printf ' %s' "$1" ;;
  esac
}
# Before a command that file permissions bound in the trial, whoever ran it.
UNPRIVILEGED= BOUND=
[ "$(id -u)" != 0 ] || UNPRIVILEGED='setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-all'
# Shows the command, and runs it.
swamp() {
  printf '%s$' "${PWD#"$ROOT"/}"
  for each in ${AT_HOME:+HOME="$AT_HOME"} $WITH $BOUND swamp "$@"; do word "$each"; done
  echo
  env -i HOME="${AT_HOME:-$ROOT/home}" PATH="$PATH" LC_ALL=C TZ=UTC COLUMNS=120 NO_COLOR=1 \
    SWAMP_NO_TELEMETRY=1 AWS_ACCESS_KEY_ID=swamp-uat AWS_SECRET_ACCESS_KEY=swamp-uat \
    ${SWAMP_API_KEY:+SWAMP_API_KEY="$SWAMP_API_KEY"} \
    ${SWAMP_CLUB_URL:+SWAMP_CLUB_URL="$SWAMP_CLUB_URL"} $WITH $BOUND "$SWAMP_BIN" "$@"
  echo "[exit $?]"
}
# A datastore extension for the repo: from your sources, or from swamp's registry.
provide() {
  if [ -n "$SWAMP_UAT_EXTENSIONS" ]; then
    swamp extension source add "$SWAMP_UAT_EXTENSIONS/$2"
  else
    swamp extension pull "$1"
  fi
}

mkdir -p "$ROOT"/infra

(cd "$ROOT"/infra && swamp repo init --tool none --json)

(cd "$ROOT"/infra && swamp datastore setup filesystem --path "$ROOT"/ds --json)

(cd "$ROOT"/infra && swamp datastore namespace set security --json)

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/brief/1/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000205
name: brief
version: 1
contentType: application/json
lifetime: 1m
garbageCollection: 10
streaming: false
tags:
  type: resource
  specName: brief
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2020-01-01T00:00:00.000Z'\''
size: 7
checksum: 2bfd14f43d17fc7cea24e0917a8879b4b2f880b8baeec1b9d90fbaad655e71bd
' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/brief/1/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/brief/1/raw)"
printf '%s' '{"n":1}' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/brief/1/raw

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/brief/latest)"
printf '%s' 1 > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/brief/latest

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/1/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000201
name: capped
version: 1
contentType: application/json
lifetime: infinite
garbageCollection: 2
streaming: false
tags:
  type: resource
  specName: capped
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2026-01-01T00:00:00.000Z'\''
size: 7
checksum: 2bfd14f43d17fc7cea24e0917a8879b4b2f880b8baeec1b9d90fbaad655e71bd
' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/1/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/1/raw)"
printf '%s' '{"n":1}' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/1/raw

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/2/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000202
name: capped
version: 2
contentType: application/json
lifetime: infinite
garbageCollection: 2
streaming: false
tags:
  type: resource
  specName: capped
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2026-01-01T00:00:00.000Z'\''
size: 7
checksum: 363379742f80b51bdb9206579af7754911543079b9399cb3fc315fb199f476e8
' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/2/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/2/raw)"
printf '%s' '{"n":2}' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/2/raw

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/3/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000203
name: capped
version: 3
contentType: application/json
lifetime: infinite
garbageCollection: 2
streaming: false
tags:
  type: resource
  specName: capped
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2026-01-01T00:00:00.000Z'\''
size: 7
checksum: 215ddd5567ca2590efd4ea109b4e56cbe591e2676fbf54a9262692c539166da6
' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/3/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/3/raw)"
printf '%s' '{"n":3}' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/3/raw

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/4/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000204
name: capped
version: 4
contentType: application/json
lifetime: infinite
garbageCollection: 2
streaming: false
tags:
  type: resource
  specName: capped
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2026-01-01T00:00:00.000Z'\''
size: 7
checksum: f3e0792e105e2bfe88e7b3bab5097b93a59a8c5b239fe3c6f87a8d0f72ab9032
' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/4/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/4/raw)"
printf '%s' '{"n":4}' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/4/raw

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/latest)"
printf '%s' 4 > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/capped/latest

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/kept/1/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000206
name: kept
version: 1
contentType: application/json
lifetime: infinite
garbageCollection: 10
streaming: false
tags:
  type: resource
  specName: kept
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2026-01-01T00:00:00.000Z'\''
size: 7
checksum: 2bfd14f43d17fc7cea24e0917a8879b4b2f880b8baeec1b9d90fbaad655e71bd
' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/kept/1/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/kept/1/raw)"
printf '%s' '{"n":1}' > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/kept/1/raw

mkdir -p "$(dirname "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/kept/latest)"
printf '%s' 1 > "$ROOT"/ds/security/data/command/shell/00000000-0000-4000-8000-000000000001/kept/latest

(cd "$ROOT"/infra && swamp data query true --json)

(cd "$ROOT"/infra && swamp datastore namespace set infra --json)

rm -rf "$ROOT"/ds/security/.namespace.json

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/brief/1/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000205
name: brief
version: 1
contentType: application/json
lifetime: 1m
garbageCollection: 10
streaming: false
tags:
  type: resource
  specName: brief
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2020-01-01T00:00:00.000Z'\''
size: 7
checksum: 2bfd14f43d17fc7cea24e0917a8879b4b2f880b8baeec1b9d90fbaad655e71bd
' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/brief/1/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/brief/1/raw)"
printf '%s' '{"n":1}' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/brief/1/raw

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/brief/latest)"
printf '%s' 1 > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/brief/latest

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/1/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000201
name: capped
version: 1
contentType: application/json
lifetime: infinite
garbageCollection: 2
streaming: false
tags:
  type: resource
  specName: capped
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2026-01-01T00:00:00.000Z'\''
size: 7
checksum: 2bfd14f43d17fc7cea24e0917a8879b4b2f880b8baeec1b9d90fbaad655e71bd
' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/1/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/1/raw)"
printf '%s' '{"n":1}' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/1/raw

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/2/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000202
name: capped
version: 2
contentType: application/json
lifetime: infinite
garbageCollection: 2
streaming: false
tags:
  type: resource
  specName: capped
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2026-01-01T00:00:00.000Z'\''
size: 7
checksum: 363379742f80b51bdb9206579af7754911543079b9399cb3fc315fb199f476e8
' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/2/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/2/raw)"
printf '%s' '{"n":2}' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/2/raw

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/3/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000203
name: capped
version: 3
contentType: application/json
lifetime: infinite
garbageCollection: 2
streaming: false
tags:
  type: resource
  specName: capped
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2026-01-01T00:00:00.000Z'\''
size: 7
checksum: 215ddd5567ca2590efd4ea109b4e56cbe591e2676fbf54a9262692c539166da6
' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/3/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/3/raw)"
printf '%s' '{"n":3}' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/3/raw

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/4/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000204
name: capped
version: 4
contentType: application/json
lifetime: infinite
garbageCollection: 2
streaming: false
tags:
  type: resource
  specName: capped
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2026-01-01T00:00:00.000Z'\''
size: 7
checksum: f3e0792e105e2bfe88e7b3bab5097b93a59a8c5b239fe3c6f87a8d0f72ab9032
' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/4/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/4/raw)"
printf '%s' '{"n":4}' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/4/raw

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/latest)"
printf '%s' 4 > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/capped/latest

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/kept/1/metadata.yaml)"
printf '%s' 'id: 00000000-0000-4000-8000-000000000206
name: kept
version: 1
contentType: application/json
lifetime: infinite
garbageCollection: 10
streaming: false
tags:
  type: resource
  specName: kept
  modelName: hello
  initiatedBy: ghost
ownerDefinition:
  ownerType: model-method
  ownerRef: 00000000-0000-4000-8000-000000000001
createdAt: '\''2026-01-01T00:00:00.000Z'\''
size: 7
checksum: 2bfd14f43d17fc7cea24e0917a8879b4b2f880b8baeec1b9d90fbaad655e71bd
' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/kept/1/metadata.yaml

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/kept/1/raw)"
printf '%s' '{"n":1}' > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/kept/1/raw

mkdir -p "$(dirname "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/kept/latest)"
printf '%s' 1 > "$ROOT"/ds/infra/data/command/shell/00000000-0000-4000-8000-000000000001/kept/latest

(cd "$ROOT"/infra && swamp datastore compact --json)

mkdir -p "$ROOT"/security

(cd "$ROOT"/security && swamp repo init --tool none --json)

(cd "$ROOT"/security && swamp datastore setup filesystem --path "$ROOT"/ds --json)

(cd "$ROOT"/security && swamp datastore namespace set security --json)

mkdir -p "$(dirname "$ROOT"/infra/models/command/shell/hello.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000001
name: hello
version: 1
tags: {}
globalArguments: {}
methods: {}
' > "$ROOT"/infra/models/command/shell/hello.yaml

mkdir -p "$(dirname "$ROOT"/security/models/command/shell/hello.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000001
name: hello
version: 1
tags: {}
globalArguments: {}
methods: {}
' > "$ROOT"/security/models/command/shell/hello.yaml

(cd "$ROOT"/infra && swamp data query 'ns == "infra" && version > 0' --json)

(cd "$ROOT"/infra && swamp data query 'ns == "security" && version > 0' --json)

printf '%s\n' '== stocked'
(cd "$ROOT" && find . -path './home*' -prune -o -path '*/.swamp/*' -prune -o -print | sort)

(cd "$ROOT"/infra && swamp data query 'ns == "security" && version > 0' --json)

(cd "$ROOT"/infra && swamp data gc --dry-run --json)

(cd "$ROOT"/infra && swamp data gc --dry-run)

(cd "$ROOT"/infra && swamp data gc)

(cd "$ROOT"/infra && swamp data gc --force)

printf '%s\n' '== infra collected'
(cd "$ROOT" && find . -path './home*' -prune -o -path '*/.swamp/*' -prune -o -print | sort)

(cd "$ROOT"/infra && swamp data query 'ns == "infra" && version > 0' --json)

(cd "$ROOT"/infra && swamp data query 'ns == "security" && version > 0' --json)

(cd "$ROOT"/infra && swamp data gc --force --json)

(cd "$ROOT"/security && swamp data gc --force --json)

printf '%s\n' '== security collected'
(cd "$ROOT" && find . -path './home*' -prune -o -path '*/.swamp/*' -prune -o -print | sort)
