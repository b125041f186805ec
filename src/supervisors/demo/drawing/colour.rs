//! Colours, the few families of them that go together, and how a shape is painted with them.

#![expect(clippy::unreadable_literal, reason = "a colour is read as six digits")]

/// A colour by its red, green and blue, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Colour(pub(super) [f32; 3]);

/// Colours that go together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Palette {
    /// The wall behind the thing, from above,
    pub(super) wall: Colour,
    /// and what it stands on.
    pub(super) floor: Colour,
    /// The thing itself,
    pub(super) main: Colour,
    /// a part of it,
    pub(super) second: Colour,
    /// and what catches the eye.
    pub(super) accent: Colour,
}

/// What a shape is painted with: one colour, or one that goes over into another from its top to
/// its bottom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    pub(super) top: Colour,
    pub(super) bottom: Colour,
    /// From 0, nothing of it is seen, to 1, nothing behind it is.
    pub(super) cover: f32,
    /// Over how far its edge fades, in units of the drawing.
    pub(super) edge: f32,
}

pub(super) const WHITE: Colour = Colour::hex(0x00ff_fdf8);
/// Of the sun, of a lamp, of a yolk, of a marigold.
pub(super) const GLOW: Colour = Colour::hex(0x00f6_bf4f);
pub(super) const INK: Colour = Colour::hex(0x0024_2a35);

pub(in super::super) const SAGE: Palette = Palette::of(0xe9efe3, 0xc5d3b8, 0x6f8f63, 0x4a6741, 0xe8b04a);
pub(in super::super) const CLAY: Palette = Palette::of(0xfaeee4, 0xe9cbb2, 0xc9683f, 0x8f4326, 0x2f6f73);
pub(in super::super) const INDIGO: Palette = Palette::of(0xe7eaf6, 0xc0c8e6, 0x3d4f9f, 0x27346e, 0xf0a63c);
pub(in super::super) const SAFFRON: Palette = Palette::of(0xfff4dc, 0xf6d79a, 0xe79a27, 0xb86a12, 0x9c2f3c);
pub(in super::super) const ROSE: Palette = Palette::of(0xfdecec, 0xf1c8c8, 0xcf5d6b, 0x92364a, 0x3f6b63);
pub(in super::super) const SLATE: Palette = Palette::of(0xedf0f3, 0xc9d1d9, 0x56677a, 0x36424f, 0xe5743b);
pub(in super::super) const TEAL: Palette = Palette::of(0xe2f3f1, 0xb3d9d4, 0x24857f, 0x15595a, 0xf2b84b);
pub(in super::super) const SAND: Palette = Palette::of(0xf8f3ea, 0xe3d5bd, 0xb99463, 0x7d6040, 0x3c6e8f);
pub(in super::super) const PLUM: Palette = Palette::of(0xf4ebf5, 0xd9c2dc, 0x7d4a8c, 0x55305f, 0xe6a93f);
pub(in super::super) const NIGHT: Palette = Palette::of(0x4a5878, 0x232c45, 0xd9dfeb, 0x8f9bb5, 0xf4c257);

impl Colour {
    /// As it is written in style sheets.
    pub(super) const fn hex(code: u32) -> Self {
        let [_, red, green, blue] = code.to_be_bytes();
        Self([red as f32 / 255.0, green as f32 / 255.0, blue as f32 / 255.0])
    }

    /// So much of another one in it.
    pub(super) fn with(self, other: Self, share: f32) -> Self {
        let mut mixed = self.0;
        for (mine, theirs) in mixed.iter_mut().zip(other.0) {
            *mine += (theirs - *mine) * share;
        }
        Self(mixed)
    }

    pub(super) fn lighter(self, share: f32) -> Self {
        self.with(WHITE, share)
    }

    pub(super) fn darker(self, share: f32) -> Self {
        self.with(INK, share)
    }
}

impl Palette {
    const fn of(wall: u32, floor: u32, main: u32, second: u32, accent: u32) -> Self {
        Self {
            wall: Colour::hex(wall),
            floor: Colour::hex(floor),
            main: Colour::hex(main),
            second: Colour::hex(second),
            accent: Colour::hex(accent),
        }
    }
}

/// One colour all over.
pub(super) fn flat(colour: Colour) -> Paint {
    fade(colour, colour)
}

/// A colour that goes over into another one.
pub(super) fn fade(top: Colour, bottom: Colour) -> Paint {
    Paint {
        top,
        bottom,
        cover: 1.0,
        edge: 0.0,
    }
}

/// Round and lit from above.
pub(super) fn lit(colour: Colour) -> Paint {
    fade(colour.lighter(0.14), colour.darker(0.14))
}

impl Paint {
    /// Something behind it is seen.
    pub(super) fn thin(self, cover: f32) -> Self {
        Self { cover, ..self }
    }

    /// Its edge fades.
    pub(super) fn soft(self, edge: f32) -> Self {
        Self { edge, ..self }
    }
}
