// SPDX-License-Identifier: GPL-2.0-or-later
/* How often one setting may be put back. */
#include "agent/settings/drift.h"

#define SPAN_MS (DRIFT_SECONDS * UINT64_C(1000))

enum drift_verdict drift_found(struct drift *drift, uint64_t now_ms)
{
	bool elapsed = !drift->count || now_ms - drift->since >= SPAN_MS;

	if (drift->held) {
		if (!elapsed)
			return DRIFT_HOLD;
		drift->since = now_ms;
		return DRIFT_PUT_BACK;
	}
	if (elapsed) {
		drift->since = now_ms;
		drift->count = 0;
	}
	if (drift->count < DRIFT_BURST) {
		drift->count++;
		return DRIFT_PUT_BACK;
	}
	drift->held = true;
	drift->since = now_ms;
	return DRIFT_HOLD_BEGINS;
}

bool drift_quiet(struct drift *drift, uint64_t now_ms)
{
	if (!drift->held || now_ms - drift->since < SPAN_MS)
		return false;
	*drift = (struct drift){};
	return true;
}
