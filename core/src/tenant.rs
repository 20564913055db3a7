//! The parties to an operation that lies in a table: the owner's part, and
//! that of whoever keeps its slot from reuse. Workers, cancellers and
//! observers are those of any operation.

use crate::role::{Canceller, Gate, Observer, Owner, Worker};
use crate::status::Status;
use crate::table::{Claim, Place, TableView};
use crate::terms::{Code, Verdict};
use crate::ticket::Rights;

impl<'a> TableView<'a> {
    /// [`TableView::claim`], for an owner as a type of its own.
    ///
    /// # Errors
    /// `FULL`; `INVALID`.
    pub fn tenant(self, claim: Claim) -> Result<Tenant<'a>, Verdict> {
        self.adopt(self.claim(claim)?)
    }

    /// The owner of the operation at `place`: of one's own, or, from
    /// [`TableView::look`], of one whose owner died. The caller vouches that
    /// it is the only owner.
    ///
    /// # Errors
    /// `DENIED` without [`Rights::OWN`]; `STALE`; `INVALID` where there is no
    /// such slot.
    pub fn adopt(self, place: Place) -> Result<Tenant<'a>, Verdict> {
        if !place.ticket.rights().contains(Rights::OWN) {
            return Err(Verdict::Denied);
        }
        let owner = self.owner_at(place)?;
        Ok(Tenant { table: self, place, owner })
    }

    /// A canceller of the operation at `place`.
    ///
    /// # Errors
    /// `DENIED` without [`Rights::CANCEL`]; `STALE`; `INVALID` where there is
    /// no such slot.
    pub fn canceller(self, place: Place) -> Result<Canceller<'a>, Verdict> {
        if !place.ticket.rights().contains(Rights::CANCEL) {
            return Err(Verdict::Denied);
        }
        Ok(self.owner_at(place)?.canceller())
    }

    fn owner_at(self, place: Place) -> Result<Owner<'a>, Verdict> {
        let owner = self.op(place.slot).ok_or(Verdict::Invalid)?.adopt();
        // Of the generation that it met; that has to be this one.
        let met = owner.status().map(|status| status.generation);
        if met == Some(place.ticket.generation()) { Ok(owner) } else { Err(Verdict::Stale) }
    }
}

/// Who claimed a slot of a table. Dropping it changes nothing: the slot stays
/// in use.
#[derive(Debug)]
pub struct Tenant<'a> {
    table: TableView<'a>,
    place: Place,
    owner: Owner<'a>,
}

impl<'a> Tenant<'a> {
    /// Slot, generation, and every right.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }

    /// Starts the operation; see [`Owner::start`].
    ///
    /// # Errors
    /// `CANCELLED` where a cancel came first; `BAD_STATE`; `STALE`.
    pub fn start(&self) -> Result<Worker<'a>, Verdict> {
        self.owner.start()
    }

    /// A handle that may cancel this operation.
    #[must_use]
    pub fn canceller(&self) -> Canceller<'a> {
        self.owner.canceller()
    }

    /// A handle that may cancel this operation where `gate` lets it.
    #[must_use]
    pub fn gated_canceller(&self, gate: &'a dyn Gate) -> Canceller<'a> {
        self.owner.gated_canceller(gate)
    }

    /// A handle that can only look.
    #[must_use]
    pub fn observer(&self) -> Observer<'a> {
        self.owner.observer()
    }

    /// One consistent look; `None` where it has been retired.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.owner.status()
    }

    /// Keeps the slot from reuse while the hold lives.
    ///
    /// # Errors
    /// `FULL`; `STALE`.
    pub fn hold(&self) -> Result<Hold<'a>, Verdict> {
        match self.table.hold(self.place) {
            Verdict::Ok => Ok(Hold { table: self.table, place: self.place }),
            refusal => Err(refusal),
        }
    }

    /// Ends an operation whose worker is gone; see [`Owner::force`].
    ///
    /// `OK`; `BAD_STATE` where it has ended already; `STALE`.
    #[must_use = "an operation that has ended already keeps its outcome"]
    pub fn force(&self, code: Code) -> Verdict {
        self.owner.force(code)
    }

    /// Gives the slot back; see [`TableView::retire`].
    ///
    /// # Errors
    /// The tenant itself, with `BAD_STATE` where the operation has not ended, or
    /// `STALE`.
    pub fn retire(self) -> Result<(), (Self, Verdict)> {
        match self.table.retire(self.place) {
            Verdict::Ok => Ok(()),
            refusal => Err((self, refusal)),
        }
    }
}

/// Keeps a slot from reuse. Released when it is dropped.
#[derive(Debug)]
#[must_use = "a hold that is dropped is released"]
pub struct Hold<'a> {
    table: TableView<'a>,
    place: Place,
}

impl Hold<'_> {
    /// Gives the hold to hardware: whoever hears of the completion calls
    /// [`TableView::release`] with this.
    #[must_use = "the hold is released by this place alone"]
    pub fn into_place(self) -> Place {
        let place = Place { ticket: self.place.ticket.narrowed(Rights::OBSERVE), ..self.place };
        core::mem::forget(self);
        place
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        // Told otherwise, somebody has vouched that nothing holds it.
        let _ = self.table.release(self.place);
    }
}
