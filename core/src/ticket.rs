//! What a handle carries: the generation that it speaks of, and its rights.

use crate::terms::Mode;

/// A count of the lives of one op, modulo 2¹⁵, raised when the op is retired.
///
/// A handle that outlives exactly 32 768 reuses of its op is taken for a
/// current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Generation(u32);

impl Generation {
    /// The bits that a generation takes, at the low end of a word.
    pub const MASK: u32 = 0x7FFF;

    /// The generation in the low bits of `raw`.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn new(raw: u32) -> Self {
        Self(raw & Self::MASK)
    }

    /// The number, from 0 to [`Generation::MASK`].
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The one after it; the first again after the last.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn next(self) -> Self {
        Self::new(self.0.wrapping_add(1))
    }
}

/// What a handle may do besides looking, which every handle may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rights(u32);

impl Rights {
    /// Only look: status and poll.
    pub const OBSERVE: Self = Self(0);
    /// Request a cancel.
    pub const CANCEL: Self = Self(1);
    /// Start the operation, and so become its worker.
    pub const WORK: Self = Self(2);
    /// Force and retire it.
    pub const OWN: Self = Self(4);
    /// Everything.
    pub const ALL: Self = Self(7);

    /// The rights of untrusted bits, or `None` where a bit is unknown.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn from_raw(raw: u32) -> Option<Self> {
        if raw & !Self::ALL.0 == 0 { Some(Self(raw)) } else { None }
    }

    /// The bits that cross the C ABI.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// The rights of both.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every right of `other` is among these.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A generation and the rights within it, in one `u32`.
///
/// ```text
///  31       21   20     19   18   16 15 14            0
/// ┌───────────┬──────┬─────┬───────┬──┬───────────────┐
/// │     0     │SOURCE│PLAIN│rights │0 │  generation   │
/// └───────────┴──────┴─────┴───────┴──┴───────────────┘
/// ```
///
/// PLAIN is a guess for the sake of speed, and no more: the operation was
/// decisive and ungated when the ticket was made, and the holder may cancel.
///
/// SOURCE says that the holder reaches the operation through its
/// [`Source`](crate::Source), and so tells its hooks. An operation that has
/// hooks denies every other holder.
///
/// Rights are a guard rail, not a wall: whoever can write the op's memory can
/// forge a ticket. They keep a component from doing by mistake what it was
/// not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ticket(u32);

impl Ticket {
    const RIGHTS_SHIFT: u32 = 16;
    const PLAIN: u32 = 1 << 19;
    const SOURCE: u32 = 1 << 20;

    /// A ticket for this generation with these rights.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn new(generation: Generation, rights: Rights) -> Self {
        Self(generation.get() | rights.raw() << Self::RIGHTS_SHIFT)
    }

    /// The ticket of untrusted bits, or `None` where a bit has no meaning.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn from_raw(raw: u32) -> Option<Self> {
        let rights = Rights::ALL.raw() << Self::RIGHTS_SHIFT;
        let known = Generation::MASK | rights | Self::PLAIN | Self::SOURCE;
        let cancel = Rights::CANCEL.raw() << Self::RIGHTS_SHIFT;
        let plain = raw & Self::PLAIN == 0 || (raw & cancel != 0 && raw & Self::SOURCE == 0);
        if raw & !known == 0 && plain { Some(Self(raw)) } else { None }
    }

    /// The same ticket, with a guess at the operation from how it was armed.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn guessing(self, mode: Mode) -> Self {
        let decisive = mode.raw() == Mode::DECISIVE.raw();
        if decisive && self.rights().contains(Rights::CANCEL) && !self.is_of_source() {
            Self(self.0 | Self::PLAIN)
        } else {
            self
        }
    }

    /// Whether a cancel most likely meets a decisive operation without a gate.
    /// Only said where the holder may cancel.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn expects_plain(self) -> bool {
        self.0 & Self::PLAIN != 0
    }

    /// The same ticket, held through the operation's source.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn through_source(self) -> Self {
        Self(self.0 & !Self::PLAIN | Self::SOURCE)
    }

    /// Whether it is held through the operation's source.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn is_of_source(self) -> bool {
        self.0 & Self::SOURCE != 0
    }

    /// The bits that cross the C ABI.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// The generation that the ticket speaks of.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn generation(self) -> Generation {
        Generation::new(self.0)
    }

    /// What its holder may do.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn rights(self) -> Rights {
        Rights(self.0 >> Self::RIGHTS_SHIFT & Rights::ALL.0)
    }

    /// The same generation with these rights, as far as this ticket has them.
    #[cfg_attr(not(quell_bare), inline)]
    #[must_use]
    pub const fn narrowed(self, rights: Rights) -> Self {
        let narrowed = Self::new(self.generation(), Rights(self.rights().raw() & rights.raw()));
        if self.is_of_source() {
            narrowed.through_source()
        } else if self.expects_plain() {
            narrowed.guessing(Mode::DECISIVE)
        } else {
            narrowed
        }
    }
}
