//! Where people live and work: postal addresses.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Kind;

/// A road with a house number, or an estate with a building, with the town before and the room after them.
static CHINESE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:\p{Han}{2,8}(?:省|自治区))?(?:\p{Han}{2,6}(?:市|州))?(?:\p{Han}{2,6}(?:区|县|市))?(?:\p{Han}{2,6}(?:镇|乡|街道))?",
        r"(?:(\p{Han}{1,8}?(?:路|街|大道|大街|道|巷|弄|胡同)) {0,1}[0-9]{1,5}(?:-[0-9]{1,4})? {0,1}号|(\p{Han}{2,8}(?:小区|花园|公寓|苑|家园|新村|大厦|广场)) {0,1}[0-9A-Z]{1,4} {0,1}(?:栋|幢|号楼|座))",
        r"(?:院|楼)?(?: {0,1}[0-9A-Z]{1,5} {0,1}(?:号楼|栋|幢|座|单元|层|楼|室|号|户)){0,4}",
    ))
    .ok()
});

static ENGLISH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b[1-9][0-9]{0,4} (?:[NSEW]\.? )?(?:[A-Z][a-z]{2,15} ){1,3}(?:Street|Road|Avenue|Boulevard|Lane|Drive|Court)\b").ok()
});

/// What ends like a road and is none.
const NO_ROADS: &[&str] = &[
    "线路", "电路", "链路", "通路", "回路", "思路", "网路", "管路", "通道", "频道", "轨道", "渠道", "隧道", "管道",
    "信道", "知道", "报道", "油路", "短路", "支路", "水路",
];

pub(super) fn find(text: &str, found: &mut Vec<(Kind, Range<usize>)>) {
    for line in numbered_lines(text) {
        for captures in CHINESE.iter().flat_map(|pattern| pattern.captures_iter(&text[line.clone()])) {
            let Some(whole) = captures.get(0) else { continue };
            let road = captures.get(1).map_or("", |road| road.as_str());
            if !NO_ROADS.iter().any(|word| road.ends_with(word)) {
                // The word before an address is none of it.
                let start =
                    whole.end() - whole.as_str().trim_start_matches(['在', '到', '往', '于', '从', '住', '至']).len();
                found.push((Kind::Address, line.start + start..line.start + whole.end()));
            }
        }
    }
    for whole in ENGLISH.iter().flat_map(|pattern| pattern.find_iter(text)) {
        found.push((Kind::Address, whole.range()));
    }
}

/// The lines in which a number counts houses or buildings: few do, and only they are looked through.
fn numbered_lines(text: &str) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    for sign in ["号", "栋", "幢", "座"] {
        let mut done = 0;
        for (at, _) in text.match_indices(sign) {
            if at < done || !text[..at].trim_end_matches(' ').ends_with(|c: char| c.is_ascii_alphanumeric()) {
                continue;
            }
            let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
            let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
            lines.push(start..end);
            done = end;
        }
    }
    lines.sort_unstable_by_key(|line| line.start);
    lines.dedup();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.into_iter().map(|(_, range)| &text[range]).collect()
    }

    #[test]
    fn addresses_need_a_road_or_an_estate_and_a_number() {
        assert!(CHINESE.is_some() && ENGLISH.is_some());
        assert_eq!(found("寄到 上海市浦东新区世纪大道100号12层1203室,谢谢"), ["上海市浦东新区世纪大道100号12层1203室"]);
        assert_eq!(found("中关村大街 27 号"), ["中关村大街 27 号"]);
        assert_eq!(found("阳光花园3栋2单元501室"), ["阳光花园3栋2单元501室"]);
        assert_eq!(found("一\n在延安路 5 号和南京路6号\n二"), ["延安路 5 号", "和南京路6号"]);
        assert_eq!(found("at 42 North Bridge Road, Singapore"), ["42 North Bridge Road"]);
        for text in ["线路1号", "通道 2 号", "浦东新区", "服务器 3 号", "3 号楼会议室", "路由器 1 号", "步骤 5 街"]
        {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
