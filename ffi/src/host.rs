//! What only hosts have.

/// Says what is to be called when `quell_cancel_from_isr`, on a host in a signal
/// handler, has left something to `quell_drain`: something that has it called on
/// a thread, such as a write to a pipe or `sem_post`. Null: nothing.
///
/// On hosts only; bare metal has `quell_port_1_pend_drain`.
///
/// Context: thread. Progress: wait-free. Ordering: what was written before is
/// seen by `pend`. Ownership: `pend` is kept, and called in signal handlers: it
/// must be safe there.
#[unsafe(no_mangle)]
pub extern "C" fn quell_set_pend_drain(pend: Option<extern "C" fn()>) {
    quell::set_pend_drain(pend);
}
