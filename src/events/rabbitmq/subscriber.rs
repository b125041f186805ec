//! Reads the queues of our own, each on a connection of its own and for ever: a connection that
//! breaks is followed by another. A message is acknowledged when it has done what it came for; one
//! that fails five times goes to the dead letters, and those behind it never wait for it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{FutureExt, StreamExt};
use lapin::Consumer as Inbox;
use lapin::message::Delivery;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicQosOptions, BasicRejectOptions, QueueDeclareOptions,
};
use lapin::types::FieldTable;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{error, warn};

use super::Broker;
use super::connection::{Broken, Link};
use super::obituary::Obituary;
use super::reading::{Incoming, Reader, Verdict};
use super::sickbay::{Patient, Sickbay};
use super::topology::{OwnQueue, Topology};
use crate::events::ground::Ground;
use crate::events::tally::Tally;

/// A message that fails so often is given up.
const TRIES: u32 = 5;
/// So many messages are on their way to a reader at once.
const PREFETCH: u16 = 256;
/// How often the length of a queue is looked up.
const LOOK: Duration = Duration::from_secs(5);

/// Reads queues until it is stopped.
pub struct Subscriber {
    stop: watch::Sender<bool>,
    desks: Vec<JoinHandle<()>>,
    tallies: Vec<Arc<Tally>>,
}

/// Where one queue is read.
pub(super) struct Desk {
    pub(super) broker: Arc<Broker>,
    pub(super) queue: OwnQueue,
    pub(super) reader: Box<dyn Reader>,
    pub(super) ground: Arc<Ground>,
    pub(super) tally: Arc<Tally>,
}

impl Subscriber {
    /// Opens these desks on this thread, where readers can wake owners.
    pub(super) fn open(desks: Vec<Desk>) -> Self {
        let stop = watch::Sender::new(false);
        let tallies = desks.iter().map(|desk| Arc::clone(&desk.tally)).collect();
        let open = |desk: Desk| actix_rt::spawn(desk.keep_open(stop.subscribe()));
        Self {
            desks: desks.into_iter().map(open).collect(),
            stop,
            tallies,
        }
    }

    /// The figures of each queue.
    #[must_use]
    pub fn tallies(&self) -> &[Arc<Tally>] {
        &self.tallies
    }

    /// Lets what is being read be read to its end, and leaves the rest in the queues.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        join_all(self.desks).await;
    }
}

impl Desk {
    async fn keep_open(self, mut stop: watch::Receiver<bool>) {
        let mut failures = 0;
        while let Err(why) = self.serve(&mut stop, &mut failures).await {
            self.tally.is_ours(false);
            self.tally.failed(self.ground.now(), &why.to_string());
            self.broker.standing.note(&self.queue.name, Err(why.to_string()));
            let pause = self.ground.pause(failures);
            failures += 1;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
        }
        self.broker.standing.forget(&self.queue.name);
    }

    /// Reads until it is stopped, or until something breaks.
    async fn serve(&self, stop: &mut watch::Receiver<bool>, failures: &mut u32) -> Result<(), Broken> {
        let link = Link::open(&self.broker.address, &self.queue.name).await?;
        let mut inbox = self.inbox(&link).await?;
        self.broker.standing.note(&self.queue.name, Ok(()));
        self.tally.is_ours(true);
        *failures = 0;
        let (mut sickbay, mut looked) = (Sickbay::default(), Instant::now());
        self.tally.waits_since(None); // what was in hand has gone back into the queue
        self.look(&link, 0).await?;
        let served = loop {
            let read = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break Ok(()),
                due = sickbay.recovered() => Ok(due),
                first = inbox.next() => self.gathered(first, &mut inbox),
                () = tokio::time::sleep_until(looked + LOOK) => Ok(Vec::new()),
            };
            let treated = async { self.treat(read?, &mut sickbay).await };
            if let Err(why) = treated.await {
                break Err(why);
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                let came = match inbox.next().now_or_never() {
                    Some(first) => self.gathered(first, &mut inbox),
                    None => Ok(Vec::new()),
                };
                let looked = async {
                    let came = came?;
                    self.look(&link, came.len() + sickbay.len()).await?;
                    self.treat(came, &mut sickbay).await
                };
                if let Err(why) = looked.await {
                    break Err(why);
                }
            }
        };
        link.close().await;
        served
    }

    async fn inbox(&self, link: &Link) -> Result<Inbox, Broken> {
        let (address, channel) = (&self.broker.address, &link.channel);
        let topology = Topology {
            seed_queues: false,
            own: vec![self.queue.clone()],
        };
        topology.declare(address, channel).await?;
        let prefetch = channel.basic_qos(PREFETCH, BasicQosOptions::default());
        address.within("to say how much at once", prefetch).await?;
        let (name, options) = (self.queue.name.as_str(), BasicConsumeOptions::default());
        let consume = channel.basic_consume(name.into(), "".into(), options, FieldTable::default());
        address.within("to read a queue", consume).await
    }

    /// Sees how many messages wait: those in the queue, which does not count what it has handed
    /// out, and so many in hand.
    async fn look(&self, link: &Link, in_hand: usize) -> Result<(), Broken> {
        let passive = QueueDeclareOptions::durable().passive();
        let name = self.queue.name.as_str().into();
        let declare = link.channel.queue_declare(name, passive, FieldTable::default());
        let queue = self.broker.address.within("to look at a queue", declare).await?;
        self.tally
            .is_behind(u64::from(queue.message_count()) + in_hand as u64);
        Ok(())
    }

    /// Has some messages read, and does with each what the reader says.
    async fn treat(&self, patients: Vec<Patient>, sickbay: &mut Sickbay) -> Result<(), Broken> {
        if patients.is_empty() {
            return Ok(());
        }
        self.tally
            .is_behind_at_least((patients.len() + sickbay.len()) as u64);
        let oldest = patients.iter().map(|one| one.since).min();
        self.tally
            .waits_since(oldest.into_iter().chain(sickbay.oldest()).min());
        let messages: Vec<_> = patients.iter().map(|one| Incoming::of(&one.delivery)).collect();
        let reading = AssertUnwindSafe(async { self.reader.read(&messages).await });
        let verdicts = reading.catch_unwind().await.unwrap_or_else(|_| {
            error!(queue = self.queue.name, "a reader panicked");
            vec![Verdict::Failed("it panicked".into()); messages.len()]
        });
        let taken = messages.iter().zip(&verdicts);
        let taken: Vec<_> = taken
            .filter(|(_, verdict)| **verdict == Verdict::Taken)
            .map(|(message, _)| message)
            .collect();
        self.tally.took(taken.len());
        if let Some(last) = taken
            .iter()
            .rev()
            .find_map(|message| self.reader.name_of(message))
        {
            self.tally.took_last(&last);
        }
        let all_taken = taken.len() == patients.len();
        let settled = self.settle(patients, verdicts, all_taken, sickbay).await;
        self.tally.waits_since(sickbay.oldest());
        settled
    }

    /// Does with each of some messages what the reader said.
    async fn settle(
        &self,
        patients: Vec<Patient>,
        verdicts: Vec<Verdict>,
        all_taken: bool,
        sickbay: &mut Sickbay,
    ) -> Result<(), Broken> {
        if all_taken && sickbay.is_empty() {
            // Those who rested come back in the order in which they were due. What came in before
            // the youngest of them has been acknowledged, or is among them.
            let youngest = patients.iter().max_by_key(|one| one.delivery.delivery_tag);
            return match youngest {
                Some(youngest) => self.acknowledge(&youngest.delivery, true).await,
                None => Ok(()),
            };
        }
        for (patient, verdict) in patients.into_iter().zip(verdicts) {
            self.obey(patient, verdict, sickbay).await?;
        }
        Ok(())
    }

    async fn obey(
        &self,
        mut patient: Patient,
        verdict: Verdict,
        sickbay: &mut Sickbay,
    ) -> Result<(), Broken> {
        let pause = match verdict {
            Verdict::Taken => return self.acknowledge(&patient.delivery, false).await,
            Verdict::Never(why) => return self.give_up(&patient, &why).await,
            Verdict::Failed(why) => {
                patient.failures += 1;
                self.tally.failed(self.ground.now(), &why);
                if patient.failures == TRIES {
                    return self.give_up(&patient, &why).await;
                }
                // Each rest is eight times as long as the one before, so that five tries outlast
                // a short fault.
                self.ground.pause(3 * (patient.failures - 1))
            }
            Verdict::Outage(why) => {
                self.tally.failed(self.ground.now(), &why);
                patient.outages += 1;
                self.ground.pause(patient.outages)
            }
        };
        sickbay.admit(patient, Instant::now() + pause);
        Ok(())
    }

    async fn acknowledge(&self, delivery: &Delivery, multiple: bool) -> Result<(), Broken> {
        let ack = delivery.ack(BasicAckOptions { multiple });
        self.broker.address.within("to acknowledge", ack).await.map(drop)
    }

    async fn give_up(&self, patient: &Patient, why: &str) -> Result<(), Broken> {
        let (queue, tries) = (&self.queue.name, patient.failures.max(1));
        warn!(queue, tries, why, "a message goes to the dead letters");
        let said = Obituary {
            queue: Some(queue.clone()),
            reason: Some(why.to_owned()),
            tries: Some(tries),
            died_at: Some(self.ground.now()),
        };
        let (address, delivery) = (&self.broker.address, &patient.delivery);
        match self.broker.graveyard.take(address, delivery, &said).await {
            Ok(()) => self.acknowledge(delivery, false).await,
            // The broker moves it by itself then, and the log alone says why.
            Err(broken) => {
                warn!(queue, %broken, "a dead letter goes without its reason");
                let reject = delivery.reject(BasicRejectOptions { requeue: false });
                address.within("to reject", reject).await.map(drop)
            }
        }
    }

    /// What has come in together with the first message.
    fn gathered(
        &self,
        first: Option<lapin::Result<Delivery>>,
        inbox: &mut Inbox,
    ) -> Result<Vec<Patient>, Broken> {
        let (mut next, mut together) = (Some(first), Vec::new());
        while let Some(came) = next {
            let delivery = came.ok_or_else(|| Broken("the queue is gone".into()))?;
            let delivery = delivery.map_err(|error| Broken(error.to_string()))?;
            together.push(Patient::new(delivery, self.ground.now()));
            next = inbox.next().now_or_never();
        }
        Ok(together)
    }
}
