/* A plugin of QEMU that counts instructions, for the programs of this directory.
 *
 * A window is opened by the instruction at `begin` and closed by the one at
 * `end`, both entries of empty functions. For each one, in order, a line is
 * written to `out`:
 *
 *     counted total sections longest masked
 *
 *   counted   instructions outside the ranges `ignore`: the program's own code
 *   total     all instructions, from the one at `begin` to before that at `end`
 *   sections  stretches with interrupts masked
 *   longest   counted instructions of the longest one: from behind the one that
 *             masks up to and including the one that unmasks
 *   masked    those of all of them
 *
 * Masking is `cpsid i` and `csrrci mstatus, 8`, unmasking is `msr PRIMASK` and
 * `csrs mstatus`; what they restore cannot be seen by a plugin, so they are taken
 * in pairs, and a window that ends inside a pair is an error.
 *
 * QEMU's version-1 interface, which is declared here: Debian has no header for
 * it. QEMU 9 and later refuse a plugin of that version by themselves. */

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the interface */

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef struct {
    const char *target_name;
    struct {
        int min, cur;
    } version;
    bool system_emulation;
    union {
        struct {
            int smp_vcpus, max_vcpus;
        } system;
    } machine;
} qemu_info_t;
enum { QEMU_PLUGIN_CB_NO_REGS };

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*translated)(qemu_plugin_id_t,
                                                              struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block,
                                                 size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
                                            void (*executed)(unsigned, void *), int flags,
                                            void *context);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
                                    void (*ended)(qemu_plugin_id_t, void *), void *context);

extern int qemu_plugin_version;
int qemu_plugin_version = 1;
int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

/* --- what an instruction is */

enum { COUNTED = 1, BEGINS = 2, ENDS = 4, MASKS = 8, UNMASKS = 16 };
#define MAX_RANGES 64

static struct { uint64_t from, to; } ignored[MAX_RANGES];
static size_t ignored_ranges;
static uint64_t begin_at, end_at;
static bool is_arm;
static FILE *out;

static uintptr_t arm_mask(uint32_t first, uint32_t second, size_t size) {
    if (size == 2) {
        return first == 0xB672u ? MASKS : first == 0xB662u ? UNMASKS : 0;
    }
    return (first & 0xFFF0u) == 0xF380u && (second & 0xFF1Fu) == 0x8810u ? UNMASKS : 0;
}

/* Of `csr` 0x300: csrrci with bit 3, csrrs and csrrsi that write. */
static uintptr_t riscv_mask(uint32_t word, size_t size) {
    uint32_t function = (word >> 12) & 7u, source = (word >> 15) & 31u;
    if (size != 4 || (word & 0x7Fu) != 0x73u || word >> 20 != 0x300u) {
        return 0;
    }
    if (function == 7u && (source & 8u) != 0u) {
        return MASKS;
    }
    return (function == 2u && source != 0u) || (function == 6u && (source & 8u) != 0u) ? UNMASKS
                                                                                       : 0;
}

static uintptr_t kind_of(const struct qemu_plugin_insn *instruction) {
    uint64_t at = qemu_plugin_insn_vaddr(instruction);
    size_t size = qemu_plugin_insn_size(instruction);
    uint8_t bytes[4] = {0, 0, 0, 0};
    uint32_t first, second;
    uintptr_t kind = COUNTED;
    memcpy(bytes, qemu_plugin_insn_data(instruction), size < 4 ? size : 4);
    first = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8;
    second = (uint32_t)bytes[2] | (uint32_t)bytes[3] << 8;
    for (size_t i = 0; i < ignored_ranges; i++) {
        if (at >= ignored[i].from && at < ignored[i].to) {
            kind = 0;
        }
    }
    kind |= at == begin_at ? BEGINS : 0;
    kind |= at == end_at ? ENDS : 0;
    return kind |
           (is_arm ? arm_mask(first, second, size) : riscv_mask(first | second << 16, size));
}

/* --- counting */

static bool is_open;
static struct { uint64_t counted, total, sections, longest, masked; } window;
static uint64_t depth, stretch;

static void wrong(const char *what) {
    fprintf(out, "error: %s\n", what);
    fflush(out);
    fprintf(stderr, "plugin: %s\n", what);
    exit(1);
}

static void begin(void) {
    if (is_open) {
        wrong("a window opens inside another");
    }
    memset(&window, 0, sizeof window);
    is_open = true;
}

static void end(void) {
    if (!is_open || depth != 0) {
        wrong(is_open ? "interrupts are masked where a window ends"
                      : "a window ends that is none");
    }
    fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
            window.counted, window.total, window.sections, window.longest, window.masked);
    is_open = false;
}

static void leave_section(void) {
    if (depth == 0) {
        wrong("interrupts are unmasked that were not masked");
    }
    if (--depth == 0 && stretch > window.longest) {
        window.longest = stretch;
    }
}

static void executed(unsigned processor, void *context) {
    uintptr_t kind = (uintptr_t)context;
    uint64_t one = kind & COUNTED;
    (void)processor;
    if ((kind & ENDS) != 0) {
        end();
    }
    if ((kind & BEGINS) != 0) {
        begin();
    }
    if (!is_open) {
        return;
    }
    window.total++;
    window.counted += one;
    if (depth != 0) {
        stretch += one;
        window.masked += one;
    }
    if ((kind & MASKS) != 0 && depth++ == 0) {
        window.sections++;
        stretch = 0;
    }
    if ((kind & UNMASKS) != 0) {
        leave_section();
    }
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, executed, QEMU_PLUGIN_CB_NO_REGS,
                                               (void *)kind_of(instruction));
    }
}

static void ended(qemu_plugin_id_t id, void *context) {
    (void)id;
    (void)context;
    if (is_open) {
        wrong("the program ended inside a window");
    }
    fclose(out);
}

/* --- arguments */

static bool takes(const char *argument) {
    const char *value = strchr(argument, '=');
    size_t length = value == NULL ? 0 : (size_t)(value++ - argument);
    char *rest;
    if (length == 3 && strncmp(argument, "out", length) == 0) {
        return (out = fopen(value, "w")) != NULL;
    }
    if (length == 5 && strncmp(argument, "begin", length) == 0) {
        return (begin_at = strtoull(value, NULL, 16)) != 0;
    }
    if (length == 3 && strncmp(argument, "end", length) == 0) {
        return (end_at = strtoull(value, NULL, 16)) != 0;
    }
    if (length != 6 || strncmp(argument, "ignore", length) != 0 ||
        ignored_ranges == MAX_RANGES) {
        return false;
    }
    ignored[ignored_ranges].from = strtoull(value, &rest, 16);
    ignored[ignored_ranges].to = *rest == ':' ? strtoull(rest + 1, NULL, 16) : 0;
    ignored_ranges++;
    return ignored[ignored_ranges - 1].to > ignored[ignored_ranges - 1].from;
}

__attribute__((visibility("default"))) int
qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
    is_arm = strcmp(info->target_name, "arm") == 0;
    for (int i = 0; i < argc; i++) {
        if (!takes(argv[i])) {
            fprintf(stderr, "plugin: not an argument: %s\n", argv[i]);
            return 1;
        }
    }
    if (out == NULL || begin_at == 0 || end_at == 0) {
        fprintf(stderr, "plugin: begin, end and out are needed\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
