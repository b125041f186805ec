//! Plays a flash sale against a running marketplace, or against one that it starts for it: many
//! buyers want one of a few pieces in the same second. Then it checks that exactly as many orders
//! stand as there were pieces, and reports how it went.

mod buyers;
mod chart;
mod ground;
mod outcome;
mod payment;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use futures_util::stream::{self, StreamExt};
use secrecy::SecretString;

use self::buyers::Shop;
use self::ground::Ground;
use self::outcome::{Bought, Outcome};
use super::Failure;
use super::progress::Progress;
use crate::config::Config;
use crate::supervisors::process;

/// How the sale is played.
#[derive(Debug, Args)]
pub(super) struct Drop {
    /// How many want one
    #[arg(long, default_value_t = 500)]
    buyers: usize,
    /// How many there are
    #[arg(long, default_value_t = 100)]
    stock: u64,
    /// How many buyers are served at once
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Whoever gets one pays for it too, at the sandbox of the payment provider
    #[arg(long)]
    pay: bool,
    /// A marketplace that runs already, as in `http://127.0.0.1:3000`; without it one is started
    #[arg(long)]
    url: Option<String>,
    /// An admin of that marketplace; without it `auth.admin_email`
    #[arg(long)]
    email: Option<String>,
    /// The password of that admin; without it `auth.admin_password`
    #[arg(long)]
    password: Option<SecretString>,
    /// Where the report goes
    #[arg(long, value_name = "FILE", default_value = "drop.html")]
    report: PathBuf,
}

impl Drop {
    /// Plays it.
    ///
    /// # Errors
    /// When it cannot be played, or when it was and the books do not balance.
    pub(super) fn play(self, config: &Config) -> Result<(), Failure> {
        process::on_a_system(async move {
            let ground = match &self.url {
                Some(url) => Ground::running(url, config, self.email.clone(), self.password.clone())?,
                None => Ground::started().await?,
            };
            let outcome = self.play_on(&ground).await;
            ground.leave().await;
            let outcome = outcome?;
            outcome.print();
            std::fs::write(&self.report, chart::page(&outcome))?;
            println!("The report is in {}.", self.report.display());
            outcome.verdict()
        })
    }

    async fn play_on(&self, ground: &Ground) -> Result<Outcome, Failure> {
        let shop = Shop::enter(ground, self.stock, self.pay).await?;
        let progress = Progress::new("buyers come in", self.buyers);
        let coming = (0..self.buyers).map(|n| shop.register(n));
        let mut coming = stream::iter(coming).buffer_unordered(self.connections.max(1));
        let mut buyers = Vec::with_capacity(self.buyers);
        while let Some(buyer) = coming.next().await {
            buyers.push(buyer?);
            progress.show(buyers.len());
        }
        let progress = Progress::new("buyers are served", buyers.len());
        let start = Instant::now();
        let buying = buyers.iter().map(|token| shop.buy(token, start));
        let mut buying = stream::iter(buying).buffer_unordered(self.connections.max(1));
        let mut bought: Vec<Bought> = Vec::with_capacity(buyers.len());
        while let Some(one) = buying.next().await {
            bought.push(one);
            progress.show(bought.len());
        }
        let took = start.elapsed();
        let books = shop.books(&bought, self.stock).await?;
        Ok(Outcome::new(self.stock, bought, took, books))
    }
}
