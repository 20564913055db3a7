// The scripted machine behind functions of C.
#include "backup_world.h"

#include "backup_machine.h"

namespace {

machine &of(world_t *world) { return *reinterpret_cast<machine *>(world); }

unsigned place_of(unsigned who) { return who == WORLD_PROVIDER ? PROVIDER : who; }

told_what notice_of(unsigned what) { return static_cast<told_what>(what); }

} // namespace

world_t *world_make() {
    auto made = machine::make();
    made->limits(60'000, 1);
    return reinterpret_cast<world_t *>(made.release());
}

void world_free(world_t *world) { delete &of(world); }

HRESULT world_new_backup(world_t *world, IVssBackupComponents **into) {
    return of(world).new_backup(into);
}

void world_refuses(world_t *world, unsigned who, unsigned what, HRESULT code) {
    of(world).answers(place_of(who), notice_of(what), code);
}

void world_holds(world_t *world, unsigned who, unsigned what) {
    of(world).holds(place_of(who), notice_of(what));
}

void world_does(world_t *world, unsigned who, unsigned what, void (*then)(void *),
                void *context) {
    of(world).does(place_of(who), notice_of(what), [=] { then(context); });
}

int world_comes_to(world_t *world, unsigned who, unsigned what) {
    return of(world).comes_to(place_of(who), notice_of(what)) ? 1 : 0;
}

int world_lets_go(world_t *world) { return of(world).let_go() ? 1 : 0; }

void world_holds_nobody(world_t *world) { of(world).holds_nobody(); }

void world_provider_is_deaf(world_t *world) { of(world).provider_listens(false); }

void world_clock_passes(world_t *world, uint32_t milliseconds) {
    of(world).clock_passes(milliseconds);
}

void world_limits(world_t *world, uint32_t abort, uint32_t watch) {
    of(world).limits(abort, watch);
}

void world_profile(world_t *world, uint32_t raw) { of(world).profile(raw); }

unsigned world_told(world_t *world, uint8_t *into, unsigned room) {
    unsigned count = 0;
    for (const auto &[who, what] : of(world).take_told()) {
        if (count < room)
            into[count] =
                static_cast<std::uint8_t>((who == PROVIDER ? WORLD_PROVIDER : who) << 4 | what);
        ++count;
    }
    return count;
}

unsigned world_abort_verdict(world_t *world) { return of(world).abort_verdict(); }

unsigned world_locked(world_t *world, unsigned expected) {
    for (unsigned tries = 0; tries < 5000 && of(world).locked() != expected; ++tries)
        Sleep(1);
    return of(world).locked();
}

unsigned world_objects(world_t *world, unsigned expected) {
    return of(world).objects(expected);
}

void world_counts(world_t *world, uint32_t counts[2]) {
    const machine_counts seen = of(world).counts();
    counts[0] = seen.made;
    counts[1] = seen.gone;
}

const char *world_flaw(world_t *world) {
    const machine_counts seen = of(world).counts();
    if (of(world).objects(0) != 0)
        return "an object is still alive";
    if (seen.repeated_aborts != 0)
        return "a writer was told of an abort twice";
    if (seen.left_frozen != 0)
        return "a writer is left frozen";
    if (seen.at_once != 0)
        return "a writer was told two things at once";
    return of(world).locked() != 0 ? "the lock is held by nobody" : nullptr;
}
