//! Where an order goes: what a client says of it, and what is known of the buyer.

use utoipa::ToSchema;

use super::fault::Fault;
use super::fields::{Fields, Input, parsed};
use super::problem::Problem;
use super::state::Web;
use super::users::NewAddress;
use crate::actors::ask::Ask;
use crate::actors::orders::Seen;
use crate::domain::id::Id;
use crate::domain::order::{Address, Command};

/// Where an order goes: an address, or the id of one of the buyer's own.
#[derive(Debug, Default, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewOrder {
    shipping_address: Option<NewAddress>,
    #[schema(value_type = Option<String>)]
    address_id: Option<Id>,
}

/// Where an order goes from now on.
#[derive(Debug, ToSchema)]
pub struct Readdress(#[schema(inline)] pub(super) NewOrder);

impl Input for NewOrder {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let shipping_address = fields.optional_object("shippingAddress");
        let address_id = fields.optional("addressId", parsed);
        Some(Self {
            shipping_address: shipping_address?,
            address_id: address_id?,
        })
    }
}

/// The address may also stand in the body by itself.
impl Input for Readdress {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let mut wanted = NewOrder::read(fields)?;
        if wanted.shipping_address.is_none() && wanted.address_id.is_none() {
            wanted.shipping_address = Some(NewAddress::read(fields)?);
        }
        Some(Self(wanted))
    }
}

impl NewOrder {
    /// Whether it says where the order goes, or leaves that to what is known of the buyer.
    #[must_use]
    pub fn says_where(&self) -> bool {
        self.shipping_address.is_some() || self.address_id.is_some()
    }
}

/// Where an order goes: where it is said, or else to the buyer's default address.
pub(super) async fn address(web: &Web, buyer: Id, wanted: NewOrder) -> Result<Option<Address>, Problem> {
    if let Some(given) = wanted.shipping_address {
        return Ok(Some(given.into()));
    }
    let profile = web.accounts.profile(buyer).await?;
    let own = profile.map(|(profile, _)| profile.addresses).unwrap_or_default();
    let found = match wanted.address_id {
        Some(id) => own.into_iter().find(|address| address.id == id),
        None => own.into_iter().find(|address| address.is_default),
    };
    if found.is_none() && wanted.address_id.is_some() {
        return Err(Fault::NotFound("address").into());
    }
    Ok(found.map(Address::from))
}

/// The order as it goes to this address, if there is one and it is another than before.
pub(super) async fn sent_to(
    web: &Web,
    buyer: Id,
    seen: Seen,
    address: Option<Address>,
) -> Result<Seen, Problem> {
    let Some(address) = address.filter(|address| seen.order.address.as_ref() != Some(address)) else {
        return Ok(seen);
    };
    let ask = Ask::new(Command::Readdress(address), web.engine.now(Some(buyer)));
    Ok(web.checkout.orders().ask(seen.order.id, ask).await?)
}
