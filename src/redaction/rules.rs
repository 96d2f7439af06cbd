//! What is looked for, and what may pass.

use std::net::IpAddr;

use super::fold::Folded;
use super::names::Names;
use super::{Kind, plain};
use crate::config::Config;

/// The rules of one search: the site's allow-list, the kinds it switched off, the names that are known.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// As [`plain`] has them.
    allow: Vec<String>,
    /// Mail domains with their `@`, in small letters.
    domains: Vec<String>,
    networks: Vec<(IpAddr, u8)>,
    off: Vec<Kind>,
    pub(super) names: Names,
}

impl Rules {
    /// The site's own rules. Its own telephone and mail address are no personal data.
    pub fn new(config: &Config) -> Self {
        let contact = [&config.contact.phone, &config.contact.email];
        let mut rules = Self::default();
        for text in config.redaction.allow.iter().chain(contact) {
            rules.allow(text);
        }
        rules.off =
            Kind::ALL.into_iter().filter(|kind| config.redaction.off.iter().any(|off| off == kind.key())).collect();
        rules
    }

    /// The same rules, and these names of people.
    #[must_use]
    pub fn with_names(mut self, names: &[String]) -> Self {
        self.names = Names::new(names);
        self
    }

    fn allow(&mut self, text: &str) {
        let folded = Folded::new(text.trim()).text.to_lowercase();
        if folded.is_empty() {
            return;
        }
        if let Some(network) = network(&folded) {
            self.networks.push(network);
        } else if folded.starts_with('@') {
            self.domains.push(folded);
        } else {
            self.allow.push(plain(&folded));
        }
    }

    pub(super) fn looks_for(&self, kind: Kind) -> bool {
        !self.off.contains(&kind)
    }

    /// Whether a text of this kind may stand; `folded` as it was found.
    pub(super) fn allows(&self, kind: Kind, folded: &str) -> bool {
        let lower = folded.to_lowercase();
        if kind == Kind::Ip
            && let Ok(address) = lower.parse()
            && self.networks.iter().any(|network| holds(*network, address))
        {
            return true;
        }
        let domain = kind == Kind::Email && self.domains.iter().any(|domain| lower.ends_with(domain.as_str()));
        let plain = plain(&lower);
        let national = plain.trim_start_matches('+').trim_start_matches("86");
        domain
            || self.allow.iter().any(|allowed| {
                *allowed == plain
                    || kind == Kind::Phone && allowed.trim_start_matches('+').trim_start_matches("86") == national
            })
    }
}

/// `10.0.0.0/8` or a single address.
fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    (bits <= most).then_some((address, bits))
}

fn holds((network, bits): (IpAddr, u8), address: IpAddr) -> bool {
    let bits_of = |address: IpAddr| match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)) << 96, 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    };
    let ((network, width), (address, other)) = (bits_of(network), bits_of(address));
    let mask = if bits == 0 { 0 } else { u128::MAX << (128 - u32::from(bits)) };
    width == other && network & mask == address & mask
}
