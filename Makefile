# SPDX-License-Identifier: GPL-2.0-or-later
#
# make            build/xdpfragd, build/xdpfragctl, the BPF objects and skeletons
# make demo       the fault and its cure in network namespaces (root; installs what it needs)
# make test       everything under tests/ (root; installs what it needs)
# make bench      the measurements of the README (root)
# make install    DESTDIR and PREFIX as usual
#
# BUILD=DIR builds elsewhere, CC=clang with clang, SANITIZE=1 with ASan and UBSan.

BUILD   ?= build
PREFIX  ?= /usr/local
VERSION := 0.1

CC        ?= gcc
CLANG     ?= clang
BPFTOOL   ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)

PACKAGES := libxdp libbpf libelf libnl-route-3.0 libnl-3.0 libevent jansson libsystemd
CPPFLAGS += -D_GNU_SOURCE -Iinclude -Iuser -I$(BUILD) -DVERSION='"$(VERSION)"' \
            $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
CFLAGS   ?= -O2 -g
ALL_CFLAGS = -std=gnu11 -Wall -Wextra -Werror -fno-strict-aliasing $(CFLAGS)
LDLIBS   += $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
ifeq ($(SANITIZE),1)
ALL_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS  += -fsanitize=address,undefined
endif

# -I$(MULTIARCH): asm/types.h, which -target bpf does not find by itself.
BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Werror -Iinclude \
              -I/usr/include/$(MULTIARCH)

# What both programs share, and what each has of its own. Everything but the two
# main.c goes into archives, so that the tests link the same objects.
SHARED  := $(wildcard user/config/*.c user/capture/*.c)
AGENT   := $(wildcard user/agent/*.c user/agent/*/*.c user/datapath/*.c user/netstate/*.c \
             user/diagnose/*.c user/reassembly/*.c)
CTL     := $(wildcard user/ctl/*.c)
objects  = $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out %/main.c,$(1)))

BPF_OBJECTS := $(patsubst xdp/%.bpf.c,$(BUILD)/%.bpf.o,$(wildcard xdp/*.bpf.c))
SKELETONS   := $(BPF_OBJECTS:.bpf.o=.skel.h)

.PHONY: all demo test bench install clean setup format
# One word and a name for each step; V=1 shows the commands.
ifneq ($(V),1)
Q := @
say = @printf '  %-8s%s\n' $(1) $(patsubst $(CURDIR)/%,%,$@)
endif

.SECONDARY:
.DELETE_ON_ERROR:

all: $(BUILD)/xdpfragd $(BUILD)/xdpfragctl

$(BUILD)/xdpfragd: $(BUILD)/obj/user/agent/main.o $(BUILD)/agent.a $(BUILD)/shared.a
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/xdpfragctl: $(BUILD)/obj/user/ctl/main.o $(BUILD)/ctl.a $(BUILD)/shared.a
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -ljansson -lpcap -lbpf

$(BUILD)/shared.a: $(call objects,$(SHARED))
$(BUILD)/agent.a: $(call objects,$(AGENT))
$(BUILD)/ctl.a: $(call objects,$(CTL))
$(BUILD)/%.a:
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/obj/%.o: %.c Makefile | $(SKELETONS)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.bpf.o: xdp/%.bpf.c Makefile
	@mkdir -p $(@D)
	$(call say,BPF)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	$(call say,SKEL)
	$(Q)$(BPFTOOL) gen skeleton $< name $(*F)_bpf > $@ 2>$@.log || { cat $@.log >&2; exit 1; }

# Tests and benchmarks build with the same flags and objects.
include tests/build.mk

setup:
	scripts/install-packages build test

demo:
	scripts/install-packages build demo
	$(MAKE) all test-tools
	scripts/demo

test: setup
	tests/run

bench:
	scripts/install-packages build test bench
	$(MAKE) all test-tools
	tests/bench/run

install: all
	install -D -m 0755 $(BUILD)/xdpfragd $(DESTDIR)$(PREFIX)/sbin/xdpfragd
	install -D -m 0755 $(BUILD)/xdpfragctl $(DESTDIR)$(PREFIX)/sbin/xdpfragctl
	install -D -m 0644 user/man/xdpfragd.8 $(DESTDIR)$(PREFIX)/share/man/man8/xdpfragd.8
	install -D -m 0644 user/man/xdpfragctl.8 $(DESTDIR)$(PREFIX)/share/man/man8/xdpfragctl.8
	install -D -m 0644 user/man/xdpfrag.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5/xdpfrag.conf.5
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@SBINDIR@|$(PREFIX)/sbin|' scripts/xdpfragd.service.in \
		> $(DESTDIR)$(PREFIX)/lib/systemd/system/xdpfragd.service

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
