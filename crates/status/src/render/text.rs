//! Small texts that all dumps share.

use std::fmt;

use keepalived_model::{script::Command, time::Micros};

use crate::wall::Wall;

/// Local time: seconds east of Greenwich at a moment. The C library knows them, which is the business of the `linux` crate.
#[derive(Clone, Copy)]
pub struct Zone<'a>(pub &'a dyn Fn(Wall) -> i32);

impl Zone<'static> {
    /// Universal time.
    pub const UTC: Self = Self(&|_| 0);
}

impl fmt::Debug for Zone<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zone")
    }
}

/// A moment as dumps show it: `1795216268.575558 (Fri Nov 20 23:11:08.575558 2026)`.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a>(pub Wall, pub Zone<'a>);

impl fmt::Display for Stamp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secs, micros) = (self.0.secs(), self.0.subsec_micros());
        let local = i64::try_from(secs)
            .unwrap_or(i64::MAX)
            .saturating_add(i64::from((self.1.0)(self.0)));
        let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let weekday =
            ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][usize::try_from(days.rem_euclid(7)).unwrap_or(0)];
        write!(
            f,
            "{secs}.{micros:06} ({weekday} {} {day:2} {:02}:{:02}:{:02}.{micros:06} {year})",
            MONTHS[month],
            second / 3600,
            second / 60 % 60,
            second % 60,
        )
    }
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Year, month from 0 and day of month of a day since 1970-01-01 in the Gregorian calendar.
///
/// Counts in 400-year cycles of 146,097 days that begin on 1 March, so that the leap day comes last.
fn civil(days: i64) -> (i64, usize, i64) {
    let shifted = days + 719_468;
    let cycle = shifted.div_euclid(146_097);
    let of_cycle = shifted.rem_euclid(146_097);
    let year_of_cycle = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
    let of_year = of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    let year = cycle * 400 + year_of_cycle + i64::from(month < 2);
    (year, usize::try_from(month).unwrap_or(0), day)
}

/// A command line: every word in single quotes; a file test (`<path`) as it was written.
#[derive(Clone, Copy, Debug)]
pub struct CommandLine<'a>(pub &'a Command);

impl fmt::Display for CommandLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = &self.0.argv;
        let file = words.first().is_some_and(|w| w.starts_with('<'));
        for (i, word) in words.iter().enumerate() {
            let gap = if i == 0 { "" } else { " " };
            if file {
                write!(f, "{gap}{word}")?;
            } else {
                write!(f, "{gap}'{word}'")?;
            }
        }
        Ok(())
    }
}

/// `uid:gid` of a command; the daemon's own when none was given.
pub(super) fn ids(command: &Command) -> (u32, u32) {
    command.credentials.as_ref().map_or((0, 0), |c| (c.uid, c.gid))
}

/// Seconds as a decimal number without needless zeros: `1`, `0.5`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds(pub(super) Micros);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (secs, micros) = (self.0.as_micros() / 1_000_000, self.0.as_micros() % 1_000_000);
        if micros == 0 {
            return write!(f, "{secs}");
        }
        let digits = format!("{micros:06}");
        write!(f, "{secs}.{}", digits.trim_end_matches('0'))
    }
}

/// Seconds with six decimals: `0.500000`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seconds6(pub(super) Micros);

impl fmt::Display for Seconds6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}.{:06}",
            self.0.as_micros() / 1_000_000,
            self.0.as_micros() % 1_000_000
        )
    }
}

/// `yes` or `no`.
pub(super) const fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// `enabled` or `disabled`.
pub(super) const fn enabled(value: bool) -> &'static str {
    if value { "enabled" } else { "disabled" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_show_epoch_and_local_time() {
        let at = Wall(1_795_216_268_575_558);
        assert_eq!(
            Stamp(at, Zone::UTC).to_string(),
            "1795216268.575558 (Fri Nov 20 23:11:08.575558 2026)"
        );
        let east = Zone(&|_| 3600);
        assert_eq!(
            Stamp(at, east).to_string(),
            "1795216268.575558 (Sat Nov 21 00:11:08.575558 2026)"
        );
        assert_eq!(
            Stamp(Wall(0), Zone::UTC).to_string(),
            "0.000000 (Thu Jan  1 00:00:00.000000 1970)"
        );
    }

    #[test]
    fn the_calendar_knows_leap_days() {
        assert_eq!(civil(11_016), (2000, 1, 29));
        assert_eq!(civil(11_017), (2000, 2, 1));
        assert_eq!(civil(-1), (1969, 11, 31));
        assert_eq!(civil(47_540), (2100, 1, 28));
        assert_eq!(civil(47_541), (2100, 2, 1));
    }

    #[test]
    fn seconds_drop_needless_zeros() {
        assert_eq!(Seconds(Micros(500_000)).to_string(), "0.5");
        assert_eq!(Seconds(Micros(2_000_000)).to_string(), "2");
        assert_eq!(Seconds(Micros(1_000_001)).to_string(), "1.000001");
    }
}
