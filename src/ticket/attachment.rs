//! What may be attached: JPG, PNG, TXT and ZIP, whose extension and content agree.

use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_8};

use crate::disk::DiskError;

/// How much may be attached to one ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub count: usize,
    /// Bytes of one file.
    pub size: u64,
}

impl From<&crate::config::Tickets> for Limits {
    fn from(tickets: &crate::config::Tickets) -> Self {
        Self { count: tickets.max_attachments, size: tickets.max_attachment_size }
    }
}

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AttachmentError {
    #[error("more than {limit} files")]
    TooMany { limit: usize },
    #[error("`{name}` is larger than {limit} bytes")]
    TooLarge { name: String, limit: u64 },
    #[error("`{name}` is not a JPG, PNG, TXT or ZIP file")]
    Type { name: String },
    #[error("`{name}` is not what its extension says")]
    Mismatch { name: String },
    #[error("`{name}` is empty")]
    Empty { name: String },
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

impl AttachmentError {
    /// In the requester's language, with what to do.
    pub fn message(&self, lang: &str) -> String {
        let zh = lang == "zh";
        match self {
            Self::TooMany { limit } if zh => format!("最多可以附 {limit} 个文件，请去掉一些"),
            Self::TooMany { limit } => format!("You can attach up to {limit} files; remove some"),
            Self::TooLarge { name, limit } if zh => {
                format!("“{name}”超过 {} MB，请压缩或截取后再上传", limit / 1_048_576)
            }
            Self::TooLarge { name, limit } => {
                format!("“{name}” is larger than {} MB; make it smaller and attach it again", limit / 1_048_576)
            }
            Self::Type { name } if zh => format!("“{name}”不是 JPG、PNG、TXT 或 ZIP 文件，请换一种格式"),
            Self::Type { name } => format!("“{name}” is not a JPG, PNG, TXT or ZIP file; attach one of these"),
            Self::Mismatch { name } if zh => {
                format!("“{name}”的内容与扩展名不一致，请用原来的程序另存为 JPG、PNG、TXT 或 ZIP")
            }
            Self::Mismatch { name } => {
                format!("The content of “{name}” does not fit its extension; save it as JPG, PNG, TXT or ZIP")
            }
            Self::Empty { name } if zh => format!("“{name}”是空文件，请重新选择"),
            Self::Empty { name } => format!("“{name}” is empty; choose another file"),
            Self::Disk(_) | Self::Random(_) if zh => "附件保存失败，请稍后重试".to_owned(),
            Self::Disk(_) | Self::Random(_) => "The file could not be saved; try again later".to_owned(),
        }
    }
}

/// A kind of file that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Jpg,
    Png,
    Txt,
    Zip,
}

impl FileKind {
    pub(super) fn of(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" => Some(Self::Jpg),
            "png" => Some(Self::Png),
            "txt" => Some(Self::Txt),
            "zip" => Some(Self::Zip),
            _ => None,
        }
    }

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Jpg => "jpg",
            Self::Png => "png",
            Self::Txt => "txt",
            Self::Zip => "zip",
        }
    }
}

/// The last part of a path, without control characters, cut to what fits a line: a name to show, never one to open.
pub fn clean_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let invisible = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let clean: String = base.chars().filter(|c| !invisible(*c)).collect();
    let clean = clean.trim();
    // The end holds the extension, so a long name loses its beginning.
    let extra = clean.chars().count().saturating_sub(120);
    clean.chars().skip(extra).collect()
}

/// Bytes that every magic number fits in.
const HEAD: usize = 64;

/// Judges a file while its bytes pass by.
pub(super) struct Sniffer {
    kind: FileKind,
    head: Vec<u8>,
    utf8: Option<Decoder>,
    gb18030: Option<Decoder>,
    binary: bool,
}

impl Sniffer {
    pub(super) fn new(kind: FileKind) -> Self {
        let is_text = kind == FileKind::Txt;
        Self {
            kind,
            head: Vec::with_capacity(HEAD),
            utf8: is_text.then(|| UTF_8.new_decoder_without_bom_handling()),
            gb18030: is_text.then(|| GB18030.new_decoder_without_bom_handling()),
            binary: false,
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let missing = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
        if self.kind == FileKind::Txt {
            // Escape sequences of a terminal's log are text; NUL and the other control bytes are not.
            let control = |b: &u8| matches!(b, 0..=8 | 14..=26 | 28..=31);
            self.binary |= bytes.iter().any(control);
            decode(&mut self.utf8, bytes, false);
            decode(&mut self.gb18030, bytes, false);
        }
    }

    /// Whether the file is what its extension says.
    pub(super) fn agrees(mut self) -> bool {
        match self.kind {
            FileKind::Jpg => infer::image::is_jpeg(&self.head),
            FileKind::Png => infer::image::is_png(&self.head),
            FileKind::Zip => infer::archive::is_zip(&self.head),
            FileKind::Txt => {
                decode(&mut self.utf8, &[], true);
                decode(&mut self.gb18030, &[], true);
                // Nearly any bytes pass for GB18030, so a known format is not believed to be text there.
                let known = infer::get(&self.head).is_some_and(|kind| kind.matcher_type() != infer::MatcherType::Text);
                !self.binary && (self.utf8.is_some() || (self.gb18030.is_some() && !known))
            }
        }
    }
}

/// Feeds a decoder and drops it at the first malformed byte.
fn decode(decoder: &mut Option<Decoder>, mut bytes: &[u8], last: bool) {
    let mut sink = [0u16; 4096];
    while let Some(active) = decoder {
        let (result, read, _) = active.decode_to_utf16_without_replacement(bytes, &mut sink, last);
        bytes = &bytes[read..];
        match result {
            DecoderResult::InputEmpty => return,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => *decoder = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agrees(name: &str, bytes: &[u8], step: usize) -> bool {
        let mut sniffer = Sniffer::new(FileKind::of(name).unwrap());
        bytes.chunks(step).for_each(|chunk| sniffer.feed(chunk));
        sniffer.agrees()
    }

    #[test]
    fn extension_and_content_must_agree() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        let jpg = b"\xff\xd8\xff\xe0\0\x10JFIF";
        let zip = b"PK\x03\x04\x14\0\0\0";
        for step in [1, 7, 4096] {
            assert!(agrees("a.png", png, step) && agrees("b.JPEG", jpg, step) && agrees("c.zip", zip, step));
            assert!(!agrees("a.jpg", png, step) && !agrees("a.png", b"<svg>", step) && !agrees("c.zip", jpg, step));
            assert!(!agrees("a.txt", png, step) && !agrees("a.txt", b"MZ\x90\0\x03", step));
        }
        for refused in ["a.exe", "a.svg", "a.html", "a", "a.png.exe", ""] {
            assert_eq!(FileKind::of(refused), None, "{refused}");
        }
    }

    #[test]
    fn text_is_utf_8_or_gb18030() {
        let text = "报错：0x0000007B 蓝屏\r\n".repeat(500);
        let (gbk, ..) = GB18030.encode(&text);
        for step in [1, 3, 5000] {
            assert!(agrees("log.txt", text.as_bytes(), step));
            assert!(agrees("log.txt", &gbk, step));
            assert!(agrees("log.txt", b"BM is how this line begins", step));
        }
        let utf16: Vec<u8> = "abc".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(!agrees("log.txt", &utf16, 2));
        // Cut in the middle of a character, in both encodings.
        assert!(!agrees("log.txt", &[b'a', 0xff], 1));
    }

    #[test]
    fn a_name_is_a_name_and_no_path() {
        assert_eq!(clean_name("../../etc/pass\u{0}wd.txt"), "passwd.txt");
        assert_eq!(clean_name("C:\\Users\\x\\截图.png"), "截图.png");
        assert_eq!(clean_name("gpj.\u{202e}exe.png"), "gpj.exe.png");
        assert!(clean_name(&format!("{}.png", "长".repeat(500))).ends_with(".png"));
    }
}
