//! To taste: a cup of tea, a jar of spice, a tin.

use super::canvas::Canvas;
use super::colour::{Colour, INK, Palette, WHITE, fade, flat, lit};

const TEA: Colour = Colour::hex(0x00b0_6a32);

pub(in super::super) fn cup(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 84.0), 36.0);
    canvas.oval((50.0, 80.0), (33.0, 5.6), fade(WHITE, main.lighter(0.3)));
    canvas.oval((50.0, 79.2), (22.0, 3.0), flat(main.lighter(0.2)));
    canvas.ring((74.0, 56.0), 8.6, 3.4, lit(main));
    canvas.sheet(
        &[
            (26.0, 44.0),
            (74.0, 44.0),
            (68.0, 68.0),
            (60.0, 78.0),
            (40.0, 78.0),
            (32.0, 68.0),
        ],
        2.0,
        fade(main.lighter(0.18), main.darker(0.16)),
    );
    canvas.oval((50.0, 43.6), (25.6, 6.2), flat(WHITE));
    canvas.oval(
        (50.0, 44.2),
        (23.0, 4.8),
        fade(TEA.darker(0.2), TEA.lighter(0.15)),
    );
    for x in [36.0, 43.0, 50.0, 57.0, 64.0] {
        let half = 3.0;
        canvas.sheet(
            &[
                (x, 58.0 - half),
                (x + 2.4, 58.0),
                (x, 58.0 + half),
                (x - 2.4, 58.0),
            ],
            0.3,
            flat(accent),
        );
    }
    canvas.sheet(
        &[(31.0, 50.0), (34.0, 50.0), (38.6, 68.0), (36.6, 68.0)],
        0.8,
        flat(WHITE).thin(0.35),
    );
    for (x, lean) in [(42.0, 2.4), (51.0, -2.4), (60.0, 2.4)] {
        canvas.bar(
            (x, 37.0),
            (x + lean, 28.0),
            1.8,
            flat(second.lighter(0.75)).thin(0.75).soft(1.6),
        );
        canvas.bar(
            (x + lean, 28.0),
            (x, 18.0),
            1.6,
            flat(second.lighter(0.8)).thin(0.5).soft(2.0),
        );
    }
}

pub(in super::super) fn jar(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        wall,
        main,
        second,
        accent,
        ..
    } = *colours;
    canvas.shadow((50.0, 85.0), 24.0);
    canvas.plate((50.0, 56.0), (21.0, 29.0), 7.0, flat(WHITE).thin(0.75));
    canvas.plate(
        (50.0, 62.0),
        (19.0, 21.4),
        5.4,
        fade(main.lighter(0.12), main.darker(0.2)),
    );
    let mut grain = 7_u32;
    for _ in 0..90 {
        grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, _, x, y] = grain.to_be_bytes();
        let at = (32.6 + f32::from(y) * 0.136, 43.0 + f32::from(x) * 0.15);
        canvas.disc(at, 0.8, flat(main.with(accent, 0.35).lighter(0.2)).thin(0.8));
    }
    canvas.plate((50.0, 62.0), (15.0, 10.0), 1.6, fade(WHITE, wall));
    canvas.bar((40.0, 58.6), (60.0, 58.6), 1.6, flat(second));
    canvas.bar((43.0, 63.0), (57.0, 63.0), 1.0, flat(second).thin(0.6));
    canvas.disc((50.0, 67.8), 1.8, flat(accent));
    canvas.plate(
        (50.0, 25.0),
        (17.4, 5.4),
        2.6,
        fade(second.lighter(0.2), second.darker(0.2)),
    );
    canvas.bar((33.4, 29.6), (66.6, 29.6), 1.0, flat(accent));
    canvas.plate((33.8, 55.0), (1.3, 22.0), 1.3, flat(WHITE).thin(0.55));
}

pub(in super::super) fn tin(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 85.0), 27.0);
    canvas.plate(
        (50.0, 56.0),
        (23.0, 29.0),
        3.0,
        fade(main.lighter(0.1), main.darker(0.14)),
    );
    canvas.plate((33.0, 56.0), (3.6, 29.0), 3.0, flat(WHITE).thin(0.22).soft(3.0));
    canvas.plate((68.0, 56.0), (5.0, 29.0), 3.0, flat(INK).thin(0.14).soft(4.0));
    canvas.plate(
        (50.0, 25.6),
        (24.4, 6.0),
        3.0,
        fade(second.lighter(0.18), second.darker(0.2)),
    );
    canvas.oval(
        (50.0, 20.4),
        (22.0, 3.0),
        fade(second.lighter(0.4), second.lighter(0.1)),
    );
    canvas.bar((27.4, 36.4), (72.6, 36.4), 1.0, flat(accent));
    canvas.bar((27.4, 80.6), (72.6, 80.6), 1.0, flat(accent));
    for n in 0..8_u8 {
        let (sine, cosine) = (f32::from(n) * std::f32::consts::TAU / 8.0).sin_cos();
        canvas.disc(
            (50.0 + 9.0 * sine, 58.0 - 9.0 * cosine),
            3.6,
            lit(accent.lighter(0.2)),
        );
    }
    canvas.disc((50.0, 58.0), 8.6, lit(accent));
    canvas.disc((50.0, 58.0), 6.6, flat(second.darker(0.1)));
    canvas.sheet(
        &[(50.0, 53.0), (54.0, 58.0), (50.0, 63.0), (46.0, 58.0)],
        0.3,
        flat(accent.lighter(0.4)),
    );
}
