//! Where pictures are kept: one port, an adapter per service, and the reading of whatever
//! somebody uploads, which is decoded and drawn anew before it goes anywhere.

mod cloudinary;
mod folder;
mod imagekit;
mod picture;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::warn;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::id::Id;
use crate::domain::image::Image;

pub use cloudinary::Cloudinary;
pub use folder::Folder;
pub use imagekit::ImageKit;
pub use picture::{BYTES_MAX, NoPicture, Picture};

/// So many uploads are taken in at once; each may weigh some ten megabytes.
const UPLOADS_MAX: usize = 16;
/// So many pictures are decoded at once; each may unpack to a hundred megabytes.
const DECODED_AT_ONCE: usize = 1;

/// A service that keeps pictures.
pub trait MediaService: Send + Sync {
    /// Keeps a picture under an id. Keeping it again under the same id replaces it.
    fn keep<'a>(&'a self, id: Id, picture: &'a Picture) -> BoxFuture<'a, Result<Image, Down>>;

    /// Drops a picture.
    fn forget<'a>(&'a self, handle: &'a str) -> BoxFuture<'a, Result<(), Down>>;
}

/// The service does not keep anything at this moment; for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the media service gives no answer: {0}")]
pub struct Down(pub String);

/// The pictures of the shop. Cloning it gives another handle to the same ones.
#[derive(Clone)]
pub struct Media {
    service: Arc<dyn MediaService>,
    uploads: Arc<Semaphore>,
    decoding: Arc<Semaphore>,
}

impl Media {
    /// Pictures at the service that an account is configured for, or in a folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(config: &Config, clock: &Clock) -> std::io::Result<Self> {
        let service: Arc<dyn MediaService> =
            if let Some(service) = ImageKit::of(&config.imagekit, config.outside) {
                Arc::new(service)
            } else if let Some(service) = Cloudinary::of(&config.cloudinary, config.outside, clock) {
                Arc::new(service)
            } else {
                Arc::new(Folder::open(&config.store.media_dir())?)
            };
        Ok(Self::at(service))
    }

    /// Pictures at this service.
    #[must_use]
    pub fn at(service: Arc<dyn MediaService>) -> Self {
        Self {
            service,
            uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
            decoding: Arc::new(Semaphore::new(DECODED_AT_ONCE)),
        }
    }

    /// Room for one upload, if there is any just now.
    #[must_use]
    pub fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.uploads).try_acquire_owned().ok()
    }

    /// Makes a picture of what somebody uploaded.
    ///
    /// # Errors
    /// When it is none, or too large a one.
    pub async fn read(&self, bytes: Bytes) -> Result<Picture, NoPicture> {
        let _turn = self.decoding.acquire().await;
        let read = tokio::task::spawn_blocking(move || picture::read(&bytes));
        // A decoder that panics has not found a picture.
        read.await.unwrap_or(Err(NoPicture::Unreadable))
    }

    /// Keeps all of these pictures, or none.
    ///
    /// # Errors
    /// When the service does not keep them.
    pub async fn keep(&self, pictures: &[(Id, Picture)]) -> Result<Vec<Image>, Down> {
        let kept = pictures
            .iter()
            .map(|(id, picture)| self.service.keep(*id, picture));
        let (mut images, mut down) = (Vec::new(), None);
        for outcome in join_all(kept).await {
            match outcome {
                Ok(image) => images.push(image),
                Err(why) => down = Some(why),
            }
        }
        match down {
            None => Ok(images),
            Some(down) => {
                self.forget(images);
                Err(down)
            }
        }
    }

    /// Drops pictures that nobody shows any more, while nobody waits for it. One that cannot be
    /// dropped stays where it is, unseen.
    pub fn forget(&self, images: Vec<Image>) {
        if images.is_empty() {
            return;
        }
        let service = Arc::clone(&self.service);
        tokio::spawn(async move {
            for image in images {
                if let Err(error) = service.forget(&image.handle).await {
                    warn!(%error, handle = image.handle, "a picture that nobody shows stays where it is");
                }
            }
        });
    }
}
