//! What another system's calls return for what quell says: the core's dialects.

pub mod gpm;
pub mod hresult;
pub mod reply;
pub mod vds;
pub mod vss;
pub mod vss_session;
pub mod wsb;
