//! `auth_hmac`: keys and modes (`vrrp.md` 3.10).

use keepalived_model::{
    time::Micros,
    units::Secret,
    vrrp::{AuthHmac, HmacMode},
};

use crate::{check::codes, grammar::Context, source::Span, tree::Word, typed::Entry};

/// Shortest and longest key, bytes.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 32..=64;

/// What the block says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    keys: Vec<(u8, Secret)>,
    active_key: u8,
    monotonic: bool,
    window: Option<Micros>,
    mode: HmacMode,
}

impl Draft {
    /// Takes one setting.
    pub(crate) fn take(&mut self, cx: &mut Context<'_>, instance: &str, entry: &Entry<'_>) {
        match entry.name() {
            "key" => self.key(cx, instance, entry),
            "active_key" => self.active_key = entry.u8(0),
            "time_window" => self.window = Some(entry.secs(0)),
            "anti_replay" => self.monotonic = entry.choice(0) == Some("monotonic"),
            _ => {
                self.mode = match entry.choice(0) {
                    Some("permissive") => HmacMode::Permissive,
                    Some("receive-only") => HmacMode::ReceiveOnly,
                    _ => HmacMode::Enforce,
                }
            }
        }
    }

    fn key(&mut self, cx: &mut Context<'_>, instance: &str, entry: &Entry<'_>) {
        let id = entry.u8(0);
        let Some(word) = entry.word(1) else { return };
        if self.keys.iter().any(|(known, _)| *known == id) {
            cx.say(
                &codes::HMAC_KEY,
                entry.span_of(0),
                format!("({instance}) key {id} is defined twice; this one is ignored"),
            );
            return;
        }
        let Some(key) = decode(cx, word) else { return };
        if !KEY_BYTES.contains(&key.len()) {
            cx.say_help(
                &codes::HMAC_KEY,
                word.span,
                format!(
                    "({instance}) key {id} has {} bytes, not 32 to 64; it is ignored",
                    key.len()
                ),
                "make one with `openssl rand -hex 32` and write `hex:` before it",
            );
            return;
        }
        self.keys.push((id, Secret::new(key)));
    }

    /// The finished setting; `None` when the active key is not defined, which was said.
    pub(crate) fn finish(
        self,
        cx: &mut Context<'_>,
        instance: &str,
        span: Span,
        advert: Micros,
        strict: bool,
    ) -> Option<Box<AuthHmac>> {
        if !self.keys.iter().any(|(id, _)| *id == self.active_key) {
            cx.say_help(
                &codes::HMAC_DISABLED,
                span,
                format!(
                    "({instance}) active_key {} is not defined; auth_hmac is disabled",
                    self.active_key
                ),
                "add `key ID VALUE` and `active_key ID`",
            );
            return None;
        }
        // Three advert intervals, but not less than 5 s and not more than 300 s.
        let default = advert.times(3).clamp(Micros::from_secs(5), Micros::from_secs(300));
        Some(Box::new(AuthHmac {
            keys: self.keys,
            active_key: self.active_key,
            monotonic: self.monotonic,
            window: self.window.unwrap_or(default),
            mode: if strict { HmacMode::Enforce } else { self.mode },
        }))
    }
}

/// Plain text or `hex:DIGITS`, or `file:PATH` of a file that holds one of them.
fn decode(cx: &mut Context<'_>, word: &Word) -> Option<Vec<u8>> {
    let content;
    let value = match word.text.strip_prefix("file:") {
        Some(path) => {
            content = read_key_file(cx, word, path)?;
            &content[..]
        }
        None => word.text.as_bytes(),
    };
    let Some(digits) = value.strip_prefix(b"hex:") else {
        return Some(value.to_vec());
    };
    let bytes = hex(digits);
    if bytes.is_none() {
        cx.say(
            &codes::HMAC_KEY,
            word.span,
            "the key is not an even number of hexadecimal digits; it is ignored",
        );
    }
    bytes
}

fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|d| d as u8);
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// The content of a key file without trailing line ends; others than the owner must not be able to read it.
fn read_key_file(cx: &mut Context<'_>, word: &Word, path: &str) -> Option<Vec<u8>> {
    use std::os::unix::fs::PermissionsExt as _;
    const MOST: u64 = 1024;
    let result = std::fs::metadata(path).and_then(|metadata| {
        if !metadata.is_file() || metadata.len() > MOST {
            return Err(std::io::Error::other("it is not a small regular file"));
        }
        Ok((metadata.permissions().mode(), std::fs::read(path)?))
    });
    match result {
        Ok((mode, mut bytes)) => {
            if mode & 0o077 != 0 {
                cx.say_help(
                    &codes::HMAC_KEY_FILE,
                    word.span,
                    format!(
                        "the key file {path} can be read or changed by others (mode {:04o})",
                        mode & 0o7777
                    ),
                    format!("run `chmod 600 {path}`"),
                );
            }
            while matches!(bytes.last(), Some(b'\n' | b'\r')) {
                bytes.pop();
            }
            Some(bytes)
        }
        Err(error) => {
            cx.say(
                &codes::HMAC_KEY,
                word.span,
                format!("failed to read the key file {path}: {error}; the key is ignored"),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits() {
        assert_eq!(hex(b"00fF7a"), Some(vec![0, 255, 0x7a]));
        assert_eq!(hex(b""), Some(Vec::new()));
        for wrong in ["0", "0g", "+1", "00 ff", "\u{e9}"] {
            assert_eq!(hex(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
