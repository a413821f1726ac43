#!/bin/sh
# Replays the commands of adversarial::recovery::s46_catalog_is_lost::filesystem in a fresh directory, without swamp-uat.
#
# doctor-counts-local-data: it looks for the data in the repo, finds none and is content, while the query lacks rows
# Planned: the doctor notices that the catalog lacks rows of data that is there
#
# Usage: SWAMP_BIN=/path/to/swamp sh findings/doctor-counts-local-data.sh [directory]
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

(cd "$ROOT"/infra && swamp datastore namespace set infra --json)

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

(cd "$ROOT"/infra && swamp model method run hello execute --input 'run=echo infra' --skip-reports --json)

printf '%s\n' '== infra has written'
(cd "$ROOT" && find . -path './home*' -prune -o -path '*/.swamp/*' -prune -o -print | sort)

(cd "$ROOT"/infra && swamp data query true --json)

rm -rf "$ROOT"/infra/.swamp/data/_catalog.db

rm -rf "$ROOT"/infra/.swamp/data/_catalog.db-wal

rm -rf "$ROOT"/infra/.swamp/data/_catalog.db-shm

(cd "$ROOT"/infra && swamp data query true)

(cd "$ROOT"/infra && swamp data query true --json)

(cd "$ROOT"/infra && swamp datastore catalog pull --namespaces security)

printf '%s\n' '# here the suite changed the catalog of infra: UPDATE catalog_meta SET value = '\''1'\'' WHERE key = '\''schema_version'\'''

printf '%s\n' '# here the suite changed the catalog of infra: UPDATE catalog SET data_name = '\''old-'\'' || data_name'

(cd "$ROOT"/infra && swamp data query true --json)

printf '%s\n' '# here the suite changed the catalog of infra: DELETE FROM catalog WHERE data_name = '\''log'\'''

(cd "$ROOT"/infra && swamp doctor datastores)

rm -rf "$ROOT"/infra/.swamp/data/_catalog.db

mkdir -p "$(dirname "$ROOT"/infra/.swamp/data/_catalog.db)"
printf '%s' 'garbage, and enough of it to be no database
' > "$ROOT"/infra/.swamp/data/_catalog.db

(cd "$ROOT"/infra && swamp data query true --json)

(cd "$ROOT"/infra && swamp data list hello --json)

(cd "$ROOT"/infra && swamp doctor datastores --repair --json)

rm -rf "$ROOT"/infra/.swamp/data/_catalog.db

(cd "$ROOT"/infra && swamp data query true --json)

printf '%s\n' '== the catalog was removed'
(cd "$ROOT" && find . -path './home*' -prune -o -path '*/.swamp/*' -prune -o -print | sort)
