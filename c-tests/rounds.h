/*
 * A race as parties run it, round after round: what each does, and who judges.
 * The first party prepares a round, opens it, makes its own call after a wait,
 * and judges when all others have answered.
 */
#ifndef ROUNDS_H
#define ROUNDS_H

#include "parties.h"

#define OTHERS 2
/* Neither side, or both. */
#define NEUTRAL (-1)

/* The first party's call, the others', and who came first: 1 where the first
 * party is to wait longer, 0 where shorter. */
typedef struct {
    const char *name, *sides[2];
    int others;
    void (*prepare)(uint64_t round);
    void (*first)(uint64_t round, uint32_t wait);
    void (*other)(uint64_t round, int which);
    int (*judge)(uint64_t round);
} race_t;

typedef struct {
    pthread_t thread;
    uint64_t answered;
    int which;
    char apart[64];
} party_t;

static const race_t *race;
static party_t parties[OTHERS];
static uint64_t open_round;
static int closing;
static unsigned long wrong;

#define WRONG_UNLESS(condition) (void)((condition) || ++wrong == 0)

static inline void begin_races(void) {
    UNCHECKED(checks_made);
    UNCHECKED(open_round);
    UNCHECKED(closing);
    choose_processors();
    run_on(pthread_self(), first_processor);
}

static inline void *each_round(void *argument) {
    party_t *self = (party_t *)argument;
    uint64_t round = self->answered;
    uint32_t spins = 0;
    for (;;) {
        while (LOAD(&open_round) == round) {
            if (LOAD(&closing))
                return NULL;
            pause_for(&spins);
        }
        SEEN_AFTER(&open_round);
        ++round;
        race->other(round, self->which);
        PUBLISH(self);
        STORE(&self->answered, round);
    }
}

static inline void run_race(const race_t *which, uint64_t rounds) {
    const uint64_t first = open_round;
    unsigned long sides[2] = {0, 0}, neutral = 0;
    skew_t skew = {0, 0, 0};
    uint64_t round;
    int i;
    race = which;
    wrong = 0;
    STORE(&closing, 0);
    for (i = 0; i < which->others; ++i) {
        parties[i].which = i;
        parties[i].answered = first;
        UNCHECKED(parties[i].answered);
        CHECK(pthread_create(&parties[i].thread, NULL, each_round, &parties[i]) == 0);
        run_on(parties[i].thread, other_processor);
    }
    for (round = first + 1; round <= first + rounds; ++round) {
        uint32_t spins = 0;
        int side;
        which->prepare(round);
        PUBLISH(&open_round);
        STORE(&open_round, round);
        which->first(round, skew.wait);
        for (i = 0; i < which->others; ++i) {
            while (LOAD(&parties[i].answered) != round)
                pause_for(&spins);
            SEEN_AFTER(&parties[i]);
        }
        side = which->judge(round);
        if (side == NEUTRAL) {
            ++neutral;
            /* From one end or the other the wait creeps back. */
            skew.wait = round % 2u ? 4u * LONGEST_WAIT : 0u;
        } else {
            ++sides[side];
            adapt(&skew, side);
        }
    }
    STORE(&closing, 1);
    for (i = 0; i < which->others; ++i)
        CHECK(pthread_join(parties[i].thread, NULL) == 0);
    printf("race %s: %lu %s, %lu %s, %lu neither; wrong %lu\n", which->name, sides[1],
           which->sides[1], sides[0], which->sides[0], neutral, wrong);
    CHECK_EQ(wrong, 0);
    CHECK(sides[0] >= rounds / 1000u && sides[1] >= rounds / 1000u);
}

#endif
