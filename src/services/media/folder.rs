//! Pictures in a folder of this machine, served by the runtime itself.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{Down, Kind, MediaService, Picture};
use crate::domain::id::Id;
use crate::domain::image::Image;

/// Under which path the runtime serves them.
const PATH: &str = "/media";

/// A folder of pictures.
#[derive(Debug, Clone)]
pub struct Folder(Arc<PathBuf>);

impl Folder {
    /// The folder at this path, made if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self(Arc::new(path.to_owned())))
    }

    fn write(&self, names: &[String; 2], contents: &[Bytes; 2]) -> io::Result<()> {
        for (name, content) in names.iter().zip(contents) {
            // Written under another name first: nobody ever reads half of it.
            let unfinished = self.0.join(format!("{name}.new"));
            let mut file = File::create(&unfinished)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&unfinished, self.0.join(name))?;
        }
        File::open(&*self.0)?.sync_all()
    }

    fn remove(&self, names: &[String; 2]) -> io::Result<()> {
        for name in names {
            match fs::remove_file(self.0.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The two files of a picture whose handle is the name of the first.
fn names(handle: &str) -> [String; 2] {
    let (id, extension) = handle.split_once('.').unwrap_or((handle, ""));
    [handle.to_owned(), format!("{id}-small.{extension}")]
}

/// Does what takes time on a thread that may wait.
async fn aside(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), Down> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| Down(error.to_string()))?;
    done.map_err(|error| Down(error.to_string()))
}

impl MediaService for Folder {
    fn keep<'a>(&'a self, id: Id, picture: &'a Picture) -> BoxFuture<'a, Result<Image, Down>> {
        let names = names(&format!("{id}.{}", picture.kind.extension()));
        let contents = [picture.full.clone(), picture.small.clone()];
        let image = Image {
            id,
            url: format!("{PATH}/{}", names[0]),
            thumbnail: format!("{PATH}/{}", names[1]),
            handle: names[0].clone(),
        };
        let folder = self.clone();
        async move {
            aside(move || folder.write(&names, &contents)).await?;
            Ok(image)
        }
        .boxed()
    }

    fn handle_of(&self, id: Id, kind: Kind) -> Option<String> {
        Some(format!("{id}.{}", kind.extension()))
    }

    fn forget<'a>(&'a self, handle: &'a str) -> BoxFuture<'a, Result<(), Down>> {
        let (folder, names) = (self.clone(), names(handle));
        async move { aside(move || folder.remove(&names)).await }.boxed()
    }
}
