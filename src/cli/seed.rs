//! Fills the shop that is configured with a demo, and with more products than anybody could look
//! at if that is wanted.

use std::cell::OnceCell;

use clap::Args;

use super::Failure;
use super::progress::Progress;
use crate::config::Config;
use crate::supervisors::demo::News;
use crate::supervisors::demo::by_hand;

/// How much there shall be.
#[derive(Debug, Args)]
pub(super) struct Seed {
    /// So many plausible products besides, for load
    #[arg(long, default_value_t = 0)]
    products: usize,
}

impl Seed {
    /// Fills it.
    ///
    /// # Errors
    /// When the store cannot be used, or does not answer any more.
    pub(super) fn fill(&self, config: &Config) -> Result<(), Failure> {
        let (demo, many) = (OnceCell::new(), OnceCell::new());
        let heard = |news: News<'_>| match news {
            News::Login(login) => println!("{login}  (told this once)"),
            News::Products(done, all) => demo.get_or_init(|| Progress::new("products", all)).show(done),
            News::Besides(done, all) => many
                .get_or_init(|| Progress::new("products besides", all))
                .show(done),
        };
        let filled = by_hand::seed(config, self.products, &heard)?;
        println!(
            "{} products stand in the shop. Sign in as one of these:",
            filled.products
        );
        filled.logins.iter().for_each(|login| println!("{login}"));
        Ok(())
    }
}
