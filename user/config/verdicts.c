// SPDX-License-Identifier: GPL-2.0-or-later
/* Verdicts and reasons by name. */
#include "verdicts.h"

const char *const verdict_names[XDPFRAG_VERDICTS] = {
	[XDPFRAG_PASSED] = "passed",	       [XDPFRAG_DROPPED] = "dropped",
	[XDPFRAG_OBSERVED] = "observed",       [XDPFRAG_REDIRECTED] = "redirected",
	[XDPFRAG_REASSEMBLED] = "reassembled",
};

const char *const reason_names[XDPFRAG_REASONS] = {
	[XDPFRAG_NO_POLICY] = "no_policy",
	[XDPFRAG_TRUNCATED] = "truncated",
	[XDPFRAG_MALFORMED] = "malformed",
	[XDPFRAG_TOO_DEEP] = "too_deep",
	[XDPFRAG_REDIRECT_ABSENT] = "redirect_absent",
	[XDPFRAG_UNCOUNTED] = "uncounted",
};
