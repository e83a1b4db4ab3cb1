#!/bin/sh
# Makes what compose.yaml needs and nobody may know: a password for Postgres, a configuration file with it and the
# bot's token, and the keys for NATS. What is there already is kept. Needs the image (`docker compose build migrate`),
# or a televent program named by TELEVENT_PROGRAM.
set -eu
cd "$(dirname "$0")"

televent() {
    if [ -n "${TELEVENT_PROGRAM:-}" ]; then
        "$TELEVENT_PROGRAM" "$@"
    else
        docker run --rm --network=none --read-only "${TELEVENT_IMAGE:-televent:local}" "$@"
    fi
}

fail() { echo "compose-secrets.sh: $*" >&2; exit 1; }

[ -f .env ] || fail "there is no .env; copy .env.example to .env, and set TELEVENT_HOST"

# Only the folder's owner comes to the files. They themselves can be read by all, as the programs in the containers have
# users of their own, and see no more than the files that they are given.
umask 022
mkdir -p secrets
chmod 700 secrets

if [ ! -s secrets/postgres_password ]; then
    # As hexadecimal digits, since it stands in a URL.
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >secrets/postgres_password
fi

if [ ! -s secrets/televent.toml ]; then
    printf 'Token of the bot, from @BotFather: ' >&2
    [ ! -t 0 ] || stty -echo
    read -r token || token=""
    [ ! -t 0 ] || { stty echo; echo >&2; }
    [ -n "$token" ] || fail "a bot is needed: without a token nobody is invited"
    cat >secrets/televent.toml <<TOML
# Further settings can be added: televent.toml.default has them all.
database_url = "postgres://televent:$(cat secrets/postgres_password)@postgres:5432/televent"
telegram_token = "$token"
TOML
fi

if [ ! -s secrets/nats.nk ]; then
    keys=$(televent nats-keys)
    # The public halves, for the server; the last of the seeds is for a process with all roles.
    public=$(printf '%s\n' "$keys" | grep '^TELEVENT_NATS_[A-Z]*_NKEY=') || fail "nats-keys shows no public keys"
    seed=$(printf '%s\n' "$keys" | sed -n 's/^TELEVENT_NATS_NKEY_SEED=//p' | tail -n 1)
    [ -n "$seed" ] || fail "nats-keys shows no seeds"
    sed '/^TELEVENT_NATS_[A-Z]*_NKEY=/d' .env >.env.new
    printf '%s\n' "$public" >>.env.new
    mv .env.new .env
    printf '%s\n' "$seed" >secrets/nats.nk
fi

echo "secrets/ is complete; docker compose up --detach --wait starts everything" >&2
