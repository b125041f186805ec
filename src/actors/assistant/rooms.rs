//! Who is connected, by user: all tabs of a user on this node are in one room, hear the same
//! answers, and wait for one answer at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use dashmap::DashMap;
use tokio::sync::watch;

use super::frame::Frame;
use super::limits::Limits;
use super::outlet::{Farewell, Outlet};
use super::person::Person;
use crate::domain::account::{Revocation, SessionId};
use crate::domain::conversation::{Call, News};
use crate::domain::id::Id;
use crate::domain::time::Timestamp;

/// All rooms of a node.
pub(super) struct Rooms {
    by_user: DashMap<Id, Room>,
    /// Whose a session of the people inside is.
    holders: DashMap<SessionId, Id>,
    next: AtomicU64,
    places_taken: AtomicUsize,
}

#[derive(Default)]
struct Room {
    guests: Vec<Guest>,
    /// Arrivals that were let in and have not entered yet.
    expected: usize,
    work: Option<watch::Sender<bool>>,
    asked: Option<Asked>,
    /// How much was said here, so that whoever was on his way in knows that he missed something.
    told: u64,
}

struct Guest {
    number: u64,
    person: Person,
    outlet: Arc<dyn Outlet>,
}

/// A question to the user: nothing is done until a yes comes.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// By which the answer is known. It is good for one.
    pub(super) nonce: String,
    /// What is called when the answer is yes.
    pub(super) call: Call,
    /// What the user agrees to.
    pub(super) question: String,
    /// When it is too late.
    pub(super) expires: Timestamp,
}

/// There are as many connections as there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Crowded {
    /// Of this user.
    #[error("you have too many connections to the assistant")]
    User,
    /// On this node.
    #[error("the assistant is busy with others")]
    Node,
}

/// Somebody who may enter, or is inside. Dropping it is to leave.
pub(super) struct Place {
    rooms: Arc<Rooms>,
    pub(super) person: Person,
    /// Among all connections of this node.
    pub(super) number: u64,
    inside: bool,
    /// How much had been said in the room when the place was taken.
    told_before: u64,
}

/// An answer that is being worked on. No other one of the same user is.
pub(super) struct Work {
    rooms: Arc<Rooms>,
    user: Id,
    stop: watch::Receiver<bool>,
}

impl Rooms {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            by_user: DashMap::new(),
            holders: DashMap::new(),
            next: AtomicU64::new(1),
            places_taken: AtomicUsize::new(0),
        })
    }

    /// A place for one more connection.
    pub(super) fn reserve(self: &Arc<Self>, person: Person, limits: &Limits) -> Result<Place, Crowded> {
        if self.places_taken.fetch_add(1, Ordering::Relaxed) >= limits.sessions_per_node {
            self.places_taken.fetch_sub(1, Ordering::Relaxed);
            return Err(Crowded::Node);
        }
        let mut room = self.by_user.entry(person.id).or_default();
        if room.guests.len() + room.expected >= limits.sessions_per_user {
            self.places_taken.fetch_sub(1, Ordering::Relaxed);
            return Err(Crowded::User);
        }
        room.expected += 1;
        Ok(Place {
            rooms: Arc::clone(self),
            person,
            number: self.next.fetch_add(1, Ordering::Relaxed),
            inside: false,
            told_before: room.told,
        })
    }

    /// Says something to everybody in a user's room.
    pub(super) fn tell(&self, user: Id, frame: Frame) {
        let outlets = self.by_user.get_mut(&user).map(|mut room| {
            room.told += 1;
            room.outlets()
        });
        let (outlets, frame) = (outlets.unwrap_or_default(), Arc::new(frame));
        for outlet in &outlets {
            outlet.tell(&frame);
        }
    }

    /// Wants to know of everybody in a user's room who was told these news whether he got them.
    pub(super) fn prove(&self, user: Id, news: News) {
        let outlets = self.by_user.get(&user).map(|room| room.outlets());
        for outlet in outlets.unwrap_or_default() {
            outlet.prove(news);
        }
    }

    /// Begins to work on an answer, unless one is being worked on.
    pub(super) fn begin(self: &Arc<Self>, user: Id) -> Option<Work> {
        let mut room = self.by_user.entry(user).or_default();
        if room.work.is_some() {
            return None;
        }
        let (sender, stop) = watch::channel(false);
        room.work = Some(sender);
        Some(Work {
            rooms: Arc::clone(self),
            user,
            stop,
        })
    }

    pub(super) fn is_at_work(&self, user: Id) -> bool {
        self.by_user.get(&user).is_some_and(|room| room.work.is_some())
    }

    /// Stops the work on an answer. Says whether there was any.
    pub(super) fn cancel(&self, user: Id) -> bool {
        let room = self.by_user.get(&user);
        room.is_some_and(|room| room.stop_work())
    }

    /// Puts a question to the user in the place of the one before it.
    pub(super) fn ask(&self, user: Id, asked: Asked) {
        self.by_user.entry(user).or_default().asked = Some(asked);
    }

    /// The question that stands, for whoever comes in now.
    pub(super) fn asked(&self, user: Id, now: Timestamp) -> Option<Asked> {
        let asked = self.by_user.get(&user)?.asked.clone()?;
        (asked.expires > now).then_some(asked)
    }

    /// Takes the question that has this nonce: it can be answered once.
    pub(super) fn answered(&self, user: Id, nonce: &str, now: Timestamp) -> Option<Asked> {
        let mut room = self.by_user.get_mut(&user)?;
        let stands = room.asked.as_ref()?;
        if stands.nonce != nonce {
            return None;
        }
        room.asked.take().filter(|asked| asked.expires > now)
    }

    /// Everybody whose session a revocation ends.
    pub(super) fn ended_by(&self, revocation: &Revocation) -> Vec<Person> {
        let user = match revocation {
            Revocation::One { session, .. } => self.holders.get(session).map(|user| *user),
            Revocation::Before { account, .. } => Some(*account),
        };
        let ended = |person: &Person| revocation.ends(person.id, person.session);
        let people = user.map(|user| self.people(user)).unwrap_or_default();
        people.into_iter().filter(ended).collect()
    }

    /// Everybody in a user's room.
    pub(super) fn people(&self, user: Id) -> Vec<Person> {
        let room = self.by_user.get(&user);
        room.map_or(Vec::new(), |room| {
            room.guests.iter().map(|guest| guest.person).collect()
        })
    }

    /// Everybody.
    pub(super) fn everybody(&self) -> Vec<Person> {
        let people = self.by_user.iter().flat_map(|room| {
            let people = room.guests.iter().map(|guest| guest.person);
            people.collect::<Vec<_>>()
        });
        people.collect()
    }

    /// Shows everybody to the door who is inside by this session.
    pub(super) fn show_out(&self, person: &Person, why: Farewell) {
        let outlets: Vec<_> = self.by_user.get(&person.id).map_or(Vec::new(), |room| {
            let theirs = room.guests.iter();
            let theirs = theirs.filter(|guest| guest.person.session == person.session);
            theirs.map(|guest| Arc::clone(&guest.outlet)).collect()
        });
        for outlet in outlets {
            outlet.close(why);
        }
    }

    /// How many connections there are.
    pub(super) fn taken(&self) -> usize {
        self.places_taken.load(Ordering::Relaxed)
    }

    /// Clears away rooms that only a question kept open that has expired. Says how many.
    pub(super) fn forget(&self, now: Timestamp) -> usize {
        let before = self.by_user.len();
        self.by_user.retain(|_, room| {
            room.asked = room.asked.take().filter(|asked| asked.expires > now);
            !room.is_deserted()
        });
        before.saturating_sub(self.by_user.len())
    }

    fn close_if_deserted(&self, user: Id) {
        self.by_user.remove_if(&user, |_, room| room.is_deserted());
    }
}

impl Room {
    fn is_deserted(&self) -> bool {
        self.guests.is_empty() && self.expected == 0 && self.work.is_none() && self.asked.is_none()
    }

    fn outlets(&self) -> Vec<Arc<dyn Outlet>> {
        let guests = self.guests.iter();
        guests.map(|guest| Arc::clone(&guest.outlet)).collect()
    }

    fn stop_work(&self) -> bool {
        self.work.as_ref().is_some_and(|stop| {
            stop.send_replace(true);
            true
        })
    }
}

impl Place {
    /// Goes inside: from now on whatever is said to the user is said here too. Says whether
    /// something was said since the place was taken.
    pub(super) fn enter(&mut self, outlet: Arc<dyn Outlet>) -> bool {
        let person = self.person;
        let mut room = self.rooms.by_user.entry(person.id).or_default();
        self.rooms.holders.insert(person.session, person.id);
        room.expected = room.expected.saturating_sub(1);
        room.guests.push(Guest {
            number: self.number,
            person,
            outlet,
        });
        self.inside = true;
        room.told != self.told_before
    }
}

impl Drop for Place {
    /// The last one out stops the work, unless somebody is on his way in: nobody would hear the
    /// answer.
    fn drop(&mut self) {
        self.rooms.places_taken.fetch_sub(1, Ordering::Relaxed);
        let Person { id, session, .. } = self.person;
        if let Some(mut room) = self.rooms.by_user.get_mut(&id) {
            if self.inside {
                room.guests.retain(|guest| guest.number != self.number);
            } else {
                room.expected = room.expected.saturating_sub(1);
            }
            if room.guests.is_empty() && room.expected == 0 {
                room.stop_work();
            }
            if room.guests.iter().all(|guest| guest.person.session != session) {
                self.rooms.holders.remove(&session);
            }
        }
        self.rooms.close_if_deserted(id);
    }
}

impl Work {
    /// Waits until nobody wants the answer any more.
    pub(super) async fn stopped(&mut self) {
        // An error means that the room is gone, and with it everybody in it.
        let _ = self.stop.wait_for(|stop| *stop).await;
    }

    /// Whether nobody wants it any more.
    pub(super) fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(mut room) = self.rooms.by_user.get_mut(&self.user) {
            room.work = None;
        }
        self.rooms.close_if_deserted(self.user);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::frame::Status;
    use super::*;
    use crate::domain::account::Role;

    struct Nowhere;

    impl Outlet for Nowhere {
        fn tell(&self, _: &Arc<Frame>) {}

        fn prove(&self, _: News) {}

        fn close(&self, _: Farewell) {}
    }

    fn anna() -> Person {
        let chance = [7; 12];
        Person {
            id: Id::from_bytes([1; 12]),
            role: Role::User,
            session: SessionId { epoch: 0, chance },
            until: Timestamp::from_millis(i64::MAX),
        }
    }

    const LIMITS: Limits = Limits {
        steps: 1,
        time: Duration::from_secs(1),
        confirm: Duration::from_secs(1),
        answer_tokens: 1,
        tokens_a_day: 1,
        sessions_per_user: 2,
        sessions_per_node: 2,
        frames_a_minute: 1,
    };

    #[test]
    fn whoever_is_on_his_way_in_keeps_the_work_going_and_knows_that_he_missed_something() {
        let rooms = Rooms::new();
        let mut first = rooms.reserve(anna(), &LIMITS).expect("a place");
        assert!(!first.enter(Arc::new(Nowhere)), "nothing was said");
        let work = rooms.begin(anna().id).expect("nobody is at work");
        let mut second = rooms.reserve(anna(), &LIMITS).expect("a place");
        drop(first);
        assert!(!work.is_stopped(), "somebody will hear the answer");
        rooms.tell(anna().id, Frame::status(Status::Ready, "Ready."));
        assert!(second.enter(Arc::new(Nowhere)), "this was said meanwhile");
        drop(second);
        assert!(work.is_stopped(), "nobody is there any more");
    }
}
