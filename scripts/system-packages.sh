#!/bin/sh
# Install what the system lacks as root on Debian or Ubuntu; anywhere else name it in one line and go on.
#   scripts/system-packages.sh runtime   pango for documents, OSMesa for pictures
#   scripts/system-packages.sh test      those, and PostgreSQL, poppler, zbar and Chromium for the tests
set -eu
libraries=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true)
missing=""
what=""

lacks() { # packages, what they are for
    missing="$missing $1"
    what="$what${what:+, }$2"
}
has_library() { case $libraries in *"$1"*) return 0 ;; *) return 1 ;; esac; }
has_command() { command -v "$1" >/dev/null 2>&1; }

if [ "$(uname -s)" = Linux ]; then
    { has_library libpango-1.0.so && has_library libpangoft2-1.0.so && has_library libharfbuzz-subset.so; } ||
        lacks "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" "pango (documents)"
    has_library libOSMesa.so || has_library libEGL_mesa.so || lacks libosmesa6 "OSMesa (pictures)"
fi
if [ "$1" = test ]; then
    { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || has_command initdb; } ||
        lacks postgresql "PostgreSQL (tests)"
    has_command pdftotext || lacks poppler-utils "poppler (tests)"
    { has_command chromium || has_command chromium-browser || has_command google-chrome; } ||
        lacks chromium "Chromium (tests)"
    has_command zbarimg || lacks zbar-tools "zbar (tests)"
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && has_command apt-get; then
    echo "Installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    if { apt-get update -qq && apt-get install -qq -y --no-install-recommends $missing; } >/dev/null 2>&1; then
        exit 0
    fi
    echo "apt-get did not work."
fi
echo "This system lacks $what; Debian and Ubuntu call it:$missing"
