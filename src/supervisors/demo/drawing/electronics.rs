//! With a plug: headphones, a phone, a speaker, a keyboard.

use super::canvas::Canvas;
use super::colour::{INK, Palette, WHITE, fade, flat};

pub(in super::super) fn headphones(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 85.0), 32.0);
    canvas.arch((50.0, 52.0), 27.0, 6.4, fade(main.lighter(0.2), main.darker(0.1)));
    canvas.arch((50.0, 52.0), 25.2, 1.6, flat(second));
    for (x, side) in [(24.0, 1.0), (76.0, -1.0)] {
        canvas.plate(
            (x, 64.0),
            (8.0, 17.0),
            7.4,
            fade(main.lighter(0.1), main.darker(0.25)),
        );
        canvas.plate(
            (x + 7.0 * side, 64.0),
            (4.4, 14.4),
            4.2,
            fade(second.lighter(0.1), second.darker(0.3)),
        );
        canvas.plate((x - 3.6 * side, 62.0), (1.0, 9.0), 1.0, flat(accent));
    }
    canvas.plate((21.6, 57.0), (1.0, 7.0), 1.0, flat(WHITE).thin(0.4));
}

pub(in super::super) fn phone(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((52.0, 85.0), 22.0);
    canvas.plate(
        (50.0, 49.0),
        (19.0, 36.0),
        5.4,
        fade(second.lighter(0.2), second.darker(0.3)),
    );
    canvas.plate(
        (50.0, 49.0),
        (17.4, 34.2),
        4.2,
        fade(main.lighter(0.35), main.darker(0.1)),
    );
    canvas.disc((60.0, 33.0), 7.0, flat(accent));
    canvas.sheet(
        &[
            (33.0, 66.0),
            (45.0, 48.0),
            (53.0, 58.0),
            (58.0, 52.0),
            (67.0, 64.0),
            (67.0, 72.0),
            (33.0, 72.0),
        ],
        0.3,
        fade(second.lighter(0.15), main),
    );
    canvas.plate((50.0, 75.0), (17.4, 8.2), 4.0, flat(second.darker(0.1)));
    for x in [40.0, 46.6, 53.4, 60.0] {
        canvas.plate((x, 76.0), (2.2, 2.2), 0.8, flat(WHITE).thin(0.85));
    }
    canvas.plate((50.0, 18.0), (4.6, 1.1), 1.1, flat(INK));
    canvas.sheet(
        &[(33.2, 18.0), (44.0, 15.4), (36.0, 60.0), (33.2, 62.0)],
        0.1,
        flat(WHITE).thin(0.16),
    );
}

pub(in super::super) fn speaker(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 85.0), 24.0);
    canvas.plate(
        (50.0, 52.0),
        (21.0, 33.0),
        7.0,
        fade(main.lighter(0.15), main.darker(0.2)),
    );
    canvas.plate(
        (50.0, 52.0),
        (18.6, 30.6),
        5.4,
        fade(second.lighter(0.06), second.darker(0.2)),
    );
    for (y, radius) in [(35.0, 8.0), (61.0, 15.0)] {
        canvas.disc((50.0, y), radius + 1.4, flat(accent));
        canvas.disc((50.0, y), radius, fade(INK.lighter(0.2), INK));
        canvas.disc(
            (50.0, y),
            radius * 0.72,
            fade(INK.lighter(0.08), INK.lighter(0.3)),
        );
        canvas.disc(
            (50.0, y),
            radius * 0.34,
            fade(main.lighter(0.2), main.darker(0.2)),
        );
    }
    canvas.disc((64.0, 78.5), 1.1, flat(accent.lighter(0.3)));
    canvas.plate((31.6, 50.0), (0.9, 24.0), 0.9, flat(WHITE).thin(0.3));
}

pub(in super::super) fn keyboard(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 76.0), 44.0);
    canvas.plate((50.0, 57.0), (42.0, 19.0), 4.0, fade(second, second.darker(0.3)));
    canvas.plate((50.0, 55.6), (42.0, 18.4), 4.0, fade(second.lighter(0.2), second));
    let mut row = 43.6;
    for (n, first) in [(0_u8, 14.0), (1, 16.2), (2, 17.4)] {
        let mut x = first;
        while x < 85.0 {
            let coloured = n == 0 && x < 15.0 || n == 2 && x > 80.0;
            let key = if coloured { accent } else { main.lighter(0.3) };
            canvas.plate((x, row + 0.9), (2.7, 2.9), 0.9, flat(second.darker(0.4)));
            canvas.plate((x, row), (2.7, 2.7), 0.9, fade(key.lighter(0.25), key));
            x += 6.5;
        }
        row += 7.2;
    }
    for (x, half) in [(17.0, 5.6), (50.0, 22.0), (82.4, 4.2)] {
        canvas.plate((x, row + 0.9), (half, 2.9), 0.9, flat(second.darker(0.4)));
        let key = if half > 20.0 { main.lighter(0.3) } else { accent };
        canvas.plate((x, row), (half, 2.7), 0.9, fade(key.lighter(0.25), key));
    }
    let cable = [
        (50.0, 37.0),
        (51.0, 31.0),
        (55.0, 26.0),
        (61.0, 23.0),
        (69.0, 22.0),
        (78.0, 24.0),
        (88.0, 23.0),
    ];
    for part in cable.windows(2) {
        canvas.bar(part[0], part[1], 1.5, flat(second));
    }
}
