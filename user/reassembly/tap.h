/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole datagrams into the stack, as if they had come in on a NIC: written to a
 * TAP, at whose ingress the program xdp/inject.bpf.c hands them to the NIC. One
 * queue of the TAP for each target, which is how the program knows it. TAP and
 * program go with the process.
 */
#ifndef XDPFRAG_TAP_H
#define XDPFRAG_TAP_H

#include <stdint.h>
#include <sys/uio.h>

#define TAP_NAME    "xdpfrag0"
#define TAP_TARGETS 64

struct tap;

int tap_open(struct tap **tap);
void tap_close(struct tap *tap); /* NULL: nothing */
/* The number by which tap_write() knows this NIC; -ENOSPC: there are TAP_TARGETS already. */
int tap_target(struct tap *tap, uint32_t ifindex);
/* Nobody writes to this one any more. */
void tap_forget(struct tap *tap, uint32_t ifindex);
/* A frame in pieces; -EAGAIN, or what writev() says. */
int tap_write(struct tap *tap, int target, const struct iovec *pieces, int n);

#endif
