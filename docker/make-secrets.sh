#!/bin/sh
# Make the random secrets that docker-compose.yml mounts, where they are not there yet.
# The folder is closed to others; the files are not, since containers read them under another id.
set -eu
umask 077
folder="$(dirname "$0")/secrets"
mkdir -p "$folder"
random() { head -c 30 /dev/urandom | base64 | tr '+/' '-_'; }
write() {
    [ -e "$folder/$1" ] || printf '%s\n' "$2" > "$folder/$1"
    chmod 0644 "$folder/$1"
}
write database-password "$(random)"
write database-url "postgresql://tacit:$(cat "$folder/database-password")@database/tacit"
for part in coordinator petition centre archive; do
    write "$part-passphrase" "$(random)"
done
echo "secrets are in $folder"
