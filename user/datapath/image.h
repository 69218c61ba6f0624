/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A compiled BPF object with a capture's filter in it: a copy of its bytes in which the body
 * of capture_filter() (xdp/filter.bpf.h) is written anew. To be given to libbpf in place of the
 * object itself.
 */
#ifndef XDPFRAG_IMAGE_H
#define XDPFRAG_IMAGE_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>

struct image {
	void *bytes; /* owned; NULL: none */
	size_t len;
};

/*
 * Errors as translate() in capture/translate.h gives them, with *at; -ENOEXEC when the object
 * has no such place.
 */
int image_make(struct image *image, const void *object, size_t len,
	       const struct sock_filter *filter, size_t n, bool decap, size_t *at);
void image_free(struct image *image);

#endif
