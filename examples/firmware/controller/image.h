/* The host's image of the flash: what each page must hold by the completions
 * that the host has seen, compared with what it does hold. It knows nothing of
 * quell.
 *
 * The host has at most one command under way for a block. After a reset the
 * hardware may go on with a command that has completed, so its block is
 * unsettled: not to be used before the die has let go of it, and then in one of
 * the states that such a command may leave. */

#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "flash.h"

struct image_change {
    uint8_t opcode;
    uint32_t block, page;
    uint32_t words[NVME_PAGE_WORDS]; /* of a Write */
};

void image_init(void);
/* Settles the block where that is needed; false: the hardware is still at it. */
bool image_settled(uint32_t block);
/* The first erased page of a settled block; FLASH_PAGES: there is none. */
uint32_t image_first_erased(uint32_t block);
const struct flash_page *image_page(uint32_t block, uint32_t page);

/* What became of a command. Each compares, and notes a violation. */
void image_done(const struct image_change *change);
void image_write_failed(const struct image_change *change);
void image_unchanged(const struct image_change *change);
void image_torn(const struct image_change *change);
void image_unsettle(const struct image_change *change);
/* At the end, when the hardware is idle: all of it. */
void image_require_whole(void);

#endif
