#include "queue.h"

#include "machine.h"

static uint32_t after(uint32_t index, uint32_t size) {
    return index + 1u == size ? 0u : index + 1u;
}

void submission_queue_init(struct submission_queue *queue, uint16_t id,
                           struct nvme_submission *entries, uint32_t size) {
    queue->entries = entries;
    queue->size = size;
    queue->id = id;
    queue->head = 0;
    queue->tail = 0;
}

bool submission_put(struct submission_queue *queue, const struct nvme_submission *entry) {
    uint32_t tail = after(queue->tail, queue->size);
    if (tail == __atomic_load_n(&queue->head, __ATOMIC_ACQUIRE)) {
        return false;
    }
    queue->entries[queue->tail] = *entry;
    __atomic_store_n(&queue->tail, tail, __ATOMIC_RELEASE);
    return true;
}

const struct nvme_submission *submission_peek(const struct submission_queue *queue) {
    if (queue->head == __atomic_load_n(&queue->tail, __ATOMIC_ACQUIRE)) {
        return 0;
    }
    return &queue->entries[queue->head];
}

void submission_fetched(struct submission_queue *queue) {
    __atomic_store_n(&queue->head, after(queue->head, queue->size), __ATOMIC_RELEASE);
}

void completion_queue_init(struct completion_queue *queue, struct nvme_completion *entries,
                           uint32_t size) {
    queue->entries = entries;
    queue->size = size;
    queue->tail = 0;
    queue->phase = 1;
    queue->head = 0;
    queue->expected_phase = 1;
    for (uint32_t index = 0; index < size; index++) {
        entries[index].status = 0;
    }
}

bool completion_post(struct completion_queue *queue, const struct submission_queue *of,
                     uint32_t command, uint32_t status, uint32_t dword0) {
    uint32_t saved = machine_mask();
    uint32_t next = after(queue->tail, queue->size);
    bool room = next != __atomic_load_n(&queue->head, __ATOMIC_ACQUIRE);
    if (room) {
        struct nvme_completion *entry = &queue->entries[queue->tail];
        entry->dword0 = dword0;
        entry->sq_head = (uint16_t)of->head;
        entry->sq = of->id;
        entry->command = (uint16_t)command;
        __atomic_store_n(&entry->status, (uint16_t)(status << 1 | queue->phase),
                         __ATOMIC_RELEASE);
        if (next == 0u) {
            queue->phase ^= 1u;
        }
        queue->tail = next;
    }
    machine_unmask(saved);
    return room;
}

bool completion_take(struct completion_queue *queue, struct nvme_completion *taken) {
    const struct nvme_completion *entry = &queue->entries[queue->head];
    uint16_t status = __atomic_load_n(&entry->status, __ATOMIC_ACQUIRE);
    uint32_t next = after(queue->head, queue->size);
    if ((status & 1u) != queue->expected_phase) {
        return false;
    }
    *taken = *entry;
    taken->status = (uint16_t)(status >> 1);
    if (next == 0u) {
        queue->expected_phase ^= 1u;
    }
    __atomic_store_n(&queue->head, next, __ATOMIC_RELEASE);
    return true;
}
