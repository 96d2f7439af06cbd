//! The words a step brings, tidied and checked.

use super::Refusal;
use super::change::Change;

/// Characters of one text.
const MAX_TEXT: usize = 20_000;
const MAX_LINE: usize = 200;

impl Change<'_> {
    pub(super) fn invalid(&self, field: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Refusal {
        Refusal::invalid(field, self.rules.lang, zh, en)
    }

    /// Words that may be missing.
    pub(super) fn optional(&self, field: &'static str, text: &str) -> Result<String, Refusal> {
        let unix = text.replace("\r\n", "\n").replace('\r', "\n");
        let kept: String = unix.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        let text = kept.trim().to_owned();
        if text.chars().count() > MAX_TEXT {
            let message =
                (format!("最多 {MAX_TEXT} 个字，请缩短"), format!("at most {MAX_TEXT} characters: shorten it"));
            return Err(self.invalid(field, message.0, message.1));
        }
        Ok(text)
    }

    /// Words that a step cannot do without.
    pub(super) fn text(&self, field: &'static str, text: &str) -> Result<String, Refusal> {
        let text = self.optional(field, text)?;
        if text.is_empty() {
            let (zh, en) = match field {
                "cause" => ("请填写原因：处理完成要写明原因", "fill in the cause: a solution needs one"),
                "resolution" => {
                    ("请填写解决方案：处理完成要写明怎么解决的", "fill in the resolution: say what solved it")
                }
                "reason" => ("请填写理由", "fill in the reason"),
                "risk" => ("请写明风险", "say what may go wrong"),
                "fallback" => ("请写明退回办法", "say what the way back is"),
                _ => ("请填写内容", "fill in the text"),
            };
            return Err(self.invalid(field, zh, en));
        }
        Ok(text)
    }

    pub(super) fn line(&self, field: &'static str, text: &str) -> Result<String, Refusal> {
        let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        let line = line.collect::<Vec<_>>().join(" ");
        match line.chars().count() > MAX_LINE {
            true => Err(self.invalid(
                field,
                format!("最多 {MAX_LINE} 个字，请缩短"),
                format!("at most {MAX_LINE} characters: shorten it"),
            )),
            false => Ok(line),
        }
    }
}
