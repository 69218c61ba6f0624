# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tests build. tests/unit/NAME.c is a cmocka program of its own, linked
# with the objects of both programs; tests/prog and tests/bench likewise.

UNIT_TESTS  := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))
PROG_TESTS  := $(patsubst tests/prog/%.c,$(BUILD)/tests/prog/%,$(wildcard tests/prog/test_*.c))
BENCHES     := $(patsubst tests/bench/%.c,$(BUILD)/tests/bench/%,$(wildcard tests/bench/bench_*.c))
TEST_TOOLS  := $(patsubst tests/tools/%.c,$(BUILD)/tests/tools/%,$(wildcard tests/tools/*.c))
TEST_BPF    := $(patsubst tests/%.bpf.c,$(BUILD)/tests/%.bpf.o,$(wildcard tests/*/*.bpf.c))
TEST_LIB    := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/lib/*.c))

.PHONY: test-tools test-programs
test-tools: $(TEST_TOOLS) $(TEST_BPF) $(BENCHES)
test-programs: all test-tools $(UNIT_TESTS) $(PROG_TESTS)

$(BUILD)/tests/%.bpf.o: tests/%.bpf.c Makefile
	@mkdir -p $(@D)
	$(call say,BPF)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(TEST_LIB) $(BUILD)/agent.a $(BUILD)/ctl.a $(BUILD)/shared.a
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka -lpcap -lm

# Where DPDK is installed, bench_reassembly measures its reassembly beside ours.
ifneq ($(shell pkg-config --exists libdpdk && echo yes),)
$(BUILD)/tests/bench/bench_reassembly: $(BUILD)/obj/tests/bench/dpdk_reassembly.o
$(BUILD)/tests/bench/bench_reassembly: LDLIBS += $(shell pkg-config --libs libdpdk)
$(BUILD)/obj/tests/bench/dpdk_reassembly.o: CPPFLAGS += $(shell pkg-config --cflags libdpdk)
endif
