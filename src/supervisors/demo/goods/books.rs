//! Books.

use super::{Item, item};
use crate::supervisors::demo::drawing::{CLAY, INDIGO, PLUM, ROSE, SAFFRON, SAGE, TEAL, book, pile_of_books};

pub(super) const ITEMS: [Item; 7] = [
    item(
        "The Hills Between Two Rains",
        "A novel. A cartographer comes to the Khasi hills to draw a map, and finds that every village has \
         one already, sung and not drawn. 312 pages, paperback.",
        (399, 140),
        (book, SAGE),
    )
    .twice(),
    item(
        "Night Train to Rameswaram",
        "Eleven stories that begin at a railway station. The third was read on the radio so often that \
         people believe it happened to somebody they know. 224 pages, paperback.",
        (349, 98),
        (book, INDIGO),
    ),
    item(
        "Ten Thousand Dals",
        "A cookbook in twelve regions and one pot. Each recipe says what to do when an ingredient cannot \
         be had, and which grandmother disagrees. 420 pages, hardback, with photographs.",
        (1_299, 37),
        (book, SAFFRON),
    )
    .twice(),
    item(
        "Monsoon Gardens",
        "What to plant before the rain, what to tie up during it, and what to be grateful for after. With \
         drawings from a balcony in Mumbai. 260 pages, hardback.",
        (899, 51),
        (book, TEAL),
    ),
    item(
        "Actors All the Way Down",
        "How to write programs that keep their promises: messages, mailboxes, and what to do when \
         something fails at four in the morning. 380 pages, imported.",
        (0, 20),
        (book, PLUM),
    )
    .in_dollars(4_250),
    item(
        "Poetry of five rivers, boxed set",
        "Six slim volumes from the Punjab, in Gurmukhi and Shahmukhi with English beside them. Bound in \
         cloth, in a box that stands on a shelf as one.",
        (2_450, 10),
        (pile_of_books, ROSE),
    )
    .twice(),
    item(
        "A first library for small readers",
        "Ten board books with round corners: animals of the Sunderbans, fruit of the market, words for \
         colours in four languages. Tested by people who bite.",
        (1_750, 43),
        (pile_of_books, CLAY),
    ),
];
