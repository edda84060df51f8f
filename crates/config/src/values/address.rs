//! Addresses, prefixes and ports (`config-language.md` 10.4).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use keepalived_model::{address::Prefixed, units::Family};

/// A plain address: IPv6 with a colon in it, else a dotted quad. A tail after `-` or `/` is not looked at.
#[must_use]
pub fn address(text: &str) -> Option<IpAddr> {
    let plain = text.split(['-', '/']).next().unwrap_or("");
    exact(plain)
}

/// An address and nothing else.
#[must_use]
pub fn exact(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        text.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
    } else {
        text.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
    }
}

/// An address with an optional prefix length; `Err` carries the address with full length when only the length is wrong.
///
/// # Errors
/// `Err(None)`: no address. `Err(Some(..))`: the length is no number or too large.
pub fn prefix(text: &str) -> Result<Prefixed, Option<Prefixed>> {
    let (plain, len) = match text.split_once('/') {
        Some((plain, len)) => (plain, Some(len)),
        None => (text, None),
    };
    let address = exact(plain).ok_or(None)?;
    let bits = Family::of(address).bits();
    let full = Prefixed {
        address,
        prefix_len: bits,
    };
    match len {
        None => Ok(full),
        Some(len) if !len.is_empty() && len.bytes().all(|b| b.is_ascii_digit()) => len
            .parse::<u8>()
            .ok()
            .and_then(|len| Prefixed::new(address, len))
            .ok_or(Some(full)),
        Some(_) => Err(Some(full)),
    }
}

/// A port, 1..=65535; a word of zeros is 0 and means none.
#[must_use]
pub fn port(text: &str) -> Option<u16> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse::<u16>().ok())
        .flatten()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(address("10.0.0.1"), Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))));
        assert_eq!(address("10.0.0.1/24"), Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))));
        assert_eq!(address("10.0.0.1-7"), Some(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))));
        assert_eq!(address("::1"), Some(IpAddr::V6(Ipv6Addr::LOCALHOST)));
        assert_eq!(address("host.example"), None);
        assert_eq!(address("10.0.0"), None);
    }

    #[test]
    fn prefixes() {
        assert_eq!(prefix("10.0.0.1").map(|p| p.prefix_len), Ok(32));
        assert_eq!(prefix("10.0.0.1/24").map(|p| p.prefix_len), Ok(24));
        assert_eq!(prefix("fe80::1/64").map(|p| p.prefix_len), Ok(64));
        assert_eq!(prefix("10.0.0.1/33").unwrap_err().map(|p| p.prefix_len), Some(32));
        assert_eq!(prefix("10.0.0.1/x").unwrap_err().map(|p| p.prefix_len), Some(32));
        assert_eq!(prefix("nonsense/24"), Err(None));
    }

    #[test]
    fn ports() {
        assert_eq!(port("80"), Some(80));
        assert_eq!(port("000"), Some(0));
        assert_eq!(port("65536"), None);
        assert_eq!(port("-1"), None);
        assert_eq!(port("http"), None);
    }
}
