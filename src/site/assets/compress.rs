//! Precompression, remembered by content: a reload of the theme compresses only what changed.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::Asset;

#[derive(Clone, Default)]
struct Compressed {
    brotli: Option<Arc<[u8]>>,
    gzip: Option<Arc<[u8]>>,
}

/// By the hash of the content. Assets are few and small; a long editing session is emptied at [`KEPT`].
static CACHE: LazyLock<Mutex<HashMap<blake3::Hash, Compressed>>> = LazyLock::new(Mutex::default);
const KEPT: usize = 512;

/// Below this a response is one packet anyway.
const WORTHWHILE: usize = 512;

pub(super) fn asset(path: String, bytes: Vec<u8>) -> Asset {
    let text = [".css", ".js", ".svg", ".json", ".txt", ".html"].iter().any(|ending| path.ends_with(ending));
    let Compressed { brotli, gzip } =
        if text && bytes.len() >= WORTHWHILE { remembered(&bytes) } else { Compressed::default() };
    Asset { path, bytes: bytes.into(), brotli, gzip }
}

fn remembered(bytes: &[u8]) -> Compressed {
    let key = blake3::hash(bytes);
    // A thread that panicked here left a map that is still whole: inserts are single steps.
    let lock = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = lock().get(&key) {
        return found.clone();
    }
    let smaller = |packed: Vec<u8>| (!packed.is_empty() && packed.len() < bytes.len()).then(|| packed.into());
    let made = Compressed { brotli: smaller(brotli(bytes)), gzip: smaller(gzip(bytes)) };
    let mut cache = lock();
    if cache.len() >= KEPT {
        cache.clear();
    }
    cache.insert(key, made.clone());
    made
}

/// Empty when the encoder failed; the asset is then sent as it is.
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        mode: brotli::enc::backward_references::BrotliEncoderMode::BROTLI_MODE_TEXT,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    match brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters) {
        Ok(_) => packed,
        Err(_) => Vec::new(),
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_encodings_give_the_bytes_back() {
        let bytes = "body { color: red }\n".repeat(100).into_bytes();
        let asset = asset("assets/a.css".to_owned(), bytes.clone());
        let (brotli, gzip) = (asset.brotli.unwrap(), asset.gzip.unwrap());
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &brotli[..], &mut unpacked).unwrap();
        assert_eq!(unpacked, bytes);
        let mut unzipped = Vec::new();
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut unzipped).unwrap();
        assert_eq!(unzipped, bytes);
    }

    #[test]
    fn small_and_binary_files_are_left_alone() {
        assert!(asset("a.css".to_owned(), b"a{}".to_vec()).brotli.is_none());
        assert!(asset("a.png".to_owned(), vec![0; 4096]).gzip.is_none());
    }
}
