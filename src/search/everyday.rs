//! Word lists of our own: words that carry a question without saying what it is about, and words of the service desk
//! that the general dictionary does not know. In Simplified characters and lower case, as folding leaves them.

use std::collections::HashSet;
use std::sync::LazyLock;

/// In a large collection these stand everywhere and weigh little by themselves; a help site of sixty articles has few
/// questions in it, and there `how` and `怎么` would be rare and therefore weigh most.
const FUNCTION: &str = "\
    a about all also am an and any are as at be been but by can could did do does \
    doing else for from get gets getting got had has have having he hello help her here hi his how i \
    i'm im if in into is it its it's just like may me might my of on only or our own please \
    shall she should so some someone something still such than thanks that that's the their them then there these they this those \
    to too trying until us very want wants was we were what what's when where which while who whose why will with would \
    you your \
    我 你 他 她 它 的 了 吗 呢 吧 啊 么 着 过 就 都 也 还 又 再 很 太 被 把 给 让 和 与 或 及 在 从 到 为 对 是 有 要 会 能 想 请 \
    我的 你的 他的 我们 你们 他们 公司的 自己 怎么 怎样 如何 什么 为什么 为何 哪里 哪儿 哪个 哪些 多少 几个 是否 是不是 能不能 可不可以 \
    有没有 怎么办 咋办 怎么样 可以 能够 需要 应该 想要 希望 一个 一下 一些 一直 这个 那个 这些 那些 这里 那里 这样 那样 时候 现在 \
    今天 昨天 刚才 已经 突然 总是 老是 经常 有时 然后 之后 以后 之前 以前 因为 所以 但是 如果 或者 以及 还是 请问 请教 谢谢 帮忙 求助 \
    不小心 好像 似乎 太多 很多 进行 并且 而且 由于 为了 \
    么办 的时 的是 了吗 了呢 不了";

/// Words of the trade, for cutting and for pinyin.
pub(crate) const TRADE: &str = "\
    蓝屏 死机 卡顿 闪退 卡纸 缺纸 脱机 退信 投屏 大屏 双屏 扩展坞 网线 网口 断网 掉线 限速 内网 外网 公网 组网 热点 漫游 \
    域账号 工号 验证码 动态口令 单点登录 双因素 扫码 弹窗 白屏 花屏 黑屏 触控板 数据线 充电器 显示器 机顶盒 一体机 \
    网盘 云盘 共享盘 移动硬盘 固态硬盘 邮箱 邮件组 收件箱 发件箱 抄送 密送 群发 日程 会议室 视频会议 麦克风 摄像头 \
    白名单 黑名单 防火墙 杀毒 病毒库 补丁 驱动 固件 重装 重启 重置 卸载 激活 密钥 许可证 序列号 截图 录屏 投影仪 打印机 \
    扫描仪 碳粉 墨盒 硒鼓 双面打印 刷卡 门禁 考勤 打卡 报销 审批 催办 工单 服务台 知识库 飞书 钉钉 企业微信 腾讯会议 \
    远程桌面 远程控制 虚拟机 快照 容器 镜像 网关 路由器 交换机 带宽 端口 代理 证书 加密 勒索病毒 钓鱼邮件";

static FUNCTION_WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| FUNCTION.split_whitespace().collect());

/// Whether a term, in lower case, says nothing about the matter.
pub(crate) fn is_function_word(term: &str) -> bool {
    FUNCTION_WORDS.contains(term)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fold::fold;

    #[test]
    fn the_lists_are_written_as_terms_are() {
        for word in FUNCTION.split_whitespace().chain(TRADE.split_whitespace()) {
            assert_eq!(fold(word).to_lowercase(), word);
        }
        for matter in ["vpn", "密码", "打印机", "word", "error"] {
            assert!(!is_function_word(matter));
        }
    }
}
