#!/bin/sh
# Replays the commands of datastore::namespace::commands::s08_list_json::filesystem in a fresh directory, without swamp-uat.
#
# namespaces-is-gone: it is an unknown command; the list is `datastore namespace list`
# Planned: `swamp datastore namespaces` lists the namespaces
#
# Usage: SWAMP_BIN=/path/to/swamp sh findings/namespaces-is-gone.sh [directory]
SWAMP_BIN=${SWAMP_BIN:?set it to the swamp to try}
ROOT=${1:-$(mktemp -d)}
mkdir -p "$ROOT/home"
ROOT=$(cd "$ROOT" && pwd -P)
# A home that has seen swamp's invitation to its club.
settle() {
  mkdir -p "$1/.config/swamp" "$1/.swamp"
  [ -z "$SWAMP_UAT_DENO_CACHE" ] || ln -s "$SWAMP_UAT_DENO_CACHE" "$1/.swamp/deno-cache"
  printf '{"firstRunShown":true,"lastShown":"%s"}' "$(date -u +%Y-%m-%dT%H:%M:%S.000Z)" \
    > "$1/.config/swamp/auth_nudge.json"
}
settle "$ROOT/home"
echo "in $ROOT"
swamp() {
  env -i HOME="${AT_HOME:-$ROOT/home}" PATH="$PATH" LC_ALL=C TZ=UTC COLUMNS=120 NO_COLOR=1 \
    SWAMP_NO_TELEMETRY=1 AWS_ACCESS_KEY_ID=swamp-uat AWS_SECRET_ACCESS_KEY=swamp-uat \
    ${SWAMP_API_KEY:+SWAMP_API_KEY="$SWAMP_API_KEY"} \
    ${SWAMP_CLUB_URL:+SWAMP_CLUB_URL="$SWAMP_CLUB_URL"} $WITH "$SWAMP_BIN" "$@"
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

printf '%s\n' 'infra$ swamp repo init --tool none --json'
(cd "$ROOT"/infra && swamp repo init --tool none --json)

printf '%s\n' 'infra$ swamp datastore setup filesystem --path /ds --json'
(cd "$ROOT"/infra && swamp datastore setup filesystem --path "$ROOT"/ds --json)

mkdir -p "$ROOT"/security

printf '%s\n' 'security$ swamp repo init --tool none --json'
(cd "$ROOT"/security && swamp repo init --tool none --json)

printf '%s\n' 'security$ swamp datastore setup filesystem --path /ds --json'
(cd "$ROOT"/security && swamp datastore setup filesystem --path "$ROOT"/ds --json)

mkdir -p "$ROOT"/solo

printf '%s\n' 'solo$ swamp repo init --tool none --json'
(cd "$ROOT"/solo && swamp repo init --tool none --json)

printf '%s\n' 'solo$ swamp datastore setup filesystem --path /ds --json'
(cd "$ROOT"/solo && swamp datastore setup filesystem --path "$ROOT"/ds --json)

printf '%s\n' 'infra$ swamp datastore namespace set infra --json'
(cd "$ROOT"/infra && swamp datastore namespace set infra --json)

printf '%s\n' 'security$ swamp datastore namespace set security --json'
(cd "$ROOT"/security && swamp datastore namespace set security --json)

printf '%s\n' '== two namespaces'
(cd "$ROOT" && find . -path './home*' -prune -o -path '*/.swamp/*' -prune -o -print | sort)

printf '%s\n' 'infra$ swamp datastore namespace list --json'
(cd "$ROOT"/infra && swamp datastore namespace list --json)

printf '%s\n' 'security$ swamp datastore namespace list --json'
(cd "$ROOT"/security && swamp datastore namespace list --json)

printf '%s\n' 'solo$ swamp datastore namespace list --json'
(cd "$ROOT"/solo && swamp datastore namespace list --json)

printf '%s\n' 'infra$ swamp datastore namespaces'
(cd "$ROOT"/infra && swamp datastore namespaces)
