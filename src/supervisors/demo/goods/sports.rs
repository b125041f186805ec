//! Sports.

use super::{Item, item};
use crate::supervisors::demo::drawing::{
    CLAY, INDIGO, PLUM, ROSE, SAFFRON, SAGE, SLATE, TEAL, ball, bat, dumbbell, leather_balls, mat,
};

pub(super) const ITEMS: [Item; 8] = [
    item(
        "Kashmir willow cricket bat, full size",
        "Grade A willow from Anantnag, knocked in and oiled, with a thick edge and a low middle for Indian \
         pitches. About 1.18 kg. Comes with a fibre face and an anti-scuff sheet.",
        (2_799, 40),
        (bat, ROSE),
    )
    .twice(),
    item(
        "English willow cricket bat, players' grade",
        "Eight straight grains, hand-pressed in Meerut for a ping that can be heard on the boundary. The \
         round Sarawak cane handle takes the sting out of the yorker. Six of them were made.",
        (18_900, 6),
        (bat, INDIGO),
    ),
    item(
        "Leather cricket balls, set of three",
        "Four-piece alum-tanned leather, hand-stitched with eighty stitches and waxed. They keep their \
         seam for fifty overs and their shine for as long as somebody rubs them.",
        (1_450, 64),
        (leather_balls, SAGE),
    ),
    item(
        "Street football, size 5",
        "A hand-stitched ball for concrete, gravel and the last patch of grass. The rubber cover outlives \
         three seasons; the butyl bladder needs air once a month.",
        (899, 110),
        (ball, TEAL),
    )
    .twice(),
    item(
        "Match football, FIFA basic",
        "Thermally bonded, without a single stitch, so it flies as straight in August as in January. Made \
         in Jalandhar, where half the world's footballs come from.",
        (2_350, 27),
        (ball, CLAY),
    ),
    item(
        "Natural rubber yoga mat, 5 mm",
        "Grips wet hands, lies flat from the first day, and smells of nothing after the second. 183 by 66 \
         cm, with a cotton strap. The marks along the edge are a hand apart.",
        (2_490, 55),
        (mat, PLUM),
    )
    .twice(),
    item(
        "Travel yoga mat, 1.5 mm",
        "Folds into a rucksack like a shirt. For sun salutations on a roof in Rishikesh, or over a hotel \
         carpet anywhere.",
        (1_290, 33),
        (mat, SAFFRON),
    ),
    item(
        "Hexagonal dumbbells, pair of 5 kg",
        "Rubber heads that spare the floor and the neighbour below, and do not roll away. The knurled \
         handle is thicker in the middle, where the hand is.",
        (2_150, 18),
        (dumbbell, SLATE),
    ),
];
