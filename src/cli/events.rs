//! Events from the command line: told once more, or brought back from the dead letters.

use clap::{Args, Subcommand};
use secrecy::ExposeSecret;

use super::Failure;
use crate::config::Config;
use crate::events::rabbitmq::{Broken, DeadLetter, RabbitMq, Revival, SHOWN_MAX};
use crate::services::outside::use_ring;
use crate::supervisors::process;
use crate::supervisors::replay::{Point, replay};

/// What is to be done with events.
#[derive(Debug, Subcommand)]
pub(super) enum Events {
    /// Tell a consumer once more what happened between two points, under the same event ids
    Replay(Replay),
    /// List the messages on RabbitMQ that nobody could take
    DeadLetters {
        /// Put them all back into the queues that gave them up
        #[arg(long)]
        retry: bool,
    },
}

/// What is told to whom.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// The first: a time, as in 2025-11-20T09:30:00Z, or the id of an event
    #[arg(long)]
    from: Point,
    /// The end: a time, or an event that is still told; without it, everything since
    #[arg(long)]
    to: Option<Point>,
    /// Who is told: rabbitmq, notifier, ...
    #[arg(long)]
    consumer: String,
}

impl Events {
    /// Does it.
    ///
    /// # Errors
    /// One sentence that says what stands in the way.
    pub(super) fn run(self, config: &Config) -> Result<(), Failure> {
        match self {
            Self::Replay(Replay { from, to, consumer }) => {
                let told = replay(config, (&from, to.as_ref()), &consumer)?;
                println!("{consumer} was told {told} events once more.");
                Ok(())
            }
            Self::DeadLetters { retry } => process::on_a_system(dead_letters(config, retry)),
        }
    }
}

async fn dead_letters(config: &Config, retry: bool) -> Result<(), Failure> {
    use_ring();
    let url = config.rabbitmq.url.as_ref();
    let url = url.ok_or("there are no dead letters without a broker: rabbitmq.url is not set")?;
    let broker = RabbitMq::at(
        url.expose_secret(),
        config.rabbitmq.seed_queues,
        config.rabbitmq.timeout,
    )?;
    if retry {
        return all_put_back(&broker.revive(None).await.map_err(|why| failed(&why))?);
    }
    let letters = broker.dead_letters().await.map_err(|why| failed(&why))?;
    letters.iter().for_each(show);
    println!("{} messages could not be taken.", letters.len());
    if letters.len() == SHOWN_MAX {
        println!("These are the oldest; there may be more.");
    }
    Ok(())
}

fn failed(why: &Broken) -> String {
    format!("the broker at rabbitmq.url failed {why}")
}

/// Says what was put back. Whoever wanted all of them back has failed if any are left.
fn all_put_back(revival: &Revival) -> Result<(), Failure> {
    println!("{} messages are tried again.", revival.revived);
    for (why, many) in &revival.left {
        println!("{many} messages stay: {why}.");
    }
    match revival.left.values().sum::<usize>() {
        0 => Ok(()),
        left => Err(format!("{left} messages could not be put back").into()),
    }
}

fn show(letter: &DeadLetter) {
    let died = letter.died_at.map(|time| time.to_string()).unwrap_or_default();
    let queue = letter.queue.as_deref().unwrap_or("no queue");
    let event = letter.event_id.as_deref().unwrap_or("no event");
    let reason = letter.reason.as_deref().unwrap_or("nobody knows why");
    println!("{} {died} {queue} {event}: {reason}", letter.id);
}
