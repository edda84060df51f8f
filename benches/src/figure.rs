//! One measured figure, and how it is written.

/// A row of a table.
pub(crate) struct Figure {
    pub(crate) what: &'static str,
    pub(crate) value: String,
}

impl Figure {
    pub(crate) fn new(what: &'static str, value: impl Into<String>) -> Self {
        Self {
            what,
            value: value.into(),
        }
    }
}

pub(crate) fn seconds(value: f64) -> String {
    if value.is_finite() {
        format!("{value:.3} s")
    } else {
        "not seen".to_owned()
    }
}

pub(crate) fn millis(value: f64) -> String {
    if value.is_finite() {
        format!("{:.2} ms", value * 1e3)
    } else {
        "not seen".to_owned()
    }
}

pub(crate) fn mebibytes(kib: u64) -> String {
    format!("{:.1} MiB", kib as f64 / 1024.0)
}

/// The value below which so much of the sorted values lies.
pub(crate) fn percentile(sorted: &[f64], part: f64) -> f64 {
    let at = (sorted.len() as f64 * part) as usize;
    sorted
        .get(at.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}
