//! Which webhooks are to be gone to, and when: what a runtime knows of its own accord, so that it
//! asks the store for nobody to whom nothing is owed.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::alarm::Alarm;
use crate::domain::id::Id;
use crate::domain::time::Timestamp;

/// The agenda. Cloning it gives another handle to the same one.
#[derive(Debug, Clone, Default)]
pub struct Agenda {
    times: Arc<Mutex<HashMap<Id, Timestamp>>>,
    alarm: Alarm,
}

impl Agenda {
    /// This one is to be gone to at this time if not before.
    pub fn note(&self, whither: Id, time: Timestamp) {
        let mut times = self.times.lock();
        let noted = times.entry(whither).or_insert(time);
        *noted = time.min(*noted);
        drop(times);
        self.alarm.no_later_than(time);
    }

    /// Rings when it is time for the next one.
    #[must_use]
    pub fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// Those whose time has come; they are not noted any more. The alarm is set to the next one.
    #[must_use]
    pub fn take_due(&self, now: Timestamp) -> Vec<Id> {
        let mut times = self.times.lock();
        let mut due: Vec<_> = times.iter().filter(|(_, time)| **time <= now).collect();
        due.sort_unstable_by_key(|(whither, time)| (**time, **whither));
        let due: Vec<Id> = due.into_iter().map(|(whither, _)| *whither).collect();
        for whither in &due {
            times.remove(whither);
        }
        let next = times.values().min().copied();
        drop(times);
        if let Some(next) = next {
            self.alarm.no_later_than(next);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_gone_to_at_its_earliest_time_and_once() {
        let agenda = Agenda::default();
        let [anna, bert] = [1, 2].map(|n| Id::from_bytes([n; 12]));
        let at = Timestamp::from_millis;
        agenda.note(anna, at(30));
        agenda.note(anna, at(10));
        agenda.note(anna, at(20));
        agenda.note(bert, at(5));
        assert_eq!(agenda.take_due(at(4)), []);
        assert_eq!(agenda.take_due(at(15)), [bert, anna]);
        assert_eq!(agenda.take_due(at(100)), []);
    }
}
