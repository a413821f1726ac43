#!/bin/sh
# Replays the commands of datastore::namespace::outages::s65_bucket_missing::s3 in a fresh directory, without swamp-uat.
#
# push-loses-the-manifest: the data is there, the manifest is not, and `namespace list` does not know the namespace
# Planned: a push into an empty bucket registers the namespace again
#
# Usage: SWAMP_BIN=/path/to/swamp sh findings/push-loses-the-manifest.sh [directory]
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

ENDPOINT=${SWAMP_UAT_S3_ENDPOINT:?run: eval "\$(cargo uat emulators up)"}
BUCKET_gone=uat-repro-$$-gone
curl -fsS -X PUT "$ENDPOINT/$BUCKET_gone"
echo "in bucket $BUCKET_gone at $ENDPOINT, which stays there"

ENDPOINT=${SWAMP_UAT_S3_ENDPOINT:?run: eval "\$(cargo uat emulators up)"}
BUCKET_ds=uat-repro-$$-ds
curl -fsS -X PUT "$ENDPOINT/$BUCKET_ds"
echo "in bucket $BUCKET_ds at $ENDPOINT, which stays there"

printf '%s\n' '# here the suite gave requests an id of their own'

mkdir -p "$ROOT"/late

(cd "$ROOT"/late && swamp repo init --tool none --json)

(cd "$ROOT"/late && provide @swamp/s3-datastore s3)

(cd "$ROOT"/late && swamp datastore setup extension @swamp/s3-datastore --namespace late --config '{"bucket":"'"$BUCKET_gone"'","region":"us-east-1","endpoint":"'"$ENDPOINT"'","forcePathStyle":true}' --json)

printf '%s\n' '# here the suite gave requests an id with 403 in it'

mkdir -p "$ROOT"/misled

(cd "$ROOT"/misled && swamp repo init --tool none --json)

(cd "$ROOT"/misled && provide @swamp/s3-datastore s3)

(cd "$ROOT"/misled && swamp datastore setup extension @swamp/s3-datastore --namespace misled --config '{"bucket":"'"$BUCKET_gone"'","region":"us-east-1","endpoint":"'"$ENDPOINT"'","forcePathStyle":true}' --json)

mkdir -p "$ROOT"/infra

(cd "$ROOT"/infra && swamp repo init --tool none --json)

(cd "$ROOT"/infra && provide @swamp/s3-datastore s3)

(cd "$ROOT"/infra && swamp datastore setup extension @swamp/s3-datastore --namespace infra --config '{"bucket":"'"$BUCKET_ds"'","region":"us-east-1","endpoint":"'"$ENDPOINT"'","forcePathStyle":true}' --json)

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

(cd "$ROOT"/infra && swamp model method run hello execute --input 'run=echo one' --skip-reports --json)

printf '%s\n' '== written'
(cd "$ROOT" && find . -path './home*' -prune -o -path '*/.swamp/*' -prune -o -print | sort)

(cd "$ROOT"/infra && swamp datastore sync --push --json)

(cd "$ROOT"/infra && swamp datastore sync --pull --json)

(cd "$ROOT"/infra && swamp data list hello --json)

(cd "$ROOT"/infra && swamp datastore sync --push --json)

printf '%s\n' '== pushed into a new bucket'
(cd "$ROOT" && find . -path './home*' -prune -o -path '*/.swamp/*' -prune -o -print | sort)
