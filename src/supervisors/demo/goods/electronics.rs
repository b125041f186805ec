//! Electronics.

use super::{Item, item};
use crate::supervisors::demo::drawing::{
    CLAY, INDIGO, PLUM, ROSE, SAGE, SLATE, TEAL, headphones, keyboard, phone, speaker,
};

pub(super) const ITEMS: [Item; 7] = [
    item(
        "Over-ear noise-cancelling headphones",
        "Quiet enough for the Rajdhani at full speed. 35 hours with the cancelling on, two devices at \
         once, and ear pads that can be changed without a screwdriver.",
        (7_990, 34),
        (headphones, INDIGO),
    )
    .twice(),
    item(
        "Studio headphones, open back",
        "For long evenings with one good recording: wide, even, and light at 240 g. A three-metre cable \
         with a quarter-inch plug, and every part of them can be bought as a spare.",
        (0, 11),
        (headphones, CLAY),
    )
    .in_dollars(14_900),
    item(
        "5G phone, 128 GB",
        "A 6.4 inch screen that can be read in the sun, a battery for two days, and four years of updates \
         in writing. Dual SIM, NavIC, and a headphone jack, because you asked.",
        (18_999, 50),
        (phone, PLUM),
    )
    .twice(),
    item(
        "Phone for grandparents",
        "Large letters, a loud bell, one red button that calls whom you choose. The charger is a cradle, \
         so nobody has to look for the plug.",
        (3_490, 28),
        (phone, SAGE),
    ),
    item(
        "Bookshelf speakers, pair",
        "Five-inch woven cones and a silk tweeter in cabinets of real veneer, tuned for rooms with stone \
         floors. Bluetooth for guests, RCA for the record player.",
        (12_400, 8),
        (speaker, ROSE),
    ),
    item(
        "Monsoon-proof portable speaker",
        "Plays for 16 hours and through a downpour (IP67). Two of them find each other and make stereo. \
         The strap fits a bicycle's handlebar.",
        (3_299, 76),
        (speaker, TEAL),
    )
    .twice(),
    item(
        "Mechanical keyboard, hot-swap",
        "75 % layout with the rupee sign where it belongs, tactile switches that can be changed by hand, \
         and a knob for the volume. USB-C, with a coiled cable.",
        (5_899, 23),
        (keyboard, SLATE),
    ),
];
