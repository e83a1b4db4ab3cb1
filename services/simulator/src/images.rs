//! What the server accepts as a photo: a PNG or JPEG picture that is whole, and not too big or too long.
//!
//! Pure. Nothing is decoded; the real server does, and so refuses some broken pictures more.

use imagesize::ImageType;

/// Bytes of a photo (Bot API, `sendPhoto`: at most 10 MB).
const MAX_PHOTO_BYTES: usize = 10 * 1024 * 1024;
/// Width and height together, in pixels (Bot API, `sendPhoto`: at most 10000).
const MAX_WIDTH_AND_HEIGHT: usize = 10_000;
/// The longer side by the shorter one (Bot API, `sendPhoto`: at most 20).
const MAX_RATIO: usize = 20;

/// How a PNG ends: its last chunk, which is always the same (PNG specification, `IEND`).
const PNG_END: &[u8] = b"IEND\xae\x42\x60\x82";
/// How a JPEG ends (ITU-T T.81, marker `EOI`).
const JPEG_END: &[u8] = b"\xff\xd9";

/// Width and height in pixels. The error is the description of the refusal.
pub(crate) fn photo_size(content: &[u8]) -> Result<(usize, usize), String> {
    if content.len() > MAX_PHOTO_BYTES {
        return Err(format!(
            "Bad Request: file of size {} bytes is too big for a photo; the maximum size is {MAX_PHOTO_BYTES} bytes",
            content.len()
        ));
    }
    let failed = || "Bad Request: IMAGE_PROCESS_FAILED".to_owned();
    let end = match imagesize::image_type(content) {
        Ok(ImageType::Png) => PNG_END,
        Ok(ImageType::Jpeg) => JPEG_END,
        _ => return Err(failed()),
    };
    let size = imagesize::blob_size(content).map_err(|_| failed())?;
    if !content.ends_with(end) || size.width == 0 || size.height == 0 {
        return Err(failed());
    }
    let longer = size.width.max(size.height);
    let shorter = size.width.min(size.height);
    if size.width.saturating_add(size.height) > MAX_WIDTH_AND_HEIGHT
        || longer > shorter.saturating_mul(MAX_RATIO)
    {
        return Err("Bad Request: PHOTO_INVALID_DIMENSIONS".to_owned());
    }
    Ok((size.width, size.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frame of a PNG; nothing looks at the pixels.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut content = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        content.extend(width.to_be_bytes());
        content.extend(height.to_be_bytes());
        content.extend(b"\x08\x06\0\0\0\0\0\0\0\0\0\0\0");
        content.extend(PNG_END);
        content
    }

    /// The frame of a baseline JPEG.
    fn jpeg(width: u16, height: u16) -> Vec<u8> {
        let mut content = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
        content.extend(b"\xff\xc0\0\x0b\x08");
        content.extend(height.to_be_bytes());
        content.extend(width.to_be_bytes());
        content.extend(b"\x01\x01\x11\0");
        content.extend(JPEG_END);
        content
    }

    #[test]
    fn pictures_and_what_is_none() {
        assert_eq!(photo_size(&png(800, 600)), Ok((800, 600)));
        assert_eq!(photo_size(&jpeg(640, 480)), Ok((640, 480)));
        let cut = png(800, 600);
        let cut = cut.get(..30).expect("longer").to_vec();
        for none in [
            b"GIF89a\x01\0\x01\0".to_vec(),
            b"<svg/>".to_vec(),
            cut,
            png(0, 5),
        ] {
            assert_eq!(
                photo_size(&none).expect_err("no picture"),
                "Bad Request: IMAGE_PROCESS_FAILED"
            );
        }
    }

    #[test]
    fn pictures_have_limits() {
        for (width, height) in [(9_000, 1_001), (2_100, 100), (100, 2_100)] {
            assert_eq!(
                photo_size(&png(width, height)).expect_err("too long"),
                "Bad Request: PHOTO_INVALID_DIMENSIONS"
            );
        }
        assert!(photo_size(&png(2_000, 100)).is_ok());
        assert_eq!(
            photo_size(&vec![0; MAX_PHOTO_BYTES + 1]).expect_err("too big"),
            "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"
        );
    }
}
