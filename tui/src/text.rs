//! Small texts that the console and the commands share.

use std::fmt;

use keepalived_status::Wall;

/// How long ago something was: `12s`, `3m05s`, `2h01m`, `5d07h`.
pub(crate) fn age(since: Option<Wall>, now: Wall) -> String {
    let Some(since) = since else { return "-".into() };
    let secs = now.0.saturating_sub(since.0) / 1_000_000;
    let (minutes, hours, days) = (secs / 60, secs / 3600, secs / 86_400);
    match () {
        () if minutes == 0 => format!("{secs}s"),
        () if hours == 0 => format!("{minutes}m{:02}s", secs % 60),
        () if days == 0 => format!("{hours}h{:02}m", minutes % 60),
        () => format!("{days}d{:02}h", hours % 24),
    }
}

/// Seconds out of microseconds: `1 s`, `0.5 s`.
pub(crate) fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Address and priority of a master, or `-`.
pub(crate) struct MasterText(pub(crate) Option<(std::net::IpAddr, u8)>);

impl fmt::Display for MasterText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((address, priority)) => f.pad(&format!("{address} ({priority})")),
            None => f.pad("-"),
        }
    }
}

/// Text that came from outside, fit for a terminal: no control characters.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_two_units_at_most() {
        let now = Wall(1_000_000_000_000);
        let ago = |secs: u64| age(Some(Wall(now.0 - secs * 1_000_000)), now);
        assert_eq!(
            [ago(0), ago(59), ago(185), ago(7_260), ago(457_200)],
            ["0s", "59s", "3m05s", "2h01m", "5d07h"]
        );
        assert_eq!(age(None, now), "-");
        assert_eq!(age(Some(Wall(now.0 + 5)), now), "0s");
    }

    #[test]
    fn seconds_are_short() {
        assert_eq!(
            [seconds(1_000_000), seconds(500_000), seconds(3_609_375)],
            ["1 s", "0.5 s", "3.609375 s"]
        );
    }
}
