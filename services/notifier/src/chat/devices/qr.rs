//! A link as a picture that a phone's camera reads.

use png::{BitDepth, ColorType, Encoder, EncodingError};
use qrcode::{Color, EcLevel, QrCode, types::QrError};

/// Pixels of a module. A link of 80 characters gives about 500 pixels, which every chat shows in full.
const MODULE: usize = 12;

/// White modules around the code (ISO/IEC 18004 asks for four).
const QUIET_ZONE: usize = 4;

const BLACK: u8 = 0;
const WHITE: u8 = 255;

/// The picture could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PictureError {
    #[error("the text is too long for a QR code: {0}")]
    Code(#[from] QrError),
    #[error("the picture can't be written: {0}")]
    Png(#[from] EncodingError),
}

/// The text as a QR code, PNG.
pub(super) fn png(text: &str) -> Result<Vec<u8>, PictureError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)?;
    let modules = code.to_colors();
    let side = (code.width() + 2 * QUIET_ZONE) * MODULE;
    let mut pixels = Vec::with_capacity(side * side);
    let quiet = vec![WHITE; side * QUIET_ZONE * MODULE];
    pixels.extend_from_slice(&quiet);
    for row in modules.chunks(code.width()) {
        let mut line = vec![WHITE; QUIET_ZONE * MODULE];
        for module in row {
            let shade = match module {
                Color::Dark => BLACK,
                Color::Light => WHITE,
            };
            line.extend([shade; MODULE]);
        }
        line.resize(side, WHITE);
        pixels.extend(line.repeat(MODULE));
    }
    pixels.extend_from_slice(&quiet);
    let side = u32::try_from(side).unwrap_or(u32::MAX);
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picture_is_as_large_as_chats_show_it() {
        let link = format!("https://calendar.example.org/setup/{}", "a".repeat(32));
        let file = png(&link).unwrap();
        let reader = ::png::Decoder::new(std::io::Cursor::new(&file))
            .read_info()
            .unwrap();
        let info = reader.info();
        assert_eq!(info.width, info.height);
        assert!((400..=640).contains(&info.width), "{}", info.width);
        assert!(file.len() < 20_000);
    }

    #[test]
    fn what_no_code_can_hold_is_refused() {
        assert!(matches!(
            png(&"a".repeat(5_000)),
            Err(PictureError::Code(_))
        ));
    }
}
