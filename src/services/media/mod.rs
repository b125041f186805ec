//! Where pictures are kept: one port, an adapter per service, and the reading of whatever
//! somebody uploads, which is decoded and drawn anew before it goes anywhere.

mod cloudinary;
mod folder;
mod imagekit;
mod picture;
mod room;
mod uploads;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use tracing::warn;

use crate::clock::Clock;
use crate::config::Config;
use crate::domain::id::Id;
use crate::domain::image::Image;
use room::{Rooms, Turns};

pub use cloudinary::Cloudinary;
pub use folder::Folder;
pub use imagekit::ImageKit;
pub use picture::{BYTES_MAX, Kind, NoPicture, Picture};
pub use room::{NoRoom, Room};
pub use uploads::{Bearer, UPLOADS, Upload, Uploads};

/// A service that keeps pictures.
pub trait MediaService: Send + Sync {
    /// Keeps a picture under an id. Keeping it again under the same id replaces it.
    fn keep<'a>(&'a self, id: Id, picture: &'a Picture) -> BoxFuture<'a, Result<Image, Down>>;

    /// The handle that a picture will have, if the service lets us choose it.
    fn handle_of(&self, id: Id, kind: Kind) -> Option<String>;

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
    uploads: Uploads,
    rooms: Rooms,
    decoding: Turns,
}

impl Media {
    /// Pictures at the service that an account is configured for, or in a folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(config: &Config, clock: &Clock, uploads: Uploads) -> std::io::Result<Self> {
        let service: Arc<dyn MediaService> =
            if let Some(service) = ImageKit::of(&config.imagekit, config.outside) {
                Arc::new(service)
            } else if let Some(service) = Cloudinary::of(&config.cloudinary, config.outside, clock) {
                Arc::new(service)
            } else {
                if config.store.is_shared() {
                    warn!(
                        "pictures are kept in a folder: all copies on this store need the same one, or \
                         ImageKit or Cloudinary (store.shared = false says that this is the only copy)"
                    );
                }
                Arc::new(Folder::open(&config.store.media_dir())?)
            };
        Ok(Self::at(service, uploads))
    }

    /// Pictures at this service.
    #[must_use]
    pub fn at(service: Arc<dyn MediaService>, uploads: Uploads) -> Self {
        Self {
            service,
            uploads,
            rooms: Rooms::new(),
            decoding: Turns::new(),
        }
    }

    /// Room for one upload of somebody.
    ///
    /// # Errors
    /// When there is none just now.
    pub fn room(&self, whose: Id) -> Result<Room, NoRoom> {
        self.rooms.take(whose)
    }

    /// Makes a picture of what somebody uploaded, in the room that the upload has.
    ///
    /// # Errors
    /// When it is none, or too large a one.
    pub async fn read(&self, bytes: Bytes, room: Option<Room>) -> Result<Picture, NoPicture> {
        let read = self.decoding.take(room, move || picture::read(&bytes)).await;
        // A decoder that panics has not found a picture.
        read.unwrap_or(Err(NoPicture::Unreadable))
    }

    /// The pictures on their way to whoever is to show them.
    #[must_use]
    pub fn uploads(&self) -> &Uploads {
        &self.uploads
    }

    /// Keeps all of these pictures for whoever is to show them, or none.
    ///
    /// # Errors
    /// When the service does not keep them.
    pub async fn keep(&self, pictures: &[(Id, Picture)], bearer: Bearer) -> Result<Vec<Image>, Down> {
        let foreseen =
            |(id, picture): &(Id, Picture)| Some((*id, self.service.handle_of(*id, picture.kind)?));
        let noted: Vec<_> = pictures.iter().filter_map(foreseen).collect();
        let surprising = noted.len() < pictures.len();
        self.uploads.note(noted, bearer).await?;
        let images = self.keep_all(pictures).await?;
        if surprising {
            let handles = images.iter().map(|image| (image.id, image.handle.clone()));
            if let Err(down) = self.uploads.note(handles.collect(), bearer).await {
                self.forget(images);
                return Err(down);
            }
        }
        Ok(images)
    }

    async fn keep_all(&self, pictures: &[(Id, Picture)]) -> Result<Vec<Image>, Down> {
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

    /// Drops a picture that nobody shows.
    ///
    /// # Errors
    /// When the service does not.
    pub async fn drop_now(&self, handle: &str) -> Result<(), Down> {
        self.service.forget(handle).await
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
