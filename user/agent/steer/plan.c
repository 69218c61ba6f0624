// SPDX-License-Identifier: GPL-2.0-or-later
/* Reconcile's plan for one link. */
#include "agent/steer/plan.h"

static bool mode_fits(enum link_mode wanted, enum hook_mode mode)
{
	switch (wanted) {
	case LINK_NATIVE:
		return mode == HOOK_NATIVE;
	case LINK_SKB:
		return mode == HOOK_SKB;
	default:
		return true;
	}
}

enum plan plan_link(const struct plan_view *view)
{
	const struct hook *hook = view->hook;

	if (!view->present)
		return PLAN_ABSENT;
	if (hook_held(hook))
		return PLAN_HELD;
	if (view->refused)
		return PLAN_WAIT;
	if (!hook->n_ours)
		return PLAN_ATTACH;
	/* In a dispatcher with others the mode is not ours to change. */
	if (!mode_fits(view->wanted, hook->mode) && !hook->n_others)
		return PLAN_REMODE;
	if (!view->program || !hook_has(hook, view->program) || hook->n_ours > 1 ||
	    hook->hooked != view->hooked)
		return PLAN_REPLACE;
	return PLAN_KEEP;
}
