//! What happens beside a crowd must not wait for it, nor the crowd for that: a webhook of the
//! payment provider in the middle of a flash sale, and adds to carts while thousands of holds come
//! to their end in the same second.

#[path = "support/load.rs"]
mod load;
#[path = "support/stall.rs"]
mod stall;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bazaar::domain::account::Role;
use bazaar::services::payments::razorpay::signature;
use secrecy::SecretString;

use load::{Asked, Load, request};
use stall::{Stall, field};

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What the sandbox signs with where nothing else is configured.
const SECRET: &str = "bazaar-sandbox-webhook-secret";
/// So many buyers ask at the same time,
const CROWD: usize = 64;
/// and so many others beside them.
const FEW: usize = 4;
/// There are so many products, and from this one on they are held for orders of another system.
const SHELVES: usize = 102;
const HELD_FROM: usize = 2;

/// How much happens.
struct Form {
    buyers: usize,
    paid: usize,
    holds: usize,
    /// Until the first hold ends, from when it is made.
    seconds: u32,
}

fn main() {
    let form = if std::env::args().any(|argument| argument == "--bench") {
        Form {
            buyers: 10_000,
            paid: 2_000,
            holds: 5_000,
            seconds: 8,
        }
    } else {
        Form {
            buyers: 20,
            paid: 4,
            holds: 20,
            seconds: 2,
        }
    };
    let mut stall = Stall::open(CROWD, |_| {});
    stall.put_up(SHELVES);
    webhooks_beside_a_sale(&stall, &form);
    adds_beside_expiring_holds(&stall, &form);
    stall.close();
}

/// The provider tells of payments, one after the other, for as long as the sale is on.
fn webhooks_beside_a_sale(stall: &Stall, form: &Form) {
    let captured = payments(stall, form.paid);
    let crowd = stall.queue(form.buyers, |_| 0);
    let orders = crowd
        .iter()
        .map(|buyer| request("POST", "/api/orders", buyer, "{}"));
    let (orders, over) = (orders.collect(), AtomicBool::new(false));
    let provider = Load::on(stall.address, FEW);
    let (webhooks, sale) = std::thread::scope(|scope| {
        let webhooks = scope.spawn(|| {
            let mut asked = Vec::new();
            for some in captured.chunks(FEW) {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                asked.extend(provider.ask_all(some.to_vec()));
            }
            asked
        });
        let sale = stall.ask_all(orders);
        over.store(true, Ordering::Relaxed);
        (webhooks.join().expect("the provider tells"), sale)
    });
    println!(
        "{} webhooks beside {} orders for one product: p50 {:?}, p99 {:?}, wanted p99 50ms",
        webhooks.len(),
        sale.len(),
        slowest(&webhooks, 50),
        slowest(&webhooks, 99)
    );
}

/// What the provider will say of so many orders, each of which waits for its payment.
fn payments(stall: &Stall, many: usize) -> Vec<Vec<u8>> {
    let buyers = stall.queue(many, |_| 1);
    let orders = buyers
        .iter()
        .map(|buyer| request("POST", "/api/orders", buyer, "{}"));
    let orders = stall.ask_all(orders.collect());
    let opens = buyers.iter().zip(&orders).map(|(buyer, order)| {
        let path = format!("/api/payments/create/{}", field(&order.answer, "\"id\":\""));
        request("POST", &path, buyer, "{}")
    });
    let opened = stall.ask_all(opens.collect());
    let told = opened.iter().enumerate().map(|(n, opened)| {
        let order = field(&opened.answer, "\"razorpayOrderId\":\"");
        let body = format!(
            r#"{{"event":"payment.captured","payload":{{"payment":{{"entity":{{"id":"pay_{n:014}","amount":9950,"currency":"INR","status":"captured","order_id":"{order}"}}}}}}}}"#
        );
        let signed = signature::sign(&SecretString::from(SECRET), body.as_bytes());
        let head = format!("x-razorpay-signature: {signed}\r\nx-razorpay-event-id: evt_{n:014}\r\n");
        let request = request("POST", "/api/payments/webhook", "", &body);
        let at = b"POST /api/payments/webhook HTTP/1.1\r\n".len();
        [&request[..at], head.as_bytes(), &request[at..]].concat()
    });
    told.collect()
}

/// People go on shopping. At first nothing else happens, then all holds end in the same second.
fn adds_beside_expiring_holds(stall: &Stall, form: &Form) {
    let admin = stall.token(Role::Admin);
    let second = Duration::from_secs(1);
    let first_end = Instant::now() + second * form.seconds;
    let end = first_end + second;
    for some in (0..form.holds).collect::<Vec<_>>().chunks(CROWD) {
        // In whole seconds: whoever comes later holds for less, and all end together.
        let seconds = end.saturating_duration_since(Instant::now()).as_secs().max(1);
        let holds = some.iter().map(|n| {
            let item = stall.item(HELD_FROM + n % (SHELVES - HELD_FROM));
            let order = stall.new_id();
            let body = format!(r#"{{"orderId":"{order}","items":[{item}],"seconds":{seconds}}}"#);
            request("POST", "/api/inventory/reserve", &admin, &body)
        });
        stall.ask_all(holds.collect());
    }
    let made = Instant::now();
    assert!(
        made < first_end,
        "the holds are made before the first of them ends"
    );
    let buyers: Vec<_> = (0..form.buyers).map(|_| stall.buyer()).collect();
    let shoppers = Load::on(stall.address, FEW);
    let (mut quiet, mut busy) = (Vec::new(), Vec::new());
    let adds = buyers.iter().enumerate().map(|(n, buyer)| {
        let item = stall.item(n % SHELVES);
        request("POST", "/api/cart/items", buyer, &item)
    });
    let adds: Vec<_> = adds.collect();
    let busy_time = first_end..end + second;
    for some in adds.chunks(FEW * 8).cycle() {
        for one in shoppers.ask_all(some.to_vec()) {
            if one.at < busy_time.start {
                quiet.push(one);
            } else if busy_time.contains(&one.at) {
                busy.push(one);
            }
        }
        if Instant::now() > busy_time.end {
            break;
        }
    }
    let ratio = slowest(&busy, 99).as_secs_f64() / slowest(&quiet, 99).as_secs_f64();
    println!(
        "adds beside nothing ({}): p99 {:?}; beside {} holds that end ({}): p99 {:?}, {ratio:.2} x, wanted 3",
        quiet.len(),
        slowest(&quiet, 99),
        form.holds,
        busy.len(),
        slowest(&busy, 99)
    );
    let free = all_free(stall, &admin);
    println!(
        "the last of these holds was given back {:?} after its end",
        free.saturating_duration_since(end)
    );
}

/// Waits until nothing is held any more, and says when that was.
fn all_free(stall: &Stall, admin: &str) -> Instant {
    let asks: Vec<_> = stall.products[HELD_FROM..]
        .iter()
        .map(|product| request("GET", &format!("/api/inventory/{product}"), admin, ""))
        .collect();
    loop {
        let counts = stall.ask_all(asks.clone());
        let seen = Instant::now();
        if counts
            .iter()
            .all(|count| count.answer.contains("\"reserved\":0,"))
        {
            return seen;
        }
    }
}

/// How long those wait who wait longer than so many in a hundred.
fn slowest(asked: &[Asked], in_a_hundred: usize) -> Duration {
    let mut took: Vec<_> = asked.iter().map(|asked| asked.took).collect();
    took.sort_unstable();
    took.get(took.len() * in_a_hundred / 100)
        .copied()
        .unwrap_or_default()
}
