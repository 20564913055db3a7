/* The program: the marks, the report, what the port is here, and the sizes of
 * what a caller places in memory. Nothing interrupts, and nothing is asked of
 * the port but that it is called, so that a call is counted alone. */

#include "count.h"

#include <stdio.h>

volatile uint32_t count_told;
static uint32_t failures;
static volatile uint32_t retired_at_begin, retired_at_end;

/* Empty but for the core's own counter, where it has one: read as the last thing
 * of the one and the first of the other. */
#if defined(__ARM_ARCH)
#define MARK(name, noted)                                                                      \
    __attribute__((noinline)) void name(void) { __asm__ volatile("" ::: "memory"); }
#else
#define MARK(name, noted)                                                                      \
    __attribute__((noinline)) void name(void) {                                                \
        uint32_t now;                                                                          \
        __asm__ volatile(".option push\n\t.option arch, +zicsr\n\tcsrr %0, minstret\n\t"       \
                         ".option pop"                                                         \
                         : "=r"(now)::"memory");                                               \
        noted = now;                                                                           \
    }
#endif
MARK(count_begin, retired_at_begin)
MARK(count_end, retired_at_end)

void count_report(const char *name, const char *call, uint32_t depth) {
    count_holds(depth < PAINTED_WORDS * 4u, "more stack than was painted", __LINE__);
    printf("count %s\t%s\t%u\t%u\n", name, call, (unsigned)depth,
           (unsigned)(retired_at_end - retired_at_begin));
}

void count_holds(bool condition, const char *what, int line) {
    if (!condition) {
        printf("does not hold in line %d: %s; told %u\n", line, what, (unsigned)count_told);
        failures++;
    }
}

uint64_t quell_port_1_now_us(void) { return 0; }

void quell_port_1_pend_drain(void) {}

#define SIZE(type) printf("sizeof %s\t%u\n", #type, (unsigned)sizeof(type))

static void sizes(void) {
    SIZE(quell_op_t);
    SIZE(quell_handle_t);
    SIZE(quell_worker_t);
    SIZE(quell_source_t);
    SIZE(quell_hook_t);
    SIZE(quell_member_t);
    SIZE(quell_scope_t);
    SIZE(quell_progress_t);
    SIZE(quell_reporter_t);
    SIZE(quell_deadlines_t);
    SIZE(quell_deadline_t);
    SIZE(quell_table_t);
    SIZE(quell_session_t);
    SIZE(quell_seat_t);
    SIZE(quell_link_t);
    printf("sizeof a table's header\t%u\n", (unsigned)QUELL_TABLE_HEADER_SIZE);
    printf("sizeof a table's slot\t%u\n", (unsigned)QUELL_TABLE_SLOT_SIZE);
}

int main(void) {
    sizes();
    count_operations();
    count_hooks();
    count_scopes();
    count_tables();
    count_deadlines();
    count_sessions();
    printf("count: %s\n", failures == 0u ? "all held" : "FAILED");
    return failures == 0u ? 0 : 1;
}
