//! To read: a book, and a pile of them.

use super::canvas::Canvas;
use super::colour::{INK, Palette, WHITE, fade, flat, lit};

pub(in super::super) fn book(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        wall,
        main,
        second,
        accent,
        ..
    } = *colours;
    canvas.shadow((52.0, 86.0), 28.0);
    canvas.sheet(
        &[(30.0, 16.0), (74.0, 19.0), (74.0, 83.0), (30.0, 86.0)],
        1.0,
        flat(second.darker(0.3)),
    );
    canvas.sheet(
        &[(30.0, 17.6), (72.4, 20.4), (72.4, 81.6), (30.0, 84.4)],
        0.3,
        fade(WHITE, wall),
    );
    canvas.plate(
        (48.0, 50.0),
        (21.0, 35.0),
        1.4,
        fade(main.lighter(0.12), main.darker(0.16)),
    );
    canvas.plate((29.4, 50.0), (2.4, 35.0), 1.2, flat(second.darker(0.15)));
    canvas.disc((50.0, 55.0), 11.0, fade(accent.lighter(0.2), accent));
    canvas.sheet(
        &[
            (36.0, 70.0),
            (45.0, 56.0),
            (51.0, 63.0),
            (57.0, 54.0),
            (66.0, 70.0),
        ],
        0.4,
        flat(second),
    );
    canvas.bar((36.0, 70.6), (66.0, 70.6), 1.0, flat(WHITE).thin(0.9));
    for (y, half) in [(25.0, 13.0), (30.0, 9.0)] {
        canvas.bar((50.0 - half, y), (50.0 + half, y), 2.0, flat(WHITE).thin(0.92));
    }
    canvas.bar((44.0, 78.0), (56.0, 78.0), 1.1, flat(WHITE).thin(0.7));
}

pub(in super::super) fn pile_of_books(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        wall,
        main,
        second,
        accent,
        ..
    } = *colours;
    canvas.shadow((50.0, 85.0), 36.0);
    for (middle, y, half, colour) in [
        (50.0, 78.0, 33.0, second),
        (52.0, 66.0, 29.0, main),
        (48.0, 55.0, 27.0, accent),
        (51.0, 45.0, 23.0, main.with(accent, 0.45)),
    ] {
        canvas.plate(
            (middle + 1.4, y),
            (half - 1.4, 4.2),
            0.8,
            fade(WHITE, wall.darker(0.12)),
        );
        for line in [-1.6, 0.0, 1.6] {
            canvas.bar(
                (middle, y + line),
                (middle + half - 1.0, y + line),
                0.2,
                flat(INK).thin(0.2),
            );
        }
        canvas.bar(
            (middle - half + 2.0, y - 4.4),
            (middle + half - 1.0, y - 4.4),
            1.7,
            lit(colour.lighter(0.08)),
        );
        canvas.bar(
            (middle - half + 2.0, y + 4.4),
            (middle + half - 1.0, y + 4.4),
            1.7,
            lit(colour.darker(0.12)),
        );
        canvas.plate((middle - half + 3.0, y), (3.4, 5.2), 2.6, lit(colour));
    }
    canvas.plate((62.0, 33.6), (8.0, 7.2), 2.4, lit(WHITE));
    canvas.ring((71.4, 33.0), 3.6, 1.6, flat(WHITE));
    canvas.oval((62.0, 27.0), (7.6, 1.8), flat(second.darker(0.2)));
    for (x, lean) in [(59.0, 1.2), (64.6, -1.2)] {
        canvas.bar((x, 24.0), (x + lean, 18.0), 1.1, flat(WHITE).thin(0.7).soft(1.2));
    }
}
