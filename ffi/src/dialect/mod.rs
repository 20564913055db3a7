//! What another system's calls return for what quell says: the core's dialects.

pub mod aio;
pub mod errno;
pub mod gpm;
pub mod hresult;
pub mod io_uring;
pub mod nvme;
pub mod reply;
pub mod scsi;
pub mod stop_token;
pub mod vds;
pub mod vss;
pub mod vss_session;
pub mod wsb;
