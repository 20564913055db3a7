/*
 * Two sessions on one lock, their writers, who do as they are scripted, and an
 * operation linked to each.
 */
#ifndef WORLD_H
#define WORLD_H

#include <pthread.h>
#include <string.h>

#include "quell.h"
#include "says.h"

enum { WRITERS = 3, SIDES = 2, NOTICES = 32, LINES = 8 };

typedef struct {
    quell_session_t session;
    quell_seat_t seats[WRITERS];
    quell_link_t links[1];
    uint32_t link;
    quell_source_t source;
    quell_handle_t owner;
    quell_worker_t worker;
    int begun;
} side_t;

/* A line of the script: what a writer does when it is told something. */
typedef struct {
    uint32_t writer, notice, refuses, takes;
} line_t;

typedef struct {
    quell_session_lock_t lock;
    side_t sides[SIDES];
    uint32_t clock;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* Under the mutex from here on. */
    uint8_t told[NOTICES];
    uint32_t told_count;
    line_t lines[LINES];
    uint32_t line_count;
    uint32_t holds_writer, holds_notice; /* The notice is 0 where nobody holds. */
    int held;
} world_t;

static inline uint32_t world_clock(world_t *world) {
    return __atomic_load_n(&world->clock, __ATOMIC_SEQ_CST);
}

/* Under the mutex: a load and a store, since not every core can do both in one. */
static inline void world_later(world_t *world, uint32_t ticks) {
    __atomic_store_n(&world->clock, world_clock(world) + ticks, __ATOMIC_SEQ_CST);
}

static inline uint32_t world_tell(void *context, uint32_t writer, quell_notice_t notice) {
    world_t *world = (world_t *)context;
    uint32_t refusal = 0, n;
    pthread_mutex_lock(&world->mutex);
    if (world->told_count == NOTICES || writer >= WRITERS)
        exit(1);
    world->told[world->told_count++] = (uint8_t)(writer << 4 | (uint32_t)notice);
    if (world->holds_notice == (uint32_t)notice && world->holds_writer == writer) {
        world->held = 1;
        pthread_cond_broadcast(&world->changed);
        while (world->holds_notice != 0)
            pthread_cond_wait(&world->changed, &world->mutex);
        world->held = 0;
        pthread_cond_broadcast(&world->changed);
    }
    for (n = 0; n < world->line_count; n++) {
        if (world->lines[n].writer == writer && world->lines[n].notice == (uint32_t)notice) {
            world_later(world, world->lines[n].takes);
            refusal = world->lines[n].refuses;
        }
    }
    pthread_mutex_unlock(&world->mutex);
    return refusal;
}

static inline void world_pass(world_t *world, uint32_t ticks) {
    pthread_mutex_lock(&world->mutex);
    world_later(world, ticks);
    pthread_mutex_unlock(&world->mutex);
}
static inline uint32_t world_now(void *context) { return world_clock((world_t *)context); }

static inline quell_session_config_t world_config(world_t *world, quell_seat_t *seats,
                                                  quell_link_t *links) {
    quell_session_config_t config;
    memset(&config, 0, sizeof config);
    config.struct_size = sizeof config;
    config.participant_count = WRITERS;
    config.link_count = links == NULL ? 0u : 1u;
    config.seats = seats;
    config.links = links;
    config.lock = &world->lock;
    config.tell = world_tell;
    config.now = world_now;
    config.context = world;
    return config;
}

static inline void world_make(world_t *world) {
    static const quell_source_t vacant = QUELL_SOURCE_INIT;
    size_t n;
    memset(world, 0, sizeof *world);
    world->clock = UINT32_MAX - 5u;
    if (pthread_mutex_init(&world->mutex, NULL) != 0 ||
        pthread_cond_init(&world->changed, NULL) != 0)
        exit(1);
    for (n = 0; n < SIDES; n++) {
        side_t *side = &world->sides[n];
        const quell_session_config_t config = world_config(world, side->seats, side->links);
        side->source = vacant;
        if (quell_session_init(&side->session, &config) != QUELL_OK)
            exit(1);
    }
}

static inline void world_end(world_t *world) {
    pthread_cond_destroy(&world->changed);
    pthread_mutex_destroy(&world->mutex);
}

static inline quell_verdict_t side_begin(side_t *side, uint32_t mode) {
    if (quell_source_arm(&side->source, mode, &side->owner) != QUELL_OK ||
        quell_op_start(&side->owner, &side->worker) != QUELL_OK)
        exit(1);
    side->begun = 1;
    return quell_session_link(&side->session, &side->owner, &side->link);
}

/* Whether a session holds the lock: the public way is that another cannot. */
static inline uint32_t world_locked(world_t *world) {
    quell_seat_t seats[WRITERS];
    quell_session_t probe;
    quell_session_config_t config = world_config(world, seats, NULL);
    quell_verdict_t told;
    if (quell_session_init(&probe, &config) != QUELL_OK)
        exit(1);
    (void)quell_session_initialise(&probe, QUELL_PURPOSE_BACKUP_ALONE);
    told = quell_session_start_set(&probe);
    (void)quell_session_release(&probe);
    return told == QUELL_BUSY;
}

static inline void world_line(world_t *world, uint32_t writer, uint32_t notice,
                              uint32_t refuses, uint32_t takes) {
    const line_t line = {writer, notice, refuses, takes};
    pthread_mutex_lock(&world->mutex);
    if (world->line_count == LINES)
        exit(1);
    world->lines[world->line_count++] = line;
    pthread_mutex_unlock(&world->mutex);
}

static inline void world_agrees(world_t *world, uint32_t writer, uint32_t notice) {
    uint32_t n;
    pthread_mutex_lock(&world->mutex);
    for (n = 0; n < world->line_count; n++)
        if (world->lines[n].writer == writer && world->lines[n].notice == notice)
            world->lines[n].notice = 0;
    pthread_mutex_unlock(&world->mutex);
}

static inline void world_holds(world_t *world, uint32_t writer, uint32_t notice) {
    pthread_mutex_lock(&world->mutex);
    world->holds_writer = writer;
    world->holds_notice = notice;
    pthread_mutex_unlock(&world->mutex);
}

static inline int world_held(world_t *world) {
    int held;
    pthread_mutex_lock(&world->mutex);
    held = world->held;
    pthread_mutex_unlock(&world->mutex);
    return held;
}

static inline void world_wait_held(world_t *world) {
    pthread_mutex_lock(&world->mutex);
    while (!world->held)
        pthread_cond_wait(&world->changed, &world->mutex);
    pthread_mutex_unlock(&world->mutex);
}

/* Whether a writer was held; it has gone on by then. */
static inline int world_let_go(world_t *world) {
    int held;
    pthread_mutex_lock(&world->mutex);
    held = world->held;
    world->holds_notice = 0;
    pthread_cond_broadcast(&world->changed);
    while (world->held)
        pthread_cond_wait(&world->changed, &world->mutex);
    pthread_mutex_unlock(&world->mutex);
    return held;
}

/* What was told since the last time: how many notices, which go to `into`. */
static inline uint32_t world_told(world_t *world, uint8_t into[NOTICES]) {
    uint32_t count;
    pthread_mutex_lock(&world->mutex);
    count = world->told_count;
    memcpy(into, world->told, sizeof world->told);
    world->told_count = 0;
    pthread_mutex_unlock(&world->mutex);
    return count;
}

#endif
