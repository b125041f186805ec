//! The way of a message to the dead letters, with what is to be said of it. It goes there on a
//! connection of its own: a broker that is short of memory stops whoever publishes, and whoever
//! reads must go on.

use lapin::message::Delivery;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Channel, Confirmation};
use tokio::sync::Mutex;

use super::connection::{Address, Broken, Link};
use super::names::DEAD_LETTERS;
use super::obituary::Obituary;

/// The way there.
#[derive(Default)]
pub(super) struct Graveyard(Mutex<Option<Link>>);

impl Graveyard {
    /// Takes in a message, which may leave its queue after that.
    pub(super) async fn take(
        &self,
        address: &Address,
        delivery: &Delivery,
        said: &Obituary,
    ) -> Result<(), Broken> {
        let mut way = self.0.lock().await;
        let link = match way.take() {
            Some(link) if link.is_blocked() => {
                *way = Some(link);
                return Err(Broken("the broker takes no messages for now".into()));
            }
            Some(link) if link.is_whole() => link,
            Some(broken) => {
                broken.close().await;
                open(address).await?
            }
            None => open(address).await?,
        };
        let taken = bury(address, &link.channel, delivery, said).await;
        if taken.is_ok() || link.is_blocked() {
            *way = Some(link);
        } else {
            link.close().await;
        }
        taken
    }
}

/// The queue that gives it up is declared, and so are the dead letters.
async fn open(address: &Address) -> Result<Link, Broken> {
    let link = Link::open(address, "graveyard").await?;
    let confirm = link.channel.confirm_select(ConfirmSelectOptions::default());
    address.within("to ask for confirmations", confirm).await?;
    Ok(link)
}

async fn bury(
    address: &Address,
    channel: &Channel,
    delivery: &Delivery,
    said: &Obituary,
) -> Result<(), Broken> {
    let mandatory = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let (properties, body) = (said.over(&delivery.properties), &delivery.data);
    let publish = channel.basic_publish(DEAD_LETTERS.into(), "".into(), mandatory, body, properties);
    let confirm = address.within("to give a message up", publish).await?;
    match address.within("to give a message up", confirm).await? {
        Confirmation::Ack(None) => Ok(()),
        _ => Err(Broken("the dead letters take no message".into())),
    }
}
