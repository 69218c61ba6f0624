// SPDX-License-Identifier: GPL-2.0-or-later
/* A link's hook for xdpcap. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/log.h"
#include "agent/show_name.h"
#include "agent/steer/xdpcap.h"
#include "datapath/bpffs.h"
#include "datapath/instance.h"
#include "datapath/map.h"
#include "xdpfrag/xdpcap.h"

#define ARRAY "xdpcap_hook" /* the map, in the program */
#define PIN   "xdpcap"

void xdpcap_init(struct xdpcap *xdpcap)
{
	memset(xdpcap, 0, sizeof(*xdpcap));
	xdpcap->array = -1;
}

void xdpcap_close(struct xdpcap *xdpcap)
{
	if (xdpcap->array >= 0)
		close(xdpcap->array);
	xdpcap->array = -1;
	xdpcap->id = 0;
}

void xdpcap_want(struct xdpcap *xdpcap, bool wanted)
{
	if (xdpcap->wanted != wanted)
		xdpcap->refused = false;
	xdpcap->wanted = wanted;
}

bool xdpcap_due(const struct managed *managed)
{
	return managed->xdpcap.wanted && !managed->xdpcap.refused && !managed->hook.n_others;
}

/* 0 when it is none: what lies under the pin's name may be anything. */
static uint32_t array_id(int fd)
{
	struct bpf_map_info info;

	return !map_info(fd, &info) && info.type == BPF_MAP_TYPE_PROG_ARRAY &&
			       info.max_entries == XDPFRAG_XDPCAP_ACTIONS
		       ? info.id
		       : 0;
}

static int array_of(uint32_t program)
{
	struct bpf_map_info info;
	int array, fd = program_open(program);

	if (fd < 0)
		return fd;
	array = map_of_program(fd, ARRAY, &info);
	close(fd);
	return array;
}

void xdpcap_find(const struct agent *agent, struct managed *managed)
{
	struct xdpcap *xdpcap = &managed->xdpcap;
	char name[64];

	if (xdpcap->array >= 0)
		return;
	if (managed->hook.hooked)
		xdpcap->array = array_of(managed->hook.ours[0]);
	if (xdpcap->array < 0)
		xdpcap->array = bpffs_get(agent->options.pin_dir,
					  bpffs_link_name(managed->name, PIN, name, sizeof(name)));
	if (xdpcap->array < 0)
		return;
	xdpcap->id = array_id(xdpcap->array);
	if (!xdpcap->id)
		xdpcap_close(xdpcap);
}

void xdpcap_pin(const struct agent *agent, struct managed *managed)
{
	struct xdpcap *xdpcap = &managed->xdpcap;
	const char *dir = agent->options.pin_dir;
	uint32_t before = xdpcap->id;
	char name[64];

	bpffs_link_name(managed->name, PIN, name, sizeof(name));
	if (!managed->hook.hooked) {
		xdpcap_close(xdpcap);
		bpffs_unpin(dir, name);
		return;
	}
	xdpcap->id = array_id(xdpcap->array);
	if (before && before != xdpcap->id)
		log_notice("%s: its xdpcap hook could not be used further and was made anew; start "
			   "xdpcap again",
			   managed->name);
	xdpcap->pin_error = bpffs_pin(xdpcap->array, dir, name);
	if (xdpcap->pin_error)
		log_warning("%s: cannot pin its xdpcap hook: %s", managed->name,
			    strerror(-xdpcap->pin_error));
}

bool xdpcap_missing(const struct managed *managed)
{
	return managed->xdpcap.wanted && managed->program && !managed->hook.hooked;
}

const char *xdpcap_reason(const struct managed *managed, char *buf, size_t len)
{
	const struct xdpcap *xdpcap = &managed->xdpcap;
	const struct hook *hook = &managed->hook;

	buf[0] = '\0';
	if (!xdpcap->wanted || !managed->program)
		return buf;
	if (hook->hooked && xdpcap->pin_error)
		snprintf(buf, len, "cannot be pinned: %s", strerror(-xdpcap->pin_error));
	else if (hook->hooked)
		snprintf(buf, len,
			 "steered alone: no other XDP program can share the link with the hook");
	else if (hook->n_others)
		snprintf(buf, len,
			 "XDP program %s shares the link, and the hook can be had alone only; "
			 "detach "
			 "it (xdp-loader status %s shows it)",
			 hook->other, managed->name);
	else
		snprintf(buf, len, "%s", xdpcap->reason);
	return buf;
}

void xdpcap_show(const struct agent *agent, const struct managed *managed, json_t *object)
{
	char path[PATH_MAX] = "", name[64], reason[320] = "";

	if (managed && managed->program && managed->hook.hooked && !managed->xdpcap.pin_error)
		snprintf(path, sizeof(path), "%s/%s", agent->options.pin_dir,
			 bpffs_link_name(managed->name, PIN, name, sizeof(name)));
	if (managed)
		xdpcap_reason(managed, reason, sizeof(reason));
	json_object_set_new(object, "xdpcap_hook", show_name(path));
	json_object_set_new(object, "xdpcap_reason", json_string(reason));
}
