//! For the house: a lamp, a plant, a vase, a cushion.

use super::canvas::Canvas;
use super::colour::{GLOW, Palette, WHITE, fade, flat, lit};

pub(in super::super) fn lamp(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.oval(
        (50.0, 60.0),
        (38.0, 30.0),
        flat(GLOW.lighter(0.45)).thin(0.7).soft(26.0),
    );
    canvas.shadow((50.0, 85.0), 20.0);
    canvas.oval((50.0, 83.0), (13.0, 3.6), fade(second, second.darker(0.2)));
    canvas.bar((50.0, 50.0), (50.0, 82.0), 2.2, flat(second));
    canvas.disc((50.0, 66.0), 4.6, lit(main));
    canvas.bar((61.0, 48.0), (61.0, 60.0), 0.5, flat(second));
    canvas.disc((61.0, 61.0), 1.3, flat(accent));
    canvas.sheet(
        &[(39.0, 22.0), (61.0, 22.0), (72.0, 50.0), (28.0, 50.0)],
        1.2,
        fade(main, main.lighter(0.45)),
    );
    canvas.sheet(
        &[(42.0, 22.0), (47.0, 22.0), (42.0, 50.0), (33.0, 50.0)],
        0.4,
        flat(WHITE).thin(0.3),
    );
    canvas.bar((28.0, 50.5), (72.0, 50.5), 1.6, flat(accent));
    canvas.bar((39.0, 21.6), (61.0, 21.6), 1.3, flat(second));
}

pub(in super::super) fn plant(canvas: &mut Canvas, colours: &Palette) {
    const LEAVES: [(f32, f32, f32); 7] = [
        (24.0, 36.0, 0.0),
        (77.0, 38.0, 0.1),
        (34.0, 20.0, 0.25),
        (67.0, 22.0, 0.3),
        (19.0, 53.0, 0.15),
        (81.0, 55.0, 0.05),
        (50.0, 14.0, 0.4),
    ];
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 85.0), 22.0);
    let green = super::colour::Colour::hex(0x0050_8a5b);
    for (x, y, light) in LEAVES {
        let (across, along) = ((y - 60.0) * 0.16, (50.0 - x) * 0.16);
        let (middle_x, middle_y) = (f32::midpoint(x, 50.0), f32::midpoint(y, 60.0));
        let leaf = [
            (50.0, 60.0),
            (middle_x + across, middle_y + along),
            (x, y),
            (middle_x - across, middle_y - along),
        ];
        canvas.sheet(
            &leaf,
            2.2,
            fade(green.lighter(light + 0.12), green.darker(0.25 - light / 2.0)),
        );
        canvas.bar((50.0, 60.0), (x, y), 0.6, flat(green.lighter(0.5)).thin(0.6));
    }
    canvas.sheet(
        &[(33.0, 58.0), (67.0, 58.0), (62.0, 84.0), (38.0, 84.0)],
        1.6,
        fade(main.lighter(0.12), second),
    );
    canvas.plate((50.0, 58.0), (20.0, 3.6), 2.0, lit(main));
    canvas.sheet(
        &[(38.0, 66.0), (42.0, 66.0), (44.0, 82.0), (41.5, 82.0)],
        0.8,
        flat(WHITE).thin(0.25),
    );
    canvas.bar((35.5, 70.0), (64.5, 70.0), 1.6, flat(accent).thin(0.9));
}

pub(in super::super) fn vase(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 85.0), 22.0);
    for (x, y) in [(38.0, 18.0), (51.0, 12.0), (63.0, 20.0)] {
        canvas.bar((50.0, 46.0), (x, y), 0.8, flat(second.lighter(0.2)));
        for (across, down) in [(-3.2, 1.0), (3.2, 1.0), (0.0, -3.0), (-2.2, 4.4), (2.2, 4.4)] {
            canvas.disc((x + across, y + down), 3.1, lit(GLOW.with(accent, 0.12)));
        }
        canvas.disc((x, y + 1.2), 1.8, flat(WHITE));
    }
    canvas.plate((50.0, 44.0), (6.5, 10.0), 3.0, lit(main));
    canvas.oval(
        (50.0, 66.0),
        (20.0, 19.0),
        fade(main.lighter(0.2), main.darker(0.25)),
    );
    canvas.oval((50.0, 36.0), (7.6, 2.2), flat(second));
    for (y, half) in [(60.0, 18.6), (66.0, 19.8), (72.0, 18.4)] {
        canvas.bar(
            (50.0 - half, y),
            (50.0 + half, y),
            0.9,
            flat(accent.lighter(0.3)).thin(0.75),
        );
    }
    canvas.oval((41.0, 62.0), (3.4, 9.0), flat(WHITE).thin(0.35).soft(3.0));
}

pub(in super::super) fn cushion(canvas: &mut Canvas, colours: &Palette) {
    let Palette {
        main, second, accent, ..
    } = *colours;
    canvas.shadow((50.0, 84.0), 34.0);
    let rim = [
        (20.0, 30.0),
        (50.0, 34.0),
        (80.0, 30.0),
        (77.0, 56.0),
        (80.0, 82.0),
        (50.0, 79.0),
        (20.0, 82.0),
        (23.0, 56.0),
    ];
    canvas.sheet(&rim, 3.0, fade(main.lighter(0.18), main.darker(0.18)));
    for (n, inner) in [(0_u8, 17.0), (1, 11.5), (2, 6.0)] {
        let colour = if n == 1 { accent } else { second };
        let diamond = [
            (50.0, 56.0 - inner),
            (50.0 + inner, 56.0),
            (50.0, 56.0 + inner),
            (50.0 - inner, 56.0),
        ];
        canvas.sheet(&diamond, 0.6, lit(colour));
        let gap = inner - 1.8;
        let diamond = [
            (50.0, 56.0 - gap),
            (50.0 + gap, 56.0),
            (50.0, 56.0 + gap),
            (50.0 - gap, 56.0),
        ];
        canvas.sheet(&diamond, 0.4, lit(main.lighter(0.1)));
    }
    for (x, y) in [(19.5, 29.5), (80.5, 29.5), (19.5, 82.5), (80.5, 82.5)] {
        canvas.disc((x, y), 3.6, lit(accent));
    }
    for x in [31.0, 69.0] {
        for y in [40.0, 72.0] {
            canvas.disc((x, y), 1.5, flat(accent.lighter(0.3)));
        }
    }
}
