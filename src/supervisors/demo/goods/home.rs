//! Home.

use super::{Item, item};
use crate::supervisors::demo::drawing::{
    CLAY, INDIGO, PLUM, ROSE, SAFFRON, SAGE, SAND, TEAL, cushion, lamp, plant, vase,
};

pub(super) const ITEMS: [Item; 8] = [
    item(
        "Hand-blocked table lamp",
        "A mango-wood foot, turned in Saharanpur, under a shade of cotton that was printed by hand with \
         carved blocks. E27, with a brass pull switch and two metres of braided flex.",
        (2_290, 26),
        (lamp, SAFFRON),
    )
    .twice(),
    item(
        "Khadi shade reading lamp",
        "Handspun khadi makes a light that is kind to tired eyes. The foot is heavy enough for a crowded \
         bedside table; the shade comes off for washing.",
        (1_890, 31),
        (lamp, TEAL),
    ),
    item(
        "Potted areca palm",
        "The plant that forgives: a little water when you think of it, and no sun at noon. About 45 cm \
         tall when it leaves our nursery near Pune, in a terracotta pot with a saucer.",
        (749, 60),
        (plant, CLAY),
    )
    .twice(),
    item(
        "Potted rubber plant",
        "Broad leaves that take the dust out of a city flat and shine again after one wipe. In a glazed \
         pot, with a card that says what it likes.",
        (899, 42),
        (plant, SAND),
    ),
    item(
        "Khurja stoneware vase",
        "Thrown on a foot wheel and glazed twice, so that no two are the same. Watertight, 28 cm high, and \
         steady enough for a whole branch of bougainvillea.",
        (1_450, 12),
        (vase, INDIGO),
    )
    .twice(),
    item(
        "Terracotta bud vase",
        "Small enough for a window sill and one marigold. Fired in a wood kiln in Bishnupur and left \
         unglazed outside, so that it ages as clay should.",
        (420, 95),
        (vase, ROSE),
    ),
    item(
        "Kilim cushion cover, 45 cm",
        "Woven in Warangal on a pit loom, of cotton that was dyed before it was spun. The diamonds go \
         right through; a hidden zip lets it into the washing machine at thirty degrees.",
        (899, 74),
        (cushion, PLUM),
    ),
    item(
        "Block-print cushion covers, set of two",
        "Bagru print on heavy cotton, in colours that come from indigo, madder and pomegranate rind. They \
         soften with every wash and fade gracefully. Cushions are not included.",
        (1_190, 0),
        (cushion, SAGE),
    ),
];
