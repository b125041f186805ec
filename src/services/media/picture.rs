//! Reads what somebody uploads as a picture: by what it is and not by what it says it is, within
//! bounds that hold before anything is unpacked, and draws it anew, so that nothing which was
//! hidden in the file comes along.

use std::io::Cursor;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

/// An uploaded picture has at most so many bytes.
pub const BYTES_MAX: usize = 5 << 20;
/// And at most so many pixels.
const PIXELS_MAX: u64 = 25_000_000;
/// And at most so many on one side.
const SIDE_MAX: u32 = 12_000;
/// What decoding it may take.
const DECODING_BYTES_MAX: u64 = 128 << 20;
/// A larger one is drawn at this size.
const SIDE: u32 = 1_600;
/// The small one has this size.
const SMALL_SIDE: u32 = 320;
const QUALITY: u8 = 85;

/// What makes a file something else beside the picture that it is as well.
const MARKUP: [&[u8]; 5] = [b"<script", b"<html", b"<!doctype", b"<?php", b"<svg "];
/// By which an archive is known, and how far from the end of the file it is looked for.
const ARCHIVE: (&[u8], usize) = (b"PK\x05\x06", 22 + 0xffff);
/// By which a document is known, and how far from the beginning it is looked for.
const PAPER: (&[u8], usize) = (b"%PDF-", 1_024);

/// A picture that was drawn anew, and a small one of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The picture.
    pub full: Bytes,
    /// A small one.
    pub small: Bytes,
    /// How both are written.
    pub kind: Kind,
}

/// How a picture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Without anything to see through.
    Jpeg,
    /// With something to see through.
    Png,
}

/// Why something is no picture that can be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPicture {
    /// There is nothing in it.
    #[error("is empty")]
    Empty,
    /// It is none, or of another kind, or something else as well.
    #[error("must be a png, jpeg or webp picture")]
    Unreadable,
    /// Too many bytes.
    #[error("must have at most 5 MB")]
    TooManyBytes,
    /// Too many pixels.
    #[error("must have at most 25 million pixels, and 12000 on a side")]
    TooManyPixels,
}

impl Kind {
    /// What the name of a file of this kind ends with.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }

    /// The media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// Makes a picture of the bytes of a file.
///
/// # Errors
/// When they are none.
pub(super) fn read(bytes: &[u8]) -> Result<Picture, NoPicture> {
    if bytes.is_empty() {
        return Err(NoPicture::Empty);
    }
    if bytes.len() > BYTES_MAX {
        return Err(NoPicture::TooManyBytes);
    }
    if is_something_else(bytes) {
        return Err(NoPicture::Unreadable);
    }
    let drawn = decode(bytes)?;
    let kind = if drawn.color().has_alpha() {
        Kind::Png
    } else {
        Kind::Jpeg
    };
    let full = encode(&within(&drawn, SIDE), kind)?;
    let small = encode(&within(&drawn, SMALL_SIDE), kind)?;
    Ok(Picture { full, small, kind })
}

/// Whether a browser, an unpacker or a reader of documents would find in it what it is looking for.
fn is_something_else(bytes: &[u8]) -> bool {
    let end = bytes.len().saturating_sub(ARCHIVE.1);
    let beginning = bytes.len().min(PAPER.1);
    MARKUP.iter().any(|mark| contains(bytes, mark))
        || contains(&bytes[end..], ARCHIVE.0)
        || contains(&bytes[..beginning], PAPER.0)
}

fn contains(bytes: &[u8], mark: &[u8]) -> bool {
    bytes
        .windows(mark.len())
        .any(|part| part[0] == mark[0] && part.eq_ignore_ascii_case(mark))
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, NoPicture> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| NoPicture::Unreadable)?;
    let known = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];
    if !reader.format().is_some_and(|format| known.contains(&format)) {
        return Err(NoPicture::Unreadable);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODING_BYTES_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| fault(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(NoPicture::TooManyPixels);
    }
    // A camera that was held upright says so beside the picture, and what is beside it is lost.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut drawn = DynamicImage::from_decoder(decoder).map_err(|error| fault(&error))?;
    drawn.apply_orientation(orientation);
    Ok(drawn)
}

fn fault(error: &ImageError) -> NoPicture {
    match error {
        ImageError::Limits(_) => NoPicture::TooManyPixels,
        _ => NoPicture::Unreadable,
    }
}

fn within(drawn: &DynamicImage, side: u32) -> DynamicImage {
    let fitting = if drawn.width().max(drawn.height()) > side {
        drawn.thumbnail(side, side)
    } else {
        drawn.clone()
    };
    if fitting.color().has_alpha() {
        fitting.into_rgba8().into()
    } else {
        fitting.into_rgb8().into()
    }
}

fn encode(drawn: &DynamicImage, kind: Kind) -> Result<Bytes, NoPicture> {
    let mut written = Vec::new();
    let encoded = match kind {
        Kind::Jpeg => drawn.write_with_encoder(JpegEncoder::new_with_quality(&mut written, QUALITY)),
        Kind::Png => drawn.write_with_encoder(PngEncoder::new(&mut written)),
    };
    encoded.map_err(|_| NoPicture::Unreadable)?;
    Ok(written.into())
}

#[cfg(test)]
mod tests {
    use image::{RgbImage, RgbaImage};

    use super::*;

    fn written(drawn: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        drawn.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn opaque(width: u32, height: u32) -> DynamicImage {
        let colour = |x: u32, y: u32| image::Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 7]);
        RgbImage::from_fn(width, height, colour).into()
    }

    /// The head of a PNG that says it is so large, and has nothing behind it.
    fn bomb(side: u32) -> Vec<u8> {
        let mut bytes = written(&opaque(1, 1), ImageFormat::Png);
        bytes[16..20].copy_from_slice(&side.to_be_bytes());
        bytes[20..24].copy_from_slice(&side.to_be_bytes());
        let mut crc = crc32(&bytes[12..29]).to_be_bytes();
        bytes[29..33].swap_with_slice(&mut crc);
        bytes
    }

    fn crc32(bytes: &[u8]) -> u32 {
        let step = |crc: u32, byte: &u8| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
            })
        };
        !bytes.iter().fold(u32::MAX, step)
    }

    #[test]
    fn pictures_are_known_by_what_is_in_them_and_drawn_anew() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let picture = read(&written(&opaque(2_000, 1_000), format)).unwrap();
            assert_eq!(picture.kind, Kind::Jpeg, "{format:?}");
            let size = |bytes: &Bytes| {
                let drawn = image::load_from_memory(bytes).unwrap();
                (drawn.width(), drawn.height())
            };
            assert_eq!(size(&picture.full), (1_600, 800), "{format:?}");
            assert_eq!(size(&picture.small), (320, 160), "{format:?}");
        }
    }

    #[test]
    fn what_can_be_seen_through_stays_so() {
        let clear: DynamicImage = RgbaImage::from_pixel(9, 9, image::Rgba([1, 2, 3, 0])).into();
        let picture = read(&written(&clear, ImageFormat::Png)).unwrap();
        assert_eq!(picture.kind, Kind::Png);
        let drawn = image::load_from_memory(&picture.full).unwrap().into_rgba8();
        assert_eq!(drawn.get_pixel(4, 4).0, [1, 2, 3, 0]);
    }

    #[test]
    fn what_stands_behind_a_picture_is_left_behind() {
        let mut bytes = written(&opaque(9, 9), ImageFormat::Jpeg);
        bytes.extend_from_slice(b"where it was taken");
        let picture = read(&bytes).unwrap();
        assert!(!contains(&picture.full, b"where it was taken"));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let png = written(&opaque(9, 9), ImageFormat::Png);
        let and = |other: &[u8]| [&png, other].concat();
        for (what, bytes, why) in [
            ("nothing", Vec::new(), NoPicture::Empty),
            ("a text", b"a picture, honestly".to_vec(), NoPicture::Unreadable),
            (
                "a page",
                b"<html><body></body></html>".to_vec(),
                NoPicture::Unreadable,
            ),
            (
                "an svg",
                b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(),
                NoPicture::Unreadable,
            ),
            (
                "a gif",
                b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(),
                NoPicture::Unreadable,
            ),
            (
                "half a picture",
                png[..png.len() / 2].to_vec(),
                NoPicture::Unreadable,
            ),
            ("the head of a picture", png[..8].to_vec(), NoPicture::Unreadable),
            (
                "a picture and a script",
                and(b"<SCRIPT>alert(1)</SCRIPT>"),
                NoPicture::Unreadable,
            ),
            (
                "a picture and an archive",
                and(&[b"PK\x05\x06".as_slice(), &[0; 18]].concat()),
                NoPicture::Unreadable,
            ),
            (
                "a picture and a document",
                and(b"%PDF-1.7\n%%EOF"),
                NoPicture::Unreadable,
            ),
            ("a heavy file", vec![0; BYTES_MAX + 1], NoPicture::TooManyBytes),
            ("a bomb", bomb(30_000), NoPicture::TooManyPixels),
            ("a smaller bomb", bomb(11_000), NoPicture::TooManyPixels),
        ] {
            assert_eq!(read(&bytes), Err(why), "{what}");
        }
    }
}
