//! For the kitchen: a kettle, a pan, a pot, a knife.

use super::canvas::Canvas;
use super::colour::{Colour, GLOW, INK, Palette, WHITE, fade, flat, lit};

const STEEL: Colour = Colour::hex(0x00c7_ced6);
const WOOD: Colour = Colour::hex(0x00b0_8050);

pub(in super::super) fn kettle(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 85.0), 28.0);
    canvas.arch((50.0, 40.0), 18.0, 3.2, flat(second));
    canvas.sheet(
        &[(66.0, 58.0), (84.0, 40.0), (88.0, 43.0), (72.0, 70.0)],
        1.6,
        lit(main),
    );
    canvas.sheet(
        &[(34.0, 46.0), (66.0, 46.0), (75.0, 82.0), (25.0, 82.0)],
        3.0,
        fade(main.lighter(0.22), main.darker(0.2)),
    );
    canvas.oval((50.0, 45.0), (17.0, 4.0), lit(second));
    canvas.disc((50.0, 39.6), 2.8, lit(accent));
    canvas.sheet(
        &[(37.0, 52.0), (41.0, 52.0), (38.0, 78.0), (32.0, 78.0)],
        1.0,
        flat(WHITE).thin(0.35),
    );
    canvas.bar((26.0, 81.5), (74.0, 81.5), 2.4, flat(accent));
}

pub(in super::super) fn pan(canvas: &mut Canvas, colours: &Palette) {
    let Palette { main, second, .. } = *colours;
    canvas.shadow((46.0, 76.0), 40.0);
    canvas.bar(
        (60.0, 48.0),
        (93.0, 24.0),
        5.4,
        fade(WOOD.lighter(0.2), WOOD.darker(0.2)),
    );
    canvas.disc((90.6, 25.8), 1.2, flat(INK));
    canvas.disc((42.0, 56.0), 30.0, fade(second.lighter(0.1), second.darker(0.35)));
    canvas.disc((42.0, 55.0), 27.6, fade(main.darker(0.25), main.darker(0.05)));
    canvas.disc((42.0, 55.4), 24.0, fade(second.darker(0.45), second.darker(0.2)));
    canvas.oval((40.0, 57.0), (14.0, 12.0), flat(WHITE));
    canvas.oval((47.0, 51.0), (9.0, 8.0), flat(WHITE));
    canvas.disc((41.0, 56.0), 5.6, fade(GLOW.lighter(0.25), GLOW));
    canvas.oval((39.0, 53.6), (1.8, 1.2), flat(WHITE).thin(0.8));
}

pub(in super::super) fn pot(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 85.0), 32.0);
    for (x, bend) in [(40.0, 2.0), (50.0, -2.0), (60.0, 2.0)] {
        canvas.bar((x, 30.0), (x + bend, 22.0), 1.6, flat(WHITE).thin(0.7).soft(1.4));
        canvas.bar((x + bend, 22.0), (x, 13.0), 1.6, flat(WHITE).thin(0.45).soft(1.8));
    }
    canvas.bar((18.0, 56.0), (82.0, 56.0), 5.0, flat(second));
    canvas.plate(
        (50.0, 64.0),
        (28.0, 20.0),
        8.0,
        fade(main.lighter(0.15), main.darker(0.2)),
    );
    canvas.plate((50.0, 47.0), (30.0, 3.0), 2.4, lit(second));
    canvas.oval((50.0, 44.5), (27.0, 8.0), fade(main.lighter(0.35), main));
    canvas.plate((50.0, 48.2), (30.0, 2.2), 2.0, flat(second));
    canvas.disc((50.0, 35.6), 3.0, lit(accent));
    canvas.plate((29.5, 64.0), (1.6, 13.0), 1.6, flat(WHITE).thin(0.35));
    canvas.bar((24.0, 72.0), (76.0, 72.0), 1.0, flat(accent).thin(0.8));
}

pub(in super::super) fn knife(canvas: &mut Canvas, colours: &Palette) {
    let Palette { second, accent, .. } = *colours;
    canvas.shadow((50.0, 80.0), 38.0);
    canvas.plate((50.0, 62.0), (36.0, 16.0), 4.0, fade(WOOD.lighter(0.35), WOOD));
    for y in [52.0, 58.0, 66.0, 72.0] {
        canvas.bar((18.0, y), (82.0, y + 0.6), 0.4, flat(WOOD.darker(0.3)).thin(0.5));
    }
    canvas.disc((80.0, 62.0), 2.4, flat(WOOD.darker(0.4)));
    canvas.sheet(
        &[(14.0, 47.0), (58.0, 33.0), (60.0, 44.0), (30.0, 53.0)],
        0.5,
        flat(INK).thin(0.18).soft(2.0),
    );
    canvas.sheet(
        &[(12.0, 44.0), (58.0, 29.0), (61.0, 40.0), (28.0, 50.6)],
        0.5,
        fade(WHITE, STEEL),
    );
    canvas.sheet(
        &[(14.0, 45.6), (60.0, 36.6), (61.0, 40.0), (28.0, 50.6)],
        0.3,
        flat(STEEL.darker(0.12)),
    );
    canvas.bar(
        (60.0, 34.0),
        (86.0, 25.4),
        6.6,
        fade(second.lighter(0.1), second.darker(0.25)),
    );
    canvas.bar((59.6, 30.4), (62.0, 38.4), 2.2, flat(accent));
    for (x, y) in [(67.0, 31.7), (74.0, 29.4), (81.0, 27.1)] {
        canvas.disc((x, y), 1.0, flat(STEEL));
    }
}
