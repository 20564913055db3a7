#include "image.h"

#include <string.h>

#include "violation.h"

struct block {
    struct flash_page pages[FLASH_PAGES];
    bool unsettled;
    struct image_change change; /* what may have happened to it */
};

static struct block blocks[FLASH_BLOCKS];

static void set_erased(struct flash_page *page) {
    page->state = FLASH_PAGE_ERASED;
    for (uint32_t word = 0; word < NVME_PAGE_WORDS; word++) {
        page->words[word] = FLASH_ERASED_WORD;
    }
}

/* What a torn page holds is nothing that can be relied on. */
static bool same(const struct flash_page *one, const struct flash_page *other) {
    return one->state == other->state &&
           (one->state == FLASH_PAGE_TORN ||
            memcmp(one->words, other->words, sizeof one->words) == 0);
}

static bool block_is_as_it_was(uint32_t block) {
    bool as_it_was = true;
    for (uint32_t page = 0; page < FLASH_PAGES; page++) {
        as_it_was &= same(&blocks[block].pages[page], flash_peek(block, page));
    }
    return as_it_was;
}

static bool block_is(uint32_t block, enum flash_page_state state) {
    bool all = true;
    for (uint32_t page = 0; page < FLASH_PAGES; page++) {
        all &= flash_peek(block, page)->state == state;
    }
    return all;
}

static void adopt(uint32_t block) {
    for (uint32_t page = 0; page < FLASH_PAGES; page++) {
        blocks[block].pages[page] = *flash_peek(block, page);
    }
}

void image_init(void) {
    memset(blocks, 0, sizeof blocks);
    for (uint32_t block = 0; block < FLASH_BLOCKS; block++) {
        for (uint32_t page = 0; page < FLASH_PAGES; page++) {
            set_erased(&blocks[block].pages[page]);
        }
    }
}

/* The page after a Write that was carried out to its end. */
static struct flash_page written(const struct image_change *change) {
    struct flash_page page = blocks[change->block].pages[change->page];
    if (page.state == FLASH_PAGE_ERASED) {
        page.state = FLASH_PAGE_PROGRAMMED;
        memcpy(page.words, change->words, sizeof page.words);
    } else {
        page.state = FLASH_PAGE_TORN;
    }
    return page;
}

static bool may_be_left(const struct image_change *change) {
    uint32_t block = change->block;
    if (block_is_as_it_was(block)) {
        return true;
    }
    if (change->opcode == NVME_ERASE) {
        return block_is(block, FLASH_PAGE_ERASED) || block_is(block, FLASH_PAGE_TORN);
    }
    if (change->opcode == NVME_WRITE) {
        blocks[block].pages[change->page] = written(change);
        return block_is_as_it_was(block);
    }
    return false;
}

bool image_settled(uint32_t number) {
    struct block *block = &blocks[number];
    if (!block->unsettled) {
        return true;
    }
    if (flash_works_on(number)) {
        return false;
    }
    require(may_be_left(&block->change), "a reset left what it could not, in block", number);
    adopt(number);
    block->unsettled = false;
    return true;
}

uint32_t image_first_erased(uint32_t block) {
    uint32_t page = 0;
    while (page < FLASH_PAGES && blocks[block].pages[page].state != FLASH_PAGE_ERASED) {
        page++;
    }
    return page;
}

const struct flash_page *image_page(uint32_t block, uint32_t page) {
    return &blocks[block].pages[page];
}

void image_done(const struct image_change *change) {
    struct block *block = &blocks[change->block];
    struct flash_page *page = &block->pages[change->page];
    if (change->opcode == NVME_WRITE) {
        require(page->state == FLASH_PAGE_ERASED, "written twice, and told that it was good",
                change->block);
        *page = written(change);
        require(same(page, flash_peek(change->block, change->page)),
                "said to be written, and is not, in block", change->block);
    } else if (change->opcode == NVME_ERASE) {
        for (uint32_t erased = 0; erased < FLASH_PAGES; erased++) {
            set_erased(&block->pages[erased]);
        }
        require(block_is_as_it_was(change->block), "said to be erased, and is not: block",
                change->block);
    }
}

void image_write_failed(const struct image_change *change) {
    struct flash_page *page = &blocks[change->block].pages[change->page];
    require(change->opcode == NVME_WRITE && page->state != FLASH_PAGE_ERASED,
            "a good page is said to have failed, in block", change->block);
    page->state = FLASH_PAGE_TORN;
    require(same(page, flash_peek(change->block, change->page)),
            "said to have failed, and has not, in block", change->block);
}

void image_unchanged(const struct image_change *change) {
    require(block_is_as_it_was(change->block), "said to have left nothing, and has, in block",
            change->block);
}

void image_torn(const struct image_change *change) {
    struct block *block = &blocks[change->block];
    require(change->opcode == NVME_ERASE, "only an erase can leave something, in block",
            change->block);
    for (uint32_t page = 0; page < FLASH_PAGES; page++) {
        block->pages[page].state = FLASH_PAGE_TORN;
    }
    require(block_is_as_it_was(change->block), "said to be torn, and is not: block",
            change->block);
}

void image_unsettle(const struct image_change *change) {
    blocks[change->block].unsettled = true;
    blocks[change->block].change = *change;
}

void image_require_whole(void) {
    for (uint32_t block = 0; block < FLASH_BLOCKS; block++) {
        require(image_settled(block), "the hardware still works on block", block);
        require(block_is_as_it_was(block), "at the end the flash differs, in block", block);
    }
}
