//! One session of a client, whatever carries it: what waits to be sent, and who is inside.

use std::collections::VecDeque;
use std::sync::Arc;

use actix::Recipient;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use super::message;
use super::packet::Packet;
use super::sessions::{Home, Outside};
use super::websocket::Wake;
use crate::actors::assistant::{Assistant, Farewell, Flood, Frame, Pace, Seat};
use crate::domain::conversation::News;

/// So many packets wait for a client that reads slowly.
const WAITING_MAX: usize = 256;
/// Whom nobody has let in by the time of so many signs of life is sent away,
const BEATS_OUTSIDE: u8 = 2;
/// and so is who was refused so often.
const REFUSALS_MAX: u8 = 10;

/// One session.
pub(super) struct Session {
    id: String,
    /// What its client brought when it began.
    token: Option<String>,
    home: Home,
    state: Mutex<State>,
    woken: Notify,
    /// Of everything that its client sends, whoever is inside and however often he comes in.
    pace: Pace,
}

struct State {
    waiting: VecDeque<Packet>,
    carrier: Carrier,
    is_polled: bool,
    stand: Stand,
    /// How many signs of life it was time for while nobody was inside, refusals or not.
    beats_outside: u8,
    /// How often somebody was refused.
    refusals: u8,
    /// Whether the client was asked for a sign of life and has not given one.
    is_asked: bool,
    proof: Proof,
    is_ending: bool,
}

/// What the client has got for sure: it answers the pings in turn, so it got all that came before one.
#[derive(Default)]
struct Proof {
    pings: u64,
    pongs: u64,
    /// News, and the ping that proves them.
    wanted: Option<(u64, News)>,
}

/// What carries a session.
enum Carrier {
    Polling,
    /// Polling, and a socket that may soon take over.
    Probing,
    Socket(Recipient<Wake>),
}

/// Where the client stands.
enum Stand {
    Outside(Outside),
    Knocking(Outside),
    Inside(Arc<Seat>),
    Gone,
}

/// What there is for a poll.
pub(super) enum Catch {
    Packets(Vec<Packet>),
    /// Nothing, and a socket waits for the poll to end.
    Probing,
    Nothing,
}

/// Something else carries the session, or it does so already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mismatch;

impl Session {
    pub(super) fn new(token: Option<String>, place: Outside, home: Home) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            carrier: Carrier::Polling,
            is_polled: false,
            stand: Stand::Outside(place),
            beats_outside: 0,
            refusals: 0,
            is_asked: false,
            proof: Proof::default(),
            is_ending: false,
        };
        Self {
            id: hex::encode(rand::random::<[u8; 20]>()),
            token,
            home,
            state: Mutex::new(state),
            woken: Notify::new(),
            pace: Pace::default(),
        }
    }

    /// By which its client knows it, and nobody else.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// What its client brought when it began.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Whether it may be gone on with by whoever brings this token. A browser's socket cannot
    /// send the headers that its polling does, so none is as good as the first one.
    pub(super) fn is_open_to(&self, token: Option<&str>) -> bool {
        match (self.token(), token) {
            (Some(first), Some(token)) => first == token,
            _ => true,
        }
    }

    /// Sends a packet as soon as it can be. A client for whom too many wait is given up.
    pub(super) fn send(&self, packet: Packet) {
        self.post(packet, None);
    }

    /// Asks the client for a sign of life that proves that it got these news.
    pub(super) fn prove(&self, news: News) {
        self.post(Packet::Ping(String::new()), Some(news));
    }

    /// The client has answered a ping. Says what that proves.
    pub(super) fn proved(&self) -> Option<News> {
        let mut state = self.state.lock();
        let proof = &mut state.proof;
        proof.pongs = proof.pings.min(proof.pongs + 1);
        let pongs = proof.pongs;
        let proved = proof.wanted.take_if(|(ping, _)| *ping <= pongs);
        proved.map(|(_, news)| news)
    }

    fn post(&self, packet: Packet, news: Option<News>) {
        let mut state = self.state.lock();
        if state.is_ending {
            return;
        }
        if state.waiting.len() >= WAITING_MAX {
            drop(state);
            return self.end();
        }
        if let Packet::Ping(_) = packet {
            state.proof.pings += 1;
            let ping = state.proof.pings;
            state.proof.wanted = news.map(|news| (ping, news)).or(state.proof.wanted);
        }
        state.waiting.push_back(packet);
        self.wake(&state);
    }

    /// Sends a message of Socket.IO.
    pub(super) fn tell(&self, message: String) {
        self.send(Packet::Message(message));
    }

    /// Says why, and ends. A client that was disconnected does not come back by itself, one whose
    /// connection has merely ended does.
    pub(super) fn say_goodbye(&self, why: Farewell) {
        if matches!(why, Farewell::SignedOut | Farewell::Flood) {
            let error = Frame::error("disconnected", why.reason());
            if let Some(event) = message::event(&error) {
                self.tell(event);
            }
            self.tell(message::goodbye());
        }
        self.end();
    }

    /// Ends. What waits is sent first, if it can be.
    pub(super) fn end(&self) {
        let left = {
            let mut state = self.state.lock();
            state.is_ending = true;
            self.wake(&state);
            std::mem::replace(&mut state.stand, Stand::Gone)
        };
        // Not under the lock: those who stay behind may be told something at once, and we with them.
        drop(left);
    }

    /// Forgets a session that has ended.
    pub(super) fn forget(&self) {
        self.end();
        self.home.leave(&self.id);
    }

    /// Asks for a sign of life. False when there was none, or nobody to give one any more.
    pub(super) fn beat(&self) -> bool {
        let mut state = self.state.lock();
        let stays = match state.stand {
            Stand::Outside(_) => {
                state.beats_outside += 1;
                state.beats_outside < BEATS_OUTSIDE
            }
            Stand::Inside(_) | Stand::Knocking(_) => true,
            Stand::Gone => false,
        };
        if !stays || state.is_asked || state.is_ending {
            return false;
        }
        state.is_asked = true;
        let seat = state.seat();
        drop(state);
        if seat.is_some_and(|seat| seat.is_over()) {
            self.say_goodbye(Farewell::SignedOut);
        }
        self.send(Packet::Ping(String::new()));
        true
    }

    /// The client has given a sign of life.
    pub(super) fn lives(&self) {
        self.state.lock().is_asked = false;
    }

    /// Whether it has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.state.lock().is_ending
    }

    /// Who is inside.
    pub(super) fn seat(&self) -> Option<Arc<Seat>> {
        self.state.lock().seat()
    }

    /// Counts a packet of its client.
    pub(super) fn keep_pace(&self, assistant: &Assistant) -> Result<(), Flood> {
        self.pace.keep(assistant)
    }

    /// Wants in. False when it does already, or is in.
    pub(super) fn knock(&self) -> bool {
        self.state.lock().change(|stand| match stand {
            Stand::Outside(place) => (Stand::Knocking(place), true),
            other => (other, false),
        })
    }

    /// Is not let in. False when that was so too often.
    pub(super) fn stay_outside(&self) -> bool {
        let mut state = self.state.lock();
        state.refusals += 1;
        state.change(|stand| match stand {
            Stand::Knocking(place) => (Stand::Outside(place), ()),
            other => (other, ()),
        });
        state.refusals < REFUSALS_MAX
    }

    /// Is in. A session that has ended meanwhile drops the seat.
    pub(super) fn sit_down(&self, seat: Seat) {
        let seat = Arc::new(seat);
        let taken = Arc::clone(&seat);
        let mut state = self.state.lock();
        state.change(|stand| match stand {
            Stand::Knocking(_) => (Stand::Inside(taken), ()),
            other => (other, ()),
        });
        (state.beats_outside, state.refusals) = (0, 0);
    }

    /// Leaves its seat, and may knock again.
    pub(super) fn stand_up(&self) {
        let Ok(place) = self.home.outside() else {
            return self.end();
        };
        let left = self.state.lock().change(|stand| match stand {
            Stand::Inside(seat) => (Stand::Outside(place), Some(seat)),
            other => (other, None),
        });
        drop(left);
    }

    /// Begins a poll: one at a time, and none besides a socket.
    pub(super) fn begin_poll(&self) -> Result<(), Mismatch> {
        let mut state = self.state.lock();
        if state.is_polled || matches!(state.carrier, Carrier::Socket(_)) {
            return Err(Mismatch);
        }
        state.is_polled = true;
        Ok(())
    }

    /// Ends a poll.
    pub(super) fn end_poll(&self) {
        self.state.lock().is_polled = false;
    }

    /// What a poll brings back.
    pub(super) fn catch(&self) -> Catch {
        let mut state = self.state.lock();
        if state.is_ending {
            state.waiting.push_back(Packet::Close);
        }
        match (&state.carrier, state.waiting.is_empty()) {
            (Carrier::Socket(_), _) => Catch::Packets(vec![Packet::Noop]),
            (_, false) => Catch::Packets(state.waiting.drain(..).collect()),
            (Carrier::Probing, true) => Catch::Probing,
            (Carrier::Polling, true) => Catch::Nothing,
        }
    }

    /// Waits until there may be more.
    pub(super) async fn woken(&self) {
        self.woken.notified().await;
    }

    /// Whether it is carried by polling.
    pub(super) fn is_polling(&self) -> bool {
        !matches!(self.state.lock().carrier, Carrier::Socket(_))
    }

    /// A socket is there that may take over. One at a time.
    pub(super) fn probe(&self) -> Result<(), Mismatch> {
        let mut state = self.state.lock();
        if !matches!(state.carrier, Carrier::Polling) {
            return Err(Mismatch);
        }
        state.carrier = Carrier::Probing;
        self.woken.notify_one();
        Ok(())
    }

    /// The socket will not take over.
    pub(super) fn give_up_probe(&self) {
        let mut state = self.state.lock();
        if matches!(state.carrier, Carrier::Probing) {
            state.carrier = Carrier::Polling;
        }
    }

    /// A socket carries it from now on.
    pub(super) fn carry(&self, socket: Recipient<Wake>) {
        let mut state = self.state.lock();
        state.carrier = Carrier::Socket(socket);
        self.wake(&state);
        // A poll that still waits has nothing more to wait for.
        self.woken.notify_one();
    }

    /// Everything that waits, for the socket; and whether that is all there will be.
    pub(super) fn take(&self) -> (Vec<Packet>, bool) {
        let mut state = self.state.lock();
        (state.waiting.drain(..).collect(), state.is_ending)
    }

    fn wake(&self, state: &MutexGuard<'_, State>) {
        match &state.carrier {
            Carrier::Socket(socket) => socket.do_send(Wake),
            Carrier::Polling | Carrier::Probing => self.woken.notify_one(),
        }
    }
}

impl State {
    fn seat(&self) -> Option<Arc<Seat>> {
        match &self.stand {
            Stand::Inside(seat) => Some(Arc::clone(seat)),
            _ => None,
        }
    }

    fn change<T>(&mut self, how: impl FnOnce(Stand) -> (Stand, T)) -> T {
        let (stand, said) = how(std::mem::replace(&mut self.stand, Stand::Gone));
        self.stand = stand;
        said
    }
}
