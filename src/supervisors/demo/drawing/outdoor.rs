//! For days outside: a tent, a rucksack, a flask, a lantern.

use super::canvas::Canvas;
use super::colour::{GLOW, INK, Palette, WHITE, fade, flat, lit};

pub(in super::super) fn tent(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        wall,
        floor,
        main,
        second,
        accent,
    } = *colours;
    canvas.disc((76.0, 27.0), 8.0, flat(GLOW).thin(0.9));
    let far = wall.with(main, 0.22);
    canvas.sheet(
        &[
            (-2.0, 78.0),
            (22.0, 42.0),
            (34.0, 55.0),
            (47.0, 37.0),
            (78.0, 78.0),
        ],
        0.8,
        fade(far, wall),
    );
    let near = wall.with(main, 0.38);
    canvas.sheet(
        &[
            (40.0, 78.0),
            (66.0, 52.0),
            (80.0, 63.0),
            (90.0, 50.0),
            (108.0, 78.0),
        ],
        0.8,
        fade(near, floor),
    );
    canvas.shadow((50.0, 85.0), 38.0);
    canvas.bar((14.0, 84.0), (34.0, 40.0), 0.5, flat(WHITE).thin(0.8));
    canvas.bar((89.0, 84.0), (58.0, 36.0), 0.5, flat(WHITE).thin(0.8));
    canvas.sheet(
        &[(18.0, 83.0), (36.0, 38.0), (56.0, 34.0), (36.0, 84.0)],
        1.0,
        fade(main.darker(0.12), second),
    );
    canvas.sheet(
        &[(36.0, 84.0), (56.0, 34.0), (80.0, 83.0)],
        1.0,
        fade(main.lighter(0.22), main),
    );
    canvas.sheet(
        &[(48.0, 84.0), (56.5, 48.0), (68.0, 84.0)],
        0.6,
        fade(second.darker(0.35), INK),
    );
    canvas.sheet(
        &[(56.5, 48.0), (68.0, 84.0), (75.0, 83.6)],
        0.4,
        fade(accent.lighter(0.3), accent),
    );
    canvas.bar((36.0, 38.0), (56.0, 34.0), 1.4, flat(main.lighter(0.4)));
}

pub(in super::super) fn rucksack(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 85.0), 30.0);
    canvas.ring((50.0, 22.0), 6.0, 2.2, flat(second));
    canvas.plate((50.0, 28.0), (17.0, 6.5), 6.0, lit(accent));
    canvas.plate((26.5, 64.0), (6.5, 14.0), 5.0, lit(second));
    canvas.plate((73.5, 64.0), (6.5, 14.0), 5.0, lit(second));
    canvas.plate(
        (50.0, 56.0),
        (23.0, 29.0),
        9.0,
        fade(main.lighter(0.15), main.darker(0.18)),
    );
    canvas.plate((50.0, 37.0), (24.0, 9.5), 7.0, fade(main.lighter(0.28), main));
    canvas.plate(
        (50.0, 67.0),
        (16.5, 13.5),
        5.0,
        fade(second.lighter(0.12), second.darker(0.15)),
    );
    canvas.bar((36.0, 60.0), (64.0, 60.0), 1.1, flat(accent));
    for x in [39.0, 61.0] {
        canvas.bar((x, 30.0), (x, 54.0), 2.4, flat(second.darker(0.2)));
        canvas.plate((x, 49.0), (2.6, 1.9), 0.8, flat(accent.lighter(0.25)));
    }
    canvas.plate((34.0, 50.0), (0.9, 22.0), 0.9, flat(WHITE).thin(0.22));
}

pub(in super::super) fn flask(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((51.0, 85.0), 18.0);
    canvas.plate((50.0, 22.0), (8.0, 7.0), 3.0, lit(second));
    canvas.plate((50.0, 29.5), (6.5, 3.5), 1.0, flat(accent));
    canvas.plate(
        (50.0, 58.0),
        (14.5, 28.0),
        7.0,
        fade(main.lighter(0.1), main.darker(0.12)),
    );
    canvas.plate((50.0, 62.0), (14.5, 6.0), 0.0, flat(accent));
    canvas.plate((50.0, 62.0), (14.5, 1.0), 0.0, flat(WHITE).thin(0.7));
    canvas.plate((41.5, 57.0), (1.6, 23.0), 1.6, flat(WHITE).thin(0.4));
    canvas.plate((60.0, 58.0), (4.5, 28.0), 4.5, flat(INK).thin(0.1));
    canvas.ring((66.5, 24.0), 5.0, 1.6, flat(second));
}

pub(in super::super) fn lantern(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.disc((50.0, 55.0), 30.0, flat(GLOW.lighter(0.4)).thin(0.75).soft(26.0));
    canvas.shadow((50.0, 85.0), 22.0);
    canvas.ring((50.0, 26.0), 13.0, 1.8, flat(second));
    canvas.plate((50.0, 30.0), (10.0, 4.0), 3.0, lit(main));
    canvas.sheet(
        &[(38.0, 38.0), (62.0, 38.0), (66.0, 42.0), (34.0, 42.0)],
        1.0,
        lit(second),
    );
    canvas.plate((50.0, 57.0), (14.0, 16.0), 4.0, fade(WHITE, GLOW.lighter(0.45)));
    canvas.oval(
        (50.0, 59.0),
        (5.0, 9.0),
        fade(GLOW.lighter(0.2), GLOW.darker(0.05)).soft(2.0),
    );
    canvas.oval((50.0, 61.0), (2.2, 5.0), flat(WHITE));
    for (x, cover) in [(36.0, 1.0), (50.0, 0.35), (64.0, 1.0)] {
        canvas.bar((x, 42.0), (x, 72.0), 1.2, flat(second).thin(cover));
    }
    canvas.plate((50.0, 78.0), (18.0, 6.0), 3.0, fade(main, main.darker(0.25)));
    canvas.plate((50.0, 75.0), (18.0, 1.2), 1.0, flat(accent));
}
