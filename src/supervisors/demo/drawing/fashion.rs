//! To wear and to carry: a kurta, a bag, a shoe, a watch.

use super::canvas::Canvas;
use super::colour::{INK, Palette, WHITE, fade, flat, lit};

pub(in super::super) fn kurta(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.bar((50.0, 12.0), (50.0, 20.0), 1.0, flat(INK));
    canvas.bar((34.0, 25.0), (50.0, 19.0), 1.8, flat(second));
    canvas.bar((66.0, 25.0), (50.0, 19.0), 1.8, flat(second));
    canvas.sheet(
        &[
            (36.0, 25.0),
            (31.0, 29.0),
            (16.0, 56.0),
            (23.0, 60.0),
            (37.0, 42.0),
        ],
        1.4,
        fade(main.lighter(0.08), main.darker(0.18)),
    );
    canvas.sheet(
        &[
            (64.0, 25.0),
            (69.0, 29.0),
            (84.0, 56.0),
            (77.0, 60.0),
            (63.0, 42.0),
        ],
        1.4,
        fade(main.lighter(0.02), main.darker(0.25)),
    );
    canvas.sheet(
        &[
            (38.0, 24.0),
            (62.0, 24.0),
            (66.0, 44.0),
            (70.0, 86.0),
            (30.0, 86.0),
            (34.0, 44.0),
        ],
        1.6,
        fade(main.lighter(0.2), main.darker(0.08)),
    );
    canvas.bar((17.4, 55.0), (24.0, 58.6), 2.4, flat(accent));
    canvas.bar((82.6, 55.0), (76.0, 58.6), 2.4, flat(accent));
    canvas.bar((30.0, 85.0), (70.0, 85.0), 3.0, flat(accent));
    canvas.bar((30.4, 81.4), (69.6, 81.4), 0.7, flat(accent.lighter(0.3)));
    canvas.sheet(&[(43.0, 22.6), (57.0, 22.6), (50.0, 34.0)], 0.6, flat(second));
    canvas.plate((50.0, 42.0), (3.0, 14.0), 1.4, lit(second));
    for y in [34.0, 39.0, 44.0, 49.0] {
        canvas.disc((50.0, y), 1.1, flat(accent.lighter(0.35)));
    }
    canvas.bar((40.0, 58.0), (38.0, 80.0), 0.7, flat(INK).thin(0.14));
    canvas.bar((60.0, 58.0), (62.0, 80.0), 0.7, flat(INK).thin(0.14));
}

pub(in super::super) fn bag(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 85.0), 32.0);
    canvas.arch((50.0, 44.0), 16.0, 3.0, flat(second));
    canvas.sheet(
        &[(26.0, 44.0), (74.0, 44.0), (80.0, 82.0), (20.0, 82.0)],
        3.0,
        fade(main.lighter(0.15), main.darker(0.2)),
    );
    canvas.sheet(
        &[
            (27.0, 44.0),
            (73.0, 44.0),
            (70.0, 60.0),
            (50.0, 66.0),
            (30.0, 60.0),
        ],
        1.8,
        fade(main.lighter(0.3), main),
    );
    canvas.bar((30.0, 60.4), (50.0, 66.4), 0.5, flat(accent));
    canvas.bar((70.0, 60.4), (50.0, 66.4), 0.5, flat(accent));
    canvas.plate((50.0, 64.0), (3.8, 3.4), 1.2, lit(accent));
    canvas.disc((50.0, 64.0), 1.2, flat(second));
    for (x, end) in [(34.0, 40.0), (66.0, 60.0)] {
        canvas.bar((x, 47.0), (x, end), 3.0, flat(second));
        canvas.disc((x, 48.0), 1.0, flat(accent));
    }
}

pub(in super::super) fn shoe(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 80.0), 42.0);
    let upper = [
        (16.0, 44.0),
        (22.0, 41.0),
        (30.0, 48.0),
        (42.0, 46.0),
        (60.0, 56.0),
        (80.0, 61.0),
        (88.0, 70.0),
        (86.0, 74.0),
        (14.0, 74.0),
        (13.0, 60.0),
    ];
    canvas.sheet(&upper, 2.0, fade(main.lighter(0.2), main.darker(0.15)));
    canvas.sheet(
        &[(13.0, 60.0), (26.0, 60.0), (34.0, 74.0), (14.0, 74.0)],
        1.6,
        lit(second),
    );
    canvas.sheet(
        &[
            (74.0, 60.4),
            (80.0, 61.0),
            (88.0, 70.0),
            (86.0, 74.0),
            (68.0, 74.0),
        ],
        1.6,
        lit(second),
    );
    canvas.sheet(
        &[(30.0, 67.0), (52.0, 60.0), (58.0, 62.0), (38.0, 72.0)],
        0.8,
        lit(accent),
    );
    for x in [42.0, 47.4, 52.8, 58.2] {
        let y = 46.0 + (x - 42.0) * 0.52;
        canvas.bar((x, y), (x - 4.6, y + 6.4), 1.5, flat(WHITE));
    }
    canvas.plate(
        (50.0, 77.6),
        (38.6, 3.6),
        3.0,
        fade(WHITE, colours.floor.lighter(0.2)),
    );
    canvas.bar((14.0, 79.6), (86.0, 79.6), 1.4, flat(accent));
    canvas.oval((21.0, 43.0), (5.6, 2.0), flat(second.darker(0.3)));
}

pub(in super::super) fn watch(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 87.0), 18.0);
    canvas.sheet(
        &[(42.0, 8.0), (58.0, 8.0), (60.0, 36.0), (40.0, 36.0)],
        1.4,
        fade(second.darker(0.2), second.lighter(0.1)),
    );
    canvas.sheet(
        &[(40.0, 60.0), (60.0, 60.0), (58.0, 86.0), (42.0, 86.0)],
        1.4,
        fade(second.lighter(0.1), second.darker(0.2)),
    );
    for y in [70.0, 75.0, 80.0] {
        canvas.disc((50.0, y), 0.9, flat(INK).thin(0.6));
    }
    canvas.plate((73.0, 48.0), (2.2, 3.0), 1.0, lit(accent));
    canvas.disc((50.0, 48.0), 22.6, fade(main.lighter(0.35), main.darker(0.25)));
    canvas.disc((50.0, 48.0), 19.4, fade(WHITE, colours.wall));
    for n in 0..12_u8 {
        let turn = f32::from(n) * std::f32::consts::TAU / 12.0;
        let (sine, cosine) = turn.sin_cos();
        let (inner, width) = if n % 3 == 0 { (13.6, 1.4) } else { (15.2, 0.7) };
        let end = |far: f32| (50.0 + far * sine, 48.0 - far * cosine);
        canvas.bar(end(inner), end(16.8), width, flat(INK));
    }
    canvas.bar((50.0, 48.0), (42.0, 42.0), 1.7, flat(INK));
    canvas.bar((50.0, 48.0), (59.0, 37.0), 1.2, flat(INK));
    canvas.bar((47.6, 53.0), (55.0, 35.0), 0.6, flat(accent));
    canvas.disc((50.0, 48.0), 1.5, flat(accent));
    canvas.sheet(
        &[(38.0, 36.0), (46.0, 31.0), (42.0, 62.0), (36.0, 58.0)],
        1.0,
        flat(WHITE).thin(0.22),
    );
}
