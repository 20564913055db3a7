//! The layouts that C sees, from the Rust side. `c-tests/abi.h` asserts the
//! same numbers from the other.

use core::mem::{align_of, offset_of, size_of};

use quell_ffi::entry::{quell_table_claim_t, quell_table_entry_t};
use quell_ffi::handle::{quell_gate_t, quell_handle_t, quell_op_t};
use quell_ffi::hook::{quell_hook_t, quell_member_t, quell_told_t};
use quell_ffi::scope::quell_scope_t;
use quell_ffi::source::quell_source_t;
use quell_ffi::status::quell_status_t;
use quell_ffi::table::{quell_table_config_t, quell_table_counts_t, quell_table_t};
use quell_ffi::terms::{
    quell_cause_t, quell_effects_t, quell_level_t, quell_phase_t, quell_verdict_t,
};
use quell_ffi::worker::quell_worker_t;

/// The number for this machine's pointers.
const fn by_pointer(of_eight: usize, of_four: usize) -> usize {
    if size_of::<*const u8>() == 8 { of_eight } else { of_four }
}

#[test]
fn op() {
    assert_eq!(size_of::<quell_op_t>(), 8);
    assert_eq!(align_of::<quell_op_t>(), 4);
    assert_eq!(offset_of!(quell_op_t, word), 0);
    assert_eq!(offset_of!(quell_op_t, code), 4);
    assert_eq!(size_of::<quell::Op>(), 8);
    assert_eq!(align_of::<quell::Op>(), 4);
}

#[test]
fn handle() {
    assert_eq!(size_of::<quell_handle_t>(), by_pointer(24, 12));
    assert_eq!(align_of::<quell_handle_t>(), by_pointer(8, 4));
    assert_eq!(offset_of!(quell_handle_t, op), 0);
    assert_eq!(offset_of!(quell_handle_t, gate), by_pointer(8, 4));
    assert_eq!(offset_of!(quell_handle_t, ticket), by_pointer(16, 8));
}

#[test]
fn worker() {
    assert_eq!(size_of::<quell_worker_t>(), by_pointer(16, 8));
    assert_eq!(align_of::<quell_worker_t>(), by_pointer(8, 4));
    assert_eq!(offset_of!(quell_worker_t, op), 0);
    assert_eq!(offset_of!(quell_worker_t, left), by_pointer(8, 4));
}

#[test]
fn gate() {
    assert_eq!(size_of::<quell_gate_t>(), by_pointer(16, 8));
    assert_eq!(align_of::<quell_gate_t>(), by_pointer(8, 4));
    assert_eq!(offset_of!(quell_gate_t, ask), 0);
    assert_eq!(offset_of!(quell_gate_t, context), by_pointer(8, 4));
}

#[test]
fn status() {
    assert_eq!(size_of::<quell_status_t>(), 32);
    assert_eq!(align_of::<quell_status_t>(), 4);
    assert_eq!(offset_of!(quell_status_t, phase), 0);
    assert_eq!(offset_of!(quell_status_t, level), 4);
    assert_eq!(offset_of!(quell_status_t, cause), 8);
    assert_eq!(offset_of!(quell_status_t, effects), 12);
    assert_eq!(offset_of!(quell_status_t, code), 16);
    assert_eq!(offset_of!(quell_status_t, shields), 20);
    assert_eq!(offset_of!(quell_status_t, mode), 24);
    assert_eq!(offset_of!(quell_status_t, generation), 28);
}

#[test]
fn table() {
    assert_eq!(size_of::<quell_table_t>(), by_pointer(16, 8));
    assert_eq!(offset_of!(quell_table_t, storage), 0);
    assert_eq!(offset_of!(quell_table_t, slots), by_pointer(8, 4));
    assert_eq!(size_of::<quell_table_config_t>(), by_pointer(24, 16));
    assert_eq!(offset_of!(quell_table_config_t, struct_size), 0);
    assert_eq!(offset_of!(quell_table_config_t, slots), 4);
    assert_eq!(offset_of!(quell_table_config_t, storage), 8);
    assert_eq!(offset_of!(quell_table_config_t, storage_size), by_pointer(16, 12));
    assert_eq!(size_of::<quell_table_claim_t>(), by_pointer(32, 24));
    assert_eq!(offset_of!(quell_table_claim_t, struct_size), 0);
    assert_eq!(offset_of!(quell_table_claim_t, owner), 12);
    assert_eq!(offset_of!(quell_table_claim_t, prepare), 16);
    assert_eq!(offset_of!(quell_table_claim_t, context), by_pointer(24, 20));
    assert_eq!(size_of::<quell_table_entry_t>(), by_pointer(72, 60));
    assert_eq!(offset_of!(quell_table_entry_t, status), by_pointer(24, 12));
    assert_eq!(offset_of!(quell_table_entry_t, slot), by_pointer(56, 44));
    assert_eq!(offset_of!(quell_table_entry_t, holds), by_pointer(68, 56));
    assert_eq!(size_of::<quell_table_counts_t>(), 12);
    assert_eq!(size_of::<quell::Slot>(), 24);
    assert_eq!(size_of::<quell::TableHeader>(), 32);
    assert_eq!(size_of::<quell::Table<5>>(), 32 + 5 * 24);
}

#[test]
fn source() {
    assert_eq!(size_of::<quell_source_t>(), by_pointer(24, 16));
    assert_eq!(align_of::<quell_source_t>(), 8);
    assert_eq!(offset_of!(quell_source_t, op), 0);
    assert_eq!(offset_of!(quell_source_t, reserved), 8);
}

#[test]
fn hook() {
    assert_eq!(size_of::<quell_hook_t>(), by_pointer(32, 16));
    assert_eq!(align_of::<quell_hook_t>(), 8);
    assert_eq!(offset_of!(quell_hook_t, reserved), 0);
}

#[test]
fn told() {
    assert_eq!(size_of::<quell_told_t>(), 24);
    assert_eq!(align_of::<quell_told_t>(), 4);
    assert_eq!(offset_of!(quell_told_t, events), 0);
    assert_eq!(offset_of!(quell_told_t, phase), 4);
    assert_eq!(offset_of!(quell_told_t, level), 8);
    assert_eq!(offset_of!(quell_told_t, cause), 12);
    assert_eq!(offset_of!(quell_told_t, effects), 16);
    assert_eq!(offset_of!(quell_told_t, code), 20);
}

#[test]
fn member() {
    assert_eq!(size_of::<quell_member_t>(), by_pointer(56, 32));
    assert_eq!(align_of::<quell_member_t>(), 8);
    assert_eq!(offset_of!(quell_member_t, hook), 0);
    assert_eq!(offset_of!(quell_member_t, member), by_pointer(32, 16));
}

#[test]
fn scope() {
    assert_eq!(size_of::<quell_scope_t>(), by_pointer(48, 32));
    assert_eq!(align_of::<quell_scope_t>(), 8);
    assert_eq!(offset_of!(quell_scope_t, source), 0);
    assert_eq!(offset_of!(quell_scope_t, reserved), by_pointer(24, 16));
}

#[test]
fn constants() {
    assert_eq!(quell_ffi::hook::QUELL_EVENT_REQUEST, 1);
    assert_eq!(quell_ffi::hook::QUELL_EVENT_RAISE, 2);
    assert_eq!(quell_ffi::hook::QUELL_EVENT_END, 4);
    assert_eq!(quell_ffi::hook::QUELL_EVENT_ALL, 7);
    assert_eq!(quell_ffi::wait::QUELL_FOREVER, 0xFFFF_FFFF_FFFF_FFFF);
}

#[test]
fn enums_are_words() {
    assert_eq!(size_of::<quell_verdict_t>(), 4);
    assert_eq!(size_of::<quell_level_t>(), 4);
    assert_eq!(size_of::<quell_cause_t>(), 4);
    assert_eq!(size_of::<quell_phase_t>(), 4);
    assert_eq!(size_of::<quell_effects_t>(), 4);
}

#[test]
fn progress_and_deadlines() {
    use quell_ffi::deadline::{quell_deadline_t, quell_deadlines_t};
    use quell_ffi::progress::{
        quell_progress_t, quell_reading_t, quell_reporter_t, quell_subscriber_t,
    };
    assert_eq!(size_of::<quell_progress_t>(), 32);
    assert_eq!(align_of::<quell_progress_t>(), 4);
    assert_eq!(size_of::<quell_reading_t>(), 16);
    assert_eq!(size_of::<quell_reporter_t>(), by_pointer(24, 16));
    assert_eq!(size_of::<quell_subscriber_t>(), by_pointer(56, 40));
    assert_eq!(offset_of!(quell_subscriber_t, struct_size), 0);
    assert_eq!(size_of::<quell_deadline_t>(), by_pointer(40, 32));
    assert_eq!(size_of::<quell_deadlines_t>(), 40);
}

#[test]
fn sessions() {
    use quell_ffi::session_storage::{
        quell_aborted_t, quell_link_t, quell_participant_t, quell_seat_t, quell_session_config_t,
        quell_session_lock_t, quell_session_status_t, quell_session_t,
    };
    assert_eq!(size_of::<quell_session_lock_t>(), 4);
    assert_eq!(size_of::<quell_seat_t>(), 12);
    assert_eq!(size_of::<quell_link_t>(), by_pointer(40, 28));
    assert_eq!(offset_of!(quell_link_t, words), 0);
    assert_eq!(size_of::<quell_session_config_t>(), by_pointer(72, 48));
    assert_eq!(offset_of!(quell_session_config_t, struct_size), 0);
    assert_eq!(size_of::<quell_session_t>(), by_pointer(112, 88));
    assert_eq!(offset_of!(quell_session_t, words), 0);
    assert_eq!(size_of::<quell_aborted_t>(), 12);
    assert_eq!(size_of::<quell_participant_t>(), 28);
    assert_eq!(size_of::<quell_session_status_t>(), 36);
}
