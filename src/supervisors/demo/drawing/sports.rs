//! To play and to train: a bat, a ball, a mat, a dumbbell.

use super::canvas::Canvas;
use super::colour::{Colour, INK, Palette, WHITE, fade, flat, lit};

const WILLOW: Colour = Colour::hex(0x00e2_c590);
const CHERRY: Colour = Colour::hex(0x00b0_2a30);

pub(in super::super) fn bat(canvas: &mut Canvas, colours: &Palette) {
    let Palette { main, accent, .. } = *colours;
    canvas.shadow((48.0, 85.0), 34.0);
    canvas.sheet(
        &[(60.6, 30.0), (68.4, 34.4), (37.0, 84.0), (24.0, 77.0)],
        2.0,
        fade(WILLOW.lighter(0.25), WILLOW.darker(0.14)),
    );
    canvas.sheet(
        &[(65.6, 33.2), (68.6, 34.8), (37.4, 84.0), (32.6, 81.6)],
        1.2,
        flat(WILLOW.darker(0.25)).thin(0.8),
    );
    canvas.bar((64.6, 32.0), (76.0, 12.6), 4.6, lit(main));
    for n in 0..5_u8 {
        let step = f32::from(n) * 2.6;
        let (x, y) = (67.0 + step * 0.51, 28.0 - step * 0.86);
        canvas.bar((x - 1.9, y - 1.1), (x + 1.9, y + 1.1), 0.8, flat(INK).thin(0.35));
    }
    canvas.sheet(
        &[(51.0, 46.0), (57.6, 49.8), (49.4, 63.0), (42.6, 59.2)],
        0.5,
        lit(accent),
    );
    leather_ball(canvas, 74.0, 75.0, 9.4);
}

pub(in super::super) fn leather_balls(canvas: &mut Canvas, _: &Palette) {
    canvas.shadow((50.0, 84.0), 36.0);
    leather_ball(canvas, 50.0, 42.0, 18.0);
    leather_ball(canvas, 31.0, 67.0, 18.0);
    leather_ball(canvas, 69.0, 67.0, 18.0);
}

fn leather_ball(canvas: &mut Canvas, x: f32, y: f32, radius: f32) {
    let at = |across: f32, down: f32| (x + across * radius, y + down * radius);
    canvas.disc((x, y), radius, fade(CHERRY.lighter(0.12), CHERRY.darker(0.4)));
    canvas.bar(
        at(-0.68, 0.68),
        at(0.68, -0.68),
        radius * 0.15,
        flat(CHERRY.darker(0.3)),
    );
    for n in 0..9_u8 {
        let along = f32::from(n) * 0.155 - 0.62;
        let (left, right) = (at(along - 0.09, -along - 0.09), at(along + 0.09, 0.09 - along));
        canvas.bar(left, right, radius * 0.05, flat(WHITE).thin(0.9));
    }
    canvas.oval(
        at(-0.36, -0.42),
        (radius * 0.26, radius * 0.2),
        flat(WHITE).thin(0.5).soft(radius * 0.16),
    );
}

pub(in super::super) fn ball(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 86.0), 28.0);
    canvas.disc((50.0, 54.0), 31.0, fade(WHITE, colours.wall.darker(0.12)));
    let around = |n: u8, far: f32| {
        let (sine, cosine) = (f32::from(n) * std::f32::consts::TAU / 5.0).sin_cos();
        (50.0 + far * sine, 54.0 - far * cosine)
    };
    for n in 0..5 {
        canvas.bar((50.0, 54.0), around(n, 25.0), 0.9, flat(second).thin(0.7));
        canvas.bar(around(n, 25.0), around(n + 1, 25.0), 0.9, flat(second).thin(0.7));
    }
    canvas.sheet(&[0, 1, 2, 3, 4].map(|n| around(n, 10.0)), 0.8, lit(main));
    for (n, colour) in [second, accent, main, second, accent].into_iter().enumerate() {
        let (x, y) = around(u8::try_from(n).unwrap_or_default(), 25.0);
        let corners = [0, 1, 2, 3, 4].map(|n| {
            let (across, down) = around(n, 5.0);
            (x - (across - 50.0), y - (down - 54.0))
        });
        canvas.sheet(&corners, 0.8, lit(colour));
    }
    canvas.oval((40.0, 38.0), (9.0, 6.0), flat(WHITE).thin(0.6).soft(7.0));
    canvas.ring((50.0, 54.0), 29.0, 5.0, flat(INK).thin(0.1).soft(5.0));
}

pub(in super::super) fn mat(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((52.0, 84.0), 42.0);
    canvas.sheet(
        &[(32.0, 66.0), (84.0, 66.0), (95.0, 83.0), (38.0, 83.0)],
        1.4,
        fade(main.lighter(0.12), main),
    );
    for x in [46.0, 58.0, 70.0] {
        canvas.bar(
            (x, 67.0),
            (x + (x - 40.0) * 0.2, 82.0),
            0.5,
            flat(WHITE).thin(0.3),
        );
    }
    canvas.plate((56.0, 60.0), (28.0, 1.0), 0.8, flat(second.darker(0.2)));
    canvas.plate(
        (54.0, 56.0),
        (30.0, 15.0),
        6.0,
        fade(main.lighter(0.25), main.darker(0.25)),
    );
    canvas.disc((26.0, 56.0), 15.0, fade(second.lighter(0.25), second));
    for (n, radius) in [(0_u8, 11.6), (1, 8.2), (2, 4.8)] {
        let colour = if n == 1 { accent } else { main.lighter(0.35) };
        canvas.ring((26.0, 56.0), radius, 1.1, flat(colour));
    }
    canvas.disc((26.0, 56.0), 2.0, flat(second.darker(0.3)));
    for x in [50.0, 72.0] {
        canvas.plate((x, 56.0), (1.9, 15.2), 0.8, lit(accent));
    }
}

pub(in super::super) fn dumbbell(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    for (y, colour) in [(70.0, second), (42.0, main)] {
        if y > 50.0 {
            canvas.shadow((50.0, 85.0), 40.0);
        }
        canvas.bar((24.0, y), (76.0, y), 5.0, fade(WHITE, INK.lighter(0.45)));
        for x in [40.0, 45.0, 50.0, 55.0, 60.0] {
            canvas.bar((x, y - 2.0), (x, y + 2.0), 0.5, flat(INK).thin(0.3));
        }
        for side in [-1.0, 1.0] {
            canvas.plate(
                (50.0 + 21.0 * side, y),
                (4.0, 13.0),
                2.4,
                fade(colour.lighter(0.2), colour.darker(0.25)),
            );
            canvas.plate(
                (50.0 + 29.0 * side, y),
                (4.0, 10.6),
                2.4,
                fade(colour.lighter(0.1), colour.darker(0.35)),
            );
            canvas.plate((50.0 + 34.6 * side, y), (1.7, 4.0), 1.2, flat(accent));
            canvas.plate(
                (50.0 + 21.0 * side - 1.6, y - 5.0),
                (0.7, 5.4),
                0.7,
                flat(WHITE).thin(0.4),
            );
        }
    }
}
