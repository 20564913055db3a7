/* The entries of the queues, as far as this controller has them, and the codes
 * beside those of quell.h. NVM Express Base Specification 2.1, figures in
 * brackets; a status is a status field without its phase tag. */

#ifndef NVME_H
#define NVME_H

#include <stdint.h>

/* Write and Read name a page, and Erase a block: a vendor specific opcode, for
 * NVM Express has no erase. */
#define NVME_WRITE 0x01u
#define NVME_READ 0x02u
#define NVME_ERASE 0x90u
/* Of the admin queue. */
#define NVME_ABORT 0x08u

#define NVME_WRITE_FAULT 0x280u
#define NVME_UNRECOVERED_READ_ERROR 0x281u

#define NVME_PAGE_WORDS 4u

struct nvme_submission {
    uint8_t opcode;
    uint16_t command; /* the command identifier, CID */
    uint32_t dword10; /* block and page; of an Abort, SQID and CID [142] */
    uint32_t *data;   /* the host's memory; of Write and Read one page */
};

struct nvme_completion {
    uint32_t dword0;
    uint16_t sq_head;
    uint16_t sq;
    uint16_t command;
    uint16_t status; /* the phase tag is bit 0 [99] */
};

static inline uint32_t nvme_address(uint32_t block, uint32_t page) {
    return block << 16 | page;
}
static inline uint32_t nvme_block(uint32_t dword10) { return dword10 >> 16; }
static inline uint32_t nvme_page(uint32_t dword10) { return dword10 & 0xFFFFu; }

/* A command's name throughout the controller, and the tag of its operation. */
static inline uint32_t nvme_name(uint32_t sq, uint32_t command) { return command << 16 | sq; }

#endif
