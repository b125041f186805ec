//! Shapes by their distance: how far a point is outside of one, or inside of it where that is
//! negative. From that follows how much of a pixel it covers, so that every edge is smooth.

/// A place in a drawing, from the left and from the top; a drawing is 100 wide and 100 high.
pub(super) type Point = (f32, f32);

/// A shape.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape<'a> {
    /// Everything that is near enough to a point.
    Disc { at: Point, radius: f32 },
    /// The rim of that.
    Ring { at: Point, radius: f32, width: f32 },
    /// The upper half of a rim, with round ends.
    Arch { at: Point, radius: f32, width: f32 },
    /// A disc that is as wide and as high as it likes.
    Oval { at: Point, radii: Point },
    /// A stroke with round ends.
    Bar { from: Point, to: Point, width: f32 },
    /// A rectangle with round corners.
    Plate { at: Point, half: Point, corner: f32 },
    /// Whatever lies between these corners, and a little around it.
    Sheet { corners: &'a [Point], round: f32 },
}

impl Shape<'_> {
    /// How far a point is outside.
    pub(super) fn distance(&self, point: Point) -> f32 {
        match *self {
            Self::Disc { at, radius } => length(between(at, point)) - radius,
            Self::Arch { at, radius, width } if point.1 > at.1 => {
                let (x, y) = between(at, point);
                length((x.abs() - radius, y)) - width / 2.0
            }
            Self::Arch { at, radius, width } | Self::Ring { at, radius, width } => {
                (length(between(at, point)) - radius).abs() - width / 2.0
            }
            Self::Oval { at, radii } => oval(between(at, point), radii),
            Self::Bar { from, to, width } => length(beside(point, from, to)) - width / 2.0,
            Self::Plate { at, half, corner } => {
                let (x, y) = between(at, point);
                let (x, y) = (x.abs() - half.0 + corner, y.abs() - half.1 + corner);
                length((x.max(0.0), y.max(0.0))) + x.max(y).min(0.0) - corner
            }
            Self::Sheet { corners, round } => sheet(point, corners) - round,
        }
    }

    /// The corners of a rectangle around it.
    pub(super) fn bounds(&self) -> (Point, Point) {
        let around =
            |at: Point, half: Point| ((at.0 - half.0, at.1 - half.1), (at.0 + half.0, at.1 + half.1));
        match *self {
            Self::Disc { at, radius } => around(at, (radius, radius)),
            Self::Ring { at, radius, width } | Self::Arch { at, radius, width } => {
                around(at, (radius + width / 2.0, radius + width / 2.0))
            }
            Self::Oval { at, radii } => around(at, radii),
            Self::Bar { from, to, width } => grown(&[from, to], width / 2.0),
            Self::Plate { at, half, .. } => around(at, half),
            Self::Sheet { corners, round } => grown(corners, round),
        }
    }
}

fn between(from: Point, to: Point) -> Point {
    (to.0 - from.0, to.1 - from.1)
}

fn length((x, y): Point) -> f32 {
    x.hypot(y)
}

/// From the nearest place on a line to a point.
fn beside(point: Point, from: Point, to: Point) -> Point {
    let (line, here) = (between(from, to), between(from, point));
    let squared = line.0 * line.0 + line.1 * line.1;
    let along = ((here.0 * line.0 + here.1 * line.1) / squared.max(f32::EPSILON)).clamp(0.0, 1.0);
    (here.0 - line.0 * along, here.1 - line.1 * along)
}

/// Near enough to the true distance where it counts, which is at the rim.
fn oval((x, y): Point, (wide, high): Point) -> f32 {
    let out = length((x / wide, y / high));
    let slope = length((x / (wide * wide), y / (high * high)));
    if slope == 0.0 {
        return -wide.min(high);
    }
    out * (out - 1.0) / slope
}

/// A point is inside when a line from it to the side crosses the rim an odd number of times.
fn sheet(point: Point, corners: &[Point]) -> f32 {
    let (mut nearest, mut inside) = (f32::INFINITY, false);
    let mut from = corners[corners.len() - 1];
    for &to in corners {
        nearest = nearest.min(length(beside(point, from, to)));
        let crosses = (from.1 > point.1) != (to.1 > point.1);
        if crosses && point.0 < (to.0 - from.0) * (point.1 - from.1) / (to.1 - from.1) + from.0 {
            inside = !inside;
        }
        from = to;
    }
    if inside { -nearest } else { nearest }
}

fn grown(corners: &[Point], by: f32) -> (Point, Point) {
    let (mut least, mut most) = (corners[0], corners[0]);
    for corner in corners {
        least = (least.0.min(corner.0), least.1.min(corner.1));
        most = (most.0.max(corner.0), most.1.max(corner.1));
    }
    ((least.0 - by, least.1 - by), (most.0 + by, most.1 + by))
}
