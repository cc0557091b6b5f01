# shellcheck shell=bash disable=SC2034,SC2154
# What scripts/backup, scripts/restore and scripts/drill share: the configuration file, who runs, the repository and the seal.
#
# A configuration is a file of shell assignments, one for each PostgreSQL cluster:
#   stanza           its name in the repository
#   host, port       where its primary answers: an address (HAProxy's, in a cluster that fails over) or a socket's folder
#   superuser        the role that backs up
#   data             the primary's data directory, or `auto`: what the primary says
#   repository       the folder of the backups: encrypted, on another disk or a mounted share
#   passphrase_file  the file with the repository's passphrase; without it every backup is worthless, so keep a copy elsewhere
#   retention_days   how long backups are kept; personal data that was erased is gone from them after that
# Optional: owner, state, spool, slot, pgbin, pgbackrest_config, metrics, databases, checker, stream_interval, synchronous (the receiver confirms each commit: see docs/operations/backup.md)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# Reads the configuration, with a default for what may be left out.
load_configuration() {
  conf=$(readlink -f -- "${1:?}") || die "no configuration file: $1"
  [ -r "$conf" ] || die "cannot read the configuration file $1"
  stanza=mathildanesth host=/var/run/postgresql port=5432 superuser=postgres data=auto
  repository='' passphrase_file='' retention_days=30 owner='' state='' spool='' slot=backup pgbin='' pgbackrest_config=''
  metrics='' databases='staff leave planning notification' checker='' stream_interval=1 synchronous=''
  # shellcheck source=/dev/null
  . "$conf"
  [ -n "$repository" ] || die "$conf: repository is missing"
  [ -n "$passphrase_file" ] || die "$conf: passphrase_file is missing"
  : "${owner:=$(if [ "$(id -u)" = 0 ]; then echo postgres; else id -un; fi)}"
  : "${state:=$repository/../state}"
  # Plain WAL stays in memory: what reaches a disk is sealed.
  : "${spool:=/dev/shm/mathildanesth-backup-$owner/$stanza}"
  : "${pgbin:=$(newest_postgresql)}"
  stream=$repository/stream
  PATH=$pgbin:/usr/local/bin:/usr/bin:/bin
  export PATH PGCONNECT_TIMEOUT=5 LC_ALL=C.UTF-8
}

newest_postgresql() {
  local found
  found=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)
  [ -n "$found" ] || found=$(dirname "$(command -v pg_ctl)")
  echo "$found"
}

# PostgreSQL's tools refuse root: gives the named folders to the owner and begins anew as the owner.
become_owner() {
  local folder
  if [ "$(id -u)" = 0 ] && [ "$owner" != root ]; then
    for folder in "$@"; do
      [ -d "$folder" ] || install -d -m 700 -o "$owner" -g "$(id -gn "$owner")" "$folder"
    done
    exec setpriv --reuid="$owner" --regid="$(id -gn "$owner")" --init-groups \
      env HOME="$(getent passwd "$owner" | cut -d: -f6)" "$script" "${arguments[@]}"
  fi
  umask 077
  [ $# = 0 ] || mkdir -p "$@"
  [ -r "$passphrase_file" ] || die "$(id -un) cannot read the passphrase file $passphrase_file"
}

# psql to the primary, one value a line.
ask() { psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$host" -p "$port" -U "$superuser" -d postgres -c "$1"; }

# Where the primary's files are and where it answers locally.
find_primary() {
  local sockets
  IFS='|' read -r pgdata pgport sockets < <(ask "select current_setting('data_directory'), current_setting('port'), current_setting('unix_socket_directories')") \
    || die "the primary at $host:$port does not answer"
  [ "$data" = auto ] || pgdata=$data
  pgsocket=${sockets%%,*}
}

# pgBackRest with everything by environment: no second file that could differ from the configuration, and no secret among the arguments.
pgbackrest_on() {
  local at=$1
  shift
  (
    PGBACKREST_REPO1_CIPHER_PASS=$(cat "$passphrase_file")
    export PGBACKREST_REPO1_CIPHER_PASS PGBACKREST_STANZA=$stanza PGBACKREST_REPO1_PATH=$repository/pgbackrest \
      PGBACKREST_REPO1_CIPHER_TYPE=aes-256-cbc PGBACKREST_REPO1_BUNDLE=y \
      PGBACKREST_REPO1_RETENTION_FULL_TYPE=time PGBACKREST_REPO1_RETENTION_FULL=$retention_days \
      PGBACKREST_COMPRESS_TYPE=zst PGBACKREST_COMPRESS_LEVEL=3 PGBACKREST_PROCESS_MAX=2 PGBACKREST_START_FAST=y \
      PGBACKREST_ARCHIVE_ASYNC=y PGBACKREST_SPOOL_PATH=$state/spool PGBACKREST_LOCK_PATH=$state/lock \
      PGBACKREST_LOG_PATH=$state/log PGBACKREST_LOG_LEVEL_CONSOLE=warn PGBACKREST_LOG_LEVEL_STDERR=off \
      PGBACKREST_PG1_PATH=$at PGBACKREST_PG1_USER=$superuser
    if [ -n "${pgport:-}" ]; then
      export PGBACKREST_PG1_PORT=$pgport
      # A server without a socket is asked at its address.
      if [ -n "$pgsocket" ]; then export PGBACKREST_PG1_SOCKET_PATH=$pgsocket; else export PGHOST=$host; fi
    fi
    exec pgbackrest ${pgbackrest_config:+--config="$pgbackrest_config"} "$@"
  )
}

# Seals a file into the repository: compressed, encrypted, on the disk before it has its name.
seal() {
  local from=$1 to=$2
  zstd -1 -q -c "$from" | openssl enc -aes-256-ctr -pbkdf2 -pass "file:$passphrase_file" -out "$to.$$.new" || return 1
  sync "$to.$$.new" && mv "$to.$$.new" "$to"
}

# Opens a sealed file; the checksum of the compression tells whether it is whole.
unseal() {
  local from=$1 to=$2
  openssl enc -d -aes-256-ctr -pbkdf2 -pass "file:$passphrase_file" -in "$from" | zstd -d -q -c > "$to.new" || return 1
  mv "$to.new" "$to"
}

# Asks until a condition holds or the seconds are over.
until_holds() {
  local seconds=$1 end
  shift
  end=$((SECONDS + seconds))
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

elapsed() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }
