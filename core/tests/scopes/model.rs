//! Random trees, beside a model that recurses.

use proptest::prelude::*;
use quell::{Cause, Events, Level, Request, Scope, Verdict};

use crate::{Ear, scopes};

const NODES: usize = 8;

#[derive(Clone, Copy, Debug)]
enum Act {
    Open { node: usize, parent: Option<usize>, shielded: bool },
    Cancel { node: usize, level: Level },
    Close { node: usize },
    Shield { node: usize, shielded: bool },
}

fn acts() -> impl Strategy<Value = Act> {
    let node = || 0..NODES;
    let level = prop_oneof![Just(Level::Graceful), Just(Level::Immediate), Just(Level::Emergency)];
    prop_oneof![
        5 => (node(), proptest::option::weighted(0.8, node()), prop::bool::weighted(0.3))
            .prop_map(|(node, parent, shielded)| Act::Open { node, parent, shielded }),
        2 => (node(), level).prop_map(|(node, level)| Act::Cancel { node, level }),
        1 => node().prop_map(|node| Act::Close { node }),
        2 => (node(), any::<bool>())
            .prop_map(|(node, shielded)| Act::Shield { node, shielded }),
    ]
}

/// Events, level and cause, as a hook is told them.
type Heard = (u32, u32, u32);

#[derive(Clone, Default)]
struct Node {
    open: bool,
    parent: Option<usize>,
    shielded: bool,
    request: Option<(Level, Cause)>,
    heard: Vec<Heard>,
}

#[derive(Default)]
struct Model([Node; NODES]);

impl Model {
    /// Asks one, and, where that is news to it, all below; true where it is.
    fn ask(&mut self, node: usize, level: Level, cause: Cause, listens: bool) -> bool {
        let before = self.0[node].request;
        if before.is_some_and(|(held, _)| held >= level) {
            return false;
        }
        self.0[node].request = Some((level, cause));
        if listens {
            let events = if before.is_none() { Events::REQUEST } else { Events::RAISE };
            self.0[node].heard.push((events.raw(), level.raw(), cause.raw()));
        }
        for child in 0..NODES {
            if self.0[child].parent == Some(node) && !self.0[child].shielded {
                self.ask(child, level, Cause::Parent, true);
            }
        }
        true
    }

    fn inherit(&mut self, node: usize, listens: bool) {
        let above = self.0[node].parent.and_then(|parent| self.0[parent].request);
        if let (Some((level, _)), false) = (above, self.0[node].shielded) {
            self.ask(node, level, Cause::Parent, listens);
        }
    }

    fn act(&mut self, act: Act) -> Verdict {
        match act {
            Act::Open { node, parent, shielded } => {
                if self.0[node].open || parent.is_some_and(|parent| !self.0[parent].open) {
                    return Verdict::BadState;
                }
                let heard = std::mem::take(&mut self.0[node].heard);
                self.0[node] = Node { open: true, parent, shielded, request: None, heard };
                // The hook is added after that.
                self.inherit(node, false);
                Verdict::Ok
            }
            Act::Cancel { node, level } => {
                if !self.0[node].open {
                    return Verdict::BadState;
                }
                let first = self.0[node].request.is_none();
                match (self.ask(node, level, Cause::User, true), first) {
                    (false, _) => Verdict::AlreadyCancelling,
                    (true, true) => Verdict::Cancelling,
                    (true, false) => Verdict::Raised,
                }
            }
            Act::Close { node } => {
                if !self.0[node].open {
                    return Verdict::BadState;
                }
                let (level, cause) = self.0[node]
                    .request
                    .map_or((0, 0), |(level, cause)| (level.raw(), cause.raw()));
                self.0[node].heard.push((Events::END.raw(), level, cause));
                self.0[node] =
                    Node { heard: std::mem::take(&mut self.0[node].heard), ..Node::default() };
                for child in &mut self.0 {
                    if child.parent == Some(node) {
                        child.parent = None;
                    }
                }
                Verdict::Ok
            }
            Act::Shield { node, shielded } => {
                if self.0[node].parent.is_none() {
                    return Verdict::BadState;
                }
                self.0[node].shielded = shielded;
                self.inherit(node, true);
                Verdict::Ok
            }
        }
    }
}

fn really(scopes: &[Scope<'static>], ears: &[Ear<'_>], act: Act) -> Verdict {
    match act {
        Act::Open { node, parent, shielded } => {
            let above = parent.map(|parent| scopes[parent].source());
            // SAFETY: none of them goes before all are closed.
            let opened = unsafe { scopes[node].open_raw(above, shielded) };
            if opened == Verdict::Ok {
                let added = ears[node].listen(&scopes[node]);
                assert!(matches!(added, Verdict::Ok | Verdict::Happened));
            }
            opened
        }
        Act::Cancel { node, level } => scopes[node].cancel(Request::new(level, Cause::User)),
        Act::Close { node } => scopes[node].close(),
        Act::Shield { node, shielded } => scopes[node].set_shielded(shielded),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn random_trees(acts in prop::collection::vec(acts(), 1..60)) {
        let mut model = Model::default();
        let ears: Vec<Ear<'_>> = (0..NODES).map(|_| Ear::default()).collect();
        // Dropped first, so that those still open find their hooks.
        let scopes = scopes(NODES);
        for act in acts {
            let expected = model.act(act);
            prop_assert_eq!(really(&scopes, &ears, act), expected, "{:?}", act);
            for node in 0..NODES {
                let modelled = &mut model.0[node];
                let level = modelled.request.map(|(level, _)| level);
                prop_assert_eq!(scopes[node].poll(), level, "node {} after {:?}", node, act);
                let heard: Vec<Heard> = ears[node]
                    .heard
                    .take()
                    .iter()
                    .map(|told| (told.events, told.level, told.cause))
                    .collect();
                let expected = std::mem::take(&mut modelled.heard);
                prop_assert_eq!(heard, expected, "node {} after {:?}", node, act);
            }
        }
    }
}
