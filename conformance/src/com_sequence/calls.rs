//! What can be called, by the names that the interfaces' documents and the cells
//! use. A call's number in the C table is its place here.

/// Whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A requester's, by an interface pointer.
    Requester,
    /// A writer's or the provider's: what it will do, and when.
    Told,
    /// The provider's alone.
    Provider,
    /// The clock's.
    Clock,
}

/// What its argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// The number of a writer.
    Writer,
    /// A context: VSS_CTX_… without that prefix.
    Context,
    /// The letter of a volume.
    Volume,
    /// The method that the operation came from.
    Operation,
    /// That method, and milliseconds or INFINITE.
    OperationAndTime,
    /// That method; `-` for the backup object itself.
    OperationOrObject,
    /// A call of this thread.
    Call,
    /// What it is told.
    Notice,
    /// What it is told, and the code of a failure.
    NoticeAndCode,
    /// Milliseconds.
    Time,
}

/// What comes with a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// Nothing.
    Nothing,
    /// A result code, or one of several.
    Code,
    /// A writer's state and its failure.
    State,
    /// One number.
    Number,
    /// Two numbers.
    Numbers,
}

/// One call.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    /// As a cell writes it.
    pub name: &'static str,
    /// Whose it is.
    pub whose: Whose,
    /// What it takes.
    pub takes: Takes,
    /// What it gives, where it succeeds.
    pub gives: Gives,
}

const fn call(name: &'static str, whose: Whose, takes: Takes, gives: Gives) -> Call {
    Call { name, whose, takes, gives }
}

/// The methods that return an operation come first, [`OPERATIONS`] of them.
pub const CALLS: [Call; 31] = {
    use {Gives as G, Takes as T, Whose as W};
    [
        call("GatherWriterMetadata", W::Requester, T::Nothing, G::Nothing),
        call("PrepareForBackup", W::Requester, T::Nothing, G::Nothing),
        call("DoSnapshotSet", W::Requester, T::Nothing, G::Nothing),
        call("GatherWriterStatus", W::Requester, T::Nothing, G::Nothing),
        call("BackupComplete", W::Requester, T::Nothing, G::Nothing),
        call("QueryRevertStatus", W::Requester, T::Nothing, G::Nothing),
        call("CREATE", W::Requester, T::Nothing, G::Nothing),
        call("InitializeForBackup", W::Requester, T::Nothing, G::Nothing),
        call("InitializeForRestore", W::Requester, T::Nothing, G::Nothing),
        call("SetContext", W::Requester, T::Context, G::Nothing),
        call("SetBackupState", W::Requester, T::Nothing, G::Nothing),
        call("AddComponent", W::Requester, T::Writer, G::Nothing),
        call("StartSnapshotSet", W::Requester, T::Nothing, G::Nothing),
        call("AddToSnapshotSet", W::Requester, T::Volume, G::Nothing),
        call("AbortBackup", W::Requester, T::Nothing, G::Nothing),
        call("GetWriterStatus", W::Requester, T::Writer, G::State),
        call("GetWriterStatusCount", W::Requester, T::Nothing, G::Number),
        call("Query", W::Requester, T::Nothing, G::Number),
        call("RUN", W::Requester, T::Operation, G::Code),
        call("Cancel", W::Requester, T::Operation, G::Nothing),
        call("Wait", W::Requester, T::OperationAndTime, G::Nothing),
        call("QueryStatus", W::Requester, T::Operation, G::Code),
        call("Release", W::Requester, T::OperationOrObject, G::Nothing),
        call("RETURNS", W::Requester, T::Call, G::Nothing),
        call("REFUSES", W::Told, T::NoticeAndCode, G::Nothing),
        call("HOLDS", W::Told, T::Notice, G::Nothing),
        call("COMES_TO", W::Told, T::Notice, G::Nothing),
        call("LETS_GO", W::Told, T::Notice, G::Nothing),
        call("IS_DEAF", W::Provider, T::Nothing, G::Nothing),
        call("COUNTS", W::Provider, T::Nothing, G::Numbers),
        call("PASSES", W::Clock, T::Time, G::Nothing),
    ]
};

/// How many of [`CALLS`] return an operation.
pub(crate) const OPERATIONS: usize = 6;

/// The number of the call of this name among the first so many.
pub(crate) fn number(name: &str, among: usize) -> Option<u32> {
    let place = CALLS.iter().take(among).position(|call| call.name == name);
    place.and_then(|place| u32::try_from(place).ok())
}
