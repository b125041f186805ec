//! Tea and spices.

use super::{Item, item};
use crate::supervisors::demo::drawing::{CLAY, INDIGO, PLUM, ROSE, SAFFRON, SAGE, cup, jar, tin};

pub(super) const ITEMS: [Item; 7] = [
    item(
        "Darjeeling first flush, 100 g",
        "Picked in March at 1,800 metres, when the bushes wake. Light as straw, with muscatel and a little \
         green almond. Three minutes, no milk. From one garden and one week.",
        (890, 45),
        (tin, SAGE),
    )
    .twice(),
    item(
        "Assam breakfast tea, 250 g",
        "Malty, brisk and the colour of a new brick: the tea that milk was made for. CTC leaves from the \
         south bank of the Brahmaputra, packed within a fortnight of picking.",
        (340, 160),
        (tin, CLAY),
    ),
    item(
        "Masala chai blend, 200 g",
        "Assam leaves with green cardamom, dry ginger, clove and a little black pepper, ground the morning \
         it is packed. Boil it with milk, and mean it.",
        (380, 130),
        (cup, SAFFRON),
    )
    .twice(),
    item(
        "Blue pottery chai cups, set of four",
        "Jaipur's blue, which is no clay at all but ground quartz, painted by hand. Each holds 150 ml and \
         stays cool enough to hold by the rim.",
        (1_280, 21),
        (cup, INDIGO),
    ),
    item(
        "Kashmiri saffron, 2 g",
        "The red threads alone, picked in Pampore in the two weeks of autumn when the crocus is open. A \
         pinch in warm milk colours a whole pot of kheer.",
        (1_150, 4),
        (jar, ROSE),
    )
    .twice(),
    item(
        "Lakadong turmeric, 200 g",
        "From the Jaintia hills of Meghalaya, with twice the curcumin of what the market sells, and a \
         scent of earth after rain. Ground slowly, so that it stays cool.",
        (290, 88),
        (jar, SAFFRON),
    ),
    item(
        "Malabar black pepper, 150 g",
        "Tellicherry grade: the largest berries, left on the vine until they blush. Sun-dried on mats in \
         Wayanad. Buy a mill as well if you only have powder.",
        (360, 102),
        (jar, PLUM),
    ),
];
