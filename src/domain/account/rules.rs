//! The rules of an account: each an ordered list of early returns, then what must succeed.

use super::{ADDRESSES_MAX, Account, Address, Command, Event, PasswordHash};
use super::{Profile, Refusal, Registration, Reply, Reset, Revocation, Role, Session, SessionId};
use crate::domain::entity::{Circumstances, Decision};
use crate::domain::id::Id;
use crate::domain::image::Image;
use crate::domain::time::Timestamp;

type Decided = Result<Decision<Account>, Refusal>;

/// Makes an account for somebody who came by himself.
pub(super) fn register(wanted: &Registration, at: &Circumstances) -> Decided {
    if wanted.role == Role::Admin {
        return Err(Refusal::AdminByRegistration);
    }
    Ok(make(wanted, wanted.role, at))
}

/// Makes the account of an administrator.
pub(super) fn make_admin(wanted: &Registration, at: &Circumstances) -> Decision<Account> {
    make(wanted, Role::Admin, at)
}

fn make(wanted: &Registration, role: Role, at: &Circumstances) -> Decision<Account> {
    let username = wanted.usernames.first().cloned().unwrap_or_default();
    let account = Account {
        username_key: username.to_lowercase(),
        profile: Profile {
            id: wanted.id,
            username,
            email: wanted.email.clone(),
            full_name: wanted.full_name.clone(),
            phone: None,
            role,
            avatar_url: None,
            addresses: Vec::new(),
            created_at: at.now,
        },
        password: wanted.password.clone(),
        epoch: 0,
        avatar: None,
        reset: None,
    };
    let session = Session {
        id: SessionId {
            epoch: account.epoch,
            chance: wanted.chance,
        },
        since: at.now,
    };
    let reply = Reply {
        session: Some(session),
        ..account.reply()
    };
    let created = Event::Created(account.profile.clone());
    Decision::change(account, reply).event(created)
}

impl Account {
    pub(super) fn change(&self, command: &Command, at: &Circumstances) -> Decided {
        match command {
            Command::Register(_) => Err(Refusal::EmailTaken),
            Command::Appoint(registration) => Ok(self.appoint(&registration.password)),
            Command::ChangeProfile {
                username,
                first_name,
                last_name,
                phone,
            } => Ok(self.change_profile([username, first_name, last_name, phone].map(Option::as_deref))),
            Command::ChangePassword { was, password, kept } => {
                self.change_password(was.as_ref(), password, *kept)
            }
            Command::AskReset { seed, digest } => Ok(self.ask_reset(seed, digest, at)),
            Command::ResetPassword { digest, password } => self.reset_password(digest, password, at),
            Command::SetAvatar(avatar) => Ok(self.set_avatar(avatar.as_ref())),
            Command::AddAddress(address) => self.add_address(address),
            Command::RemoveAddress { id } => self.remove_address(*id),
            Command::Logout { session, until } => Ok(self.log_out(*session, *until)),
            Command::SetRole { role } => Ok(self.set_role(*role)),
        }
    }

    fn change_profile(&self, [username, first_name, last_name, phone]: [Option<&str>; 4]) -> Decision<Self> {
        let mut next = self.clone();
        let Profile {
            username: name,
            full_name,
            phone: number,
            ..
        } = &mut next.profile;
        if let Some(phone) = phone {
            *number = Some(phone.to_owned()).filter(|phone| !phone.is_empty());
        }
        username.unwrap_or(&self.profile.username).clone_into(name);
        first_name
            .unwrap_or(&self.profile.full_name.first_name)
            .clone_into(&mut full_name.first_name);
        last_name
            .unwrap_or(&self.profile.full_name.last_name)
            .clone_into(&mut full_name.last_name);
        next.username_key = name.to_lowercase();
        if next == *self {
            return Decision::answer(self.reply());
        }
        let changed = Event::Changed(next.profile.clone());
        next.decided().event(changed)
    }

    fn change_password(
        &self,
        was: Option<&PasswordHash>,
        password: &PasswordHash,
        kept: Option<SessionId>,
    ) -> Decided {
        if was != Some(&self.password) {
            return Err(Refusal::WrongPassword); // or one that was changed since it was compared
        }
        Ok(self.take_password(password, kept))
    }

    fn take_password(&self, password: &PasswordHash, kept: Option<SessionId>) -> Decision<Self> {
        let mut next = self.clone();
        next.password = password.clone();
        next.reset = None;
        let changed = Event::PasswordChanged { id: self.profile.id };
        next.end_sessions(kept, vec![changed])
    }

    fn ask_reset(&self, seed: &str, digest: &str, at: &Circumstances) -> Decision<Self> {
        if self
            .reset
            .as_ref()
            .is_some_and(|reset| reset.was_just_asked(at.now))
        {
            return Decision::answer(self.reply()); // nobody's mailbox is filled by asking again
        }
        let mut next = self.clone();
        next.reset = Some(Reset::new(seed, digest, at.now));
        let asked = Event::ResetAsked { id: self.profile.id };
        next.decided().event(asked)
    }

    fn reset_password(&self, digest: &str, password: &PasswordHash, at: &Circumstances) -> Decided {
        let reset = self.reset.as_ref().ok_or(Refusal::BadReset)?;
        if !reset.opens_with(digest, at.now) {
            return Err(Refusal::BadReset);
        }
        Ok(self.take_password(password, None))
    }

    fn set_avatar(&self, avatar: Option<&Image>) -> Decision<Self> {
        if self.avatar.as_ref() == avatar {
            return Decision::answer(self.reply());
        }
        let mut next = self.clone();
        next.avatar = avatar.cloned();
        next.profile.avatar_url = avatar.map(|image| image.url.clone());
        let changed = Event::Changed(next.profile.clone());
        next.decided().event(changed)
    }

    fn add_address(&self, address: &Address) -> Decided {
        if self.profile.addresses.len() >= ADDRESSES_MAX {
            return Err(Refusal::TooManyAddresses);
        }
        let mut next = self.clone();
        for other in &mut next.profile.addresses {
            other.is_default &= !address.is_default;
        }
        next.profile.addresses.push(address.clone());
        let reply = Reply {
            address: Some(address.clone()),
            ..next.reply()
        };
        Ok(Decision::change(next, reply).event(Event::AddressAdded(address.clone())))
    }

    fn remove_address(&self, id: Id) -> Decided {
        let mut next = self.clone();
        next.profile.addresses.retain(|address| address.id != id);
        if next == *self {
            return Err(Refusal::UnknownAddress);
        }
        Ok(next.decided().event(Event::AddressRemoved { id }))
    }

    fn log_out(&self, session: SessionId, expires: Timestamp) -> Decision<Self> {
        if session.epoch > self.epoch {
            return Decision::answer(self.reply()); // no session of this account ever began there
        }
        let over = Revocation::One { session, expires };
        self.clone()
            .decided()
            .row(over.row())
            .event(Event::SessionsEnded(over))
    }

    fn set_role(&self, role: Role) -> Decision<Self> {
        if role == self.profile.role {
            return Decision::answer(self.reply());
        }
        let mut next = self.clone();
        next.profile.role = role;
        let changed = Event::RoleChanged {
            from: self.profile.role,
            to: role,
        };
        next.end_sessions(None, vec![changed])
    }

    fn appoint(&self, password: &PasswordHash) -> Decision<Self> {
        let mut next = self.clone();
        next.profile.role = Role::Admin;
        next.password = password.clone();
        next.reset = None;
        let mut events = vec![Event::PasswordChanged { id: self.profile.id }];
        if self.profile.role != Role::Admin {
            let (from, to) = (self.profile.role, Role::Admin);
            events.push(Event::RoleChanged { from, to });
        }
        next.end_sessions(None, events)
    }

    /// Begins the next epoch: what was signed in before is over, but for one session.
    fn end_sessions(mut self, kept: Option<SessionId>, events: Vec<Event>) -> Decision<Self> {
        self.epoch += 1;
        let over = Revocation::Before {
            account: self.profile.id,
            epoch: self.epoch,
            kept,
        };
        let told = events.into_iter().fold(self.decided(), Decision::event);
        told.row(over.row()).event(Event::SessionsEnded(over))
    }

    fn decided(self) -> Decision<Self> {
        let reply = self.reply();
        Decision::change(self, reply)
    }

    fn reply(&self) -> Reply {
        Reply {
            profile: self.profile.clone(),
            session: None,
            address: None,
        }
    }
}
