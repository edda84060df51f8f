//! How a scenario ends: it passes, it fails with a reason, or it cannot run here.

use std::fmt;

/// Why a scenario did not pass.
#[derive(Debug)]
pub enum Stop {
    /// The program under test (or the test itself) did something else than expected.
    Fail(String),
    /// Something outside both is missing: the reason is shown, and nothing is counted as failed.
    Skip(String),
}

/// What a scenario returns.
pub type Verdict<T = ()> = Result<T, Stop>;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fail(why) | Self::Skip(why) => f.write_str(why),
        }
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Fail(format!("input/output: {error}"))
    }
}

impl From<nix::errno::Errno> for Stop {
    fn from(error: nix::errno::Errno) -> Self {
        Self::Fail(format!("system call: {error}"))
    }
}

impl From<String> for Stop {
    fn from(why: String) -> Self {
        Self::Fail(why)
    }
}

/// Fails the scenario with a formatted reason.
#[macro_export]
macro_rules! fail {
    ($($arg:tt)*) => { return Err($crate::outcome::Stop::Fail(format!($($arg)*))) };
}

/// Fails the scenario with a formatted reason unless the condition holds.
#[macro_export]
macro_rules! check {
    ($condition:expr, $($arg:tt)*) => { match $condition { true => {} false => $crate::fail!($($arg)*) } };
}

/// Seconds added to every tolerance, for loaded machines (from `COMPLIANCE_SLACK_MS`, default 0).
pub fn slack_seconds() -> f64 {
    std::env::var("COMPLIANCE_SLACK_MS")
        .ok()
        .and_then(|text| text.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1000.0
}

/// Checks `got` seconds against `want`, within [`TOLERANCE`] and the configured slack.
pub fn near(what: &str, got: f64, want: f64) -> Verdict {
    within(what, got, want - TOLERANCE, want + TOLERANCE)
}

/// Checks seconds that were counted from a line of the log, which is noticed a little late.
pub fn near_since_log(what: &str, got: f64, want: f64) -> Verdict {
    within(what, got, want - 0.06, want + TOLERANCE)
}

/// Checks that `got` seconds lies between `low` and `high`, each widened by the configured slack.
pub fn within(what: &str, got: f64, low: f64, high: f64) -> Verdict {
    let slack = slack_seconds();
    check!(
        got >= low - slack && got <= high + slack,
        "{what}: {got:.4} s, expected {low:.4}..{high:.4} s (slack {slack:.3})"
    );
    Ok(())
}

/// The tolerance, in seconds, that the scenarios of the specification suggest.
pub const TOLERANCE: f64 = 0.025;

/// Checks two values for equality and names both.
pub fn same<T: PartialEq + fmt::Debug>(what: &str, got: T, want: T) -> Verdict {
    check!(got == want, "{what}: {got:?}, expected {want:?}");
    Ok(())
}
