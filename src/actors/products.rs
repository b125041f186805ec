//! The owners of products and of their stocks, and the shelf on which both are seen together.

use std::sync::Arc;

use super::ask::{Answer, Ask, AskError, Once};
use super::crew::Watcher;
use super::engine::Engine;
use super::live_stock::LiveStock;
use super::owners::Owners;
use super::shelf::{Shelf, Snapshot};
use crate::domain::entity::{Circumstances, Entity};
use crate::domain::id::Id;
use crate::domain::product::{Authority, Command, Launch, PRODUCTS, Product, Refusal, Revision};
use crate::domain::stock::{self, Count, Stock};
use crate::store::query::Cursor;
use crate::store::{Query, Unavailable, Version, document};

/// What a product answers.
pub type ProductAnswer = Answer<Product>;

/// Some products in a list, and where it goes on.
pub type Listed = (Vec<Arc<Snapshot>>, Option<Cursor>, u64);

/// All products. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Products {
    owners: Owners<Product>,
    stocks: Owners<Stock>,
    shelf: Shelf,
    live: LiveStock,
}

/// What shall be different about a product.
#[derive(Debug, Clone)]
pub struct Change {
    /// In whose name.
    pub by: Authority,
    /// What is to be said of it.
    pub revision: Revision,
    /// How many there are on hand.
    pub on_hand: Option<u64>,
    /// Only if it is at one of these versions.
    pub if_match: Option<Vec<Version>>,
}

/// Which products are wanted, the newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    All,
    /// Those of a category.
    Category(String),
    /// Those that somebody sells.
    Seller(Id),
}

impl Products {
    /// The products on this engine.
    #[must_use]
    pub fn new(engine: &Arc<Engine>) -> Self {
        let shelf = Shelf::new(Arc::clone(&engine.store));
        let (products, stocks) = (shelf.clone(), shelf.clone());
        let product_seen: Watcher<Product> = Box::new(move |changed| products.note_product(changed));
        let live = LiveStock::start();
        let told = live.clone();
        let stock_seen: Watcher<Stock> = Box::new(move |changed| {
            stocks.note_stock(changed);
            told.note(changed.id, changed.state.count().available);
        });
        Self {
            owners: Owners::new(Arc::clone(engine), vec![product_seen]),
            stocks: Owners::new(Arc::clone(engine), vec![stock_seen]),
            shelf,
            live,
        }
    }

    /// The owners of the products.
    #[must_use]
    pub fn owners(&self) -> &Owners<Product> {
        &self.owners
    }

    /// The owners of their stocks. A stock stands under the id of its product.
    #[must_use]
    pub fn stocks(&self) -> &Owners<Stock> {
        &self.stocks
    }

    /// Where products are seen with their stocks.
    #[must_use]
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Where changes of stocks are listened to.
    #[must_use]
    pub fn live(&self) -> &LiveStock {
        &self.live
    }

    /// The product of this id as it is for sale; `None` if there is none, or none any more.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn snapshot(&self, id: Id) -> Result<Option<Arc<Snapshot>>, Unavailable> {
        self.shelf.snapshot(id).await
    }

    /// Asks something of a product.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask(&self, id: Id, ask: Ask<Product>) -> Result<ProductAnswer, AskError<Refusal>> {
        self.owners.ask(id, ask).await
    }

    /// Puts a product up for sale: its stock first, which nobody finds as long as the product is
    /// not there, so that whatever breaks off between the two leaves no half of a product.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn create(
        &self,
        launch: Launch,
        on_hand: u64,
        at: Circumstances,
        once: Option<Once>,
    ) -> Result<(ProductAnswer, Count), AskError<Refusal>> {
        let id = launch.id;
        let count = self.open_stock(&launch, on_hand, at).await?;
        let ask = Ask::new(Command::Create(launch), at).once(once);
        Ok((self.owners.ask(id, ask).await?, count))
    }

    async fn open_stock(
        &self,
        launch: &Launch,
        on_hand: u64,
        at: Circumstances,
    ) -> Result<Count, AskError<Refusal>> {
        let (product, seller) = (launch.id, launch.seller);
        let open = stock::Command::Open {
            product,
            seller,
            on_hand,
        };
        let opened = self.ask_stock(product, Ask::new(open, at)).await?;
        if opened.reply.count.on_hand == on_hand || self.exists(product).await? {
            return Ok(opened.reply.count);
        }
        // An earlier attempt at this product broke off here, and it spoke of another number.
        let set = stock::Command::Set { on_hand };
        let set = self.ask_stock(product, Ask::new(set, at)).await?;
        Ok(set.reply.count)
    }

    /// Changes what is said of a product, how many there are, or both. Whoever may not change it,
    /// or means another version, changes neither.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn revise(
        &self,
        id: Id,
        change: Change,
        at: Circumstances,
    ) -> Result<(ProductAnswer, Count), AskError<Refusal>> {
        let Change {
            by,
            revision,
            on_hand,
            if_match,
        } = change;
        let revise = |revision| Ask::new(Command::Change { by, revision }, at).if_match(if_match.clone());
        let Some(on_hand) = on_hand else {
            let answer = self.owners.ask(id, revise(revision)).await?;
            return Ok((answer, self.count(id).await?));
        };
        // Whether the product may be changed is asked before its stock is, which does not know.
        self.owners.ask(id, revise(Revision::default())).await?;
        let set = stock::Command::Set { on_hand };
        let counted = self.ask_stock(id, Ask::new(set, at)).await?;
        let answer = self.owners.ask(id, revise(revision)).await?;
        Ok((answer, counted.reply.count))
    }

    async fn count(&self, id: Id) -> Result<Count, AskError<Refusal>> {
        let counted = self.stocks.view(id, |stock, _| stock.map(Stock::count)).await;
        let counted = counted.map_err(|error| error.refused_as(Refusal::Stock))?;
        counted.ok_or(AskError::Failed)
    }

    async fn exists(&self, id: Id) -> Result<bool, AskError<Refusal>> {
        self.owners.view(id, |product, _| product.is_some()).await
    }

    /// Asks something of a product's stock.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask_stock(
        &self,
        id: Id,
        ask: Ask<Stock>,
    ) -> Result<Answer<stock::Reply>, AskError<Refusal>> {
        let answer = self.stocks.ask(id, ask).await;
        answer.map_err(|error| error.refused_as(Refusal::Stock))
    }

    /// A part of the products that are for sale, and how many there are in all.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn list(
        &self,
        wanted: &Wanted,
        part: impl FnOnce(Query) -> Query,
    ) -> Result<Listed, Unavailable> {
        let all = wanted.query();
        let store = &self.owners.engine().store;
        let page = store.find(part(all.clone().descending())).await?;
        let total = store.count(all).await?;
        let found = page.documents.iter().filter_map(|row| {
            let product: Product = document::decode(row).ok()?;
            Some((product, document::version(row)))
        });
        let found: Vec<_> = found.collect();
        Ok((self.with_counts(found).await?, page.next, total))
    }

    /// Reads the stocks of products that were just read. They are not put on the shelf: a list
    /// of everything would push off it what is asked for all the time.
    async fn with_counts(
        &self,
        products: Vec<(Product, Version)>,
    ) -> Result<Vec<Arc<Snapshot>>, Unavailable> {
        let store = &self.owners.engine().store;
        let keys = products.iter().map(|(product, _)| product.id.into()).collect();
        let stocks = store.get(Stock::COLLECTION, keys).await?;
        let together = products.into_iter().zip(stocks);
        let together = together.filter_map(|((product, version), row)| {
            let row = row?;
            let stock: Stock = document::decode(&row).ok()?;
            Some(Arc::new(Snapshot {
                product,
                version,
                count: stock.count(),
                stock_version: document::version(&row),
            }))
        });
        Ok(together.collect())
    }

    /// The categories that products stand in, each with how many do.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn categories(&self, limit: usize) -> Result<Vec<(String, u64)>, Unavailable> {
        let store = &self.owners.engine().store;
        let mut categories: Vec<(String, u64)> = Vec::new();
        while categories.len() < limit {
            // Nothing lies between a text and the same text with a zero behind it.
            let after = categories
                .last()
                .map_or(String::new(), |(name, _)| format!("{name}\0"));
            let next = Query::by_index(&PRODUCTS, "category", vec![false.into()]);
            let page = store
                .find(next.between(Some(after.into()), None).limit(1))
                .await?;
            let found = page
                .documents
                .first()
                .and_then(|row| document::decode::<Product>(row).ok());
            let Some(category) = found.and_then(|product| product.listing.category) else {
                break;
            };
            let many = store.count(Wanted::Category(category.clone()).query()).await?;
            categories.push((category, many));
        }
        Ok(categories)
    }
}

impl Wanted {
    fn query(&self) -> Query {
        let for_sale = false.into();
        match self {
            Self::All => Query::by_index(&PRODUCTS, "newest", vec![for_sale]),
            Self::Category(name) => {
                Query::by_index(&PRODUCTS, "category", vec![for_sale, name.clone().into()])
            }
            Self::Seller(id) => {
                let seller = bson::oid::ObjectId::from(*id).into();
                Query::by_index(&PRODUCTS, "seller", vec![for_sale, seller])
            }
        }
    }
}
