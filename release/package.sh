#!/bin/sh
# Makes the files of a release in the folder that make build has filled, and their
# checksums, before anything else runs on them.
# Usage: release/package.sh FOLDER VERSION SECONDS, the creation time of the image in seconds since 1970.
# CYCLONEDX names cyclonedx-gomod.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
GOOS=linux GOARCH=amd64 CGO_ENABLED=0 "$CYCLONEDX" app -json -licenses -std -noserial -notimestamp -main handler -output "$work/modules.json" .
go run -C release/roots . >"$work/roots.pem"
go run ./release -dist "$1" -version "$2" -epoch "$3" -modules "$work/modules.json" -roots "$work/roots.pem"
cp selfhost/compose.yaml selfhost/Caddyfile selfhost/secret-sharer.service "$1/"
cd "$1" && sha256sum handler.zip image.tar handler.cdx.json image.cdx.json compose.yaml Caddyfile secret-sharer.service | tee SHA256SUMS
