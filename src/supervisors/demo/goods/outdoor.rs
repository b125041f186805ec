//! Outdoor.

use super::{Item, item};
use crate::supervisors::demo::drawing::{
    CLAY, INDIGO, NIGHT, ROSE, SAFFRON, SAGE, SLATE, TEAL, flask, lantern, rucksack, tent,
};

pub(super) const ITEMS: [Item; 8] = [
    item(
        "Sahyadri two-person trekking tent",
        "A free-standing tent of 2.1 kg for monsoon treks and winter ridges alike. Ripstop fly with taped \
         seams (3,000 mm), two doors, and a porch that keeps two rucksacks dry. Pitches in six minutes.",
        (8_999, 14),
        (tent, SAGE),
    )
    .twice(),
    item(
        "Spiti four-season expedition tent",
        "Made for nights above the tree line: five aluminium poles, snow skirts, and vents that stay open \
         under a foot of snow. Sleeps three with their boots. 4.3 kg with every peg.",
        (24_500, 3),
        (tent, CLAY),
    ),
    item(
        "Dhauladhar 60 litre rucksack",
        "A load carrier that is adjusted in the time it takes to lace a boot. Ventilated back, rain cover \
         in the lid, side entry to the main sack, and straps that can be mended in any bazaar.",
        (5_490, 22),
        (rucksack, INDIGO),
    )
    .twice(),
    item(
        "Coorg 22 litre day pack",
        "Light enough to forget, stiff enough for a laptop on the way to the office. Two bottle pockets, a \
         whistle on the chest strap, and cotton canvas that looks better every year.",
        (2_199, 48),
        (rucksack, TEAL),
    ),
    item(
        "Ladakh insulated steel flask, 1 litre",
        "Tea at sunrise that was made at sunset: double-walled 18/8 steel keeps it hot for 18 hours and \
         cold for 24. The lid is a cup, and the mouth is wide enough for ice.",
        (1_349, 120),
        (flask, ROSE),
    )
    .twice(),
    item(
        "Konkan wide-mouth flask, 750 ml",
        "The one for nimbu pani: powder-coated steel that does not slip from wet hands, a carrying loop, \
         and a gasket that you can take out and wash.",
        (999, 85),
        (flask, SAFFRON),
    ),
    item(
        "Rechargeable camping lantern",
        "Warm light for the whole tent and a power bank for the phone. 400 lumens, four brightnesses, 60 \
         hours on the lowest. Folds to the size of a mug and floats when it falls into the river.",
        (1_799, 36),
        (lantern, NIGHT),
    )
    .twice(),
    item(
        "Brass hurricane lantern",
        "The lantern of every railway platform, still made by hand in Moradabad. Burns kerosene or lamp \
         oil for 20 hours on one filling. Glass and wick can be had in any hardware shop.",
        (1_250, 9),
        (lantern, SLATE),
    ),
];
