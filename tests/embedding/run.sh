#!/usr/bin/env bash
# Starts the program and asks it: 401 without a token, and its metadata names the provider.
set -euo pipefail
coproc SERVER { exec "$1" https://login.example.com; }
server=$SERVER_PID
trap 'kill "$server" 2>/dev/null || true' EXIT
read -r -t 30 listening <&"${SERVER[0]}"
[ "$listening" = "listening http://127.0.0.1:3001/mcp" ]
ask() { # ask REQUEST-LINE [FIELD]: the whole answer
    exec 3<>/dev/tcp/127.0.0.1/3001
    printf '%s HTTP/1.1\r\nHost: 127.0.0.1:3001\r\n%sConnection: close\r\nContent-Length: 0\r\n\r\n' "$1" \
        "${2:+$2$'\r\n'}" >&3
    cat <&3
    exec 3>&-
}
ask 'POST /mcp' | grep -q '^HTTP/1.1 401 '
ask 'GET /.well-known/oauth-protected-resource/mcp' | grep -q 'https://login.example.com'
page='Origin: https://inspector.example' # a web page elsewhere finds the provider, and no more
ask 'GET /.well-known/oauth-protected-resource/mcp' "$page" | grep -qi '^access-control-allow-origin: \*'
ask 'POST /mcp' "$page" | grep -q '^HTTP/1.1 403 '
echo "it refuses what it should"
