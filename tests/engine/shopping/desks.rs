//! The desks of the sellers of a simulated shop: whoever hears of everything that happened, in
//! pieces, out of order and more than once, must know what the orders themselves come to.

use bazaar::actors::desks::Desks;
use bazaar::actors::projections::Projections;
use bazaar::actors::recount::recount;
use bazaar::clock::Chance;
use bazaar::events::consumer::Consumer;
use bazaar::events::event::Event;

use crate::support::market::Market;

/// What is wrong with the desks, if they are told like that.
pub(super) async fn fault(market: &Market, chance: &Chance) -> Option<String> {
    let page = market
        .engine
        .store
        .feed(None, usize::MAX)
        .await
        .expect("the feed");
    let mut events: Vec<_> = page.events.iter().filter_map(Event::read).collect();
    events.extend(events.clone());
    for last in (1..events.len()).rev() {
        let other = chance.below(last as u64 + 1);
        events.swap(last, usize::try_from(other).expect("an index"));
    }
    let desks = Desks::new(&market.engine);
    let projections = Projections::new(desks.clone(), market.checkout.orders().clone());
    for some in events.chunks(5) {
        projections.consume(some).await.expect("they are taken");
    }
    let payments = market.paying.payments();
    let recounted = recount(&desks, payments).await.expect("they are counted");
    (!recounted.stands).then(|| format!("the desks are wrong: {:?}", recounted.sellers))
}
