//! Images and files that travel with documents: fingerprinted, measured, and copied only when a public page uses them.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::config::Config;
use crate::content::address;
use crate::diagnostic::Diagnostic;
use crate::markdown::AssetTarget;

/// A file beside a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to `public/`.
    pub output: String,
    pub target: AssetTarget,
    pub hash: [u8; 32],
}

/// Reads and measures the files at `paths` (relative to `content/`). What cannot be read is named and left out.
pub fn load(config: &Config, paths: &[String], diagnostics: &mut Vec<Diagnostic>) -> BTreeMap<String, File> {
    let read: Vec<_> = paths.par_iter().map(|path| (path, one(config, path))).collect();
    let mut files = BTreeMap::new();
    for (path, outcome) in read {
        match outcome {
            Ok(file) => {
                files.insert(path.clone(), file);
            }
            Err(error) => {
                let message = format!("cannot be read: {error}");
                diagnostics.push(Diagnostic::error("HM019", &format!("content/{path}"), message));
            }
        }
    }
    files
}

fn one(config: &Config, path: &str) -> std::io::Result<File> {
    let bytes = std::fs::read(config.content_dir().join(path))?;
    let hash = blake3::hash(&bytes);
    let (stem, extension) = path.rsplit_once('.').unwrap_or((path, ""));
    let segments: Vec<String> = stem.split('/').skip(1).map(address::slug).collect();
    let fingerprint = &hash.to_hex()[..10];
    let output = format!("files/{}.{fingerprint}.{}", segments.join("/"), extension.to_ascii_lowercase());
    let url = format!("/{}", output.split('/').map(address::encode).collect::<Vec<_>>().join("/"));
    let size = if extension.eq_ignore_ascii_case("svg") {
        svg_size(&bytes)
    } else {
        imagesize::blob_size(&bytes)
            .ok()
            .and_then(|size| Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?)))
    };
    Ok(File { output, target: AssetTarget { url, size }, hash: *hash.as_bytes() })
}

/// What the renderer needs of them.
pub fn targets(files: &BTreeMap<String, File>) -> HashMap<String, AssetTarget> {
    files.iter().map(|(path, file)| (path.clone(), file.target.clone())).collect()
}

/// `width` and `height` of the root element, else the size of its `viewBox`.
fn svg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4_096)]);
    let start = text.find("<svg")?;
    let tag = &text[start..start + text[start..].find('>')?];
    let attribute = |name: &str| {
        let at = tag.find(&format!(" {name}=")).or_else(|| tag.find(&format!("\n{name}=")))? + name.len() + 2;
        let quote = tag[at..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
        tag[at + 1..].split(quote).next()
    };
    let pixels = |text: &str| text.trim_end_matches("px").trim().parse::<f64>().ok().filter(|n| (1.0..1e5).contains(n));
    let rounded = |number: f64| number.round() as u32;
    if let (Some(width), Some(height)) = (attribute("width").and_then(pixels), attribute("height").and_then(pixels)) {
        return Some((rounded(width), rounded(height)));
    }
    let numbers: Vec<f64> = attribute("viewBox")?.split([' ', ',']).filter_map(pixels_or_zero).collect();
    match numbers[..] {
        [_, _, width, height] if width >= 1.0 && height >= 1.0 => Some((rounded(width), rounded(height))),
        _ => None,
    }
}

fn pixels_or_zero(text: &str) -> Option<f64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawings_have_a_size() {
        assert_eq!(svg_size(b"<?xml?><svg xmlns='x' width=\"640\" height='360px'>"), Some((640, 360)));
        assert_eq!(svg_size(b"<svg xmlns=\"x\" viewBox=\"0 0 720 405.4\">"), Some((720, 405)));
        assert_eq!(svg_size(b"<svg width=\"100%\">"), None);
        assert_eq!(svg_size(b"not a drawing"), None);
    }
}
