// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the ring of captured frames. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "capture_ring.h"

struct capture_ring {
	struct ring_buffer *ring;
	capture_ring_fn fn;
	void *arg;
	int n, err; /* of the call that is under way */
};

static int on_record(void *arg, void *data, size_t len)
{
	const struct xdpfrag_captured *record = data;
	struct capture_ring *ring = arg;

	if (len < sizeof(*record) || record->caplen > len - sizeof(*record))
		ring->err = -EBADMSG;
	else
		ring->err = ring->fn(record, record + 1, ring->arg);
	ring->n++;
	/* Programs may write as fast as this reads: libbpf alone would never end. */
	return ring->err < 0 || ring->n >= CAPTURE_RING_READ ? -EAGAIN : 0;
}

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

int capture_ring_open(struct capture_ring **out, int fd, capture_ring_fn fn, void *arg)
{
	struct capture_ring *ring = calloc(1, sizeof(*ring));
	int err;

	if (!ring)
		return -ENOMEM;
	ring->fn = fn;
	ring->arg = arg;
	libbpf_set_print(silent);
	ring->ring = ring_buffer__new(fd, on_record, ring, NULL);
	if (!ring->ring) {
		err = -errno;
		free(ring);
		return err;
	}
	*out = ring;
	return 0;
}

int capture_ring_read(struct capture_ring *ring)
{
	int err;

	ring->n = 0;
	ring->err = 0;
	err = ring_buffer__consume(ring->ring);
	if (ring->err < 0)
		return ring->err;
	return err < 0 && err != -EAGAIN ? err : ring->n;
}

void capture_ring_close(struct capture_ring *ring)
{
	if (!ring)
		return;
	ring_buffer__free(ring->ring);
	free(ring);
}
