//! Kitchen.

use super::{Item, item};
use crate::supervisors::demo::drawing::{CLAY, INDIGO, ROSE, SAGE, SLATE, TEAL, kettle, knife, pan, pot};

pub(super) const ITEMS: [Item; 8] = [
    item(
        "Enamel whistling kettle, 2 litres",
        "Sings when it is ready and never before. Thick enamel on steel, a handle that stays cool, and a \
         base that works on gas, on induction and on a camp fire.",
        (1_690, 38),
        (kettle, CLAY),
    )
    .twice(),
    item(
        "Gooseneck pour-over kettle",
        "For filter coffee with a steady hand: 900 ml, a spout that pours a thread, and a thermometer in \
         the lid. Brushed steel inside and out.",
        (3_290, 16),
        (kettle, SLATE),
    ),
    item(
        "Cast-iron tawa, 26 cm",
        "Seasoned three times with cold-pressed linseed oil before it leaves the foundry in Coimbatore. \
         Dosas come off in one piece from the first week; your grandchildren will agree.",
        (1_390, 57),
        (pan, SLATE),
    )
    .twice(),
    item(
        "Tri-ply steel frying pan, 28 cm",
        "Aluminium between two sheets of steel, up to the rim, so that the onions in the corner brown \
         along with the rest. No coating that could flake. Oven-safe.",
        (2_890, 24),
        (pan, TEAL),
    ),
    item(
        "Hand-beaten copper handi, 3 litres",
        "Beaten by the Thathera smiths of Jandiala Guru, whose craft is on UNESCO's list, and tinned \
         inside. Slow dal and quick compliments. Comes with a ladle.",
        (5_600, 7),
        (pot, CLAY),
    )
    .twice(),
    item(
        "Enamelled casserole, 4.5 litres",
        "Iron that holds its heat through a family dinner, and enamel that does not mind tamarind. The lid \
         has bumps inside, which baste what is under them.",
        (4_750, 19),
        (pot, ROSE),
    ),
    item(
        "Chef's knife, 20 cm",
        "High-carbon steel, hardened to 58 HRC, with an edge that can be put on again at home. The full \
         tang is riveted between two pieces of sheesham.",
        (2_450, 29),
        (knife, INDIGO),
    ),
    item(
        "Neem-wood chopping board with knife",
        "Neem keeps itself clean and is kind to the edge. 36 by 24 cm, with a groove for the juice of a \
         ripe mango and a paring knife that lives in its side.",
        (1_150, 44),
        (knife, SAGE),
    ),
];
