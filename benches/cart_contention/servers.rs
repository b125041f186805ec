//! Those who leave the cart to a server: a script in Redis, and `findOneAndUpdate` in MongoDB.

use bazaar::domain::id::Id;
use bson::oid::ObjectId;
use bson::{Document, doc};
use mongodb::Collection;
use mongodb::options::{Acknowledgment, ReturnDocument, WriteConcern};
use redis::Script;
use redis::aio::MultiplexedConnection;

use super::cart::Add;
use super::ground::database_at;

/// A hash for each cart, changed by a script.
#[derive(Clone)]
pub(crate) struct InRedis {
    connection: MultiplexedConnection,
    script: Script,
    /// Sets the carts of this run apart from those of others.
    run: String,
}

impl InRedis {
    pub(crate) const NAME: &'static str = "Redis Lua";

    pub(crate) async fn at(url: &str) -> Self {
        let client = redis::Client::open(url).expect("a URL of Redis");
        let connection = client.get_multiplexed_async_connection().await;
        Self {
            connection: connection.expect("Redis is there"),
            script: Script::new(
                "redis.call('HINCRBY', KEYS[1], ARGV[1], ARGV[2]) \
                 return redis.call('HINCRBY', KEYS[1], 'pieces', ARGV[2])",
            ),
            run: ObjectId::new().to_hex(),
        }
    }

    fn key(&self, cart: Id) -> String {
        format!("bench/{}/{cart}", self.run)
    }

    pub(crate) async fn add(&self, cart: Id, Add { product, quantity }: Add) -> u64 {
        let mut connection = self.connection.clone();
        let mut added = self.script.key(self.key(cart));
        let added = added.arg(product).arg(quantity);
        added.invoke_async(&mut connection).await.expect("Redis answers")
    }

    /// How many pieces are in a cart, which nobody needs any more.
    pub(crate) async fn take_away(&self, cart: Id) -> u64 {
        let mut connection = self.connection.clone();
        let (pieces, _): (Option<u64>, u64) = redis::pipe()
            .hget(self.key(cart), "pieces")
            .del(self.key(cart))
            .query_async(&mut connection)
            .await
            .expect("Redis answers");
        pieces.unwrap_or(0)
    }
}

/// A document for each cart, in the journal of the majority.
#[derive(Clone)]
pub(crate) struct InMongo {
    carts: Collection<Document>,
    durable: WriteConcern,
}

impl InMongo {
    pub(crate) const NAME: &'static str = "findOneAndUpdate";

    pub(crate) async fn at(uri: &str) -> Self {
        Self {
            carts: database_at(uri).await.collection("carts"),
            durable: WriteConcern::builder()
                .w(Acknowledgment::Majority)
                .journal(true)
                .build(),
        }
    }

    pub(crate) async fn add(&self, cart: Id, Add { product, quantity }: Add) -> u64 {
        let quantity = i64::from(quantity);
        let mut more = doc! { "pieces": quantity, "version": 1_i64 };
        more.insert(format!("lines.{product}.quantity"), quantity);
        let update = self
            .carts
            .find_one_and_update(doc! { "_id": ObjectId::from(cart) }, doc! { "$inc": more })
            .upsert(true)
            .return_document(ReturnDocument::After)
            .write_concern(self.durable.clone());
        let after = update.await.expect("MongoDB answers").expect("it was made");
        pieces(&after)
    }

    /// How many pieces are in all carts, which nobody needs any more.
    pub(crate) async fn take_away(&self) -> u64 {
        let sum = doc! { "$group": { "_id": null, "pieces": { "$sum": "$pieces" } } };
        let mut sums = self.carts.aggregate([sum]).await.expect("MongoDB answers");
        let any = sums.advance().await.expect("MongoDB answers");
        let sum = any.then(|| pieces(&sums.deserialize_current().expect("a document")));
        self.carts.drop().await.expect("MongoDB answers");
        sum.unwrap_or(0)
    }
}

fn pieces(of: &Document) -> u64 {
    let pieces = of.get_i64("pieces").unwrap_or_default();
    pieces.try_into().unwrap_or_default()
}
