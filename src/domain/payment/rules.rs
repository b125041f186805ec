//! The rules of a payment: each an ordered list of early returns, then what must succeed.

use super::draft::Draft;
use super::{Beginning, Bond, Capture, Command, Event, Opened, Payment, Refusal, Status, Task};
use crate::domain::entity::{Circumstances, Decision};
use crate::domain::id::Id;

/// So many bad signatures of one payment are told at the most.
const FORGED_MAX: usize = 5;

type Decided = Result<Decision<Payment>, Refusal>;

/// Somebody wants to pay an order for the first time.
pub(super) fn begin(wanted: &Beginning, at: &Circumstances) -> Decision<Payment> {
    let payment = Payment {
        id: wanted.order,
        user: wanted.user,
        method: wanted.method.clone(),
        on_delivery: wanted.on_delivery,
        price: wanted.price,
        split: wanted.split.clone(),
        status: Status::Pending,
        orders: Vec::new(),
        captures: Vec::new(),
        recorded: None,
        bond: Bond::Loose,
        has_paid: false,
        sold: false,
        booked: 0,
        claim: None,
        attempts: 0,
        rests: Vec::new(),
        recorded_at: None,
        surveyed_at: None,
        waits_since: None,
        given_up: None,
        forged: Vec::new(),
        look_every_seconds: wanted.look_every.as_secs(),
        due: None,
        created_at: at.now,
        updated_at: at.now,
    };
    let mut draft = Draft::of(&payment, at);
    draft.tell(Event::Created(payment.summary()));
    draft.open(wanted);
    draft.done()
}

impl Draft {
    /// What comes with the goods is good enough for the order at once; everything else is opened
    /// at the provider by whoever wants it.
    fn open(&mut self, wanted: &Beginning) {
        if wanted.on_delivery {
            self.payment.bond = Bond::Tying;
        } else {
            self.payment.attempts = self.payment.attempts.saturating_add(1);
            self.claim(wanted.by);
        }
    }
}

impl Payment {
    pub(super) fn advance(&self, command: &Command, at: &Circumstances) -> Decided {
        match command {
            Command::Begin(wanted) => self.begin_again(wanted, at),
            Command::Opened(opened) => Ok(self.opened(opened, at)),
            Command::NotOpened { by, sure } => Ok(self.not_opened(*by, *sure, at)),
            Command::Captured(capture) => Ok(self.captured(capture, at)),
            Command::Declined { payment } => Ok(self.declined(payment, at)),
            Command::Shown => Ok(self.shown(at)),
            Command::Forged { payment } => Ok(self.forged(payment)),
            Command::Attached => Ok(self.attached(at)),
            Command::TurnedDown => Ok(self.turned_down(at)),
            Command::Over => Ok(self.over(at)),
            Command::Delivered => Ok(self.delivered(at)),
            Command::Refund => self.refund(at),
            Command::Detached { kept } => Ok(self.detached(*kept, at)),
            Command::Claim { by } => Ok(self.claimed(*by, at)),
            Command::Refunded { capture, refund } => Ok(self.refunded(capture, refund, at)),
            Command::GivenBack { provider, capture } => self.given_back(provider, capture.as_deref(), at),
            Command::PutOff { by, capture } => Ok(self.put_off(*by, capture, at)),
            Command::Looked { heard } => Ok(self.looked(*heard, at)),
        }
    }

    /// The same method again is the same payment. Another one may be chosen as long as nothing
    /// was paid or promised. Whatever is being opened at a provider at this moment has to end
    /// first, but for what comes with the goods: that needs no call, and money that comes through
    /// what was opened goes back.
    fn begin_again(&self, wanted: &Beginning, at: &Circumstances) -> Decided {
        if let Some(refusal) = wanted.refused {
            return Err(Refusal::Order(refusal));
        }
        let same = self.method == wanted.method;
        if same && self.on_delivery && self.bond != Bond::Cut {
            return Ok(self.unchanged());
        }
        if self.recorded.is_some() || self.bond != Bond::Loose {
            return Err(Refusal::NotNow(self.status));
        }
        if same && self.provider_order().is_some() {
            return Ok(self.unchanged());
        }
        let mut draft = Draft::of(self, at);
        if draft.is_claimed() && !wanted.on_delivery {
            return Ok(self.unchanged());
        }
        draft.payment.method.clone_from(&wanted.method);
        draft.payment.on_delivery = wanted.on_delivery;
        if !same {
            draft.becomes(Status::Pending);
        }
        if wanted.on_delivery || draft.payment.provider_order().is_none() {
            draft.open(wanted);
        }
        Ok(draft.done())
    }

    fn opened(&self, opened: &Opened, at: &Circumstances) -> Decision<Self> {
        if self.orders.contains(opened) {
            return self.unchanged();
        }
        let mut draft = Draft::of(self, at);
        draft.payment.claim = None;
        draft.payment.attempts = 0;
        draft.payment.given_up = None;
        draft.payment.orders.push(opened.clone());
        draft.known_as(&opened.provider, &opened.id);
        if draft.payment.provider_order() == Some(opened.id.as_str()) {
            let news = draft.payment.news(None);
            draft.tell(Event::Initiated(news));
        }
        draft.done()
    }

    fn not_opened(&self, by: Id, sure: bool, at: &Circumstances) -> Decision<Self> {
        if !self.is_claimed_by(by) {
            return self.unchanged();
        }
        let mut draft = Draft::of(self, at);
        if sure {
            draft.payment.claim = None;
        } else {
            draft.claim_until_settled();
        }
        draft.done()
    }

    /// Money came. The first that is as much as was asked for pays the order; all other goes back.
    fn captured(&self, capture: &Capture, at: &Circumstances) -> Decision<Self> {
        if let Some(known) = self.capture(&capture.id) {
            return self.captured_again(known, capture, at);
        }
        let mut draft = Draft::of(self, at);
        draft.take_in(capture);
        let waited_for = matches!(self.status, Status::Pending | Status::Failed);
        let expected = self.recorded.is_none() && !self.on_delivery && self.bond == Bond::Loose;
        if waited_for && expected && capture.amount == self.price {
            draft.record(capture);
            draft.payment.method.clone_from(&capture.provider);
            draft.payment.bond = Bond::Tying;
            draft.becomes(Status::Successful);
        } else {
            let sent = self.sent(&capture.id, capture.amount);
            draft.tell(Event::Refunding(sent));
        }
        draft.done()
    }

    /// A provider may say later what it keeps.
    fn captured_again(&self, known: &Capture, heard: &Capture, at: &Circumstances) -> Decision<Self> {
        let (None, Some(fee)) = (known.fee, heard.fee) else {
            return self.unchanged();
        };
        let mut draft = Draft::of(self, at);
        draft.book(&Self::books_fee(known, fee));
        let captures = &mut draft.payment.captures;
        for capture in captures.iter_mut().filter(|capture| capture.id == known.id) {
            capture.fee = Some(fee);
        }
        draft.done()
    }

    /// A buyer has shown a good signature, and the provider does not say what it has: it is asked
    /// again soon, however old the payment is.
    fn shown(&self, at: &Circumstances) -> Decision<Self> {
        let mut draft = Draft::of(self, at);
        if self.recorded.is_some() || draft.waits_already() {
            return self.unchanged();
        }
        draft.payment.waits_since = Some(at.now);
        draft.payment.given_up = None;
        draft.done()
    }

    fn declined(&self, payment: &str, at: &Circumstances) -> Decision<Self> {
        let open = self.status == Status::Pending && !self.on_delivery;
        if !open || self.capture(payment).is_some() {
            return self.unchanged(); // money came of it after all, or of another attempt
        }
        let mut draft = Draft::of(self, at);
        draft.becomes(Status::Failed);
        draft.tell(Event::Failed(self.news(Some(payment))));
        draft.done()
    }

    /// Says so, and changes nothing. Anybody can make up a signature, so of an order that has its
    /// money, or was promised it, nobody is told that it failed, and of no order often.
    fn forged(&self, payment: &str) -> Decision<Self> {
        let waits = matches!(self.status, Status::Pending | Status::Failed) && !self.on_delivery;
        let told = self.forged.iter().any(|name| name == payment);
        if !waits || told || self.forged.len() >= FORGED_MAX {
            return self.unchanged();
        }
        let mut knowing = self.clone();
        knowing.forged.push(payment.to_owned());
        let news = self.news(Some(payment));
        Decision::change(knowing.clone(), knowing).event(Event::Failed(news))
    }

    fn attached(&self, at: &Circumstances) -> Decision<Self> {
        if self.bond != Bond::Tying {
            return self.unchanged();
        }
        let mut draft = Draft::of(self, at);
        draft.payment.bond = Bond::Tied;
        draft.payment.has_paid = true;
        draft.sell();
        if !self.on_delivery {
            let news = self.news(self.recorded.as_deref());
            draft.tell(Event::Completed(news));
        }
        draft.done()
    }

    fn turned_down(&self, at: &Circumstances) -> Decision<Self> {
        if self.bond != Bond::Tying {
            return self.unchanged();
        }
        let mut draft = Draft::of(self, at);
        draft.leave(false);
        draft.done()
    }

    fn over(&self, at: &Circumstances) -> Decision<Self> {
        if !matches!(self.bond, Bond::Tying | Bond::Tied | Bond::Untying) {
            return self.unchanged();
        }
        let mut draft = Draft::of(self, at);
        draft.leave(false);
        draft.done()
    }

    fn delivered(&self, at: &Circumstances) -> Decision<Self> {
        let expected = self.on_delivery && matches!(self.bond, Bond::Tying | Bond::Tied);
        if !expected || self.recorded.is_some() {
            return self.unchanged();
        }
        let cash = Capture {
            provider: self.method.clone(),
            id: format!("cash_{}", self.id),
            amount: self.price,
            fee: None,
            refunds: Vec::new(),
        };
        let mut draft = Draft::of(self, at);
        draft.payment.bond = Bond::Tied;
        draft.sell();
        draft.take_in(&cash);
        draft.record(&cash);
        draft.becomes(Status::Successful);
        draft.tell(Event::Completed(self.news(Some(&cash.id))));
        draft.done()
    }

    fn refund(&self, at: &Circumstances) -> Decided {
        match self.status {
            Status::Successful => {}
            Status::Refunding | Status::Refunded => return Ok(self.unchanged()),
            Status::Pending | Status::Failed => return Err(Refusal::NotPaid),
        }
        let mut draft = Draft::of(self, at);
        draft.payment.bond = Bond::Untying;
        draft.give_back();
        Ok(draft.done())
    }

    fn detached(&self, kept: bool, at: &Circumstances) -> Decision<Self> {
        if self.bond != Bond::Untying {
            return self.unchanged();
        }
        let mut draft = Draft::of(self, at);
        draft.leave(kept);
        draft.done()
    }

    fn claimed(&self, by: Id, at: &Circumstances) -> Decision<Self> {
        if !matches!(self.task(at.now), Some(Task::Refund(_))) {
            return self.unchanged();
        }
        let mut draft = Draft::of(self, at);
        draft.claim(by);
        draft.done()
    }

    fn put_off(&self, by: Id, capture: &str, at: &Circumstances) -> Decision<Self> {
        if !self.is_claimed_by(by) {
            return self.unchanged();
        }
        let mut draft = Draft::of(self, at);
        draft.payment.claim = None;
        draft.rest(capture);
        draft.done()
    }

    fn looked(&self, heard: bool, at: &Circumstances) -> Decision<Self> {
        let mut draft = Draft::of(self, at);
        draft.unheard = !heard;
        if heard && self.recorded.is_some() {
            draft.payment.surveyed_at = Some(at.now);
        }
        // A provider that did not answer may have the money all the same.
        if heard && draft.is_stale() {
            draft.payment.given_up = Some(at.now);
            if !self.on_delivery && self.status == Status::Pending {
                draft.becomes(Status::Failed);
            }
        }
        draft.done()
    }

    pub(super) fn unchanged(&self) -> Decision<Self> {
        Decision::answer(self.clone())
    }
}

impl Draft {
    /// The order goes its way without this payment.
    fn leave(&mut self, kept: bool) {
        self.cut(kept);
        match self.payment.status {
            Status::Successful => self.give_back(),
            Status::Pending => self.becomes(Status::Failed),
            Status::Failed | Status::Refunding | Status::Refunded => {}
        }
    }

    fn give_back(&mut self) {
        self.becomes(Status::Refunding);
        if let Some(capture) = self.payment.recorded.clone() {
            let sent = self.payment.sent(&capture, self.payment.price);
            self.tell(Event::Refunding(sent));
        }
    }
}
