// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole datagrams into the stack. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inject.skel.h"
#include "tap.h"

struct tap {
	struct inject_bpf *program;
	uint32_t ifindex; /* of the TAP */
	int fds[TAP_TARGETS];
	uint32_t targets[TAP_TARGETS]; /* ifindexes; 0: the queue is free */
	int n;			       /* queues */
};

/* Queues are never closed one by one: the kernel would give the last one the gap's number. */
static int add_queue(struct tap *tap)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE };
	int fd;

	/* The first one makes the TAP: somebody else's of this name is not joined. */
	if (!tap->n)
		request.ifr_flags |= IFF_TUN_EXCL;
	if (tap->n == TAP_TARGETS)
		return -ENOSPC;
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	strcpy(request.ifr_name, TAP_NAME);
	if (ioctl(fd, TUNSETIFF, &request) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	tap->fds[tap->n] = fd;
	return tap->n++;
}

/* The stack shall not speak on it: no address, no router solicitations, no MLD. */
static int silence(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/" TAP_NAME "/disable_ipv6", O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno; /* a kernel without IPv6 */
	if (write(fd, "1", 1) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int set_up(struct tap *tap)
{
	struct ifreq request = {};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return -errno;
	strcpy(request.ifr_name, TAP_NAME);
	if (ioctl(fd, SIOCGIFINDEX, &request) < 0) {
		err = -errno;
		goto out;
	}
	tap->ifindex = request.ifr_ifindex;
	err = silence();
	if (err)
		goto out;
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
		err = -errno;
		goto out;
	}
	request.ifr_flags |= IFF_UP | IFF_NOARP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		err = -errno;
out:
	close(fd);
	return err;
}

static int attach(struct tap *tap)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = tap->ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = 1, .priority = 1);
	int err;

	tap->program = inject_bpf__open_and_load();
	if (!tap->program)
		return -errno;
	err = bpf_tc_hook_create(&hook);
	if (err)
		return err;
	opts.prog_fd = bpf_program__fd(tap->program->progs.xdpfrag_inject);
	return bpf_tc_attach(&hook, &opts);
}

int tap_open(struct tap **out)
{
	struct tap *tap = calloc(1, sizeof(*tap));
	int err;

	if (!tap)
		return -ENOMEM;
	err = add_queue(tap);
	if (err >= 0)
		err = set_up(tap);
	if (!err)
		err = attach(tap);
	if (err < 0) {
		tap_close(tap);
		return err;
	}
	*out = tap;
	return 0;
}

void tap_close(struct tap *tap)
{
	int i;

	if (!tap)
		return;
	for (i = 0; i < tap->n; i++)
		close(tap->fds[i]);
	inject_bpf__destroy(tap->program);
	free(tap);
}

static int point(struct tap *tap, int queue, uint32_t ifindex)
{
	__u32 key = queue;

	if (bpf_map_update_elem(bpf_map__fd(tap->program->maps.targets), &key, &ifindex, BPF_ANY) <
	    0)
		return -errno;
	tap->targets[queue] = ifindex;
	return 0;
}

int tap_target(struct tap *tap, uint32_t ifindex)
{
	int queue = -1, i, err;

	for (i = 0; i < tap->n; i++) {
		if (tap->targets[i] == ifindex)
			return i;
		if (!tap->targets[i] && queue < 0)
			queue = i;
	}
	if (queue < 0)
		queue = add_queue(tap);
	if (queue < 0)
		return queue;
	err = point(tap, queue, ifindex);
	return err ? err : queue;
}

void tap_forget(struct tap *tap, uint32_t ifindex)
{
	int i;

	for (i = 0; i < tap->n; i++)
		if (tap->targets[i] == ifindex)
			point(tap, i, 0);
}

int tap_write(struct tap *tap, int target, const struct iovec *pieces, int n)
{
	return writev(tap->fds[target], pieces, n) < 0 ? -errno : 0;
}
