#include "flash.h"

#include <string.h>

#include "machine.h"

struct timing {
    uint8_t setup;
    uint8_t pulses; /* none: nothing to confirm */
};

static const struct timing timings[] = {
    [FLASH_READ] = {2, 0},
    [FLASH_PROGRAM] = {2, 3},
    [FLASH_ERASE] = {3, 6},
};

struct die {
    enum flash_stage stage;
    enum flash_work work;
    uint32_t block, page;
    uint32_t ticks; /* still to come in this stage */
    bool stopping;
    bool left_something;
    bool failed;
    uint32_t page_register[NVME_PAGE_WORDS];
};

static struct die dies[FLASH_DIES];
static struct flash_page pages[FLASH_BLOCKS][FLASH_PAGES];

static void erase_page(struct flash_page *page) {
    page->state = FLASH_PAGE_ERASED;
    for (uint32_t word = 0; word < NVME_PAGE_WORDS; word++) {
        page->words[word] = FLASH_ERASED_WORD;
    }
}

static void erase_block(uint32_t block) {
    for (uint32_t page = 0; page < FLASH_PAGES; page++) {
        erase_page(&pages[block][page]);
    }
}

void flash_init(void) {
    memset(dies, 0, sizeof dies);
    for (uint32_t block = 0; block < FLASH_BLOCKS; block++) {
        erase_block(block);
    }
}

static enum flash_stage stage_of(const struct die *die) {
    return __atomic_load_n(&die->stage, __ATOMIC_ACQUIRE);
}

static void enter(struct die *die, enum flash_stage stage) {
    __atomic_store_n(&die->stage, stage, __ATOMIC_RELEASE);
}

bool flash_begin(uint32_t number, enum flash_work work, uint32_t block, uint32_t page,
                 const uint32_t words[NVME_PAGE_WORDS]) {
    struct die *die = &dies[number];
    if (stage_of(die) != FLASH_IDLE || flash_die_of(block) != number) {
        return false;
    }
    die->work = work;
    die->block = block;
    die->page = page;
    die->ticks = timings[work].setup;
    die->stopping = false;
    die->left_something = false;
    die->failed = false;
    if (work == FLASH_PROGRAM) {
        memcpy(die->page_register, words, sizeof die->page_register);
    }
    enter(die, FLASH_SETUP);
    return true;
}

bool flash_confirm(uint32_t number) {
    struct die *die = &dies[number];
    if (stage_of(die) != FLASH_READY || die->stopping) {
        return false;
    }
    die->ticks = timings[die->work].pulses;
    enter(die, FLASH_PULSING);
    return true;
}

bool flash_stop(uint32_t number) {
    struct die *die = &dies[number];
    uint32_t saved = machine_mask();
    enum flash_stage stage = stage_of(die);
    bool stops = stage == FLASH_SETUP || stage == FLASH_READY;
    if (stops) {
        die->stopping = true;
    }
    machine_unmask(saved);
    return stops;
}

bool flash_collect(uint32_t number, struct flash_result *result) {
    struct die *die = &dies[number];
    enum flash_stage stage = stage_of(die);
    if (stage != FLASH_DONE && stage != FLASH_STOPPED) {
        return false;
    }
    result->work = die->work;
    result->stopped = stage == FLASH_STOPPED;
    result->left_something = die->left_something;
    result->failed = die->failed;
    memcpy(result->words, die->page_register, sizeof result->words);
    enter(die, FLASH_IDLE);
    return true;
}

enum flash_stage flash_stage(uint32_t number) { return stage_of(&dies[number]); }

/* An erase leaves its block as it was for one tick, and then does not. */
static void tick_of_setup(struct die *die) {
    struct flash_page *page = &pages[die->block][die->page];
    if (die->work == FLASH_ERASE && !die->left_something &&
        die->ticks < timings[FLASH_ERASE].setup) {
        for (uint32_t weakened = 0; weakened < FLASH_PAGES; weakened++) {
            pages[die->block][weakened].state = FLASH_PAGE_TORN;
        }
        die->left_something = true;
    }
    if (--die->ticks != 0u) {
        return;
    }
    if (timings[die->work].pulses != 0u) {
        enter(die, FLASH_READY);
        return;
    }
    memcpy(die->page_register, page->words, sizeof die->page_register);
    die->failed = page->state == FLASH_PAGE_TORN;
    enter(die, FLASH_DONE);
}

/* Programming only clears bits: over a page that is not erased it leaves
 * neither content. */
static void tick_of_pulsing(struct die *die) {
    struct flash_page *page = &pages[die->block][die->page];
    if (die->work == FLASH_PROGRAM && die->ticks == timings[FLASH_PROGRAM].pulses) {
        die->failed = page->state != FLASH_PAGE_ERASED;
        page->state = FLASH_PAGE_TORN;
    }
    if (--die->ticks != 0u) {
        return;
    }
    if (die->work == FLASH_ERASE) {
        erase_block(die->block);
    } else {
        for (uint32_t word = 0; word < NVME_PAGE_WORDS; word++) {
            page->words[word] &= die->page_register[word];
        }
        page->state = die->failed ? FLASH_PAGE_TORN : FLASH_PAGE_PROGRAMMED;
    }
    enter(die, FLASH_DONE);
}

void flash_tick(void) {
    for (uint32_t number = 0; number < FLASH_DIES; number++) {
        struct die *die = &dies[number];
        enum flash_stage stage = stage_of(die);
        if (stage == FLASH_PULSING) {
            tick_of_pulsing(die);
        } else if (stage == FLASH_SETUP || stage == FLASH_READY) {
            if (die->stopping) {
                enter(die, FLASH_STOPPED);
            } else if (stage == FLASH_SETUP) {
                tick_of_setup(die);
            }
        }
    }
}

const struct flash_page *flash_peek(uint32_t block, uint32_t page) {
    return &pages[block][page];
}

bool flash_works_on(uint32_t block) {
    const struct die *die = &dies[flash_die_of(block)];
    return stage_of(die) != FLASH_IDLE && die->block == block;
}
