/*
 * The scripted machine of backup_machine.h, for fronts in C and in C++ that replay rows:
 * what is told has the numbers of the tables, CONFORMANCE_TOLD_...
 */
#ifndef BACKUP_WORLD_H
#define BACKUP_WORLD_H

#include <stdint.h>

#include <windows.h>

#include <vss.h>

#include <vsbackup.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct world world_t;

/* In place of a writer's number: the provider. */
#define WORLD_PROVIDER 15u

world_t *world_make(void);
void world_free(world_t *world);
HRESULT world_new_backup(world_t *world, IVssBackupComponents **into);
/* From here on: refuses when told so. */
void world_refuses(world_t *world, unsigned who, unsigned what, HRESULT code);
/* When told so next, does not return until it is let go. */
void world_holds(world_t *world, unsigned who, unsigned what);
/* When told so next, calls this first. */
void world_does(world_t *world, unsigned who, unsigned what, void (*then)(void *),
                void *context);
/* Waits until it has been told so, not counting what was taken by `world_told`, or is
 * held there; 0: in vain. */
int world_comes_to(world_t *world, unsigned who, unsigned what);
/* Lets everybody go; 0: nobody was held. */
int world_lets_go(world_t *world);
/* From here on nobody is held. */
void world_holds_nobody(world_t *world);
void world_provider_is_deaf(world_t *world);
void world_clock_passes(world_t *world, uint32_t milliseconds);
/* Milliseconds: how long AbortBackup waits, how often the clock is looked at. */
void world_limits(world_t *world, uint32_t abort, uint32_t watch);
void world_profile(world_t *world, uint32_t raw);
/* Who was told what since it was asked last, writer * 16 + what; how many. */
unsigned world_told(world_t *world, uint8_t *into, unsigned room);
/* What quell said of the last AbortBackup. */
unsigned world_abort_verdict(world_t *world);
/* Whether a set is under way; waits a moment until it is as expected. */
unsigned world_locked(world_t *world, unsigned expected);
/* How many objects are alive; waits a moment until there are as many. */
unsigned world_objects(world_t *world, unsigned expected);
/* How many snapshot sets were made, and how many snapshots are gone again. */
void world_counts(world_t *world, uint32_t counts[2]);
/* What is wrong with a machine that nobody uses any more; null: nothing. */
const char *world_flaw(world_t *world);

#ifdef __cplusplus
}
#endif

#endif
