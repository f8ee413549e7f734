#!/usr/bin/env bash
# run.sh PROGRAM MCP-AUTH: starts the program beside a provider, and asks it as clients, strangers and web pages do.
set -euo pipefail
root=$(dirname "$0")/../..
sed -n '/^```cpp/,/^```$/p' "$root/README.md" | grep -v '^```' | while read -r line; do # it shows what is compiled here
    grep -qF -- "$line" "$root/docs/embedding/main.cpp" || { echo "only in README.md: $line"; exit 1; }
done
! ldd "$1" | grep -iE 'keychain|dbus' || { echo "a server needs no keychain"; exit 1; }
secret=$(mktemp)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -f "$secret"' EXIT
echo 'a secret of 32 characters or more' >"$secret"
start() { # start COMMAND...: in the background; sets `listening` to the URL that it prints
    exec 4< <(exec "$@")
    pids+=($!)
    read -r -t 30 _ listening <&4
}
ask() { # ask PORT REQUEST-LINE BODY [FIELD]...: the whole answer
    local port=$1 line=$2 body=$3
    shift 3
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    { printf '%s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n' "$line" "$port"
      [ $# = 0 ] || printf '%s\r\n' "$@"
      printf 'Content-Length: %s\r\n\r\n%s' "${#body}" "$body"; } >&3
    cat <&3
    exec 3>&-
}
token() { # token RESOURCE: from the provider, for that audience
    ask "$provider_port" 'POST /token' \
        "grant_type=client_credentials&client_id=tests&client_secret=$(sed 's/ /+/g' "$secret")&resource=$1&scope=read:todos" \
        'Content-Type: application/x-www-form-urlencoded' | grep -o '"access_token":"[^"]*' | cut -d'"' -f4
}
start "$2" provider --client "tests:$secret"
issuer=$listening provider_port=${listening##*:}
start "$1" "$issuer"
[ "$listening" = http://127.0.0.1:3001/mcp ]

initialize='{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},
    "clientInfo":{"name":"tests","version":"1"}}}'
json='Content-Type: application/json'
ask 3001 'POST /mcp' "$initialize" "$json" | grep -q '^HTTP/1.1 401 '
ask 3001 'POST /mcp' "$initialize" "$json" "Authorization: Bearer $(token https://other.example/mcp)" |
    grep -q '^HTTP/1.1 401 '
ask 3001 'POST /mcp' "$initialize" "$json" "Authorization: Bearer $(token "$listening")" | grep -q '^HTTP/1.1 200 '

page='Origin: https://inspector.example' # a web page elsewhere finds the provider, and no more
metadata=$(ask 3001 'GET /.well-known/oauth-protected-resource/mcp' '' "$page")
grep -q '^HTTP/1.1 200 ' <<<"$metadata"
grep -qi '^access-control-allow-origin: \*' <<<"$metadata"
grep -q "$issuer" <<<"$metadata"
ask 3001 'POST /mcp' "$initialize" "$json" "$page" | grep -q '^HTTP/1.1 403 '
echo "it refuses what it should"
