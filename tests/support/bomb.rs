//! Files that say they are pictures of hundreds of millions of pixels, in a few bytes.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};

/// A PNG and a JPEG that say they have so many pixels on a side.
pub(crate) fn bombs(side: u16) -> [(&'static str, Vec<u8>); 2] {
    [("png", png(side)), ("jpeg", jpeg(side))]
}

fn written(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let drawn = DynamicImage::new_rgb8(9, 9);
    drawn
        .write_to(&mut bytes, format)
        .expect("a picture can be written");
    bytes.into_inner()
}

fn png(side: u16) -> Vec<u8> {
    let mut bytes = written(ImageFormat::Png);
    let side = u32::from(side).to_be_bytes();
    bytes[16..20].copy_from_slice(&side);
    bytes[20..24].copy_from_slice(&side);
    let sum = crc32(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&sum);
    bytes
}

/// The size of a JPEG stands five bytes behind the mark of its frame.
fn jpeg(side: u16) -> Vec<u8> {
    let mut bytes = written(ImageFormat::Jpeg);
    let frame = bytes.windows(2).position(|mark| mark == [0xff, 0xc0]);
    let frame = frame.expect("a JPEG has a frame");
    let side = side.to_be_bytes();
    bytes[frame + 5..frame + 7].copy_from_slice(&side);
    bytes[frame + 7..frame + 9].copy_from_slice(&side);
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
