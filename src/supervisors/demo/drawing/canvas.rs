//! A square that shapes are laid upon, pixel by pixel.

use std::io::Cursor;

use bytes::Bytes;
use image::{ImageFormat, ImageResult, Rgb, RgbImage};

use super::colour::{Colour, INK, Paint, Palette, WHITE, fade, flat};
use super::shape::{Point, Shape};

/// So many pixels has a side.
const SIDE: u16 = 640;

/// From where a thing is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    /// How many times nearer than usual.
    pub(super) zoom: f32,
    /// What of the drawing is in the middle.
    pub(super) middle: Point,
}

/// A picture that is being drawn.
pub(in super::super) struct Canvas {
    pixels: Vec<Colour>,
    view: View,
}

impl Canvas {
    /// A wall in soft light, and a floor before it.
    pub(super) fn new(palette: &Palette, view: View) -> Self {
        let side = usize::from(SIDE);
        let mut canvas = Self {
            pixels: vec![palette.wall; side * side],
            view: View {
                zoom: 1.0,
                middle: (50.0, 50.0),
            },
        };
        canvas.plate(
            (50.0, 38.0),
            (50.0, 40.0),
            0.0,
            fade(palette.wall, palette.wall.with(palette.floor, 0.45)),
        );
        canvas.plate(
            (50.0, 89.0),
            (50.0, 11.0),
            0.0,
            fade(palette.floor, palette.floor.lighter(0.25)),
        );
        canvas.oval((50.0, 46.0), (46.0, 42.0), flat(WHITE).thin(0.34).soft(34.0));
        canvas.view = view;
        canvas
    }

    pub(super) fn disc(&mut self, at: Point, radius: f32, paint: Paint) {
        self.lay(&Shape::Disc { at, radius }, paint);
    }

    pub(super) fn ring(&mut self, at: Point, radius: f32, width: f32, paint: Paint) {
        self.lay(&Shape::Ring { at, radius, width }, paint);
    }

    pub(super) fn arch(&mut self, at: Point, radius: f32, width: f32, paint: Paint) {
        self.lay(&Shape::Arch { at, radius, width }, paint);
    }

    pub(super) fn oval(&mut self, at: Point, radii: Point, paint: Paint) {
        self.lay(&Shape::Oval { at, radii }, paint);
    }

    pub(super) fn bar(&mut self, from: Point, to: Point, width: f32, paint: Paint) {
        self.lay(&Shape::Bar { from, to, width }, paint);
    }

    pub(super) fn plate(&mut self, at: Point, half: Point, corner: f32, paint: Paint) {
        self.lay(&Shape::Plate { at, half, corner }, paint);
    }

    pub(super) fn sheet(&mut self, corners: &[Point], round: f32, paint: Paint) {
        self.lay(&Shape::Sheet { corners, round }, paint);
    }

    /// What a thing of this width throws upon the floor.
    pub(super) fn shadow(&mut self, at: Point, width: f32) {
        self.oval(at, (width, width * 0.16), flat(INK).thin(0.34).soft(width * 0.14));
    }

    fn lay(&mut self, shape: &Shape<'_>, paint: Paint) {
        let (from, to) = shape.bounds();
        let height = (to.1 - from.1).max(f32::EPSILON);
        let per_unit = self.view.zoom * f32::from(SIDE) / 100.0;
        let edge = (paint.edge * per_unit).max(1.0);
        let reach = edge / per_unit;
        let (left, top) = self.pixel((from.0 - reach, from.1 - reach));
        let (right, bottom) = self.pixel((to.0 + reach, to.1 + reach));
        for y in top..bottom {
            let (_, down) = self.point(left, y);
            let fallen = ((down - from.1) / height).clamp(0.0, 1.0);
            let colour = paint.top.with(paint.bottom, fallen);
            let mut x = left;
            while x < right {
                let beyond = shape.distance(self.point(x, y)) * per_unit;
                // The rim is no nearer than that, so nothing changes before it.
                let end = right.min(x + whole((beyond.abs() - edge) / 2.0).max(1));
                let cover = smooth((0.5 - beyond / edge).clamp(0.0, 1.0)) * paint.cover;
                self.blend(y, (x, end), colour, cover);
                x = end;
            }
        }
    }

    /// Lays a colour on a part of a row.
    fn blend(&mut self, y: u16, (from, to): (u16, u16), colour: Colour, cover: f32) {
        let row = usize::from(y) * usize::from(SIDE);
        let part = &mut self.pixels[row + usize::from(from)..row + usize::from(to)];
        if cover >= 1.0 {
            part.fill(colour);
        } else if cover > 0.0 {
            for pixel in part {
                *pixel = pixel.with(colour, cover);
            }
        }
    }

    /// The place in the drawing that the middle of a pixel shows.
    fn point(&self, x: u16, y: u16) -> Point {
        let View { zoom, middle } = self.view;
        let place =
            |pixel: u16, middle| ((f32::from(pixel) + 0.5) * 100.0 / f32::from(SIDE) - 50.0) / zoom + middle;
        (place(x, middle.0), place(y, middle.1))
    }

    /// The pixel that shows a place, or the nearest there is.
    fn pixel(&self, point: Point) -> (u16, u16) {
        let View { zoom, middle } = self.view;
        let pixel =
            |place: f32, middle: f32| whole(((place - middle) * zoom + 50.0) * f32::from(SIDE) / 100.0);
        (pixel(point.0, middle.0), pixel(point.1, middle.1))
    }

    /// The picture as a file.
    pub(super) fn png(&self) -> ImageResult<Bytes> {
        let pixels = self.pixels.iter().flat_map(|colour| colour.0.map(byte)).collect();
        let drawn = RgbImage::from_raw(SIDE.into(), SIDE.into(), pixels);
        let drawn = drawn.unwrap_or_else(|| RgbImage::from_pixel(1, 1, Rgb(WHITE.0.map(byte))));
        let mut file = Cursor::new(Vec::new());
        drawn.write_to(&mut file, ImageFormat::Png)?;
        Ok(file.into_inner().into())
    }
}

fn smooth(share: f32) -> f32 {
    share * share * (3.0 - 2.0 * share)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is within the picture"
)]
fn whole(place: f32) -> u16 {
    place.clamp(0.0, f32::from(SIDE)) as u16
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is from 0 to 255"
)]
fn byte(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 255.0).round() as u8
}
