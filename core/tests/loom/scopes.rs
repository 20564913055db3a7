//! Every pair of calls on a small tree: a root, a branch in it, a leaf in that,
//! and a branch to come. Freed as soon as it has been closed.

use std::sync::Arc;

use loom::model::Builder;
use loom::thread;
use quell::{Events, IfHappened, Request, Rights, Scope, Verdict, drain};

use crate::pairs::{BY_OWNER, GENTLE};
use crate::stage::{Ear, NO_GATE, Slot};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    CancelRoot,
    InterruptRoot,
    CancelBranch,
    ForceRoot,
    CloseRoot,
    CloseBranch,
    CloseLeaf,
    /// A branch that comes, is listened to, and stays.
    Open,
    /// One that goes again.
    OpenAndClose,
    /// What the branch below the root is deaf to.
    Shield(bool),
    AddToBranch,
    DetachFromBranch,
}

use Act::*;

const ALL: &[Act] = &[
    CancelRoot,
    InterruptRoot,
    CancelBranch,
    ForceRoot,
    CloseRoot,
    CloseBranch,
    CloseLeaf,
    Open,
    OpenAndClose,
    Shield(true),
    Shield(false),
    AddToBranch,
    DetachFromBranch,
];

struct Stage {
    root: Slot<Scope<'static>>,
    branch: Slot<Scope<'static>>,
    leaf: Slot<Scope<'static>>,
    coming: Slot<Scope<'static>>,
    at_branch: Ear,
    at_leaf: Ear,
    at_coming: Ear,
    added: Ear,
    shielded: bool,
    frees_root: bool,
}

fn open(scope: &Scope<'_>, parent: Option<&Scope<'_>>, shielded: bool) -> Verdict {
    // SAFETY: a stage does not move, and frees what has been closed.
    unsafe { scope.open_raw(parent.map(Scope::source), shielded) }
}

fn level_of(scope: &Scope<'_>) -> u32 {
    let status = scope.source().op().status(scope.source().ticket(Rights::OBSERVE));
    status.and_then(|status| status.level).map_or(0, |level| level.raw())
}

const HEARD: Events = Events::REQUEST.with(Events::END);

impl Stage {
    fn set(shielded: bool, frees_root: bool) -> Arc<Self> {
        let scope = || Slot::new(Scope::new());
        let stage = Arc::new(Self {
            root: scope(),
            branch: scope(),
            leaf: scope(),
            coming: scope(),
            at_branch: Ear::new(),
            at_leaf: Ear::new(),
            at_coming: Ear::new(),
            added: Ear::new(),
            shielded,
            frees_root,
        });
        assert_eq!(open(&stage.root, None, false), Verdict::Ok);
        assert_eq!(open(&stage.branch, Some(&stage.root), shielded), Verdict::Ok);
        assert_eq!(open(&stage.leaf, Some(&stage.branch), false), Verdict::Ok);
        let _ = stage.at_branch.add(stage.branch.source(), HEARD, IfHappened::Report);
        let _ = stage.at_leaf.add(stage.leaf.source(), HEARD, IfHappened::Report);
        stage
    }

    fn close(&self, scope: &Slot<Scope<'static>>) -> Verdict {
        let verdict = scope.close();
        assert_eq!(verdict, Verdict::Ok);
        scope.free();
        verdict
    }

    fn perform(&self, act: Act) -> Verdict {
        let source = self.root.source();
        let all = |scope: &Scope<'_>| scope.source().ticket(Rights::ALL);
        match act {
            CancelRoot => self.root.cancel(GENTLE),
            CancelBranch => self.branch.cancel(GENTLE),
            InterruptRoot => {
                let request: Request = GENTLE;
                // SAFETY: freed when it is retired.
                let answer = unsafe { source.cancel_from_isr(all(&self.root), request, NO_GATE) };
                drain();
                answer.verdict
            }
            ForceRoot => source.force(all(&self.root), BY_OWNER).verdict,
            CloseRoot if self.frees_root => self.close(&self.root),
            CloseRoot => self.root.close(),
            CloseBranch => self.close(&self.branch),
            CloseLeaf => self.close(&self.leaf),
            Open => {
                let verdict = open(&self.coming, Some(&self.root), false);
                if verdict == Verdict::Ok {
                    let source = self.coming.source();
                    let _ = self.at_coming.add(source, HEARD, IfHappened::Report);
                }
                verdict
            }
            OpenAndClose => {
                let verdict = open(&self.coming, Some(&self.root), false);
                if verdict == Verdict::Ok {
                    self.close(&self.coming);
                }
                verdict
            }
            Shield(shielded) => self.branch.set_shielded(shielded),
            AddToBranch => self.added.add(self.branch.source(), HEARD, IfHappened::Run).verdict,
            DetachFromBranch => {
                let verdict = self.branch.source().detach_sync(&self.at_branch.hook);
                self.at_branch.free();
                verdict
            }
        }
    }

    fn check(&self, acts: [Act; 2], told: [Verdict; 2]) {
        drain();
        let has = |act: Act| acts.contains(&act);
        let was = |act: Act| acts.iter().zip(told).find(|(one, _)| **one == act).map(|it| it.1);
        let asked_root = has(CancelRoot) || has(InterruptRoot);
        // A root that was over before it was asked passes nothing on.
        let asked_root = asked_root
            && [CancelRoot, InterruptRoot].iter().any(|act| was(*act) == Some(Verdict::Cancelling));
        // What the branch hears of: for sure, or perhaps.
        let sure = has(CancelBranch) && !has(CloseBranch)
            || asked_root
                && !has(CloseBranch)
                && !has(Shield(true))
                && !has(CloseRoot)
                && !has(ForceRoot)
                && (!self.shielded || has(Shield(false)));
        if !self.branch.is_freed() {
            let level = level_of(&self.branch);
            assert!(!sure || level > 0, "the branch has not heard");
            assert!(!self.shielded || has(Shield(false)) || has(CancelBranch) || level == 0);
            if level > 0 && !self.leaf.is_freed() {
                assert!(level_of(&self.leaf) > 0, "the leaf has not heard");
            }
            assert_eq!(self.close(&self.branch), Verdict::Ok);
            if !self.at_branch.hook.is_freed() {
                self.at_branch.expect(HEARD, level, true);
            }
            if matches!(was(AddToBranch), Some(Verdict::Ok | Verdict::Happened)) {
                self.added.expect(HEARD, level, true);
            }
        } else if !self.at_branch.hook.is_freed() {
            let heard = self.at_branch.heard();
            assert_eq!(heard.ends, 1, "closed, and not told: {heard:?}");
            assert!(heard.requests <= 1 && heard.requests == heard.level);
        }
        if !self.coming.is_freed() && was(Open) == Some(Verdict::Ok) {
            let level = level_of(&self.coming);
            let still = !has(CloseRoot) && !has(ForceRoot);
            assert!(!(asked_root && still) || level > 0, "the coming one has not heard");
            assert_eq!(self.close(&self.coming), Verdict::Ok);
            self.at_coming.expect(HEARD, level, true);
        }
        if !self.leaf.is_freed() {
            let level = level_of(&self.leaf);
            assert_eq!(self.close(&self.leaf), Verdict::Ok);
            self.at_leaf.expect(HEARD, level, true);
        }
        if !has(CloseRoot) {
            assert_eq!(self.root.close(), Verdict::Ok);
        }
        if !self.root.is_freed() {
            self.root.free();
        }
    }
}

/// Who is in the way of whom: what one frees the other must not be using.
fn excluded(acts: [Act; 2]) -> bool {
    let both = |one: Act, others: &[Act]| {
        acts[0] == one && others.contains(&acts[1]) || acts[1] == one && others.contains(&acts[0])
    };
    let of_branch =
        [CancelBranch, Shield(true), Shield(false), AddToBranch, DetachFromBranch, CloseBranch];
    both(CloseBranch, &of_branch)
        || acts[0] == acts[1]
            && matches!(acts[0], CloseLeaf | Open | OpenAndClose | AddToBranch | DetachFromBranch)
        || both(Open, &[OpenAndClose])
}

fn pair(shielded: bool, acts: [Act; 2]) {
    eprintln!("shielded {shielded}: {acts:?}");
    let mut builder = Builder::new();
    builder.preemption_bound = Some(1);
    builder.max_branches = 20_000;
    // What is below the root does not keep it in place.
    let of_root = [CancelRoot, InterruptRoot, ForceRoot, CloseRoot, Open, OpenAndClose];
    let frees_root = acts.iter().filter(|act| of_root.contains(act)).count() == 1;
    builder.check(move || {
        let stage = Stage::set(shielded, frees_root);
        let threads = acts.map(|act| {
            let stage = stage.clone();
            thread::spawn(move || stage.perform(act))
        });
        let told = threads.map(|thread| thread.join().unwrap());
        stage.check(acts, told);
    });
}

fn pairs_with(one: Act) {
    let at = ALL.iter().position(|act| *act == one).unwrap();
    for other in &ALL[at..] {
        let acts = [one, *other];
        if !excluded(acts) {
            pair(false, acts);
            if acts.iter().any(|act| matches!(act, Shield(_))) {
                pair(true, acts);
            }
        }
    }
}

macro_rules! pairs {
    ($($name:ident: $act:expr,)+) => { $(#[test] fn $name() { pairs_with($act); })+ };
}

pairs! {
    cancel_of_the_root: CancelRoot,
    interrupt_at_the_root: InterruptRoot,
    cancel_of_the_branch: CancelBranch,
    force_of_the_root: ForceRoot,
    close_of_the_root: CloseRoot,
    close_of_the_branch: CloseBranch,
    close_of_the_leaf: CloseLeaf,
    opening: Open,
    opening_and_closing: OpenAndClose,
    shield: Shield(true),
    unshield: Shield(false),
    add_to_the_branch: AddToBranch,
}
