//! Whether a history could have been played by one who does one thing after the other: the search
//! of Wing and Gong, just in time and with a memory of the configurations it has been in, as Lowe
//! describes. An operation takes its place when its answer makes that necessary and not before;
//! one that was never answered may take it at any later time, or never.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::fmt::Debug;
use std::hash::Hash;

/// A search that has come through so many configurations is given up,
const CONFIGURATIONS_MAX: usize = 300_000;
/// and so many more for each operation: there is one at least wherever something changes.
const CONFIGURATIONS_EACH: usize = 10;

/// Why no order was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoOrder {
    /// There is none: this operation has no place in any.
    Impossible(String),
    /// There are too many to try them all.
    GivenUp(String),
}

/// The thing as it would be if everybody had to wait for his turn.
pub(crate) trait Model {
    type State: Clone + Eq + Hash + Debug;
    type Asked: Clone + Debug;
    type Heard: Clone + Debug;

    /// The state after this, if it could have been answered so in this state; any answer is as
    /// good as another where none was heard.
    fn step(state: &Self::State, asked: &Self::Asked, heard: Option<&Self::Heard>) -> Option<Self::State>;

    /// A number in the state that only ever grows, if there is one: it saves searches that can
    /// only be in vain.
    fn clock(_state: &Self::State) -> u64 {
        0
    }

    /// The latest clock at which this can have been answered so.
    fn latest(_asked: &Self::Asked, _heard: &Self::Heard) -> u64 {
        u64::MAX
    }
}

/// One operation.
#[derive(Debug, Clone)]
pub(crate) struct Operation<A, H> {
    pub(crate) asked: A,
    pub(crate) called: u64,
    /// What was heard and when; nothing, if no answer ever came.
    pub(crate) heard: Option<(u64, H)>,
    /// When it was over without an answer: whatever it did, it had done by then.
    pub(crate) lost: Option<u64>,
}

/// All operations on one thing.
pub(crate) type History<M> = Vec<Operation<<M as Model>::Asked, <M as Model>::Heard>>;

enum Moment {
    Call(usize),
    Return(usize),
    Lost(usize),
}

/// A history in the order in which it happened.
struct Course<'a, M: Model> {
    history: &'a History<M>,
    moments: Vec<Moment>,
    /// For each moment, the earliest of the latest clocks of all that are called from then on.
    latest: Vec<u64>,
}

/// How far the search has come on one of its ways.
#[derive(Clone)]
struct Configuration<S> {
    /// The next moment.
    at: usize,
    state: S,
    /// Called and without a place so far, in the order of their calls.
    open: Vec<usize>,
    /// With a place, and not returned so far. Those that never return stay here.
    early: Vec<usize>,
    /// So many of those will never be answered.
    unheard: usize,
}

/// The ways to go on from. First comes the one that is farthest, then the one that takes the
/// fewest unanswered operations for done, then the one with the most done.
struct Ways<S> {
    order: BinaryHeap<(usize, Reverse<usize>, usize, usize)>,
    /// Each with whether what is due now has been tried.
    ways: Vec<Option<(Configuration<S>, bool)>>,
}

impl<S> Ways<S> {
    fn push(&mut self, way: Configuration<S>, tried: bool) {
        let key = (way.at, Reverse(way.unheard), way.early.len(), self.ways.len());
        self.order.push(key);
        self.ways.push(Some((way, tried)));
    }

    fn pop(&mut self) -> Option<(Configuration<S>, bool)> {
        let (.., place) = self.order.pop()?;
        self.ways[place].take()
    }
}

/// Finds an order of the operations that the model allows.
///
/// # Errors
/// The operation that has no place in any order, told with what could have been before it.
pub(crate) fn check<M: Model>(start: M::State, history: &History<M>) -> Result<(), NoOrder> {
    let course = Course::<M>::of(history);
    let mut ways = Ways {
        order: BinaryHeap::new(),
        ways: Vec::new(),
    };
    let first = Configuration {
        at: 0,
        state: start,
        open: Vec::new(),
        early: Vec::new(),
        unheard: 0,
    };
    ways.push(first, false);
    let mut been = HashSet::new();
    let been_max = CONFIGURATIONS_MAX + CONFIGURATIONS_EACH * history.len();
    let mut farthest = (0, String::new());
    while let Some((mut here, tried)) = ways.pop() {
        if tried {
            let others = here.open.iter().filter(|one| !course.is_due(here.at, **one));
            let detours = others.filter_map(|one| course.place(&here, *one));
            detours.for_each(|then| ways.push(then, false));
            continue;
        }
        let Some(due) = course.go_on(&mut here) else {
            return Ok(());
        };
        if !been.insert((here.at, here.state.clone(), here.early.clone())) {
            continue;
        }
        if been.len() > been_max {
            return Err(NoOrder::GivenUp(farthest.1));
        }
        if here.at >= farthest.0 {
            let what = format!("{:?} has no place at {:?}", history[due], here.state);
            farthest = (here.at, what);
        }
        if matches!(course.moments[here.at], Moment::Lost(_)) {
            let mut never = here.clone();
            never.at += 1;
            never.open.retain(|open| *open != due);
            ways.push(never, false);
        }
        if let Some(then) = course.place(&here, due) {
            ways.push(then, false);
        }
        ways.push(here, true);
    }
    Err(NoOrder::Impossible(farthest.1))
}

impl<'a, M: Model> Course<'a, M> {
    fn of(history: &'a History<M>) -> Self {
        let moments = moments::<M>(history);
        let mut latest = vec![u64::MAX; moments.len() + 1];
        for (at, moment) in moments.iter().enumerate().rev() {
            let own = match moment {
                Moment::Call(one) => latest_of::<M>(&history[*one]),
                Moment::Return(_) | Moment::Lost(_) => u64::MAX,
            };
            latest[at] = latest[at + 1].min(own);
        }
        Self {
            history,
            moments,
            latest,
        }
    }

    fn is_due(&self, at: usize, one: usize) -> bool {
        matches!(self.moments.get(at), Some(Moment::Return(due) | Moment::Lost(due)) if *due == one)
    }

    /// Goes on to where an operation must have its place, or never has one; `None` at the end.
    fn go_on(&self, here: &mut Configuration<M::State>) -> Option<usize> {
        loop {
            self.take_what_changes_nothing(here);
            match self.moments.get(here.at)? {
                Moment::Call(one) => here.open.push(*one),
                Moment::Return(one) | Moment::Lost(one) => {
                    match here.early.iter().position(|early| early == one) {
                        Some(place) => drop(here.early.remove(place)),
                        None => return Some(*one),
                    }
                }
            }
            here.at += 1;
        }
    }

    /// What fits here and changes nothing has its place: no way is lost by that.
    fn take_what_changes_nothing(&self, here: &mut Configuration<M::State>) {
        let Configuration {
            state, open, early, ..
        } = here;
        let before = early.len();
        open.retain(|one| {
            let Operation { asked, heard, .. } = &self.history[*one];
            let Some((_, heard)) = heard else { return true };
            let fits = M::step(state, asked, Some(heard)).is_some_and(|after| after == *state);
            if fits {
                early.push(*one);
            }
            !fits
        });
        if early.len() > before {
            early.sort_unstable();
        }
    }

    /// One more operation takes its place, if it may.
    fn place(&self, here: &Configuration<M::State>, one: usize) -> Option<Configuration<M::State>> {
        let Operation { asked, heard, .. } = &self.history[one];
        let state = M::step(&here.state, asked, heard.as_ref().map(|(_, heard)| heard))?;
        if heard.is_none() && state == here.state {
            return None; // it may as well be done later
        }
        let clock = M::clock(&state);
        let too_late = |other: &usize| *other != one && latest_of::<M>(&self.history[*other]) < clock;
        if self.latest[here.at] < clock || here.open.iter().any(too_late) {
            return None;
        }
        let mut then = here.clone();
        then.state = state;
        then.unheard += usize::from(heard.is_none());
        then.open.retain(|open| *open != one);
        then.early.push(one);
        then.early.sort_unstable();
        Some(then)
    }
}

fn latest_of<M: Model>(one: &Operation<M::Asked, M::Heard>) -> u64 {
    let heard = one.heard.as_ref();
    heard.map_or(u64::MAX, |(_, heard)| M::latest(&one.asked, heard))
}

fn moments<M: Model>(history: &History<M>) -> Vec<Moment> {
    let calls = history
        .iter()
        .enumerate()
        .map(|(n, one)| (one.called, Moment::Call(n)));
    let returns = history.iter().enumerate().filter_map(|(n, one)| {
        let (at, _) = one.heard.as_ref()?;
        Some((*at, Moment::Return(n)))
    });
    let losses = history.iter().enumerate();
    let losses = losses.filter_map(|(n, one)| Some((one.lost?, Moment::Lost(n))));
    let mut moments: Vec<_> = calls.chain(returns).chain(losses).collect();
    moments.sort_by_key(|(at, _)| *at);
    moments.into_iter().map(|(_, moment)| moment).collect()
}

#[cfg(test)]
mod tests {
    use bazaar::clock::Chance;

    use super::*;

    /// A number that is written and read.
    struct Register;

    #[derive(Debug, Clone)]
    enum Asked {
        Write(u8),
        Read,
    }

    impl Model for Register {
        type State = u8;
        type Asked = Asked;
        /// What was there before.
        type Heard = u8;

        fn step(state: &u8, asked: &Asked, heard: Option<&u8>) -> Option<u8> {
            if heard.is_some_and(|heard| heard != state) {
                return None;
            }
            match asked {
                Asked::Write(new) => Some(*new),
                Asked::Read => Some(*state),
            }
        }
    }

    fn one(asked: Asked, called: u64, heard: Option<(u64, u8)>) -> Operation<Asked, u8> {
        Operation {
            asked,
            called,
            heard,
            lost: None,
        }
    }

    #[test]
    fn what_overlaps_may_have_happened_in_either_order() {
        for seen in [0, 1] {
            let history = vec![
                one(Asked::Write(1), 1, Some((4, 0))),
                one(Asked::Read, 2, Some((3, seen))),
            ];
            assert_eq!(check::<Register>(0, &history), Ok(()));
        }
    }

    #[test]
    fn what_was_answered_before_is_seen_after_it() {
        let history = vec![
            one(Asked::Write(1), 1, Some((2, 0))),
            one(Asked::Read, 3, Some((4, 0))),
        ];
        let why = check::<Register>(0, &history).unwrap_err();
        assert!(
            matches!(&why, NoOrder::Impossible(why) if why.contains("Read")),
            "{why:?}"
        );
    }

    #[test]
    fn what_was_never_answered_may_happen_late_or_never_but_not_before_it_was_asked() {
        let read = |called, seen| one(Asked::Read, called, Some((called + 1, seen)));
        let lost = || one(Asked::Write(1), 3, None);
        for (seen, possible) in [
            ([0, 0, 0], true),
            ([0, 0, 1], true),
            ([0, 1, 0], false),
            ([1, 1, 1], false),
        ] {
            let [first, second, third] = seen;
            let history = vec![read(1, first), lost(), read(4, second), read(6, third)];
            assert_eq!(check::<Register>(0, &history).is_ok(), possible, "{seen:?}");
        }
    }

    #[test]
    fn what_was_over_without_an_answer_happens_no_more() {
        for (lost, possible) in [(Some(3), false), (None, true)] {
            let write = Operation {
                lost,
                ..one(Asked::Write(1), 1, None)
            };
            let early = one(Asked::Read, 4, Some((5, 0)));
            let late = one(Asked::Read, 6, Some((7, 1)));
            assert_eq!(check::<Register>(0, &vec![write, early, late]).is_ok(), possible);
        }
    }

    /// Tries every order there is.
    fn by_force(state: u8, left: &[Operation<Asked, u8>]) -> bool {
        let earliest = left.iter().filter_map(|one| Some(one.heard?.0)).min();
        let Some(earliest) = earliest else { return true };
        left.iter().enumerate().any(|(n, one)| {
            let heard = one.heard.as_ref().map(|(_, heard)| heard);
            let may_be_next = one.called < earliest;
            let after = Register::step(&state, &one.asked, heard).filter(|_| may_be_next);
            after.is_some_and(|after| by_force(after, &[&left[..n], &left[n + 1..]].concat()))
        })
    }

    #[test]
    fn it_agrees_with_whoever_tries_every_order() {
        let (chance, mut possible) = (Chance::seeded(7), 0);
        let below = |bound| u8::try_from(chance.below(bound)).expect("a small number");
        for history in 0..20_000 {
            let operation = |_| {
                let called = chance.below(20) * 2;
                let asked = [Asked::Read, Asked::Write(below(3))][usize::from(below(2))].clone();
                let heard = (below(5) > 0).then(|| (called + 1 + chance.below(8) * 2, below(3)));
                one(asked, called, heard)
            };
            let operations: Vec<_> = (0..6).map(operation).collect();
            let found = check::<Register>(0, &operations);
            assert!(!matches!(found, Err(NoOrder::GivenUp(_))), "history {history}");
            let found = found.is_ok();
            assert_eq!(
                found,
                by_force(0, &operations),
                "history {history}: {operations:?}"
            );
            possible += usize::from(found);
        }
        assert!(
            (1_000..19_000).contains(&possible),
            "only {possible} are possible"
        );
    }
}
