#include "trace.h"

#include <stdio.h>

#include "machine.h"
#include "nvme.h"
#include "quell.h"

struct record {
    uint32_t event, subject, first, second;
};

static struct record records[TRACE_LONGEST];
static uint32_t kept, wanted;
static uint32_t hash;

void trace_init(uint32_t records_wanted) {
    kept = 0;
    wanted = records_wanted < TRACE_LONGEST ? records_wanted : TRACE_LONGEST;
    hash = 0x811C9DC5u;
}

static uint32_t mixed(uint32_t with, uint32_t word) {
    with = (with ^ word) * 0x01000193u;
    return with ^ with >> 15;
}

static void keep(enum trace_event event, uint32_t subject, uint32_t first, uint32_t second) {
    uint32_t saved = machine_mask();
    if (kept < wanted) {
        struct record *record = &records[kept++];
        record->event = event;
        record->subject = subject;
        record->first = first;
        record->second = second;
    }
    machine_unmask(saved);
}

/* The hash is of use in the pace of steps alone, where no interrupt comes in
 * here. */
void trace(enum trace_event event, uint32_t subject, uint32_t first, uint32_t second) {
    hash = mixed(mixed(mixed(hash, (uint32_t)event << 16 ^ subject), first), second);
    if (kept < wanted) {
        keep(event, subject, first, second);
    }
}

uint32_t trace_hash(void) { return hash; }

static const char *opcode_name(uint32_t opcode) {
    switch (opcode) {
    case NVME_WRITE:
        return "Write";
    case NVME_READ:
        return "Read";
    case NVME_ERASE:
        return "Erase";
    default:
        return "an opcode that there is none of";
    }
}

static void print(const struct record *record) {
    unsigned long subject = record->subject;
    unsigned long first = record->first;
    switch (record->event) {
    case TRACE_SUBMIT:
        printf("  command %lu is %s of block %lu page %lu\n", subject,
               opcode_name(record->first), (unsigned long)nvme_block(record->second),
               (unsigned long)nvme_page(record->second));
        break;
    case TRACE_START:
        printf("  command %lu starts on die %lu\n", subject, first);
        break;
    case TRACE_COMMIT:
        printf("  command %lu passes its commit point\n", subject);
        break;
    case TRACE_END:
        printf("  command %lu completes with status %03lXh, effects %s\n", subject, first,
               quell_effects_name(record->second));
        break;
    case TRACE_ABORT:
        printf("  the Abort of command %lu is told %s\n", subject,
               quell_verdict_name(record->first));
        break;
    case TRACE_ABORT_ANSWER:
        printf("  Abort %lu completes with status %03lXh, dword 0 bit 0 = %lu\n", subject,
               first, (unsigned long)record->second);
        break;
    case TRACE_STOPPED:
        printf("  die %lu lets go of a command that was forced\n", subject);
        break;
    case TRACE_RESET:
        printf("  the controller is reset\n");
        break;
    case TRACE_POWER_FAILS:
        printf("  power is failing\n");
        break;
    default:
        printf("  power is back\n");
    }
}

void trace_print(void) {
    for (uint32_t index = 0; index < kept; index++) {
        print(&records[index]);
    }
}
