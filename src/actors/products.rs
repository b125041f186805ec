//! The owners of products and of their stocks, and the shelf on which both are seen together.

use std::sync::Arc;

use bson::RawDocumentBuf;

use super::ask::{Answer, Ask, AskError, Once};
use super::crew::Watcher;
use super::engine::Engine;
use super::finding::Searching;
use super::live_stock::LiveStock;
use super::owners::Owners;
use super::shelf::{Shelf, Snapshot};
use crate::domain::entity::{Circumstances, Entity};
use crate::domain::id::Id;
use crate::domain::product::{Authority, Command, Launch, PRODUCTS, Product, Refusal, Revision};
use crate::domain::stock::{self, Count, Stock};
use crate::domain::time::Timestamp;
use crate::store::query::Cursor;
use crate::store::{Query, Unavailable, Version, document};

/// What a product answers.
pub type ProductAnswer = Answer<Product>;

/// How many there are of a product, or why its stock does not say.
pub type Counted = Result<Count, AskError<Refusal>>;

/// So many stocks are looked through at once for those of which few are left.
const FEW: usize = 100;

/// Some products in a list, and where it goes on.
pub type Listed = (Vec<Arc<Snapshot>>, Option<Cursor>, u64);

/// All products. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Products {
    owners: Owners<Product>,
    stocks: Owners<Stock>,
    shelf: Shelf,
    live: LiveStock,
    pub(super) searching: Option<Searching>,
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
    /// The products on this engine, where nobody searches.
    #[must_use]
    pub fn new(engine: &Arc<Engine>) -> Self {
        Self::build(engine, None)
    }

    /// The products on this engine, to be searched.
    #[must_use]
    pub fn searched(engine: &Arc<Engine>, searching: Searching) -> Self {
        Self::build(engine, Some(searching))
    }

    fn build(engine: &Arc<Engine>, searching: Option<Searching>) -> Self {
        let shelf = Shelf::new(Arc::clone(&engine.store));
        let (products, stocks) = (shelf.clone(), shelf.clone());
        let live = LiveStock::start();
        let told = live.clone();
        let mut product_watchers: Vec<Watcher<Product>> =
            vec![Box::new(move |changed| products.note_product(changed))];
        let mut stock_watchers: Vec<Watcher<Stock>> = vec![Box::new(move |changed| {
            stocks.note_stock(changed);
            told.note(changed.id, changed.version, changed.state.count().available);
        })];
        if let Some(Searching { changes, .. }) = &searching {
            let (products, stocks) = (changes.clone(), changes.clone());
            product_watchers.push(Box::new(move |changed| products.note(changed.id, true)));
            // Holds and sales are many, and of those alone that take the last of it, or give some
            // back, does anybody look for his own.
            stock_watchers.push(Box::new(move |changed| {
                stocks.note(changed.id, !changed.events.is_empty());
            }));
        }
        Self {
            owners: Owners::new(Arc::clone(engine), product_watchers),
            stocks: Owners::new(Arc::clone(engine), stock_watchers),
            shelf,
            live,
            searching,
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
    /// not there, so that whatever breaks off between the two leaves no half of a product. What
    /// cannot be said of a product is refused before there is a stock of it.
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
        launch.listing.check().map_err(refused)?;
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
        if opened.reply.count.on_hand == on_hand || self.made(product).await?.is_some() {
            return Ok(opened.reply.count);
        }
        // An earlier attempt at this product broke off here, and it spoke of another number.
        let set = stock::Command::Set { on_hand };
        let set = self.ask_stock(product, Ask::new(set, at)).await?;
        Ok(set.reply.count)
    }

    /// Changes what is said of a product, how many there are, or both. Two owners decide, so both
    /// are asked first whether they would. Then the product changes: its version says who of many
    /// was first, and only he changes the stock. Whoever is refused by the product has changed
    /// neither; if pieces are promised in that very moment, the product has changed and the stock
    /// says no, or nothing; and whoever hears nothing may ask for the same again.
    ///
    /// # Errors
    /// See [`AskError`]. What the stock says of a product that has changed is no error of it.
    pub async fn revise(
        &self,
        id: Id,
        change: Change,
        at: Circumstances,
    ) -> Result<(ProductAnswer, Counted), AskError<Refusal>> {
        let Change {
            by,
            revision,
            on_hand,
            if_match,
        } = change;
        let revise = |revision| Ask::new(Command::Change { by, revision }, at).if_match(if_match.clone());
        let Some(on_hand) = on_hand else {
            let answer = self.owners.ask(id, revise(revision)).await?;
            return Ok((answer, self.count(id).await));
        };
        self.owners.ask(id, revise(Revision::default())).await?;
        self.stock_admits(id, on_hand).await?;
        let answer = self.owners.ask(id, revise(revision)).await?;
        let set = stock::Command::Set { on_hand };
        let counted = self.ask_stock(id, Ask::new(set, at)).await;
        Ok((answer, counted.map(|counted| counted.reply.count)))
    }

    async fn stock_admits(&self, id: Id, on_hand: u64) -> Result<(), AskError<Refusal>> {
        let admits = move |stock: Option<&Stock>, _| stock.map_or(Ok(()), |stock| stock.admit(on_hand));
        let admitted = self.stocks.view(id, admits).await;
        admitted
            .map_err(|error| error.refused_as(Refusal::Stock))?
            .map_err(|refusal| refused(Refusal::Stock(refusal)))
    }

    /// When the product of this id was made, be it for sale or not.
    ///
    /// # Errors
    /// `Overloaded`, `Unavailable` or `Failed`.
    pub async fn made(&self, id: Id) -> Result<Option<Timestamp>, AskError<Refusal>> {
        let made = |product: Option<&Product>, _| product.map(|product| product.created_at);
        self.owners.view(id, made).await
    }

    /// How many there are of a product, as its owner has it.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn count(&self, id: Id) -> Counted {
        let counted = self.stocks.view(id, |stock, _| stock.map(Stock::count)).await;
        let counted = counted.map_err(|error| error.refused_as(Refusal::Stock))?;
        counted.ok_or(AskError::Failed)
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

    /// The products of a seller of which no more than so many can be bought, the fewest first.
    ///
    /// # Errors
    /// When the store does not say.
    pub async fn few(&self, seller: Id, most: u64, many: usize) -> Result<Vec<Arc<Snapshot>>, Unavailable> {
        let seller = bson::oid::ObjectId::from(seller).into();
        let more = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
        let few = Query::by_index(Stock::COLLECTION, "few", vec![seller]).between(None, Some(more.into()));
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let store = &self.owners.engine().store;
            let page = store.find(few.clone().limit(FEW).after(after)).await?;
            found.extend(self.for_sale(&page.documents).await?);
            after = page.next;
            if found.len() >= many || after.is_none() {
                found.truncate(many);
                return Ok(found);
            }
        }
    }

    /// The products that stocks which were just read are of, as far as they are for sale.
    async fn for_sale(&self, stocks: &[RawDocumentBuf]) -> Result<Vec<Arc<Snapshot>>, Unavailable> {
        let counted = stocks.iter().filter_map(|row| {
            let stock: Stock = document::decode(row).ok()?;
            Some((stock, document::version(row)))
        });
        let counted: Vec<_> = counted.collect();
        let keys = counted.iter().map(|(stock, _)| stock.product().into()).collect();
        let products = self.owners.engine().store.get(&PRODUCTS, keys).await?;
        let together = counted.into_iter().zip(products);
        let together = together.filter_map(|((stock, stock_version), row)| {
            let row = row?;
            let product: Product = document::decode(&row).ok().filter(|one: &Product| !one.retired)?;
            Some(Arc::new(Snapshot {
                product,
                version: document::version(&row),
                count: stock.count(),
                stock_version,
            }))
        });
        Ok(together.collect())
    }

    /// Reads the stocks of products that were just read. They are not put on the shelf: a list
    /// of everything would push off it what is asked for all the time.
    pub(super) async fn with_counts(
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
}

fn refused(refusal: Refusal) -> AskError<Refusal> {
    let replayed = false;
    AskError::Refused { refusal, replayed }
}

impl Wanted {
    pub(super) fn query(&self) -> Query {
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
