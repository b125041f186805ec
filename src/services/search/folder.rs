//! Where an index is kept: opened as it was left, or begun anew.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use tantivy::directory::MmapDirectory;
use tantivy::{Index, IndexSettings, ReloadPolicy};
use tracing::{info, warn};

use super::catalogue::{Catalogue, Mark};
use super::columns::Opened;
use super::schema::Fields;

/// The file by which a process says that the folder is its own.
const LOCK: &str = "taken";
/// Who closes an index lets go of its folder a moment later.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// The index in a folder and its mark; nothing if it cannot be used as it is.
pub(super) fn open(folder: &Path) -> Option<(Catalogue, Mark)> {
    if !folder.join("meta.json").exists() {
        return None;
    }
    let taken = take(folder).ok().flatten()?;
    let opened = Index::open_in_dir(folder)
        .ok()
        .filter(|index| index.schema() == Fields::new().schema);
    let mark = opened
        .as_ref()
        .and_then(|index| Mark::read(&index.load_metas().ok()?.payload?));
    let catalogue = opened.and_then(|index| Catalogue::of(index, Some(taken)).ok());
    let sound = catalogue.filter(Catalogue::is_sound).zip(mark);
    if sound.is_none() {
        warn!(folder = %folder.display(), "the index of the products cannot be used and is made anew");
    }
    sound
}

/// An empty index in a folder, whatever was in it before. If the folder cannot be had, the index
/// is in memory.
pub(super) fn begin(folder: Option<&Path>) -> tantivy::Result<Catalogue> {
    let Some(folder) = folder else {
        return in_memory();
    };
    match emptied(folder) {
        Ok(Some(taken)) => {
            let directory = MmapDirectory::open(folder)?;
            let index = Index::create(directory, Fields::new().schema, IndexSettings::default())?;
            Catalogue::of(index, Some(taken))
        }
        Ok(None) => {
            info!(folder = %folder.display(), "another process has the folder of the index; this one keeps its own in memory");
            in_memory()
        }
        Err(error) => {
            warn!(folder = %folder.display(), %error, "the index of the products is kept in memory");
            in_memory()
        }
    }
}

fn in_memory() -> tantivy::Result<Catalogue> {
    Catalogue::of(Index::create_in_ram(Fields::new().schema), None)
}

/// Empties a folder and takes it; nothing if somebody else has it.
fn emptied(folder: &Path) -> io::Result<Option<File>> {
    fs::create_dir_all(folder)?;
    let Some(taken) = take(folder)? else {
        return Ok(None);
    };
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        } else if !path.ends_with(LOCK) {
            fs::remove_file(path)?;
        }
    }
    Ok(Some(taken))
}

/// Takes a folder for this process, until the file is closed.
fn take(folder: &Path) -> io::Result<Option<File>> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(folder.join(LOCK))?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(None)
}

impl Catalogue {
    fn of(index: Index, taken: Option<File>) -> tantivy::Result<Self> {
        // It is read anew when something was written, and by nobody's watch.
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        Ok(Self {
            fields: Fields::new(),
            reader: reader.try_into()?,
            columns: Opened::default(),
            index,
            writer: Mutex::default(),
            _taken: taken,
        })
    }
}
