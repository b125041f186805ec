//! The pictures of the demo's goods, drawn by the program itself: simple shapes in soft light, the
//! same ones in every run.

mod books;
mod canvas;
mod colour;
mod electronics;
mod fashion;
mod home;
mod kitchen;
mod outdoor;
mod shape;
mod sports;
mod tea;

use bytes::Bytes;
use image::ImageResult;

use canvas::{Canvas, View};

pub(super) use books::{book, pile_of_books};
pub(super) use colour::{CLAY, INDIGO, NIGHT, PLUM, Palette, ROSE, SAFFRON, SAGE, SAND, SLATE, TEAL};
pub(super) use electronics::{headphones, keyboard, phone, speaker};
pub(super) use fashion::{bag, kurta, shoe, watch};
pub(super) use home::{cushion, lamp, plant, vase};
pub(super) use kitchen::{kettle, knife, pan, pot};
pub(super) use outdoor::{flask, lantern, rucksack, tent};
pub(super) use sports::{ball, bat, dumbbell, leather_balls, mat};
pub(super) use tea::{cup, jar, tin};

/// A thing that can be drawn, in colours that go together.
pub(super) type Motif = fn(&mut Canvas, &Palette);

/// So many views of a thing there are.
pub(super) const VIEWS: usize = 2;

/// A thing as a whole, and then a part of it from near by.
const SEEN: [View; VIEWS] = [
    View {
        zoom: 1.0,
        middle: (50.0, 50.0),
    },
    View {
        zoom: 1.75,
        middle: (45.0, 47.0),
    },
];

/// Draws one view of a thing, as the file that a seller would upload.
///
/// # Errors
/// When it cannot be written.
pub(super) fn draw(motif: Motif, palette: &Palette, view: usize) -> ImageResult<Bytes> {
    let mut canvas = Canvas::new(palette, SEEN[view % VIEWS]);
    motif(&mut canvas, palette);
    canvas.png()
}
