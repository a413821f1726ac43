# What the scripts of FINDINGS.md begin with. `need` is before what must succeed, `shows` ends a
# script where the defect shows. Each works in a directory of its own, and in your home.
need() { "$@" || exit 2; }
shows() { echo "> the defect shows: $*"; exit 1; }
swamp() { command "$SWAMP_BIN" "$@" --json; }
repo() { mkdir "$W/$1" && cd "$W/$1" && swamp repo init --tool none; }
model() {
  mkdir -p models/command/shell
  printf '%s: %s\n' type command/shell typeVersion 2026.02.09.1 name "$1" version 1 tags '{}' \
    id 00000000-0000-4000-8000-000000000001 globalArguments '{}' methods '{}' \
    > "models/command/shell/$1.yaml"
}
run() { swamp model method run "$1" execute --input "run=echo $2" --skip-reports; }
bucket() { S3=$SWAMP_UAT_S3_ENDPOINT B=uat-by-hand-$$ && curl -fsS -X PUT "$S3/$B"; }
keys() { curl -fsS "$S3/$B?list-type=2" | tr '<' '\n' | sed -n 's/^Key>//p'; }
s3() {
  at=$1 && shift
  if [ -n "$SWAMP_UAT_EXTENSIONS" ]; then swamp extension source add "$SWAMP_UAT_EXTENSIONS/s3"
  else swamp extension pull @swamp/s3-datastore; fi
  swamp datastore setup extension @swamp/s3-datastore "$@" --config "$(printf \
    '{"bucket":"%s","region":"us-east-1","endpoint":"%s","forcePathStyle":true}' "$B" "$at")"
}
# A way to S3 at $WAY: after `busy N WORD` it answers 503 to the next N uploads that WORD is in.
way() {
  python3 -c 'if 1:
  import http.client, http.server, sys
  class Way(http.server.BaseHTTPRequestHandler):
    def do_GET(way):
      body = way.rfile.read(int(way.headers.get("content-length") or 0))
      times, word = open("../busy").read().split()
      if way.command == "PUT" and int(times) and word in way.path:
        print(int(times) - 1, word, file=open("../busy", "w"))
        return way.send_error(503)
      s3 = http.client.HTTPConnection(sys.argv[1].split("/")[2])
      s3.request(way.command, way.path, body, dict(way.headers))
      said = s3.getresponse()
      body = said.read()
      way.send_response(said.status)
      for name, value in said.getheaders():
        if name.lower() not in ("connection", "transfer-encoding"): way.send_header(name, value)
      way.end_headers()
      way.wfile.write(body)
    do_DELETE = do_HEAD = do_POST = do_PUT = do_GET
  way = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Way)
  print(way.server_port, file=open("port", "w"), flush=True)
  way.serve_forever()
' "$S3" 2> /dev/null &
  trap "kill $!" EXIT
  until [ -s port ]; do sleep 0.1; done
  busy 0 any && WAY=http://127.0.0.1:$(cat port)
}
busy() { echo "$@" > "$W/busy"; }
export AWS_ACCESS_KEY_ID=swamp-uat AWS_SECRET_ACCESS_KEY=swamp-uat
W=$(mktemp -d) && W=$(cd "$W" && pwd -P) || exit 2
