//! How a shop is filled: first its people, then its goods, the last of them when all others stand.

use futures_util::stream::{self, StreamExt};
use tracing::warn;

use super::goods::{Item, SHELVES, Shelf};
use super::people::{ADMIN, BUYERS, Login, PASSWORD, Person, SELLERS};
use super::{Demo, DemoError, Filled, News, drawing, id_of};
use crate::actors::accounts::Applicant;
use crate::actors::ask::{Ask, AskError};
use crate::domain::account::{Command, PasswordHash, Profile, Role};
use crate::domain::entity::Entity;
use crate::domain::id::Id;
use crate::domain::image::Image;
use crate::domain::product::{Launch, Listing, Product, Refusal};
use crate::services::media::{Bearer, Picture};
use crate::supervisors::admin;

/// So many products are put up side by side: one is drawn while another is written.
const SIDE_BY_SIDE: usize = 2;

/// What is done with one password for all of them.
struct Secret {
    /// The password, to be told.
    text: String,
    hash: PasswordHash,
    /// Whether everybody may know it.
    is_public: bool,
}

/// Every product in the order in which it is put up: one of each shelf, then the next of each, so
/// that the newest of the shop are of all kinds.
fn goods() -> impl Iterator<Item = (&'static Shelf, &'static Item)> {
    let rows = SHELVES.iter().map(|shelf| shelf.items.len()).max().unwrap_or(0);
    (0..rows).flat_map(|row| {
        SHELVES
            .iter()
            .filter_map(move |shelf| Some((shelf, shelf.items.get(row)?)))
    })
}

/// The product that stands there only when everything else does.
pub(super) fn last() -> Option<(&'static Shelf, &'static Item)> {
    goods().last()
}

impl Demo {
    /// Fills the shop with what of the demo is not there yet.
    ///
    /// # Errors
    /// See [`DemoError`].
    pub async fn fill(&self, heard: &dyn Fn(News<'_>)) -> Result<Filled, DemoError> {
        let logins = self.let_people_in(heard).await?;
        let sellers = self.sellers().await?;
        let goods: Vec<_> = goods().collect();
        let (rest, last) = goods.split_at(goods.len().saturating_sub(1));
        let mut done = 0;
        for part in [rest, last] {
            let put_up = part
                .iter()
                .map(|(shelf, item)| self.put_up(shelf.category, item, &sellers[shelf.seller]));
            let mut put_up = stream::iter(put_up).buffer_unordered(SIDE_BY_SIDE);
            while let Some(outcome) = put_up.next().await {
                outcome?;
                done += 1;
                heard(News::Products(done, goods.len()));
            }
        }
        Ok(Filled {
            products: done,
            logins,
        })
    }

    async fn let_people_in(&self, heard: &dyn Fn(News<'_>)) -> Result<Vec<Login>, DemoError> {
        self.appoint_an_admin(heard).await?;
        let secret = self.secret().await?;
        let mut logins = Vec::new();
        for person in SELLERS.iter().chain(&BUYERS) {
            let public = person.login(secret.is_public.then_some(&secret.text));
            if self.profile(person).await?.is_none() {
                if !secret.is_public {
                    heard(News::Login(&person.login(Some(&secret.text))));
                }
                self.register(person, &secret.hash).await?;
            }
            self.move_in(person).await?;
            logins.push(public);
        }
        Ok(logins)
    }

    /// Told before it is made: whoever pulls the plug between the two finds another one at the
    /// next start, and nobody an admin whose password he has never seen.
    async fn appoint_an_admin(&self, heard: &dyn Fn(News<'_>)) -> Result<(), DemoError> {
        if self.accounts.has_admin().await? {
            return Ok(());
        }
        let login = Login {
            role: Role::Admin,
            email: ADMIN.to_owned(),
            password: Some(self.chance()),
        };
        heard(News::Login(&login));
        let password = login.password.unwrap_or_default().into();
        admin::appoint(&self.config, &self.accounts, ADMIN, &password).await?;
        Ok(())
    }

    /// Where strangers come, a password that stands in a README lets nobody in.
    async fn secret(&self) -> Result<Secret, DemoError> {
        let is_public = !self.config.environment.is_public();
        let text = if is_public {
            PASSWORD.to_owned()
        } else {
            self.chance()
        };
        let hash = self.passwords.hash(&text).await?;
        Ok(Secret {
            text,
            hash,
            is_public,
        })
    }

    fn chance(&self) -> String {
        hex::encode(self.engine.chance.bytes::<10>())
    }

    async fn profile(&self, person: &Person) -> Result<Option<Profile>, DemoError> {
        let seen = self.accounts.profile(person.id()).await;
        let seen = seen.map_err(|error| DemoError::Account(person.name.to_owned(), error))?;
        Ok(seen.map(|(profile, _)| profile))
    }

    async fn register(&self, person: &Person, password: &PasswordHash) -> Result<(), DemoError> {
        let applicant = Applicant {
            email: person.email()?,
            username: Some(person.username()),
            full_name: person.full_name(),
            role: person.role,
            password: password.clone(),
        };
        let command = Command::Register(self.accounts.registration(person.id(), applicant));
        let asked = self
            .accounts
            .ask(person.id(), Ask::new(command, self.engine.now(None)))
            .await;
        match asked {
            // Another runtime, which fills the same shop, was quicker.
            Err(AskError::Refused { .. }) if self.profile(person).await?.is_some() => Ok(()),
            Err(error) => Err(DemoError::Account(person.name.to_owned(), error)),
            Ok(_) => Ok(()),
        }
    }

    async fn move_in(&self, person: &Person) -> Result<(), DemoError> {
        let (Some(profile), Some(address)) = (self.profile(person).await?, person.address()) else {
            return Ok(());
        };
        if profile.addresses.iter().any(|known| known.id == address.id) {
            return Ok(());
        }
        let ask = Ask::new(Command::AddAddress(address), self.engine.now(Some(profile.id)));
        let asked = self.accounts.ask(profile.id, ask).await;
        asked.map_err(|error| DemoError::Account(person.name.to_owned(), error))?;
        Ok(())
    }

    pub(super) async fn sellers(&self) -> Result<Vec<Profile>, DemoError> {
        let mut sellers = Vec::new();
        for person in &SELLERS {
            sellers.extend(self.profile(person).await?);
        }
        Ok(sellers)
    }

    async fn put_up(&self, category: &str, item: &Item, seller: &Profile) -> Result<(), DemoError> {
        let id = id_of("product", item.title);
        let failed = |error| DemoError::Product(item.title.to_owned(), error);
        let there = self
            .products
            .owners()
            .view(id, |product, _| product.is_some())
            .await;
        if there.map_err(failed)? {
            return Ok(());
        }
        let listing = Listing {
            title: item.title.to_owned(),
            description: item.description.to_owned(),
            price: item.price,
            category: Some(category.to_owned()),
            images: self.pictures(item).await,
        };
        self.launch(id, listing, item.stock, seller).await.map_err(failed)
    }

    /// Puts up what is not there yet.
    pub(super) async fn launch(
        &self,
        id: Id,
        listing: Listing,
        stock: u64,
        seller: &Profile,
    ) -> Result<(), AskError<Refusal>> {
        let launch = Launch {
            id,
            seller: seller.id,
            email: seller.email.clone(),
            full_name: seller.full_name.clone(),
            listing,
        };
        let at = self.engine.now(Some(seller.id));
        match self.products.create(launch, stock, at, None).await {
            Ok(_)
            | Err(AskError::Refused {
                refusal: Refusal::Exists,
                ..
            }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The pictures of a product, kept as if its seller had sent them. One that is kept again takes
    /// the place of the first, so an attempt that broke off leaves none behind.
    async fn pictures(&self, item: &Item) -> Vec<Image> {
        let mut pictures = Vec::new();
        for view in 0..item.pictures {
            if let Some(picture) = self.picture(item, view).await {
                let id = id_of("picture", &format!("{} {view}", item.title));
                pictures.push((id, picture));
            }
        }
        let bearer = Bearer {
            kind: Product::KIND,
            id: id_of("product", item.title),
        };
        let kept = self.media.keep(&pictures, bearer).await;
        kept.unwrap_or_else(|error| {
            warn!(%error, product = item.title, "it is put up without pictures");
            Vec::new()
        })
    }

    async fn picture(&self, item: &Item, view: usize) -> Option<Picture> {
        let (motif, palette) = (item.motif, item.palette);
        let drawn = tokio::task::spawn_blocking(move || drawing::draw(motif, &palette, view)).await;
        let file = drawn.ok()?.ok()?;
        self.media.read(file, None).await.ok()
    }
}
