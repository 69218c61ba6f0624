#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make install: everything where a packager expects it, and nothing else.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/lib/tap.sh
. tests/lib/tap.sh

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

installs_under_destdir() {
	make install DESTDIR="$dir" PREFIX=/usr
	diff <(cd "$dir" && find . -type f | sort) - <<-END
	./usr/lib/systemd/system/xdpfragd.service
	./usr/sbin/xdpfragctl
	./usr/sbin/xdpfragd
	./usr/share/man/man5/xdpfrag.conf.5
	./usr/share/man/man8/xdpfragctl.8
	./usr/share/man/man8/xdpfragd.8
	END
}

installed_programs_run() {
	"$dir/usr/sbin/xdpfragd" -V | grep -q '^xdpfragd '
	"$dir/usr/sbin/xdpfragctl" -V | grep -q '^xdpfragctl '
}

unit_names_the_program() {
	grep -qx 'ExecStart=/usr/sbin/xdpfragd' "$dir/usr/lib/systemd/system/xdpfragd.service"
	! grep -q '@[A-Z]*@' "$dir/usr/lib/systemd/system/xdpfragd.service"
}

run_tests installs_under_destdir installed_programs_run unit_names_the_program
