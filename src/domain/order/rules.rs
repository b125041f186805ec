//! The rules of an order: each an ordered list of early returns, then what must succeed. The
//! order alone decides when it is over; stock only does as it says.

use std::time::Duration;

use super::{Address, Authority, Bill, Command, Event, Order, Parcel, Placement, Reason};
use super::{Refusal, Status, Task};
use crate::domain::entity::{Circumstances, Decision};
use crate::domain::id::Id;
use crate::domain::money::MoneyError;
use crate::domain::time::Timestamp;

/// Whoever gave an order something to do sees to it that it is done. After this somebody else
/// looks after it.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

pub(super) type Decided = Result<Decision<Order>, Refusal>;

/// Makes an order whose stock is still to be held. One that cannot be placed is written down as well:
/// whoever repeats the request hears the same, and what it was to take the place of is not lost.
pub(super) fn place(wanted: &Placement, at: &Circumstances) -> Decision<Order> {
    if !wanted.gone.is_empty() {
        return not_placed(wanted, None, at);
    }
    let bill = match Bill::of(&wanted.lines, &wanted.terms) {
        Ok(bill) => bill,
        Err(MoneyError::Mixed) => return not_placed(wanted, Some(Refusal::Mixed), at),
        Err(_) => return not_placed(wanted, Some(Refusal::TooLarge), at),
    };
    let mut lines = wanted.lines.clone();
    // Stock is asked product by product in this order, always the same.
    lines.sort_by_key(|line| line.product);
    let order = Order {
        id: wanted.id,
        lines,
        bill: Some(bill),
        price_changes: wanted.price_changes.clone(),
        address: wanted.address.clone(),
        holder: Some(wanted.holder),
        task: Some(Task::Hold),
        due: Some(at.now.after(PATIENCE)),
        replaces: wanted.replaces,
        expires_at: at.now.after(wanted.terms.hold),
        ..blank(wanted.id, wanted.user, at.now)
    };
    order.stands()
}

fn not_placed(wanted: &Placement, refused: Option<Refusal>, at: &Circumstances) -> Decision<Order> {
    let order = Order {
        status: Some(Status::Cancelled),
        reason: Some(Reason::Superseded),
        short: wanted.gone.clone(),
        refused,
        replaces: wanted.replaces,
        ..blank(wanted.id, wanted.user, at.now)
    };
    order.stands()
}

/// An order that was replaced before it was placed. What is left of it keeps a late placement out.
pub(super) fn never(id: Id, user: Id, at: &Circumstances) -> Decision<Order> {
    let order = Order {
        status: Some(Status::Cancelled),
        reason: Some(Reason::Superseded),
        ..blank(id, user, at.now)
    };
    order.stands()
}

fn blank(id: Id, user: Id, now: Timestamp) -> Order {
    Order {
        id,
        user,
        lines: Vec::new(),
        bill: None,
        price_changes: Vec::new(),
        address: None,
        status: None,
        reason: None,
        short: Vec::new(),
        refused: None,
        holder: None,
        taken: None,
        task: None,
        due: None,
        listed: None,
        replaces: None,
        revived: false,
        closed: false,
        expires_at: now,
        created_at: now,
        updated_at: now,
    }
}

impl Order {
    pub(super) fn advance(&self, command: &Command, at: &Circumstances) -> Decided {
        match command {
            Command::Place(_) => self.place_again(),
            Command::Held => self.held(at),
            Command::Join => Ok(self.join(at)),
            Command::Short { lines, by, taken } => Ok(self.short(lines, *by, taken, at)),
            Command::Undone { task, revived } => Ok(self.undone((*task, *revived), at)),
            Command::Supersede { .. } => self.supersede(at),
            Command::Forestall { .. } => Ok(self.unchanged()),
            Command::Cancel { by } => self.cancel(*by, at),
            Command::Expire => self.expire(at),
            Command::Pay { captured } => self.pay(*captured, at),
            Command::Sold => self.sold(at),
            Command::Settled => Ok(self.settled(at)),
            Command::Readdress(address) => self.readdress(address, at),
            Command::Advance { by, to } => self.advance_parcels(*by, *to, at),
        }
    }

    fn place_again(&self) -> Decided {
        if self.bill.is_none() {
            return Err(Refusal::Over); // it was replaced before it came
        }
        Ok(self.unchanged())
    }

    fn supersede(&self, at: &Circumstances) -> Decided {
        if self.is_over() {
            return Ok(self.close(at));
        }
        match (self.status, self.task) {
            (None, _) | (Some(Status::Pending), None) => Ok(self.end(Reason::Superseded, at)),
            (status, _) => Err(Refusal::NotNow(status)),
        }
    }

    /// From now on nothing brings it back.
    fn close(&self, at: &Circumstances) -> Decision<Self> {
        if !self.may_revive() {
            return self.unchanged();
        }
        self.at(at, |order| order.closed = true).stands()
    }

    fn cancel(&self, by: Authority, at: &Circumstances) -> Decided {
        let reason = match by {
            Authority::Buyer => Reason::ByBuyer,
            Authority::Admin => Reason::ByAdmin,
            Authority::Seller(_) => return Err(Refusal::NotYours),
        };
        let parcels_stay = self.lines.iter().all(|line| line.parcel == Parcel::Packing);
        match (self.status, self.task) {
            (Some(Status::Pending), None) => Ok(self.end(reason, at)),
            (Some(Status::Confirmed), _) if parcels_stay => Ok(self.end(reason, at)),
            (Some(Status::Cancelled), _) if self.reason == Some(reason) => Ok(self.unchanged()),
            (status, _) => Err(Refusal::NotNow(status)),
        }
    }

    fn expire(&self, at: &Circumstances) -> Decided {
        match (self.status, self.task) {
            (Some(Status::Pending), None) if at.now >= self.expires_at => Ok(self.end(Reason::Expired, at)),
            (Some(Status::Pending), None) => Err(Refusal::NotExpired),
            _ => Ok(self.unchanged()),
        }
    }

    /// Over it is, whatever is still to be done; what it held or sold goes back.
    fn end(&self, reason: Reason, at: &Circumstances) -> Decision<Self> {
        let stood = self.listed.is_some();
        let sold = matches!(self.status, Some(Status::Confirmed));
        let order = self.at(at, |order| {
            order.status = Some(Status::Cancelled);
            order.reason = Some(reason);
            order.task = Some(if sold { Task::Return } else { Task::Release });
            order.due = Some(at.now.after(PATIENCE));
        });
        let event = Event::Cancelled(Box::new(order.clone()));
        let decision = order.stands();
        // Nobody was ever told of an order that did not stand.
        if stood { decision.event(event) } else { decision }
    }

    fn pay(&self, captured: bool, at: &Circumstances) -> Decided {
        let task = match (self.status, self.task) {
            (Some(Status::Pending), None) => Task::Sell,
            (Some(Status::Pending), Some(Task::Sell)) | (_, Some(Task::Revive)) => {
                return Ok(self.unchanged());
            }
            (Some(Status::Cancelled), None) if captured && self.may_revive() => Task::Revive,
            _ if self.is_bought() => return Ok(self.unchanged()), // said before
            (status, _) => return Err(Refusal::NotNow(status)),
        };
        let order = self.at(at, |order| {
            order.task = Some(task);
            order.revived = task == Task::Revive;
            order.due = Some(at.now.after(PATIENCE));
        });
        Ok(order.stands())
    }

    fn sold(&self, at: &Circumstances) -> Decided {
        match (self.status, self.task) {
            (Some(Status::Pending), Some(Task::Sell)) => {}
            (Some(Status::Confirmed), _) => return Ok(self.unchanged()),
            (status, _) => return Err(Refusal::NotNow(status)),
        }
        let order = self.at(at, |order| {
            order.status = Some(Status::Confirmed);
            order.task = None;
            order.due = None;
        });
        let event = Event::Confirmed(Box::new(order.clone()));
        Ok(order.stands().event(event))
    }

    fn settled(&self, at: &Circumstances) -> Decision<Self> {
        if self.task != Some(Task::Settle) {
            return self.unchanged();
        }
        let order = self.at(at, |order| {
            order.task = None;
            order.due = None;
        });
        order.stands()
    }

    fn readdress(&self, address: &Address, at: &Circumstances) -> Decided {
        let stays = self.lines.iter().all(|line| line.parcel == Parcel::Packing);
        match self.status {
            Some(Status::Pending | Status::Confirmed) if stays => {}
            status => return Err(Refusal::NotNow(status)),
        }
        if self.address.as_ref() == Some(address) {
            return Ok(self.unchanged());
        }
        let order = self.at(at, |order| order.address = Some(address.clone()));
        Ok(order.stands().event(Event::Readdressed(address.clone())))
    }

    fn advance_parcels(&self, by: Authority, to: Parcel, at: &Circumstances) -> Decided {
        let seller = match by {
            Authority::Buyer => return Err(Refusal::NotYours),
            Authority::Seller(seller) => Some(seller),
            Authority::Admin => None,
        };
        let theirs = |line: &super::Line| seller.is_none_or(|seller| seller == line.seller);
        let lines = || self.lines.iter().filter(|line| theirs(line));
        let parcels = || lines().map(|line| line.parcel);
        if parcels().next().is_none() {
            return Err(Refusal::NotYours);
        }
        if !matches!(self.status, Some(Status::Confirmed | Status::Shipped)) {
            return Err(Refusal::NotNow(self.status));
        }
        if self.address.is_none() {
            return Err(Refusal::AddressNeeded);
        }
        let from = match to {
            Parcel::Packing => return Err(Refusal::NotNow(self.status)),
            Parcel::Shipped => Parcel::Packing,
            Parcel::Delivered => Parcel::Shipped,
        };
        // Those of other sellers may be further than that when an administrator says so for all.
        if parcels().any(|parcel| parcel < from) || !parcels().any(|parcel| parcel == from) {
            return Err(Refusal::NotNow(self.status));
        }
        // After this point the parcels must advance.
        let order = self.at(at, |order| {
            order
                .lines
                .iter_mut()
                .filter(|line| theirs(line) && line.parcel == from)
                .for_each(|line| line.parcel = to);
            order.status = order.least_advanced();
            if order.status == Some(Status::Delivered) {
                order.task = Some(Task::Settle);
                order.due = Some(at.now.after(PATIENCE));
            }
        });
        let (was, is) = (self.status, order.status);
        let copy = Box::new(order.clone());
        let decision = order.stands().event(Event::ParcelsAdvanced { seller, to });
        Ok(match is {
            Some(Status::Shipped) if was != is => decision.event(Event::Shipped(copy)),
            Some(Status::Delivered) if was != is => decision.event(Event::Delivered(copy)),
            _ => decision,
        })
    }

    /// An order has come as far as its last parcel.
    fn least_advanced(&self) -> Option<Status> {
        let last = self.lines.iter().map(|line| line.parcel).min()?;
        Some(match last {
            Parcel::Packing => Status::Confirmed,
            Parcel::Shipped => Status::Shipped,
            Parcel::Delivered => Status::Delivered,
        })
    }

    pub(super) fn at(&self, at: &Circumstances, change: impl FnOnce(&mut Self)) -> Self {
        let mut order = Self {
            updated_at: at.now,
            ..self.clone()
        };
        change(&mut order);
        order
    }

    pub(super) fn stands(self) -> Decision<Self> {
        let reply = self.clone();
        Decision::change(self, reply)
    }

    pub(super) fn unchanged(&self) -> Decision<Self> {
        Decision::answer(self.clone())
    }
}
