#!/usr/bin/env bash
# Starts the program and asks it: 401 without a token, and its metadata names the provider.
set -euo pipefail
coproc SERVER { exec "$1" https://login.example.com; }
server=$SERVER_PID
trap 'kill "$server" 2>/dev/null || true' EXIT
read -r -t 30 listening <&"${SERVER[0]}"
[ "$listening" = "listening http://127.0.0.1:3001/mcp" ]
ask() { # ask REQUEST-LINE: the whole answer
    exec 3<>/dev/tcp/127.0.0.1/3001
    printf '%s HTTP/1.1\r\nHost: 127.0.0.1:3001\r\nConnection: close\r\nContent-Length: 0\r\n\r\n' "$1" >&3
    cat <&3
    exec 3>&-
}
ask 'POST /mcp' | grep -q '^HTTP/1.1 401 '
ask 'GET /.well-known/oauth-protected-resource/mcp' | grep -q 'https://login.example.com'
echo "it refuses what it should"
