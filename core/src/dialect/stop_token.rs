//! `std::stop_token`. Source: ISO/IEC 14882:2020, [stopsource.mem].

use crate::terms::Verdict;

/// What `std::stop_source::request_stop` returns for this verdict: true exactly
/// where it was this call that made the request.
#[must_use]
pub const fn request_stop(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Cancelled | Verdict::Cancelling | Verdict::Requested)
}
