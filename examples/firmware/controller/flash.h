/* A flash memory of several dies, each of which does one thing at a time.
 *
 * Work on a die goes through stages, which the die's clock, flash_tick(), moves:
 *
 *   setup: a read senses, a program takes the data into the page register, an
 *     erase ramps up and then weakens the block's pages, which cannot be read
 *     from there on.
 *   ready: a program or an erase waits for the confirmation. Nothing of it has
 *     passed its point yet: it can still be stopped.
 *   pulsing: past the point. It cannot be stopped.
 *   done, or stopped: the die waits for its result to be collected.
 *
 * Pages are erased, programmed with some content, or torn: neither, for an
 * erase was stopped on its way, or because the page was programmed twice. */

#ifndef FLASH_H
#define FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme.h"

#define FLASH_DIES 4u
#define FLASH_BLOCKS 16u /* of all dies: block b is of die b mod FLASH_DIES */
#define FLASH_PAGES 8u   /* of a block */
#define FLASH_ERASED_WORD UINT32_MAX

enum flash_work { FLASH_READ, FLASH_PROGRAM, FLASH_ERASE };
enum flash_stage {
    FLASH_IDLE,
    FLASH_SETUP,
    FLASH_READY,
    FLASH_PULSING,
    FLASH_DONE,
    FLASH_STOPPED
};
enum flash_page_state { FLASH_PAGE_ERASED, FLASH_PAGE_PROGRAMMED, FLASH_PAGE_TORN };

struct flash_page {
    enum flash_page_state state;
    uint32_t words[NVME_PAGE_WORDS];
};

struct flash_result {
    enum flash_work work;
    bool stopped;
    bool left_something; /* of what was stopped */
    bool failed;         /* of what was not: programmed twice, or torn when read */
    uint32_t words[NVME_PAGE_WORDS];
};

/* All blocks erased, all dies idle. */
void flash_init(void);

static inline uint32_t flash_die_of(uint32_t block) { return block % FLASH_DIES; }

/* The driver's side. Each is one access to the die: it happens between two
 * ticks. False: the die is not in the stage for it, and nothing changes. */
bool flash_begin(uint32_t die, enum flash_work work, uint32_t block, uint32_t page,
                 const uint32_t words[NVME_PAGE_WORDS]);
bool flash_confirm(uint32_t die);
/* The die stops at its next tick, unless it pulses or has nothing to stop. */
bool flash_stop(uint32_t die);
bool flash_collect(uint32_t die, struct flash_result *result);
enum flash_stage flash_stage(uint32_t die);

/* The hardware's side: some time passes on all dies. */
void flash_tick(void);

/* For the ledger, past the driver: a page's true state, and whether a die still
 * works on this block. */
const struct flash_page *flash_peek(uint32_t block, uint32_t page);
bool flash_works_on(uint32_t block);

#endif
