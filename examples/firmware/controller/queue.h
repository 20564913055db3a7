/* Submission and completion queues in the host's memory.
 *
 * A submission queue has one party at either end: the host writes an entry and
 * then the tail doorbell; the controller fetches, and reports how far it came
 * by the head in each completion.
 *
 * A completion queue has one consumer, the host, and any context of the
 * controller as producer, so that posting masks interrupts. The phase tag of an
 * entry is inverted with each pass over the queue, which tells the host that an
 * entry is new without a look at the tail. */

#ifndef QUEUE_H
#define QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "nvme.h"

struct submission_queue {
    struct nvme_submission *entries;
    uint32_t size;
    uint16_t id;
    uint32_t head; /* the controller's */
    uint32_t tail; /* the host's doorbell */
};

struct completion_queue {
    struct nvme_completion *entries;
    uint32_t size;
    uint32_t tail; /* the controller's */
    uint16_t phase;
    uint32_t head; /* the host's doorbell */
    uint16_t expected_phase;
};

void submission_queue_init(struct submission_queue *queue, uint16_t id,
                           struct nvme_submission *entries, uint32_t size);
/* False: full. */
bool submission_put(struct submission_queue *queue, const struct nvme_submission *entry);
/* The next entry, which stays in the queue; null: there is none. */
const struct nvme_submission *submission_peek(const struct submission_queue *queue);
void submission_fetched(struct submission_queue *queue);

void completion_queue_init(struct completion_queue *queue, struct nvme_completion *entries,
                           uint32_t size);
/* False: full. An entry that is posted is seen whole. */
bool completion_post(struct completion_queue *queue, const struct submission_queue *of,
                     uint32_t command, uint32_t status, uint32_t dword0);
/* False: nothing new. The entry's status comes without its phase tag. */
bool completion_take(struct completion_queue *queue, struct nvme_completion *taken);

#endif
