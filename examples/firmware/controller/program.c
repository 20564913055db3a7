/* The controller and its host, by seed after seed: see README.md. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abort.h"
#include "command.h"
#include "controller.h"
#include "host.h"
#include "ledger.h"
#include "machine.h"
#include "pace.h"
#include "quell.h"
#include "trace.h"
#include "violation.h"

#define SEEDS 16u

struct options {
    uint32_t seeds[SEEDS];
    uint32_t seed_count;
    uint32_t commands;
    enum pace pace;
    uint32_t trace;
};

void completion_interrupt(void) {
    pace_enter(MACHINE_COMPLETION);
    controller_completion_interrupt();
    pace_leave(MACHINE_COMPLETION);
}

void abort_interrupt(void) {
    pace_enter(MACHINE_ABORT);
    host_abort_interrupt();
    controller_abort_interrupt();
    pace_leave(MACHINE_ABORT);
}

static bool host_is_over;

static enum machine_progress host_task(void) {
    enum machine_progress progress = host_step();
    pace_checkpoint();
    if (progress == MACHINE_OVER) {
        __atomic_store_n(&host_is_over, true, __ATOMIC_RELEASE);
        machine_notify(MACHINE_CONTROLLER);
    }
    return progress;
}

/* After the host's last completion dies may still have to let go, and power to
 * come back; after a violation neither may ever. */
static enum machine_progress controller_task(void) {
    static uint32_t steps_after;
    enum machine_progress progress = controller_step();
    if (!__atomic_load_n(&host_is_over, __ATOMIC_ACQUIRE)) {
        steps_after = 0;
        return progress;
    }
    return controller_is_quiet() || ++steps_after == 1000000u ? MACHINE_OVER : progress;
}

static unsigned long number(uint32_t of) { return of; }

static void print_counts(void) {
    const struct ledger_counts *ledger = ledger_counts();
    const struct command_counts *commands = command_counts();
    const uint32_t *told = abort_verdicts();
    printf("  commands: %lu submitted, %lu completed: %lu succeeded, %lu aborted, %lu lost to "
           "power, %lu to a reset, %lu failed\n",
           number(ledger->submitted), number(ledger->completed), number(ledger->succeeded),
           number(ledger->aborted), number(ledger->power_lost), number(ledger->reset),
           number(ledger->failed));
    printf("  effects: %lu erases were stopped half-way\n", number(ledger->torn));
    printf("  Aborts: %lu sent, %lu refused by the limit; told", number(ledger->aborts_sent),
           number(ledger->aborts_refused));
    for (uint32_t verdict = 0; verdict < ABORT_VERDICTS; verdict++) {
        if (told[verdict] != 0u && verdict != QUELL_FULL) {
            printf(" %s %lu", quell_verdict_name(verdict), number(told[verdict]));
        }
    }
    printf("\n  resets: %lu, commands forced %lu, outlasted by the hardware %lu\n",
           number(ledger->resets), number(commands->forced), number(commands->outlasted));
    printf("  power failures: %lu, commands too late %lu\n", number(ledger->power_failures),
           number(commands->told_too_late));
    printf("  holds: %lu taken, %lu released\n", number(commands->holds_taken),
           number(commands->holds_released));
}

/* A run of this length that has not met all of it has shown nothing. */
#define LONG_ENOUGH 20000u

static void require_met(const struct options *options) {
    static const quell_verdict_t told[] = {
        QUELL_CANCELLED, QUELL_CANCELLING, QUELL_RAISED,   QUELL_ALREADY_CANCELLED,
        QUELL_TOO_LATE,  QUELL_STALE,      QUELL_NOT_FOUND};
    const struct ledger_counts *ledger = ledger_counts();
    if (options->commands < LONG_ENOUGH) {
        return;
    }
    for (uint32_t index = 0; index < sizeof told / sizeof told[0]; index++) {
        require(abort_verdicts()[told[index]] != 0u, "no Abort was told the verdict",
                told[index]);
    }
    require(ledger->aborted != 0u && ledger->failed != 0u, "nothing was aborted, or failed", 0);
    require(ledger->torn != 0u, "no erase was stopped half-way", 0);
    require(ledger->aborts_refused != 0u, "no Abort was above the limit", 0);
    require(ledger->power_lost != 0u, "power took nothing", 0);
    require(command_counts()->outlasted != 0u, "no hardware outlasted a reset", 0);
}

/* True: no violation. */
static bool run(uint32_t seed, const struct options *options) {
    static const machine_step steps[MACHINE_TASKS] = {
        [MACHINE_HOST] = host_task,
        [MACHINE_CONTROLLER] = controller_task,
    };
    uint32_t profile = seed % 2u == 0u ? QUELL_NVME_PROFILE_WAITS : QUELL_NVME_PROFILE_DEFERS;
    bool waits = profile == QUELL_NVME_PROFILE_WAITS;
    violations_init();
    trace_init(options->trace);
    controller_init(profile);
    ledger_init(waits);
    host_init(seed, options->commands);
    host_is_over = false;
    pace_begin(options->pace, seed);
    machine_run(steps);
    pace_end();
    controller_require_empty();
    ledger_require_closed();
    require_met(options);
    printf("controller: seed %lu, Aborts %s, pace of %s\n", number(seed),
           waits ? "wait for the end" : "are deferred",
           options->pace == PACE_STEPS ? "steps" : "timers");
    trace_print();
    print_counts();
    if (options->pace == PACE_STEPS) {
        printf("  trace: %08lX\n", number(trace_hash()));
    }
    return violations_print() == 0u;
}

static bool parse_number(const char **from, uint32_t *value) {
    char *end;
    unsigned long parsed = strtoul(*from, &end, 10);
    if (end == *from || parsed > UINT32_MAX) {
        return false;
    }
    *value = (uint32_t)parsed;
    *from = end;
    return true;
}

/* Given several times, they add up. */
static bool parse_seeds(const char *from, struct options *options) {
    do {
        if (options->seed_count == SEEDS ||
            !parse_number(&from, &options->seeds[options->seed_count++])) {
            return false;
        }
    } while (*from == ',' && *++from != '\0');
    return *from == '\0';
}

static bool parse_one(const char *name, const char *value, struct options *options) {
    if (strcmp(name, "--seed") == 0) {
        return parse_seeds(value, options);
    }
    if (strcmp(name, "--commands") == 0) {
        return parse_number(&value, &options->commands) && *value == '\0';
    }
    if (strcmp(name, "--trace") == 0) {
        return parse_number(&value, &options->trace) && *value == '\0';
    }
    if (strcmp(name, "--pace") == 0) {
        options->pace = strcmp(value, "timers") == 0 ? PACE_TIMERS : PACE_STEPS;
        return options->pace == PACE_TIMERS || strcmp(value, "steps") == 0;
    }
    return false;
}

static bool parse(int argc, char **argv, struct options *options) {
    for (int word = 1; word < argc; word += 2) {
        if (word + 1 == argc || !parse_one(argv[word], argv[word + 1], options)) {
            return false;
        }
    }
    if (options->seed_count == 0u) {
        options->seeds[options->seed_count++] = 1;
    }
    return true;
}

int program(int argc, char **argv) {
    struct options options = {{0}, 0, 10000, PACE_STEPS, 0};
    bool sound = true;
    if (quell_abi_version() != QUELL_ABI_VERSION) {
        printf("controller: another quell was linked than was compiled for\n");
        return 2;
    }
    if (!parse(argc, argv, &options)) {
        printf("usage: controller [--seed N,...]... [--commands N] [--pace steps|timers] "
               "[--trace N]\n");
        return 2;
    }
    for (uint32_t seed = 0; sound && seed < options.seed_count; seed++) {
        sound = run(options.seeds[seed], &options);
    }
    printf("controller: %s\n", sound ? "never both, never neither" : "FAILED");
    return sound ? 0 : 1;
}
