#!/bin/sh
# Replays the commands of data::namespace::query::s26_foreign_namespace::filesystem in a fresh directory, without swamp-uat.
#
# foreign-content-missing: its content is empty
# Planned: a foreign row comes with its content: the file is on the same disk
#
# Usage: SWAMP_BIN=/path/to/swamp sh findings/foreign-content-missing.sh [directory]
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

(cd "$ROOT"/infra && swamp data query true --json)

(cd "$ROOT"/infra && swamp datastore namespace set security --json)

mkdir -p "$(dirname "$ROOT"/infra/models/command/shell/onlysec.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000012
name: onlysec
version: 1
tags: {}
globalArguments: {}
methods: {}
' > "$ROOT"/infra/models/command/shell/onlysec.yaml

mkdir -p "$(dirname "$ROOT"/infra/models/command/shell/shared.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000011
name: shared
version: 1
tags: {}
globalArguments: {}
methods: {}
' > "$ROOT"/infra/models/command/shell/shared.yaml

(cd "$ROOT"/infra && swamp model method run shared execute --input 'run=echo shared of security' --skip-reports --json)

(cd "$ROOT"/infra && swamp model method run onlysec execute --input 'run=echo onlysec of security' --skip-reports --json)

rm -rf "$ROOT"/infra/models

(cd "$ROOT"/infra && swamp datastore namespace set infra --json)

mkdir -p "$(dirname "$ROOT"/infra/models/command/shell/onlyinf.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000022
name: onlyinf
version: 1
tags: {}
globalArguments: {}
methods: {}
' > "$ROOT"/infra/models/command/shell/onlyinf.yaml

mkdir -p "$(dirname "$ROOT"/infra/models/command/shell/shared.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000021
name: shared
version: 1
tags: {}
globalArguments: {}
methods: {}
' > "$ROOT"/infra/models/command/shell/shared.yaml

(cd "$ROOT"/infra && swamp model method run shared execute --input 'run=echo shared of infra' --skip-reports --json)

(cd "$ROOT"/infra && swamp model method run onlyinf execute --input 'run=echo onlyinf of infra' --skip-reports --json)

mkdir -p "$(dirname "$ROOT"/infra/models/command/shell/foreign.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000032
name: foreign
version: 1
tags: {}
globalArguments:
  ownPrefix: '\''${{ data.latest("infra:shared", "result").attributes.stdout }}'\''
  onlyThere: '\''${{ data.latest("security:onlysec", "result").namespace }}'\''
  onlyThereContent: '\''${{ data.latest("security:onlysec", "result").attributes }}'\''
  sameName: '\''${{ data.latest("security:shared", "result").namespace }}'\''
  noSuchNamespace: '\''${{ data.latest("nope:shared", "result") }}'\''
  version: '\''${{ data.version("security:shared", "result", 1).namespace }}'\''
  versions: '\''${{ data.listVersions("security:shared", "result") }}'\''
  bySpec: '\''${{ data.findBySpec("security:shared", "result").size() }}'\''
  counted: '\''${{ data.query("ns == \"security\"").size() }}'\''
methods: {}
' > "$ROOT"/infra/models/command/shell/foreign.yaml

mkdir -p "$(dirname "$ROOT"/infra/models/command/shell/own.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000031
name: own
version: 1
tags: {}
globalArguments:
  shared: '\''${{ data.latest("shared", "result").attributes.stdout }}'\''
  sharedNamespace: '\''${{ data.latest("shared", "result").namespace }}'\''
  sharedVersions: '\''${{ data.listVersions("shared", "result") }}'\''
  onlyElsewhere: '\''${{ data.latest("onlysec", "result") }}'\''
  byTag: '\''${{ data.findByTag("specName", "result").size() }}'\''
methods: {}
' > "$ROOT"/infra/models/command/shell/own.yaml

mkdir -p "$(dirname "$ROOT"/infra/models/command/shell/spanning.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000034
name: spanning
version: 1
tags: {}
globalArguments:
  all: '\''${{ data.query("name == \"result\"", "ns + \":\" + modelName") }}'\''
  counted: '\''${{ data.query("true").size() }}'\''
methods: {}
' > "$ROOT"/infra/models/command/shell/spanning.yaml

mkdir -p "$(dirname "$ROOT"/infra/models/command/shell/wildcard.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000033
name: wildcard
version: 1
tags: {}
globalArguments:
  inBoth: '\''${{ data.latest("*:shared", "result").namespace }}'\''
  versionInBoth: '\''${{ data.version("*:shared", "result", 1).namespace }}'\''
  onlyThere: '\''${{ data.latest("*:onlysec", "result").namespace }}'\''
  onlyHere: '\''${{ data.latest("*:onlyinf", "result").attributes.stdout }}'\''
  nowhere: '\''${{ data.latest("*:nope", "result") }}'\''
methods: {}
' > "$ROOT"/infra/models/command/shell/wildcard.yaml

mkdir -p "$ROOT"/security

(cd "$ROOT"/security && swamp repo init --tool none --json)

(cd "$ROOT"/security && swamp datastore setup filesystem --path "$ROOT"/shared-ds --json)

mkdir -p "$ROOT"/visitor

(cd "$ROOT"/visitor && swamp repo init --tool none --json)

(cd "$ROOT"/visitor && swamp datastore setup filesystem --path "$ROOT"/shared-ds --json)

printf '%s\n' '== two namespaces'
(cd "$ROOT" && find . -path './home*' -prune -o -path '*/.swamp/*' -prune -o -print | sort)

(cd "$ROOT"/infra && swamp data query 'ns == "security"')

(cd "$ROOT"/infra && swamp data query 'ns == "security" && modelName == "onlysec" && name == "result"' --json)

(cd "$ROOT"/infra && swamp model evaluate foreign --json)

(cd "$ROOT"/security && swamp datastore namespace set security --json)

mkdir -p "$(dirname "$ROOT"/security/models/command/shell/onlysec.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000012
name: onlysec
version: 1
tags: {}
globalArguments: {}
methods: {}
' > "$ROOT"/security/models/command/shell/onlysec.yaml

mkdir -p "$(dirname "$ROOT"/security/models/command/shell/shared.yaml)"
printf '%s' 'type: command/shell
typeVersion: 2026.02.09.1
id: 00000000-0000-4000-8000-000000000011
name: shared
version: 1
tags: {}
globalArguments: {}
methods: {}
' > "$ROOT"/security/models/command/shell/shared.yaml

(cd "$ROOT"/security && swamp model method run onlysec execute --input 'run=echo onlysec of security' --skip-reports --json)

(cd "$ROOT"/visitor && swamp datastore namespace set infra --json)

printf '%s\n' '== two repos'
(cd "$ROOT" && find . -path './home*' -prune -o -path '*/.swamp/*' -prune -o -print | sort)

(cd "$ROOT"/visitor && swamp data query 'ns == "security"')

(cd "$ROOT"/visitor && swamp datastore catalog pull --namespaces security)
