// SPDX-License-Identifier: GPL-2.0-or-later
/* The steer program on one link: attach, replace, detach. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "datapath/bpffs.h"
#include "datapath/fds.h"
#include "datapath/instance.h"
#include "datapath/map.h"
#include "datapath/steer.h"
#include "steer.skel.h"

#define STEER_SECTION "xdp.frags"

/* The plane's maps, and the counters where they fit, instead of new ones. */
static int share_maps(struct steer_bpf *skel, const struct plane *plane,
		      const struct counters *counters)
{
	int i, err = 0;

	for (i = 0; !err && i < PLANE_MAPS; i++)
		err = bpf_map__reuse_fd(steer_map(skel, i), plane->fds[i]);
	if (!err && counters->reasons_fd >= 0)
		err = bpf_map__reuse_fd(skel->maps.reasons, counters->reasons_fd);
	if (!err && counters->counts && counters->rows == plane->shape.rows)
		err = bpf_map__reuse_fd(skel->maps.counters, counters->fd);
	return err;
}

/* One that is loaded: in place of the program `old`, or on an empty hook when that is 0. */
static int put_alone(struct steer_bpf *skel, const struct instance_request *request, uint32_t old)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts);
	uint32_t flags = old ? XDP_FLAGS_REPLACE : XDP_FLAGS_UPDATE_IF_NOEXIST;
	int err;

	if (old) {
		opts.old_prog_fd = program_open(old);
		if (opts.old_prog_fd < 0)
			return opts.old_prog_fd;
	}
	flags |= request->skb ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
	err = bpf_xdp_attach(request->ifindex, bpf_program__fd(steer_program(skel)), flags, &opts);
	if (old)
		close(opts.old_prog_fd);
	return err;
}

/* Without libxdp. */
static int attach_alone(struct steer_bpf *skel, const struct instance_request *request,
			uint32_t old)
{
	int err = bpf_object__load(skel->obj);

	return err ? err : put_alone(skel, request, old);
}

static int join(struct steer_bpf *skel, const struct instance_request *request)
{
	struct xdp_program *program = xdp_program__from_bpf_obj(skel->obj, STEER_SECTION);
	int err = libxdp_get_error(program);

	if (err)
		return err;
	/* libxdp does not see it in the section's name, and the dispatcher would go without. */
	err = xdp_program__set_xdp_frags_support(program, true);
	if (!err)
		err = xdp_program__attach(program, request->ifindex,
					  request->skb ? XDP_MODE_SKB : XDP_MODE_NATIVE, 0);
	xdp_program__close(program);
	return err;
}

static int take_counters(struct steer_bpf *skel, const struct plane *plane,
			 struct counters *counters)
{
	int fd, reasons_fd;

	if (counters->counts && counters->rows == plane->shape.rows)
		return 0;
	fd = dup(bpf_map__fd(skel->maps.counters));
	reasons_fd = dup(bpf_map__fd(skel->maps.reasons));
	counters_init(counters);
	return counters_open(counters, fd, reasons_fd, plane->shape.rows);
}

static uint32_t program_id(const struct steer_bpf *skel)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	int fd = bpf_program__fd(steer_program(skel));

	return bpf_obj_get_info_by_fd(fd, &info, &len) < 0 ? 0 : info.id;
}

/* Opened, with the plane's maps in place of its own. NULL with errno set. */
static struct steer_bpf *prepare(const struct instance_request *request,
				 const struct counters *counters)
{
	struct steer_bpf *skel =
		steer_open(&request->plane->shape, request->slot, request->capture);
	int err;

	if (!skel)
		return NULL;
	err = share_maps(skel, request->plane, counters);
	if (!err && request->xdpcap)
		err = steer_hook(skel, *request->xdpcap);
	if (err) {
		steer_bpf__destroy(skel);
		errno = -err;
		return NULL;
	}
	return skel;
}

static void dispatcher_pins(char *dir, size_t len, uint32_t ifindex, uint32_t dispatcher)
{
	snprintf(dir, len, BPFFS_MOUNT "/xdp/dispatch-%u-%u", ifindex, dispatcher);
}

/* With the array that xdpcap knows; with a new one where a program of another kind owns it. */
static int load_hooked(struct steer_bpf **skel, const struct instance_request *request,
		       const struct counters *counters)
{
	int err = bpf_object__load((*skel)->obj), array;

	if (err != -EINVAL || *request->xdpcap < 0)
		return err;
	array = *request->xdpcap;
	*request->xdpcap = -1;
	steer_bpf__destroy(*skel);
	*skel = prepare(request, counters);
	err = *skel ? bpf_object__load((*skel)->obj) : -errno;
	/* The program that is there goes on with the old one, and so does xdpcap. */
	if (err)
		*request->xdpcap = array;
	else
		close(array);
	return err;
}

/* Alone: the kernel lets no program with a tail call into a dispatcher. */
static int attach_hooked(struct steer_bpf **skel, const struct instance_request *request,
			 const struct hook *hook, const struct counters *counters)
{
	char pins[128];
	int err;

	if (hook->n_others)
		return -EBUSY;
	err = load_hooked(skel, request, counters);
	if (!err && *request->xdpcap < 0) {
		*request->xdpcap = dup(bpf_map__fd((*skel)->maps.xdpcap_hook));
		err = *request->xdpcap < 0 ? -errno : 0;
	}
	if (!err)
		err = put_alone(*skel, request, hook->main);
	if (!err && hook->dispatcher) {
		dispatcher_pins(pins, sizeof(pins), request->ifindex, hook->main);
		bpffs_remove_tree(pins);
	}
	return err;
}

/* Whichever way the hook and the kernel leave open; *skel is the object that got in. */
static int attach(struct steer_bpf **skel, const struct instance_request *request,
		  const struct hook *hook, const struct counters *counters)
{
	int err;

	if (request->xdpcap)
		return attach_hooked(skel, request, hook, counters);
	if (hook->n_ours && !hook->dispatcher)
		return attach_alone(*skel, request, hook->ours[0]);
	err = join(*skel, request);
	if (!err || hook->main)
		return err;
	/* The hook is empty: rather alone than not at all. What was tried cannot be loaded again.
	 */
	steer_bpf__destroy(*skel);
	*skel = prepare(request, counters);
	return *skel ? attach_alone(*skel, request, 0) : -errno;
}

static int load_and_attach(const struct instance_request *request, const struct hook *hook,
			   struct counters *counters, uint32_t *program)
{
	struct xdpfrag_link *link = &request->plane->state->links[request->slot];
	struct steer_bpf *skel;
	int err;

	if (hook_held(hook))
		return -EBUSY;
	skel = prepare(request, counters);
	if (!skel)
		return -errno;
	err = attach(&skel, request, hook, counters);
	if (!err) {
		*program = program_id(skel);
		link->program = *program;
		err = take_counters(skel, request->plane, counters);
	}
	steer_bpf__destroy(skel);
	return err;
}

int instance_attach(const struct instance_request *request, const struct hook *hook,
		    struct counters *counters, uint32_t *program)
{
	struct fds fds;
	int err;

	fds_note(&fds);
	err = load_and_attach(request, hook, counters, program);
	fds_close_new(&fds,
		      (int[]){ counters->fd, counters->reasons_fd,
			       request->xdpcap ? *request->xdpcap : -1 },
		      3);
	return err;
}

int instance_try(const struct instance_request *request)
{
	struct counters none;
	struct steer_bpf *skel;
	int err;

	counters_init(&none);
	skel = prepare(request, &none);
	if (!skel)
		return -errno;
	err = bpf_object__load(skel->obj);
	steer_bpf__destroy(skel);
	return err;
}

int program_open(uint32_t program)
{
	int fd = bpf_prog_get_fd_by_id(program);

	return fd < 0 ? -errno : fd;
}

static int detach_alone(uint32_t ifindex, uint32_t program, enum xdp_attach_mode mode)
{
	LIBBPF_OPTS(bpf_xdp_attach_opts, opts);
	uint32_t flags = mode == XDP_MODE_SKB ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
	int err;

	/* Only if it is still ours: the kernel compares. */
	opts.old_prog_fd = program_open(program);
	if (opts.old_prog_fd < 0)
		return opts.old_prog_fd;
	err = bpf_xdp_detach(ifindex, flags | XDP_FLAGS_REPLACE, &opts);
	close(opts.old_prog_fd);
	return err;
}

static bool is_program(const struct xdp_program *each, uint32_t program)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(xdp_program__fd(each), &info, &len) && info.id == program;
}

static int find_and_detach(uint32_t ifindex, uint32_t program)
{
	struct xdp_multiprog *multiprog = xdp_multiprog__get_from_ifindex(ifindex);
	struct xdp_program *each = NULL;
	enum xdp_attach_mode mode;
	int err = libxdp_get_error(multiprog);

	if (err)
		return err == -ENOENT ? 0 : err;
	mode = xdp_multiprog__attach_mode(multiprog);
	if (xdp_multiprog__is_legacy(multiprog)) {
		if (is_program(xdp_multiprog__main_prog(multiprog), program))
			err = detach_alone(ifindex, program, mode);
		goto out;
	}
	while ((each = xdp_multiprog__next_prog(each, multiprog)))
		if (is_program(each, program)) {
			err = xdp_program__detach(each, ifindex, mode, 0);
			break;
		}
out:
	xdp_multiprog__close(multiprog);
	return err;
}

int instance_detach(uint32_t ifindex, uint32_t program)
{
	struct fds fds;
	int err;

	fds_note(&fds);
	err = find_and_detach(ifindex, program);
	fds_close_new(&fds, NULL, 0);
	return err;
}

int instance_counters(uint32_t program, struct counters *counters)
{
	struct bpf_map_info info, reasons;
	int fd, reasons_fd, program_fd = program_open(program);

	if (program_fd < 0)
		return program_fd;
	fd = map_of_program(program_fd, "counters", &info);
	reasons_fd = map_of_program(program_fd, "reasons", &reasons);
	close(program_fd);
	if (fd < 0 || reasons_fd < 0) {
		if (fd >= 0)
			close(fd);
		if (reasons_fd >= 0)
			close(reasons_fd);
		return -ENOENT;
	}
	return counters_open(counters, fd, reasons_fd, info.max_entries / counters_stripes());
}

void instance_forget(uint32_t ifindex, uint32_t dispatcher)
{
	char dir[128], second[160];

	dispatcher_pins(dir, sizeof(dir), ifindex, dispatcher);
	snprintf(second, sizeof(second), "%s/prog1-prog", dir);
	/* With other programs in it, the folder is not ours to remove. */
	if (access(second, F_OK))
		bpffs_remove_tree(dir);
}
