//! Collections and their indexes, made at the start.

use bson::Document;
use mongodb::error::Result;
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};
use tracing::info;

use super::{bounds, error_code, shelf};
use crate::domain::collection::{Collection, Index};

const NAMESPACE_EXISTS: i32 = 48;
/// An index of this name is there and orders by something else.
const OTHER_INDEX: [i32; 2] = [85, 86];

pub(super) async fn prepare(database: Database, collections: Vec<&'static Collection>) -> Result<()> {
    for collection in collections {
        // A transaction that has to make a collection would clash with others.
        match database.create_collection(collection.name).await {
            Err(error) if error_code(&error) != Some(NAMESPACE_EXISTS) => return Err(error),
            _ => {}
        }
        for index in collection.indexes {
            make(&database, collection, index).await?;
        }
    }
    Ok(())
}

async fn make(database: &Database, collection: &Collection, index: &Index) -> Result<()> {
    let shelf = shelf(database, collection.name);
    match shelf.create_index(model(index)).await {
        Err(error) if error_code(&error).is_some_and(|code| OTHER_INDEX.contains(&code)) => {
            info!(
                collection = collection.name,
                index = index.name,
                "an index has changed and is built anew"
            );
            shelf.drop_index(index.name).await?;
            shelf.create_index(model(index)).await?;
        }
        made => drop(made?),
    }
    Ok(())
}

fn model(index: &Index) -> IndexModel {
    let options = IndexOptions::builder()
        .name(index.name.to_owned())
        .unique(index.unique)
        .partial_filter_expression(bounds::indexed(index))
        .build();
    IndexModel::builder()
        .keys(keys(index, 1))
        .options(options)
        .build()
}

/// What an index orders by. Where places are shared, the key decides, so that a cursor stands
/// between two documents and never among several.
pub(super) fn keys(index: &Index, direction: i32) -> Document {
    let mut keys: Document = index
        .fields
        .iter()
        .map(|field| ((*field).to_owned(), direction.into()))
        .collect();
    if !index.unique {
        keys.insert("_id", direction);
    }
    keys
}
