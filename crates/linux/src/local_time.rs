//! Wall clock times as people write them: the time zone of the machine (`localtime(3)`, `mktime(3)`).

/// A moment in calendar form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// For example 2026.
    pub year: i32,
    /// 1..=12.
    pub month: u8,
    /// 1..=31.
    pub day: u8,
    /// 0 is Sunday; not looked at by [`Calendar::local_epoch`] and [`Calendar::utc_epoch`].
    pub weekday: u8,
    /// 0..=23.
    pub hour: u8,
    /// 0..=59.
    pub minute: u8,
    /// 0..=60.
    pub second: u8,
    /// Seconds east of Greenwich.
    pub offset: i32,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

impl Calendar {
    /// Local time of a number of seconds since the epoch.
    #[must_use]
    pub fn local(seconds: u64) -> Self {
        let time = libc::time_t::try_from(seconds).unwrap_or(0);
        // SAFETY: a plain C structure for which all zeros is a valid value.
        let mut parts: libc::tm = unsafe { std::mem::zeroed() };
        // SAFETY: both are ours and alive during the call; the function keeps no reference.
        unsafe { libc::localtime_r(&raw const time, &raw mut parts) };
        let small = |value: libc::c_int| u8::try_from(value).unwrap_or(0);
        Self {
            year: parts.tm_year.saturating_add(1900),
            month: small(parts.tm_mon) + 1,
            day: small(parts.tm_mday),
            weekday: small(parts.tm_wday),
            hour: small(parts.tm_hour),
            minute: small(parts.tm_min),
            second: small(parts.tm_sec),
            offset: i32::try_from(parts.tm_gmtoff).unwrap_or(0),
        }
    }

    /// Seconds since the epoch when this is local time (`mktime(3)` decides about hours that exist twice or not at all).
    /// `None` when it is no date.
    #[must_use]
    pub fn local_epoch(&self) -> Option<u64> {
        let mut parts = self.parts()?;
        // SAFETY: the structure is ours and alive during the call.
        let time = unsafe { libc::mktime(&raw mut parts) };
        u64::try_from(time).ok()
    }

    /// Seconds since the epoch when this is UTC. `None` when it is no date.
    #[must_use]
    pub fn utc_epoch(&self) -> Option<u64> {
        let mut parts = self.parts()?;
        // SAFETY: the structure is ours and alive during the call.
        let time = unsafe { libc::timegm(&raw mut parts) };
        u64::try_from(time).ok()
    }

    /// `Jan` to `Dec`.
    #[must_use]
    pub fn month_name(&self) -> &'static str {
        usize::from(self.month)
            .checked_sub(1)
            .and_then(|month| MONTHS.get(month))
            .copied()
            .unwrap_or("Jan")
    }

    /// `Sun` to `Sat`.
    #[must_use]
    pub fn weekday_name(&self) -> &'static str {
        WEEKDAYS.get(usize::from(self.weekday)).copied().unwrap_or("Sun")
    }

    fn parts(&self) -> Option<libc::tm> {
        let possible = (1..=12).contains(&self.month)
            && (1..=31).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second <= 60
            && (1970..=9999).contains(&self.year);
        if !possible {
            return None;
        }
        // SAFETY: a plain C structure for which all zeros is a valid value.
        let mut parts: libc::tm = unsafe { std::mem::zeroed() };
        parts.tm_year = self.year - 1900;
        parts.tm_mon = i32::from(self.month) - 1;
        parts.tm_mday = self.day.into();
        parts.tm_hour = self.hour.into();
        parts.tm_min = self.minute.into();
        parts.tm_sec = self.second.into();
        parts.tm_isdst = -1;
        Some(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        for seconds in [0, 1_795_216_268, 4_000_000_000] {
            let local = Calendar::local(seconds);
            assert_eq!(local.local_epoch(), Some(seconds));
            let utc = i64::try_from(local.utc_epoch().unwrap_or(0)).unwrap_or(0);
            assert_eq!(utc - i64::from(local.offset), i64::try_from(seconds).unwrap_or(-1));
        }
    }

    #[test]
    fn names_and_nonsense() {
        let day = Calendar {
            year: 2026,
            month: 11,
            day: 20,
            weekday: 5,
            hour: 23,
            minute: 11,
            second: 8,
            offset: 0,
        };
        assert_eq!((day.weekday_name(), day.month_name()), ("Fri", "Nov"));
        assert_eq!(day.utc_epoch(), Some(1_795_216_268));
        assert_eq!(Calendar { month: 13, ..day }.utc_epoch(), None);
        assert_eq!(Calendar { hour: 24, ..day }.local_epoch(), None);
    }
}
