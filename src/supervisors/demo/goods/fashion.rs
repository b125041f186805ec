//! Fashion.

use super::{Item, item};
use crate::supervisors::demo::drawing::{
    CLAY, INDIGO, ROSE, SAFFRON, SAGE, SAND, SLATE, bag, kurta, shoe, watch,
};

pub(super) const ITEMS: [Item; 7] = [
    item(
        "Handloom cotton kurta",
        "Woven in Chanderi, cut straight, with side pockets deep enough for a phone. Pre-washed, so the \
         size you choose is the size that stays. Buttons of coconut shell.",
        (1_890, 66),
        (kurta, INDIGO),
    )
    .twice(),
    item(
        "Festive silk kurta",
        "Tussar silk with a border of zari for the evenings when everybody is photographed. Lined to the \
         waist. Dry-clean it, and keep it away from the diyas.",
        (4_990, 5),
        (kurta, SAFFRON),
    ),
    item(
        "Vegetable-tanned leather satchel",
        "Kolhapur leather, tanned with bark and bean pods, saddle-stitched by one person from beginning to \
         end. Takes a 13 inch laptop and darkens with your life.",
        (6_450, 13),
        (bag, CLAY),
    )
    .twice(),
    item(
        "Canvas tote with leather handles",
        "A kilogram of onions, a novel and an umbrella: it carries the day. Heavy organic cotton, a pocket \
         inside for the keys, and handles that are riveted and not glued.",
        (1_290, 90),
        (bag, SAGE),
    ),
    item(
        "Everyday running shoes",
        "Eight millimetres of drop, a mesh that lets the heat out, and a sole for broken pavements. 245 g \
         in size 8. Made in Ambur.",
        (3_790, 58),
        (shoe, ROSE),
    )
    .twice(),
    item(
        "Trail running shoes",
        "Four-millimetre lugs for red laterite and wet rock, a plate against stones, and laces that tuck \
         away from thorns.",
        (4_690, 32),
        (shoe, SLATE),
    ),
    item(
        "Automatic field watch, 38 mm",
        "Wound by your wrist, readable at night, and good to a hundred metres. Sapphire glass and a strap \
         of oiled leather. The case back says who put it together.",
        (14_500, 15),
        (watch, SAND),
    ),
];
