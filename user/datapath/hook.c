// SPDX-License-Identifier: GPL-2.0-or-later
/* What is on a link's XDP hook. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xdp/libxdp.h>

#include "datapath/fds.h"
#include "datapath/hook.h"
#include "datapath/steer.h"

static uint32_t id_of(const struct xdp_program *program)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(xdp_program__fd(program), &info, &len) < 0 ? 0 : info.id;
}

static void add_program(struct hook *hook, const struct xdp_program *program)
{
	const char *name = xdp_program__name(program);

	bool hooked = !strcmp(name, HOOKED_PROGRAM);

	if (hooked || !strcmp(name, STEER_PROGRAM)) {
		hook->hooked = hooked;
		if (hook->n_ours < HOOK_OURS)
			hook->ours[hook->n_ours++] = id_of(program);
		return;
	}
	if (!hook->n_others++)
		snprintf(hook->other, sizeof(hook->other), "%s (id %u)", name, id_of(program));
}

static enum hook_mode mode_of(const struct xdp_multiprog *multiprog)
{
	switch (xdp_multiprog__attach_mode(multiprog)) {
	case XDP_MODE_NATIVE:
		return HOOK_NATIVE;
	case XDP_MODE_SKB:
		return HOOK_SKB;
	case XDP_MODE_HW:
		return HOOK_HW;
	default:
		return HOOK_OFF;
	}
}

static int read_multiprog(struct hook *hook, uint32_t ifindex)
{
	struct xdp_multiprog *multiprog = xdp_multiprog__get_from_ifindex(ifindex);
	struct xdp_program *program;
	long err = libxdp_get_error(multiprog);

	memset(hook, 0, sizeof(*hook));
	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	hook->mode = mode_of(multiprog);
	program = xdp_multiprog__main_prog(multiprog);
	if (program)
		hook->main = id_of(program);
	if (xdp_multiprog__is_legacy(multiprog)) {
		if (!program)
			program = xdp_multiprog__hw_prog(multiprog);
		if (program) {
			add_program(hook, program);
			/* The kernel does not tell; a steer is never loaded without. */
			hook->frags = hook->n_ours > 0;
		}
	} else {
		hook->dispatcher = true;
		hook->frags = xdp_multiprog__xdp_frags_support(multiprog);
		for (program = NULL; (program = xdp_multiprog__next_prog(program, multiprog));)
			add_program(hook, program);
	}
	xdp_multiprog__close(multiprog);
	return 0;
}

int hook_read(struct hook *hook, uint32_t ifindex)
{
	struct fds fds;
	int err;

	fds_note(&fds);
	err = read_multiprog(hook, ifindex);
	fds_close_new(&fds, NULL, 0);
	return err;
}

bool hook_has(const struct hook *hook, uint32_t program)
{
	unsigned int i;

	for (i = 0; i < hook->n_ours; i++)
		if (hook->ours[i] == program)
			return true;
	return false;
}
