// Tables from C++: with memory of their own, and over memory that is shared.
#include <cstring>
#include <type_traits>
#include <vector>

#include "check.h"
#include "quell.hpp"

using quell::level;
using quell::phase;
using quell::verdict;

static_assert(!std::is_copy_constructible_v<quell::table<4>>, "handles point into it");
static_assert(std::is_trivially_copyable_v<quell::table_view>, "a plain value");
static_assert(std::is_trivially_copyable_v<quell::tenant>, "a plain value");
static_assert(sizeof(quell::table<4>) >= QUELL_TABLE_STORAGE(4), "has its memory in it");

static void a_life() {
    quell::table<4> table;
    CHECK(table && table.refusal() == verdict::ok);
    CHECK(table.counts().slots == 4 && table.counts().in_use == 0);
    quell::tenant tenant = table.claim(7);
    CHECK(tenant && tenant.refusal() == verdict::ok && tenant.slot() == 0);
    quell::worker worker = tenant.start();
    CHECK(static_cast<bool>(worker));
    CHECK(table.find(7).cancel().verdict == verdict::cancelling);
    CHECK(table.cancel_by_tag(7, level::immediate).verdict == verdict::raised);
    CHECK(worker.poll() == level::immediate);
    CHECK(table.retire(tenant) == verdict::bad_state);
    CHECK(worker.acknowledge(quell::effects::partial) == verdict::ok);

    quell::table_entry entry{};
    CHECK(table.look(0, entry) && entry.tag == 7 && entry.slot == 0 && entry.holds == 0);
    CHECK(entry.status.phase == phase::cancelled &&
          entry.status.effects == quell::effects::partial);
    CHECK(table.retire(tenant) == verdict::ok);
    CHECK(!table.look(0, entry) && entry.tag == 0);
    CHECK(table.cancel_by_tag(7).verdict == verdict::not_found);
    CHECK(table.find(7).cancel().verdict == verdict::invalid);
    CHECK(tenant.canceller().cancel().verdict == verdict::stale);
}

static void prepared_before_it_is_found() {
    quell::table<2> table;
    std::vector<std::uint32_t> slots;
    quell::tenant tenant = table.claim(5, quell::mode::best_effort, 3, [&](std::uint32_t slot) {
        CHECK(table.cancel_by_tag(5).verdict == verdict::not_found);
        slots.push_back(slot);
    });
    CHECK(tenant && slots == std::vector<std::uint32_t>{0});
    quell::table_entry entry{};
    CHECK(table.look(tenant.slot(), entry) && entry.owner == 3);
    CHECK(entry.status.mode == quell::mode::best_effort);
}

static void full_and_held() {
    quell::table<1> table;
    quell::tenant tenant = table.claim(1);
    CHECK(table.hold(tenant) == verdict::ok);
    CHECK(!table.claim(2) && table.claim(2).refusal() == verdict::full);
    CHECK(tenant.force(9) == verdict::ok && table.retire(tenant) == verdict::ok);
    CHECK(table.claim(2).refusal() == verdict::full);
    CHECK(table.release(tenant) == verdict::ok);
    CHECK(table.release(tenant) == verdict::stale);
    CHECK(static_cast<bool>(table.claim(2)));
}

// Another view of the same memory, as another process has it: the owner died.
static void adopted_from_a_dead_owner() {
    alignas(8) unsigned char memory[QUELL_TABLE_STORAGE(3)] = {};
    CHECK(quell::table_view::attach(memory, sizeof memory, 3).refusal() == verdict::bad_state);
    quell::table_view here = quell::table_view::make(memory, sizeof memory, 3);
    quell::table_view there = quell::table_view::attach(memory, sizeof memory, 3);
    CHECK(here && there);
    CHECK(!quell::table_view::attach(memory, sizeof memory, 2));
    (void)here.claim(7, quell::mode::decisive, 11);
    (void)here.claim(8, quell::mode::decisive, 12);

    unsigned seen = 0;
    there.each([&](const quell::table_entry &found) {
        ++seen;
        if (found.owner != 11)
            return;
        quell::tenant left = there.adopt(found.slot);
        CHECK(left && left.force(130) == verdict::ok);
        CHECK(there.release_all(left) == verdict::bad_state);
        CHECK(there.retire(left) == verdict::ok);
    });
    CHECK_EQ(seen, 2);
    CHECK(there.sweep([](std::uint32_t owner) { return owner == 11; }) == 0);
    CHECK(here.cancel_by_tag(7).verdict == verdict::not_found);
    CHECK(here.cancel_by_tag(8).verdict == verdict::cancelled);
    CHECK(there.adopt(0).refusal() == verdict::not_found);
    CHECK(there.adopt(3).refusal() == verdict::invalid);
    CHECK(there.counts().in_use == 1 && there.counts().high_water == 2);
}

// Half a claim, as one who died left it.
static void swept() {
    alignas(8) unsigned char memory[QUELL_TABLE_STORAGE(1)] = {};
    quell::table_view table = quell::table_view::make(memory, sizeof memory, 1);
    const std::uint32_t claiming_by_five = 1u << 15 | 5u, taken = 1;
    std::memcpy(memory + 16, &taken, sizeof taken);
    std::memcpy(memory + 32 + 8, &claiming_by_five, sizeof claiming_by_five);
    CHECK(table.claim(1).refusal() == verdict::full);
    CHECK(table.sweep([](std::uint32_t) { return false; }) == 0);
    CHECK(table.sweep([](std::uint32_t owner) { return owner == 5; }) == 1);
    CHECK(static_cast<bool>(table.claim(1)));
}

static void of_no_table() {
    quell::table_view none;
    quell::tenant nobody;
    CHECK(!none && none.refusal() == verdict::invalid && !nobody);
    CHECK(none.claim(1).refusal() == verdict::invalid);
    CHECK(none.cancel_by_tag(1).verdict == verdict::invalid);
    CHECK(none.adopt(0).refusal() == verdict::invalid);
    CHECK(none.retire(nobody) == verdict::invalid && none.hold(nobody) == verdict::invalid);
    CHECK(none.counts().slots == 0);
    none.each([](const quell::table_entry &) { CHECK(false); });
}

int main() {
    a_life();
    prepared_before_it_is_found();
    full_and_held();
    adopted_from_a_dead_owner();
    swept();
    of_no_table();
    return check_report("table.cpp");
}
