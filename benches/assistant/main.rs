//! What do ten thousand silent sessions of the assistant cost, and does anybody who says something
//! wait for it? One runtime, the assistant by rules; the clients live in processes of their own,
//! which share the machine with it. At last a flash sale is on beside all of that.

#[path = "../support/binary.rs"]
mod binary;
mod clients;
mod crowd;
mod people;
mod sale;
mod socket;
mod waits;

use std::time::{Duration, Instant};

use tokio::runtime::Builder;

use self::binary::Binary;
use self::crowd::Crowd;
use self::people::Shop;
use self::sale::Sale;
use self::socket::Socket;
use self::waits::Waits;

const SECRET: &str = "a secret that server and clients both know of";
const WANTED_KB: f64 = 16.0;
const WANTED_PERCENT: f64 = 5.0;
/// Linux counts the time of a process in these.
const TICKS_A_SECOND: f64 = 100.0;

/// How much is asked.
struct Form {
    sessions: u64,
    of_a_process: Option<u64>,
    heartbeat_seconds: u64,
    speakers: usize,
    messages: usize,
    buyers: u64,
    stock: u64,
    sales: u32,
}

const SMALL: Form = Form {
    sessions: 40,
    of_a_process: Some(20),
    heartbeat_seconds: 1,
    speakers: 2,
    messages: 20,
    buyers: 20,
    stock: 5,
    sales: 1,
};
const LARGE: Form = Form {
    sessions: 10_000,
    of_a_process: None,
    heartbeat_seconds: 25,
    speakers: 4,
    messages: 4_000,
    buyers: 5_000,
    stock: 100,
    sales: 4,
};

fn main() {
    match clients::kind().as_deref() {
        Some(crowd::KIND) => return crowd::stand_by(),
        Some(sale::KIND) => return sale::buy(),
        _ => {}
    }
    let small = !std::env::args().any(|argument| argument == "--bench");
    let form = if small { &SMALL } else { &LARGE };
    let heartbeat = form.heartbeat_seconds.to_string();
    let binary = Binary::start(&[
        ("auth.jwt_secret", SECRET),
        ("auth.bcrypt_cost", "4"),
        ("limits.enabled", "false"),
        ("assistant.model", "rules"),
        ("assistant.heartbeat_seconds", heartbeat.as_str()),
        ("assistant.frames_per_minute", "1000000"),
    ]);
    println!(
        "the runtime answered {:?} after its start",
        binary.to_first_answer
    );
    let mut crowd = idle(&binary, form);
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime
        .expect("the machine gives a thread")
        .block_on(speak(&binary, form));
    assert_eq!(crowd.inside(), form.sessions, "nobody was lost");
}

/// What the silent ones cost. They are looked at for two signs of life of each.
fn idle(binary: &Binary, form: &Form) -> Crowd {
    let two_beats = Duration::from_secs(2 * form.heartbeat_seconds);
    let alone = share_of_a_core(binary, two_beats);
    let before = binary.resident_kb();
    let mut crowd = Crowd::gather(
        &binary.address.to_string(),
        SECRET,
        form.sessions,
        form.of_a_process,
    );
    let open = binary.resident_kb();
    let share = share_of_a_core(binary, two_beats);
    let after = binary.resident_kb().max(open);
    assert_eq!(crowd.inside(), form.sessions, "nobody was lost");
    #[expect(clippy::cast_precision_loss, reason = "a figure needs no more precision")]
    let each = after.saturating_sub(before) as f64 / form.sessions as f64;
    let sessions = form.sessions;
    println!("{sessions} silent sessions: {each:.1} kB resident for each, wanted {WANTED_KB}");
    println!(
        "their heartbeats, every {} s: {share:.2} % of a core, of which {alone:.2} without them, wanted {WANTED_PERCENT}",
        form.heartbeat_seconds
    );
    crowd
}

/// How much of a core the runtime uses in a while, in percent.
fn share_of_a_core(binary: &Binary, while_: Duration) -> f64 {
    let (began, before) = (Instant::now(), processor_seconds(binary));
    std::thread::sleep(while_);
    100.0 * (processor_seconds(binary) - before) / began.elapsed().as_secs_f64()
}

/// How long the runtime has been at work, on all cores together.
fn processor_seconds(binary: &Binary) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", binary.child.id()));
    let stat = stat.expect("Linux tells");
    // After the name, which may have spaces in it; the time of the process and that of the machine
    // for it are the twelfth and the thirteenth.
    let (_, rest) = stat.rsplit_once(')').expect("a name in brackets");
    let ticks = rest.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    ticks / TICKS_A_SECOND
}

/// How long people wait who say something, in quiet and beside a flash sale.
async fn speak(binary: &Binary, form: &Form) {
    let (address, url) = (binary.address.to_string(), format!("http://{}", binary.address));
    let shop = Shop::at(&url);
    let seller = shop.register("cleo", "seller").await;
    shop.stock_up(&seller).await;
    let mut sockets = Vec::new();
    for n in 0..form.speakers {
        let token = shop.register(&format!("speaker-{n}"), "user").await;
        sockets.push(Socket::open(&address, &token).await);
    }
    let mut quiet = Waits::default();
    for _ in 0..form.messages {
        quiet.one_more(&mut sockets).await;
    }
    let sessions = form.sessions;
    quiet.tell(
        &format!("beside {sessions} silent sessions"),
        "p50 3 ms, p99 20 ms",
    );
    let (buyers, stock) = (form.buyers, form.stock);
    let mut sale = Sale::prepare(&url, buyers, stock);
    let mut stormy = Waits::default();
    for n in 0..form.sales {
        let product = shop
            .put_up(&seller, &format!("One of a few {n}"), "", 999, stock)
            .await;
        let selling = tokio::task::spawn_blocking(move || {
            let sold = sale.sell(&product);
            (sale, sold)
        });
        while !selling.is_finished() {
            stormy.one_more(&mut sockets).await;
        }
        let (back, (took, again)) = selling.await.expect("the sale goes well");
        sale = back;
        println!(
            "a sale of {stock} pieces to {buyers} buyers took {took:?}; {again} times somebody asked again"
        );
    }
    stormy.tell("beside these and a flash sale", "p99 200 ms");
}
