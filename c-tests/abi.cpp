// The binary interface as C++ sees it: the C header from C++11 on, and with
// C++17 the scoped enums of quell.hpp, number by number.
#include "abi.h"

#include <type_traits>

#if __cplusplus >= 201703L
#include "quell.hpp"
#endif

namespace {

template <class T> void check_plain() {
    static_assert(std::is_standard_layout<T>::value, "C reads it");
    static_assert(std::is_trivial<T>::value, "C copies it");
}

#if __cplusplus >= 201703L
template <class Scoped, class Plain>
void check_same(Scoped scoped, Plain plain, unsigned number) {
    static_assert(std::is_same_v<std::underlying_type_t<Scoped>, std::uint32_t>);
    CHECK_EQ(scoped, number);
    CHECK_EQ(plain, number);
}

void check_scoped_enums() {
    using namespace quell;
    check_same(verdict::ok, QUELL_OK, 0);
    check_same(verdict::cancelled, QUELL_CANCELLED, 1);
    check_same(verdict::cancelling, QUELL_CANCELLING, 2);
    check_same(verdict::requested, QUELL_REQUESTED, 3);
    check_same(verdict::raised, QUELL_RAISED, 4);
    check_same(verdict::already_cancelling, QUELL_ALREADY_CANCELLING, 5);
    check_same(verdict::already_requested, QUELL_ALREADY_REQUESTED, 6);
    check_same(verdict::already_cancelled, QUELL_ALREADY_CANCELLED, 7);
    check_same(verdict::finished, QUELL_FINISHED, 8);
    check_same(verdict::failed, QUELL_FAILED, 9);
    check_same(verdict::too_late, QUELL_TOO_LATE, 10);
    check_same(verdict::unsupported, QUELL_UNSUPPORTED, 11);
    check_same(verdict::denied, QUELL_DENIED, 12);
    check_same(verdict::refused, QUELL_REFUSED, 13);
    check_same(verdict::bad_state, QUELL_BAD_STATE, 14);
    check_same(verdict::stale, QUELL_STALE, 15);
    check_same(verdict::invalid, QUELL_INVALID, 16);
    check_same(verdict::full, QUELL_FULL, 17);
    check_same(verdict::busy, QUELL_BUSY, 18);
    check_same(verdict::timed_out, QUELL_TIMED_OUT, 19);
    check_same(verdict::would_block, QUELL_WOULD_BLOCK, 20);
    check_same(verdict::running, QUELL_RUNNING, 21);
    check_same(verdict::ran, QUELL_RAN, 22);
    check_same(verdict::happened, QUELL_HAPPENED, 23);
    check_same(verdict::not_found, QUELL_NOT_FOUND, 24);
    check_same(verdict::ignored, QUELL_IGNORED, 25);

    check_same(level::none, QUELL_LEVEL_NONE, 0);
    check_same(level::graceful, QUELL_LEVEL_GRACEFUL, 1);
    check_same(level::immediate, QUELL_LEVEL_IMMEDIATE, 2);
    check_same(level::emergency, QUELL_LEVEL_EMERGENCY, 3);

    check_same(cause::none, QUELL_CAUSE_NONE, 0);
    check_same(cause::user, QUELL_CAUSE_USER, 1);
    check_same(cause::parent, QUELL_CAUSE_PARENT, 2);
    check_same(cause::deadline, QUELL_CAUSE_DEADLINE, 3);
    check_same(cause::shutdown, QUELL_CAUSE_SHUTDOWN, 4);
    check_same(cause::fault, QUELL_CAUSE_FAULT, 5);
    check_same(cause::peer, QUELL_CAUSE_PEER, 6);
    check_same(cause::self, QUELL_CAUSE_SELF, 7);
    check_same(cause::application_0, QUELL_CAUSE_APPLICATION_0, 8);
    check_same(cause::application_1, QUELL_CAUSE_APPLICATION_1, 9);
    check_same(cause::application_2, QUELL_CAUSE_APPLICATION_2, 10);
    check_same(cause::application_3, QUELL_CAUSE_APPLICATION_3, 11);
    check_same(cause::application_4, QUELL_CAUSE_APPLICATION_4, 12);
    check_same(cause::application_5, QUELL_CAUSE_APPLICATION_5, 13);
    check_same(cause::application_6, QUELL_CAUSE_APPLICATION_6, 14);
    check_same(cause::application_7, QUELL_CAUSE_APPLICATION_7, 15);

    check_same(phase::vacant, QUELL_PHASE_VACANT, 0);
    check_same(phase::pending, QUELL_PHASE_PENDING, 1);
    check_same(phase::running, QUELL_PHASE_RUNNING, 2);
    check_same(phase::committed, QUELL_PHASE_COMMITTED, 3);
    check_same(phase::finished, QUELL_PHASE_FINISHED, 4);
    check_same(phase::failed, QUELL_PHASE_FAILED, 5);
    check_same(phase::cancelled, QUELL_PHASE_CANCELLED, 6);

    check_same(effects::unstated, QUELL_EFFECTS_UNSTATED, 0);
    check_same(effects::none, QUELL_EFFECTS_NONE, 1);
    check_same(effects::partial, QUELL_EFFECTS_PARTIAL, 2);
    check_same(effects::unknown, QUELL_EFFECTS_UNKNOWN, 3);

    check_same(mode::decisive, QUELL_MODE_DECISIVE, 0);
    check_same(mode::best_effort, QUELL_MODE_BEST_EFFORT, 1);
    check_same(mode::uncancellable, QUELL_MODE_UNCANCELLABLE, 2);
    check_same(mode::gated, QUELL_MODE_GATED, 4);
    CHECK_EQ(mode::best_effort | mode::gated, 5);

    check_same(rights::observe, QUELL_RIGHT_OBSERVE, 0);
    check_same(rights::cancel, QUELL_RIGHT_CANCEL, 1);
    check_same(rights::work, QUELL_RIGHT_WORK, 2);
    check_same(rights::own, QUELL_RIGHT_OWN, 4);
    check_same(rights::all, QUELL_RIGHT_ALL, 7);
    CHECK_EQ(rights::cancel | rights::work, 3);

    CHECK_EQ(events::none, 0);
    check_same(events::request, QUELL_EVENT_REQUEST, 1);
    check_same(events::raise, QUELL_EVENT_RAISE, 2);
    check_same(events::end, QUELL_EVENT_END, 4);
    check_same(events::all, QUELL_EVENT_ALL, 7);
    CHECK_EQ(events::request | events::end, 5);
    CHECK_EQ(events::all & events::raise, 2);
}

// What the C++ types add to the C ones: nothing but what they hold.
void check_wrappers() {
    CHECK_EQ(sizeof(quell::observer), sizeof(quell_handle_t));
    CHECK_EQ(sizeof(quell::canceller), sizeof(quell_handle_t));
    CHECK_EQ(sizeof(quell::shield), sizeof(void *));
    CHECK_EQ(sizeof(quell::told), sizeof(quell_told_t));
    static_assert(!std::is_move_constructible_v<quell::source>);
    static_assert(!std::is_move_constructible_v<quell::scope>);
    static_assert(!std::is_copy_constructible_v<quell::scope>);
    static_assert(!std::is_move_constructible_v<quell::member>);
    static_assert(!std::is_copy_constructible_v<quell::worker>);
    static_assert(!std::is_copy_assignable_v<quell::worker>);
    static_assert(std::is_nothrow_move_constructible_v<quell::worker>);
    static_assert(!std::is_move_constructible_v<quell::operation>);
    static_assert(!std::is_move_constructible_v<quell::shield>);
    static_assert(std::is_trivially_copyable_v<quell::canceller>);
    static_assert(std::is_trivially_copyable_v<quell::observer>);
    static_assert(!std::is_convertible_v<quell::observer, quell::canceller>);
}
#endif

} // namespace

int main() {
    check_plain<quell_op_t>();
    check_plain<quell_handle_t>();
    check_plain<quell_worker_t>();
    check_plain<quell_status_t>();
    check_plain<quell_gate_t>();
    check_plain<quell_source_t>();
    check_plain<quell_hook_t>();
    check_plain<quell_told_t>();
    check_plain<quell_member_t>();
    check_plain<quell_scope_t>();
    check_abi();
#if __cplusplus >= 201703L
    check_scoped_enums();
    check_wrappers();
#endif
    return check_report("abi.cpp");
}
