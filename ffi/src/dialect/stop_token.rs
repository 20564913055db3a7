//! `std::stop_token`. Source: ISO/IEC 14882:2020, [stopsource.mem].

use quell::Verdict;
use quell::dialect::stop_token;

use crate::terms::VerdictNumber;

/// What `std::stop_source::request_stop` returns for this verdict.
///
/// Context: any, an interrupt included. Progress: wait-free. Ordering: none.
///
/// Returns 1 exactly where it was this call that made the request
/// (`QUELL_CANCELLED`, `QUELL_CANCELLING`, `QUELL_REQUESTED`), else 0.
#[unsafe(no_mangle)]
pub extern "C" fn quell_stop_token_request_stop(verdict: VerdictNumber) -> u32 {
    Verdict::from_raw(verdict.0).map_or(0, |verdict| stop_token::request_stop(verdict).into())
}
