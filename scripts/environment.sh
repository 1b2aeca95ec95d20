#!/bin/sh
# Make .venv hold exactly what a lock says, with `bespoke` on its path. Fast when nothing has changed.
#   scripts/environment.sh runtime   what the house needs to run
#   scripts/environment.sh dev       that, and what its checks and tests need
set -eu
cd "$(dirname "$0")/.."
kind=$1
case $kind in
    runtime) lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    *) echo "say runtime or dev" >&2; exit 2 ;;
esac

python=""
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Bespoke needs Python 3.11 or newer with venv; set PYTHON to it or install it." >&2
    exit 1
fi

stamp=.venv/.bespoke
wanted="$kind $(cat requirements-uv.lock "$lock" scripts/environment.sh | cksum) $(pwd)"
if [ -x .venv/bin/python ] && [ -x .venv/bin/bespoke ] && grep -qxF "$wanted" "$stamp" 2>/dev/null; then
    exit 0
fi
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    "$python" -m venv --clear .venv
fi
rm -f "$stamp"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
# Compiled once here: a child that may not write would compile all it imports each time (trimesh alone 2 s).
# uv is quick; pip knows this machine's own indexes and certificates, should uv not get through
VIRTUAL_ENV=$(pwd)/.venv .venv/bin/uv pip sync --quiet --system-certs --compile-bytecode --require-hashes "$lock" || {
    echo "uv could not; trying pip, which takes longer."
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
}

# The project itself: its folder on the path and its command. Nothing is built, so no build tool is fetched.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd > "$site/bespoke-commissions.pth"
printf '#!%s/.venv/bin/python\nimport sys\n\nfrom bespoke.cli import main\n\nsys.exit(main())\n' "$(pwd)" > .venv/bin/bespoke
chmod +x .venv/bin/bespoke

echo "$wanted" > "$stamp"
if [ "$kind" = dev ]; then # what tests need holds all that running needs
    echo "runtime $(cat requirements-uv.lock requirements.lock scripts/environment.sh | cksum) $(pwd)" >> "$stamp"
fi
