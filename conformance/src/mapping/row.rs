//! One row: what a mapping is asked, and what it says.

use quell::dialect::nvme;
use quell::{Cause, Effects, Level, Phase, Verdict};

use crate::sheet::{Place, Placed};

/// Defines the questions: each with its dialect, its name in the rows, and what
/// it takes.
macro_rules! questions {
    ($($variant:ident $system:literal $name:literal $profiles:ident
       told $told:literal seen $seen:literal value $value:literal,)+) => {
        /// Which mapping is asked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is the call of its name")]
        pub enum Question { $($variant,)+ }

        impl Question {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its dialect, as files are named.
            #[must_use]
            pub const fn system(self) -> &'static str {
                match self { $(Self::$variant => $system,)+ }
            }

            /// Its name in the rows.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The profiles that it knows, by name.
            pub(crate) const fn profiles(self) -> &'static [(&'static str, u32)] {
                match self { $(Self::$variant => $profiles,)+ }
            }

            /// Whether it is asked with a verdict, a status, a value.
            pub(crate) const fn takes(self) -> (bool, bool, bool) {
                match self { $(Self::$variant => ($told, $seen, $value),)+ }
            }
        }
    };
}

type Profiles = &'static [(&'static str, u32)];

const NONE: Profiles = &[("-", 0)];
const ABORT: Profiles =
    &[("WAITS", nvme::Profile::WAITS.raw()), ("DEFERS", nvme::Profile::DEFERS.raw())];
/// The numbers of `QUELL_SCSI_TRANSPORT_…`.
const TRANSPORT: Profiles = &[("SAM", 0), ("SAS", 1), ("ISCSI", 2)];
/// The numbers of `QUELL_SCSI_NEXUS_…`.
const NEXUS: Profiles = &[("OWN", 0), ("OTHER", 1), ("OTHER_TAS", 2)];

questions! {
    NvmeAbort "nvme" "ABORT" ABORT told true seen false value false,
    NvmeAbortEnd "nvme" "ABORT_END" NONE told false seen true value false,
    NvmeCommand "nvme" "COMMAND" NONE told false seen true value false,
    ScsiAbortTask "scsi" "ABORT_TASK" TRANSPORT told true seen false value false,
    ScsiAbortTaskEnd "scsi" "ABORT_TASK_END" TRANSPORT told false seen true value false,
    ScsiAbortAll "scsi" "ABORT_ALL" TRANSPORT told true seen false value false,
    ScsiAbortAllEnd "scsi" "ABORT_ALL_END" TRANSPORT told false seen true value false,
    ScsiQueryTask "scsi" "QUERY_TASK" TRANSPORT told false seen true value false,
    ScsiTask "scsi" "TASK" NEXUS told false seen true value false,
    AioCancel "aio" "CANCEL" NONE told true seen false value false,
    AioCancelEnd "aio" "CANCEL_END" NONE told false seen true value false,
    AioError "aio" "ERROR" NONE told false seen true value false,
    AioReturn "aio" "RETURN" NONE told false seen true value true,
    Errno "aio" "ERRNO" NONE told true seen false value false,
    UringCancel "io_uring" "CANCEL" NONE told true seen false value false,
    UringCounts "io_uring" "COUNTS" NONE told true seen false value false,
    UringSyncCancel "io_uring" "SYNC_CANCEL" NONE told true seen false value false,
    UringSyncCancelEnd "io_uring" "SYNC_CANCEL_END" NONE told true seen true value false,
    UringRequest "io_uring" "REQUEST" NONE told false seen true value true,
    RequestStop "stop_token" "REQUEST_STOP" NONE told true seen false value false,
}

/// The dialect whose rows stand in the file of this name.
pub(crate) fn system_of(file: &str) -> Option<&'static str> {
    let mut systems = Question::ALL.iter().map(|question| question.system());
    systems.find(|system| file == format!("dialect-{system}.csv"))
}

/// The operation, as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of a status")]
pub struct Seen {
    pub phase: Phase,
    pub level: Option<Level>,
    pub cause: Option<Cause>,
    pub effects: Effects,
}

/// One row of a dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingRow {
    /// Its name and where it stands.
    pub place: Place,
    /// The document that it comes from.
    pub source: String,
    /// Which mapping is asked.
    pub question: Question,
    /// The profile, the transport or the nexus.
    pub profile: u32,
    /// The verdict that the mapping is asked with, if it takes one.
    pub verdict: Option<Verdict>,
    /// The code that came with the verdict, or the operation's own.
    pub code: u32,
    /// The operation, if the mapping takes one.
    pub seen: Option<Seen>,
    /// What its worker has finished with.
    pub value: i64,
    /// Whether nothing is to be returned before the end.
    pub after_end: bool,
    /// What is returned; before the end, what C has in its place.
    pub returns: i64,
    /// What goes with it, or 0.
    pub with: u32,
}

impl Placed for MappingRow {
    fn place(&self) -> &Place {
        &self.place
    }
}
